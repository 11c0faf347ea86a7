"""The list of people: what its address asks for, and which teams each of them is in."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload
from werkzeug.datastructures import MultiDict

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core.orm import contains
from drills.core.text import N_, fold
from drills.roster.models import ContactChannel, ExpertGroup, Expertise, Member, Team
from drills.units.models import Unit

LACKS = {
    "channel": N_("No way to reach them"),
    "confirmed": N_("Never confirmed"),
    "team": N_("In no team"),
}
"""What a person may be looked for by not having."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the list is asked for; empty means all. What makes no sense is ignored."""

    on: date
    words: str = ""
    unit_id: int | None = None
    team_id: int | None = None
    is_core: bool = False
    groups: tuple[ExpertGroup, ...] = ()
    lacks: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: MultiDict[str, str], on: date) -> "Wanted":
        asked = (value for value in query.getlist("group") if value in list(ExpertGroup))
        return cls(
            on=on,
            words=query.get("q", "").strip(),
            unit_id=query.get("unit", type=int),
            team_id=query.get("team", type=int),
            is_core=query.get("core") == "1",
            groups=tuple(ExpertGroup(value) for value in dict.fromkeys(asked)),
            lacks=tuple(key for key in LACKS if key in query.getlist("lacks")),
        )

    @property
    def is_narrow(self) -> bool:
        asked = (self.words, self.unit_id, self.team_id, self.is_core, self.groups, self.lacks)
        return any(asked)

    def query(self, **changed: Any) -> dict[str, Any]:
        """The same as parameters of an address, with some of them ``changed``."""
        values: dict[str, Any] = {
            "q": self.words,
            "unit": self.unit_id,
            "team": self.team_id,
            "core": "1" if self.is_core else "",
            "group": [group.value for group in self.groups],
            "lacks": list(self.lacks),
        } | changed
        return {name: value for name, value in values.items() if value}

    def matching(self, viewer: Person) -> sa.Select[Any]:
        """The people asked for; those whose data were removed are no longer listed."""
        conditions = [Person.removed_at.is_(None), contains(Person.search, fold(self.words))]
        if self.unit_id:
            path = sa.select(Unit.path).where(Unit.id == self.unit_id).scalar_subquery()
            below = sa.select(Unit.id).where(Unit.path.startswith(path))
            conditions.append(Person.unit_id.in_(below))
        if self.team_id or self.is_core:
            conditions.append(Person.id.in_(self._members()))
        if self.groups:
            of_groups = sa.select(Expertise.person_id).where(
                Expertise.expert_group.in_(self.groups)
            )
            conditions.append(Person.id.in_(of_groups))
        conditions += [_lacking(self.on)[key] for key in self.lacks]
        return visible(Person, viewer).where(*conditions)

    def rows(self, viewer: Person) -> sa.Select[Any]:
        query = self.matching(viewer).options(joinedload(Person.unit), lazyload(Person.grants))
        return query.order_by(Person.sort, Person.id)

    def _members(self) -> sa.Select[Any]:
        query = sa.select(Member.person_id).where(Member.current(self.on))
        if self.team_id:
            query = query.where(Member.team_id == self.team_id)
        return query.where(Member.is_core) if self.is_core else query


def _lacking(on: date) -> dict[str, sa.ColumnElement[bool]]:
    kept = sa.select(ContactChannel.person_id)
    confirmed = kept.where(ContactChannel.verified_at.is_not(None))
    unreachable = (Person.email.is_(None), Person.phone == "", Person.mobile == "")
    members = sa.select(Member.person_id).where(Member.current(on))
    return {
        "channel": sa.and_(*unreachable, Person.id.not_in(kept)),
        "confirmed": Person.id.not_in(confirmed),
        "team": Person.id.not_in(members),
    }


def memberships(
    session: Session, people: Collection[int] | sa.Select[Any], on: date
) -> dict[int, list[tuple[Member, str]]]:
    """For each person the teams they are in that day, with the name of each.

    ``people`` are ids, or a query for them.
    """
    query = (
        sa.select(Member, Team.name)
        .join(Team)
        .where(Member.person_id.in_(people), Member.current(on))
        .order_by(Team.sort, Member.id)
    )
    found: dict[int, list[tuple[Member, str]]] = defaultdict(list)
    for member, team in session.execute(query):
        found[member.person_id].append((member, team))
    return found
