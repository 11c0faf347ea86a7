"""Vietnamese text: one normal form, folding for search, a key for sorting, marked messages."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

_Key = TypeVar("_Key")

_STROKED_D = str.maketrans({"đ": "d", "Đ": "D"})
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_LETTERS = {letter: n for n, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark ``message`` for translation where nothing may translate yet."""
    return message


_names: dict[type[Any], Mapping[Any, str]] = {}


def named(names: dict[_Key, str]) -> dict[_Key, str]:
    """The names of an enumeration's members, marked messages; ``name_of`` finds them again."""
    _names[type(next(iter(names)))] = names
    return names


def name_of(members: type[Any], value: str) -> str | None:
    """The name of the member with this value; None if nobody named it."""
    return {str(key): name for key, name in _names.get(members, {}).items()}.get(value)


def normal(text: str) -> str:
    """Text as it is stored: NFC, no control characters, no blanks at the ends."""
    return _CONTROL.sub("", unicodedata.normalize("NFC", text)).replace("\r\n", "\n").strip()


def fold(text: str) -> str:
    """Text as it is searched: ``Đắk Lắk`` becomes ``dak lak``. Idempotent."""
    parts = unicodedata.normalize("NFD", text.translate(_STROKED_D))
    bare = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(bare.casefold().translate(_STROKED_D).split())


def sort_key(text: str) -> str:
    """A string whose code point order is the Vietnamese dictionary's: letters, tones, case."""
    keys = [_character(c) for c in unicodedata.normalize("NFC", text)]
    return "\x01".join("".join(column) for column in zip(*keys, strict=True)) if keys else ""


def _character(character: str) -> tuple[str, str, str]:
    marks = unicodedata.normalize("NFD", character)
    tone = next((_TONES[c] for c in marks if c in _TONES), "0")
    letter = unicodedata.normalize("NFC", "".join(c for c in marks if c not in _TONES))
    lower = letter.lower()
    if lower in _LETTERS:
        return chr(0x100 + _LETTERS[lower]), tone, "0" if letter == lower else "1"
    if character.isspace():
        return " ", "0", "0"
    first = lower[:1] or " "
    return (first if first.isascii() else chr(0x200 + ord(first) % 0xD000)), "0", "0"


def name_key(name: str) -> str:
    """The key that sorts people by given name, the last word, as Vietnamese lists do."""
    *family, given = name.split() or [""]
    return sort_key(f"{given} {' '.join(family)}")
