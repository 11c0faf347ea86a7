"""People out of the roster: the sheet that can be imported again, and vCards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.roster import vcard
from drills.roster.columns import (
    CHANNEL_COLUMNS,
    GROUPS_VI,
    HIDDEN,
    KINDS_VI,
    ROLES_VI,
    TEXTS,
    spoken,
)
from drills.roster.lists import Wanted, memberships
from drills.roster.models import ContactChannel, ExpertGroup, Expertise, Member, Profile
from drills.roster.services import channels

SHOWN_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Known:
    """One person with everything kept of them."""

    person: Person
    ways: list[channels.Way]
    profile: Profile | None
    groups: list[ExpertGroup]
    teams: list[tuple[Member, str]]


def gathered(session: Session, wanted: Wanted, viewer: Person) -> list[Known]:
    """The people asked for, in the order of the list, by a fixed number of statements."""
    query = wanted.matching(viewer).options(joinedload(Person.unit), lazyload(Person.grants))
    people = session.scalars(query.order_by(Person.sort, Person.id)).unique().all()
    asked = wanted.matching(viewer).with_only_columns(Person.id)
    rows: dict[int, list[ContactChannel]] = {}
    for row in session.scalars(
        sa.select(ContactChannel).where(ContactChannel.person_id.in_(asked))
    ):
        rows.setdefault(row.person_id, []).append(row)
    profiles = {
        profile.person_id: profile
        for profile in session.scalars(sa.select(Profile).where(Profile.person_id.in_(asked)))
    }
    groups: dict[int, list[ExpertGroup]] = {}
    for one in session.scalars(sa.select(Expertise).where(Expertise.person_id.in_(asked))):
        groups.setdefault(one.person_id, []).append(one.expert_group)
    teams = memberships(session, asked, wanted.on)
    return [
        Known(
            person,
            channels.ways(person, rows.get(person.id, [])),
            profiles.get(person.id),
            sorted(groups.get(person.id, [])),
            teams.get(person.id, []),
        )
        for person in people
    ]


def sheet_rows(people: Sequence[Known], *, is_open: bool) -> Iterator[tuple[object, ...]]:
    """One row for each time in a team; ``is_open``: personal data are not masked."""
    for known in people:
        cells = _personal(known)
        if not is_open:
            cells = {key: masked(text) for key, text in cells.items()}
        times: list[tuple[Member | None, str]] = [*known.teams]
        for member, team in times or [(None, "")]:
            yield _row(known, cells, member, team)


def masked(text: str) -> str:
    """``m•••@lamgiang.example`` and ``••• 678``: enough to know one's own again."""
    if not text:
        return ""
    if "@" in text:
        name, _at, domain = text.rpartition("@")
        return f"{name[:1]}{HIDDEN * 3}@{domain}"
    digits = "".join(c for c in text if c.isdigit())
    shown = digits[-SHOWN_DIGITS:] if len(digits) > 2 * SHOWN_DIGITS else ""
    return f"{HIDDEN * 3} {shown}".strip()


def _personal(known: Known) -> dict[str, str]:
    person, profile = known.person, known.profile
    cells = {"email": person.email or "", "phone": person.phone, "mobile": person.mobile}
    for key, kind in CHANNEL_COLUMNS.items():
        cells[key] = next((way.value for way in known.ways if way.kind is kind), "")
    for key in TEXTS:
        cells[key] = getattr(profile, key) if profile else ""
    graduated = profile.graduated_on if profile else None
    cells["graduated_on"] = f"{graduated:%m/%Y}" if graduated else ""
    cells["languages"] = spoken(profile.languages) if profile else ""
    return cells


def _row(
    known: Known, cells: dict[str, str], member: Member | None, team: str
) -> tuple[object, ...]:
    """In the order of the columns."""
    person = known.person
    preferred = next((KINDS_VI[way.kind] for way in known.ways if way.is_preferred), "")
    contact = tuple(cells[key] for key in ("phone", "mobile", *CHANNEL_COLUMNS))
    time = (
        team,
        ROLES_VI[member.role] if member else "",
        "x" if member and member.is_core else "",
        "x" if member and member.is_full_time else "",
        member.starts_on if member else None,
        member.decision_number if member else "",
        member.decision_date if member else None,
    )
    groups = "; ".join(GROUPS_VI[group] for group in known.groups)
    trained = tuple(cells[key] for key in (*TEXTS, "graduated_on", "languages"))
    head = (person.name, cells["email"], person.unit.code, person.position)
    return (*head, *contact, preferred, *time, groups, *trained)


def cards(people: Sequence[Known], *, is_open: bool) -> str:
    return "".join(
        vcard.card(known.person, known.ways if is_open else [], _roles(known)) for known in people
    )


def _roles(known: Known) -> str:
    return ", ".join(f"{ROLES_VI[member.role]}, {team}" for member, team in known.teams)


def note_export(session: Session, by: Person, kind: str, rows: int, *, is_open: bool) -> None:
    """Who took out how much, and whether with personal data, stands in the trail."""
    changes = {
        "kind": ["", kind],
        "rows": ["", str(rows)],
        "with_personal_data": ["", str(is_open)],
    }
    audit.record(session, "exported people", by.scope, by=by, changes=changes)
