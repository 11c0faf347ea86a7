"""Whose obligations a change may alter, read from the trail that every change leaves."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.approvals.models import Check
from drills.audit.models import Entry
from drills.exercises.models import Drill, DrillSystem, DrillTeam, DrillUnit
from drills.obligations.models import Exemption, Obligation, ObligationRecord, SubjectKind
from drills.obligations.models.subjects import CONTACTS
from drills.roster.models import Certificate, ContactAsk, ContactChannel, Member, Team
from drills.systems.models import Decision, InformationSystem
from drills.units.models import Succession

Ids = Collection[int]
Touched = dict[SubjectKind, set[int]]
Found = Iterable[tuple[SubjectKind, Ids | sa.Select[Any]]]
ENTRIES_MAX = 2000
"""After more changes than these everything is computed anew."""
EVERYTHING = frozenset(
    {"obligation_rule", "obligation_rule_version", "holiday", "regime", "tier", "organisation"}
)
"""A change of one of these may alter any obligation."""


def _system(ids: Ids) -> Found:
    system = InformationSystem
    yield SubjectKind.SYSTEM, sa.select(system.id).where(system.id.in_(ids))
    yield SubjectKind.UNIT, sa.select(system.operator_id).where(system.id.in_(ids))
    yield SubjectKind.PERSON, sa.select(system.responsible_id).where(system.id.in_(ids))


def _of_system(model: Any) -> Callable[[Ids], Found]:
    return lambda ids: _system_of(model, ids)


def _system_of(model: Any, ids: Ids) -> Found:
    """A decision changes whom a rule asks: the operator and the one who answers, too."""
    systems = sa.select(model.system_id).where(model.id.in_(ids))
    here = InformationSystem
    yield SubjectKind.SYSTEM, systems
    yield SubjectKind.PERSON, sa.select(here.responsible_id).where(here.id.in_(systems))


def _unit(ids: Ids) -> Found:
    yield SubjectKind.UNIT, ids
    yield SubjectKind.ORGANISATION, ids
    operated = InformationSystem.operator_id.in_(ids)
    yield SubjectKind.SYSTEM, sa.select(InformationSystem.id).where(operated)
    yield SubjectKind.TEAM, sa.select(Team.id).where(Team.unit_id.in_(ids))
    yield SubjectKind.PERSON, sa.select(Person.id).where(Person.unit_id.in_(ids))


def _drill(ids: Ids) -> Found:
    yield SubjectKind.DRILL, ids
    yield SubjectKind.UNIT, sa.select(Drill.unit_id).where(Drill.id.in_(ids))
    yield SubjectKind.UNIT, sa.select(DrillUnit.unit_id).where(DrillUnit.drill_id.in_(ids))
    teams = sa.select(Team.unit_id).join(DrillTeam, DrillTeam.team_id == Team.id)
    yield SubjectKind.UNIT, teams.where(DrillTeam.drill_id.in_(ids))
    yield SubjectKind.SYSTEM, sa.select(DrillSystem.system_id).where(DrillSystem.drill_id.in_(ids))


def _team(ids: Ids) -> Found:
    yield SubjectKind.TEAM, ids
    yield SubjectKind.UNIT, sa.select(Team.unit_id).where(Team.id.in_(ids))
    yield SubjectKind.PERSON, sa.select(Member.person_id).where(Member.team_id.in_(ids))


def _member(ids: Ids) -> Found:
    yield SubjectKind.TEAM, sa.select(Member.team_id).where(Member.id.in_(ids))
    yield SubjectKind.PERSON, sa.select(Member.person_id).where(Member.id.in_(ids))


def _of_person(model: Any) -> Callable[[Ids], Found]:
    def found(ids: Ids) -> Found:
        yield SubjectKind.PERSON, sa.select(model.person_id).where(model.id.in_(ids))

    return found


def _person(ids: Ids) -> Found:
    """Whose numbers change may be the contact point of a team."""
    yield SubjectKind.PERSON, ids
    contacts = sa.select(Member.team_id).where(Member.role.in_(CONTACTS))
    yield SubjectKind.TEAM, contacts.where(Member.person_id.in_(ids))


def _own_subject(model: Any) -> Callable[[Ids], Found]:
    def found(ids: Ids) -> Found:
        for kind in SubjectKind:
            here = sa.select(model.subject_id).where(model.id.in_(ids))
            yield kind, here.where(model.subject_kind == kind)

    return found


_BY_KIND: Mapping[str, Callable[[Ids], Found]] = {
    "drill": _drill,
    "system": _system,
    "decision": _of_system(Decision),
    "check_record": _of_system(Check),
    "unit": _unit,
    "team": _team,
    "member": _member,
    "person": _person,
    "certificate": _of_person(Certificate),
    "contact_channel": _of_person(ContactChannel),
    "contact_ask": _of_person(ContactAsk),
    "obligation_record": _own_subject(ObligationRecord),
    "exemption": _own_subject(Exemption),
}
"""By the kind of thing the trail says was changed: what reads it, as subjects."""
_NAMED: Mapping[str, SubjectKind] = {
    "unit_id": SubjectKind.UNIT,
    "operator_id": SubjectKind.UNIT,
    "responsible_id": SubjectKind.PERSON,
    "person_id": SubjectKind.PERSON,
    "team_id": SubjectKind.TEAM,
}
"""Columns whose value before the change stands in the trail alone."""


def touched_since(session: Session, entry_id: int) -> Touched | None:
    """The subjects that changes after an entry of the trail concern; None for all of them."""
    columns = Entry.subject_kind, Entry.subject_id, Entry.changes
    query = sa.select(*columns).where(Entry.id > entry_id).limit(ENTRIES_MAX + 1)
    entries = session.execute(query).all()
    if len(entries) > ENTRIES_MAX or any(one.subject_kind in EVERYTHING for one in entries):
        return None
    touched: Touched = defaultdict(set)
    changed: dict[str, set[int]] = defaultdict(set)
    for one in entries:
        changed[one.subject_kind].add(one.subject_id)
        for subject, identity in _named(one.changes):
            touched[subject].add(identity)
    for kind, ids in changed.items():
        _look(session, kind, ids, touched)
    touched[SubjectKind.UNIT] |= _successors(session, touched[SubjectKind.UNIT])
    return touched


def _named(changes: Mapping[str, Any]) -> Iterator[tuple[SubjectKind, int]]:
    for name in changes.keys() & _NAMED.keys():
        for value in changes[name]:
            if value and str(value).isdigit():
                yield _NAMED[name], int(value)


def _look(session: Session, kind: str, ids: set[int], touched: Touched) -> None:
    for subject, found in _BY_KIND[kind](ids) if kind in _BY_KIND else ():
        known = session.scalars(found) if isinstance(found, sa.Select) else found
        touched[subject].update(one for one in known if one is not None)
    met = sa.select(Obligation.subject_kind, Obligation.subject_id).where(
        Obligation.by_kind == kind, Obligation.by_id.in_(ids)
    )
    for subject, identity in session.execute(met):
        touched[subject].add(identity)


def lineage(session: Session) -> dict[int, set[int]]:
    """By unit that ended, the units that took over from it, near and far."""
    nearest: dict[int, set[int]] = defaultdict(set)
    pairs = sa.select(Succession.predecessor_id, Succession.successor_id)
    for predecessor, successor in session.execute(pairs):
        nearest[predecessor].add(successor)
    return {unit: _reached(unit, nearest) for unit in nearest}


def _reached(unit: int, nearest: Mapping[int, set[int]]) -> set[int]:
    found: set[int] = set()
    ahead = [unit]
    while ahead:
        new = nearest.get(ahead.pop(), set()) - found
        found |= new
        ahead.extend(new)
    return found


def _successors(session: Session, units: Ids) -> set[int]:
    heirs = lineage(session) if units else {}
    return {heir for unit in units for heir in heirs.get(unit, ())}
