"""What the first page of a drill names, read in two statements however much that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload

from drills.accounts.models import Person
from drills.exercises.models import (
    PARTS,
    Drill,
    DrillPerson,
    DrillSystem,
    DrillTeam,
    DrillUnit,
    Part,
)
from drills.roster.models import Member, Team
from drills.systems.models import InformationSystem
from drills.units.models import Unit

IN_CHARGE = "in charge"


@dataclass(frozen=True, slots=True)
class Named:
    """As much of a unit, a team or a system as a list shows."""

    id: int
    name: str
    name_en: str
    code: str
    level: int | None
    path: str
    """Of a team the path of its unit: who may see the team is told by it."""

    def title(self, language: str) -> str:
        return (self.name_en if language == "en" else "") or self.name


@dataclass(frozen=True, slots=True)
class Place:
    """A person in a drill: named with a part, or by being in a team; the lead may be neither."""

    person: Person
    part: Part | None
    team_id: int | None

    @property
    def part_label(self) -> str:
        return PARTS[self.part] if self.part else ""


@dataclass(frozen=True)
class Overview:
    """``members`` has the people of each team on the day of the drill, by the team's id."""

    unit: Named
    lead: Person | None
    units: Sequence[Named]
    teams: Sequence[Named]
    systems: Sequence[Named]
    people: Sequence[Place]
    members: Mapping[int, Sequence[Place]]
    count: int


def overview(session: Session, drill: Drill) -> Overview:
    named = _named(session, drill)
    places = _places(session, drill)
    return Overview(
        unit=named[IN_CHARGE][0],
        lead=next((one.person for one in places if one.person.id == drill.lead_id), None),
        units=named["unit"],
        teams=named["team"],
        systems=named["system"],
        people=[place for place in places if place.part],
        members={
            team.id: [place for place in places if place.team_id == team.id]
            for team in named["team"]
        },
        count=len({place.person.id for place in places}),
    )


def _named(session: Session, drill: Drill) -> dict[str, list[Named]]:
    units = sa.select(DrillUnit.unit_id).where(DrillUnit.drill_id == drill.id)
    teams = sa.select(DrillTeam.team_id).where(DrillTeam.drill_id == drill.id)
    systems = sa.select(DrillSystem.system_id).where(DrillSystem.drill_id == drill.id)
    system: Any = InformationSystem
    path_of_team = sa.select(Unit.path).where(Unit.id == Team.unit_id).scalar_subquery()
    arms = [
        _arm(IN_CHARGE, Unit, name_en=Unit.name_en).where(Unit.id == drill.unit_id),
        _arm("unit", Unit, name_en=Unit.name_en).where(Unit.id.in_(units)),
        _arm("team", Team, path=path_of_team).where(Team.id.in_(teams)),
        _arm("system", system, code=system.code, level=system.level).where(system.id.in_(systems)),
    ]
    whole = sa.union_all(*arms).subquery()
    found: dict[str, list[Named]] = {"unit": [], "team": [], "system": []}
    for what, _sort, *row in session.execute(sa.select(whole).order_by(whole.c.sort, whole.c.id)):
        found.setdefault(what, []).append(Named(*row))
    return found


def _arm(what: str, model: Any, **given: Any) -> sa.Select[Any]:
    empty = sa.literal("", sa.String())
    return sa.select(
        sa.literal(what).label("what"),
        model.sort.label("sort"),
        model.id.label("id"),
        sa.cast(model.name, sa.String()).label("name"),
        sa.cast(given.get("name_en", empty), sa.String()).label("name_en"),
        sa.cast(given.get("code", empty), sa.String()).label("code"),
        sa.cast(given.get("level", sa.null()), sa.Integer()).label("level"),
        sa.cast(given.get("path", empty), sa.String()).label("path"),
    )


def _places(session: Session, drill: Drill) -> list[Place]:
    """Everybody named, the members of the teams on its day, and the lead; by name."""
    teams = sa.select(DrillTeam.team_id).where(DrillTeam.drill_id == drill.id)
    part, team = DrillPerson.part.type, sa.Integer()
    named = sa.select(
        DrillPerson.person_id, DrillPerson.part, sa.cast(sa.null(), team).label("team_id")
    ).where(DrillPerson.drill_id == drill.id)
    members = sa.select(Member.person_id, sa.cast(sa.null(), part), Member.team_id).where(
        Member.team_id.in_(teams), Member.current(drill.day)
    )
    lead = sa.select(
        sa.literal(drill.lead_id, sa.Integer()), sa.cast(sa.null(), part), sa.cast(sa.null(), team)
    )
    arms = [named, members, lead] if drill.lead_id else [named, members]
    links = sa.union_all(*arms).subquery()
    query = (
        sa.select(Person, links.c.part, links.c.team_id)
        .join(links, links.c.person_id == Person.id)
        .order_by(Person.sort, Person.id)
        .options(joinedload(Person.unit).lazyload(Unit.tier), lazyload(Person.grants))
    )
    return [Place(*row) for row in session.execute(query)]
