"""One row of a list of members: whom it means, what it says, and what is wrong with it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from drills.accounts.models import Person
from drills.core.days import read_day
from drills.core.orm import EMAIL_MAX, NAME_MAX, PHONE_MAX, TITLE_MAX
from drills.core.tabular import Problem
from drills.core.text import N_, fold
from drills.roster.columns import (
    CHANNEL_COLUMNS,
    KINDS,
    LABELS,
    ROLES,
    TEXTS,
    YES,
    read_groups,
    read_languages,
)
from drills.roster.models import ChannelKind, ExpertGroup, MemberDetails, NewPerson, Team
from drills.roster.months import read_month

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ADDRESSES = ("email", "private_email")
_DAYS = ("starts_on", "decision_date")
_LENGTHS = {
    "name": NAME_MAX,
    "email": EMAIL_MAX,
    "phone": PHONE_MAX,
    "mobile": PHONE_MAX,
    **dict.fromkeys(("position", "decision_number", *TEXTS), TITLE_MAX),
    **dict.fromkeys(CHANNEL_COLUMNS, EMAIL_MAX),
}
Wrong = Callable[[str, str, str], Problem]


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows are held against. ``taken`` are addresses of anybody, seen or not."""

    units: Mapping[str, int]
    teams: Mapping[str, Team]
    team: Team | None
    people: Mapping[str, Person]
    namesakes: Mapping[tuple[str, int], list[Person]]
    taken: frozenset[str | None]
    members: Mapping[tuple[int, int], list[date | None]]
    """The last days of each person's times in a team."""
    on: date

    def person(self, cells: Mapping[str, str]) -> Person | None:
        """By the address, without one by name and unit where there is but one."""
        if cells["email"]:
            return self.people.get(cells["email"])
        unit_id = self.units.get(fold(cells["unit"]), 0)
        same = self.namesakes.get((fold(cells["name"]), unit_id), [])
        return same[0] if len(same) == 1 else None

    def is_in(self, team: Team | None, person: Person | None, starts_on: date) -> bool:
        """Whether the person is in the team on that day or will be."""
        if team is None or person is None:
            return False
        ends = self.members.get((team.id, person.id), [])
        return any(end is None or end >= starts_on for end in ends)

    def team_of(self, cells: Mapping[str, str]) -> Team | None:
        return self.teams.get(fold(cells["team"])) if cells["team"] else self.team


@dataclass(slots=True)
class Reading:
    """A row that is right. ``key`` is the same in all rows of one person of the file."""

    row: int
    key: str
    new: NewPerson
    details: MemberDetails
    team: Team | None
    person: Person | None
    is_member: bool
    texts: Mapping[str, Any]
    """Fields of the profile that the row fills in; what is empty is not among them."""
    groups: frozenset[ExpertGroup]
    channels: tuple[tuple[ChannelKind, str], ...]
    preferred: ChannelKind | None
    news: dict[str, list[str]] = field(default_factory=dict)
    """What would be different of a person known already: before and after, by column."""


def read(number: int, cells: Mapping[str, str], known: Known) -> Reading:
    new = NewPerson(
        name=cells["name"],
        email=cells["email"],
        unit_id=known.units[fold(cells["unit"])],
        position=cells["position"],
        phone=cells["phone"],
        mobile=cells["mobile"],
    )
    person, team = known.person(cells), known.team_of(cells)
    details = _details(cells, known.on)
    return Reading(
        row=number,
        key=_key(cells),
        new=new,
        details=details,
        team=team,
        person=person,
        is_member=known.is_in(team, person, details.starts_on),
        texts=_texts(cells),
        groups=read_groups(cells["expert_groups"]) or frozenset(),
        channels=tuple((k, cells[key]) for key, k in CHANNEL_COLUMNS.items() if cells[key]),
        preferred=_preferred(cells["preferred"]),
    )


def _key(cells: Mapping[str, str]) -> str:
    return cells["email"] or f"{fold(cells['name'])}|{fold(cells['unit'])}"


def _details(cells: Mapping[str, str], on: date) -> MemberDetails:
    signed = cells["decision_date"]
    return MemberDetails(
        role=ROLES[fold(cells["role"])],
        is_core=fold(cells["is_core"]) in YES,
        is_full_time=fold(cells["is_full_time"]) in YES,
        starts_on=read_day(cells["starts_on"], on) or on,
        decision_number=cells["decision_number"],
        decision_date=read_day(signed, on) if signed else None,
    )


