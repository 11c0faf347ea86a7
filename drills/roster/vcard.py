"""vCard 4.0 (RFC 6350), as address books and telephones read it."""

from collections.abc import Sequence

from drills.accounts.models import Person
from drills.roster.models import ChannelKind
from drills.roster.services.channels import Way

LINE_MAX = 75
"""Octets of one line, without its end (RFC 6350, 3.2)."""
_TYPES = {
    ChannelKind.WORK_EMAIL: "EMAIL;TYPE=work",
    ChannelKind.PRIVATE_EMAIL: "EMAIL;TYPE=home",
    ChannelKind.FIXED_PHONE: 'TEL;TYPE="work,voice"',
    ChannelKind.MOBILE: 'TEL;TYPE="cell,voice"',
    ChannelKind.FAX: "TEL;TYPE=fax",
}
_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n"})


def card(person: Person, ways: Sequence[Way], role: str) -> str:
    """One card; other messengers stand in a note, since they have no address of their own."""
    family, _blank, given = person.name.partition(" ")
    *middle, last = given.split() or [""]
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "KIND:individual",
        f"FN:{_text(person.name)}",
        f"N:{_text(family)};{_text(last)};{_text(' '.join(middle))};;",
        f"ORG:{_text(person.unit.name)}",
        *([f"TITLE:{_text(person.position)}"] if person.position else []),
        *([f"ROLE:{_text(role)}"] if role else []),
        *(_way(way) for way in ways if way.kind in _TYPES),
        *(f"NOTE:{_text(f'{way.kind}: {way.value}')}" for way in ways if way.kind not in _TYPES),
        f"LANG:{person.language}",
        "END:VCARD",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _way(way: Way) -> str:
    preferred = ";PREF=1" if way.is_preferred else ""
    return f"{_TYPES[way.kind]}{preferred}:{_text(way.value)}"


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").translate(_ESCAPED)


def _folded(line: str) -> str:
    """In lines of at most 75 octets; no letter is cut in two."""
    parts, size = [""], 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE_MAX:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += width
    return "\r\n".join(parts)
