"""What search answers: groups of finds, each with where it leads, as far as one may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits
from drills.core.text import N_
from drills.reports.models import search
from drills.web import filters


@dataclass(frozen=True, slots=True)
class Find:
    label: str
    hint: str
    href: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """``more`` leads to the whole list with the same words, where there is one."""

    key: str
    label: str
    items_found: list[Find] = field(default_factory=list)
    more: str | None = None


def _system(row: Any) -> Find:
    href = url_for("systems.show", system_id=row[0])
    return Find(row[2], f"{row[1]} · {row[3]}", href, row[1])


def _drill(row: Any) -> Find:
    href = url_for("exercises.show", drill_id=row[0])
    return Find(row[2], f"{row[1]} · {filters.day(row[3])}", href, row[1])


def _unit(row: Any) -> Find:
    ended = _("until %(day)s", day=filters.day(row[3])) if row[3] else ""
    hint = " · ".join(part for part in (row[1], ended) if part)
    return Find(row[2], hint, url_for("units.show", unit_id=row[0]), row[1])


def _team(row: Any) -> Find:
    return Find(row[2], row[3], url_for("roster.show", team_id=row[0]))


def _person(row: Any) -> Find:
    """A person has no page of their own: the team's, or the unit's."""
    if row[5]:
        href = url_for("roster.show", team_id=row[5])
    else:
        href = url_for("units.show", unit_id=row[4])
    return Find(row[2], row[3], href)


Source = tuple[
    str, str, Permission, Callable[..., Sequence[Any]], Callable[[Any], Find], str | None
]
SOURCES: tuple[Source, ...] = (
    ("systems", N_("Systems"), Permission.SYSTEM_VIEW, search.systems, _system, "systems.index"),
    ("drills", N_("Drills"), Permission.DRILL_VIEW, search.drills, _drill, "exercises.index"),
    ("units", N_("Units"), Permission.UNIT_VIEW, search.units, _unit, "units.index"),
    ("people", N_("Staff"), Permission.UNIT_VIEW, search.people, _person, None),
    ("teams", N_("Teams"), Permission.TEAM_VIEW, search.teams, _team, None),
)


def find(session: Session, person: Person, words: str, *, limit: int) -> list[Group]:
    """One query for each group the person may see; up to ``limit`` finds in each."""
    return [
        Group(
            key,
            _(label),
            [show(row) for row in ask(session, person, words, limit)],
            url_for(index, q=words) if index else None,
        )
        for key, label, permission, ask, show, index in SOURCES
        if permits(person, permission)
    ]


def exact(groups: Sequence[Group], words: str) -> Find | None:
    """The one thing whose code was typed."""
    wanted = words.strip().lower()
    hits = [f for g in groups for f in g.items_found if f.code and f.code.lower() == wanted]
    return hits[0] if len(hits) == 1 else None