def _texts(cells: Mapping[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {key: cells[key] for key in TEXTS if cells[key]}
    if cells["graduated_on"]:
        given["graduated_on"] = read_month(cells["graduated_on"])
    if cells["languages"]:
        given["languages"] = list(read_languages(cells["languages"]) or ())
    return given


def _preferred(cell: str) -> ChannelKind | None:
    return KINDS.get(fold(cell)) if cell else None


def problems(
    number: int, cells: Mapping[str, str], known: Known, seen: set[tuple[str, str]]
) -> Iterator[Problem]:
    """Everything wrong with a row; ``seen`` are the people and teams of the rows before."""

    def wrong(key: str, reason: str, remedy: str) -> Problem:
        return Problem(number, LABELS[key], cells[key], reason, remedy)

    yield from _wrong_person(wrong, cells, known)
    yield from _wrong_email(wrong, cells, known, seen)
    yield from _wrong_words(wrong, cells, known)
    yield from _wrong_texts(wrong, cells, known.on)
    seen.add((_key(cells), fold(cells["team"])))


def _wrong_person(wrong: Wrong, cells: Mapping[str, str], known: Known) -> Iterator[Problem]:
    if not cells["name"]:
        yield wrong("name", N_("The name is missing."), N_("Write the name of the member."))
    if fold(cells["unit"]) not in known.units:
        yield wrong(
            "unit",
            N_("No unit you may see has this code or name."),
            N_("Write the unit's code as the list of units has it."),
        )
    elif not cells["email"] and cells["name"]:
        place = fold(cells["name"]), known.units[fold(cells["unit"])]
        if len(known.namesakes.get(place, [])) > 1:
            yield wrong(
                "name",
                N_("Several people of this name work at this unit."),
                N_("Write the e-mail address of the one who is meant."),
            )


def _wrong_email(
    wrong: Wrong, cells: Mapping[str, str], known: Known, seen: set[tuple[str, str]]
) -> Iterator[Problem]:
    email = cells["email"]
    if unlike := [k for k in _ADDRESSES if cells[k] and not _EMAIL.fullmatch(cells[k])]:
        yield wrong(
            unlike[0],
            N_("This is not an e-mail address."),
            N_("Write one address, or leave the cell empty."),
        )
    elif email in known.taken and email not in known.people:
        yield wrong(
            "email",
            N_("Somebody outside your scope has this address."),
            N_("Ask an administrator of the whole organisation to import this row."),
        )
    elif (_key(cells), fold(cells["team"])) in seen and cells["name"]:
        yield wrong(
            "email" if email else "name",
            N_("The same person stands in an earlier row for this team."),
            N_("Keep one row for each person in each team."),
        )


def _wrong_words(wrong: Wrong, cells: Mapping[str, str], known: Known) -> Iterator[Problem]:
    if cells["team"] and known.team_of(cells) is None:
        yield wrong(
            "team",
            N_("No team you may see has this name."),
            N_("Add the team first, or write its name as the list of teams has it."),
        )
    if fold(cells["role"]) not in ROLES:
        yield wrong(
            "role", N_("This role is not known."), N_("Leave it empty, or write “Thành viên”.")
        )
    if read_groups(cells["expert_groups"]) is None:
        yield wrong(
            "expert_groups",
            N_("This expert group is not known."),
            N_("Write one of the four groups of Mẫu 01; part several by semicolons."),
        )
    if read_languages(cells["languages"]) is None:
        yield wrong(
            "languages",
            N_("This language is not known."),
            N_("Write its name or code, such as “Tiếng Anh” or “en”."),
        )
    if cells["preferred"] and fold(cells["preferred"]) not in KINDS:
        yield wrong(
            "preferred",
            N_("This kind of channel is not known."),
            N_("Write the name of one of the columns of channels."),
        )


def _wrong_texts(wrong: Wrong, cells: Mapping[str, str], today: date) -> Iterator[Problem]:
    for key in _DAYS:
        if cells[key] and read_day(cells[key], today) is None:
            yield wrong(
                key, N_("This is not a day of the calendar."), N_("Write it as 23/11/2026.")
            )
    if cells["graduated_on"] and read_month(cells["graduated_on"]) is None:
        yield wrong("graduated_on", N_("This is not a month."), N_("Write it as 06/2015."))
    long = (key for key, limit in _LENGTHS.items() if len(cells[key]) > limit)
    for key in long:
        yield wrong(key, N_("The text is too long."), N_("Shorten it."))
