"""What has met a duty: the very record, for every subject, in one statement for each kind.

A duty is met by what the register holds and by nothing else; no one types in that it is met.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from drills.approvals.models import Check, CheckKind, Regime
from drills.approvals.services import follow_up
from drills.audit.models import Entry
from drills.core.days import add_months
from drills.exercises.models import (
    DONE,
    Drill,
    DrillSystem,
    DrillTeam,
    DrillUnit,
    Part,
    Status,
)
from drills.obligations.kinds.cadence import end_of
from drills.obligations.kinds.satisfaction import KINDS
from drills.obligations.models.records import ObligationRecord
from drills.obligations.models.rules import ObligationRule, SubjectKind
from drills.obligations.models.subjects import LIVE, Asked
from drills.roster.models import (
    Certificate,
    CertificateKind,
    ContactAsk,
    ContactChannel,
    Member,
    Team,
)
from drills.systems.models import Approval, Decision, DecisionKind, DecisionState, InformationSystem

FINAL = (Status.EVALUATED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Fact:
    """``subject_id`` did it ``on`` that day; the record is row ``id`` of the table ``kind``.

    ``counts_for``: the day it is counted on, where that is another one: the end of the period a
    report is for. ``due_on``: what the record itself says of the next time.
    """

    subject_id: int
    on: date
    kind: str
    id: int
    counts_for: date | None = None
    due_on: date | None = None

    @property
    def order(self) -> tuple[date, date, int]:
        return self.counts_for or self.on, self.on, self.id


Query = Callable[[Session, Asked], Iterator[Fact]]
Noted = Mapping[int, Sequence[Fact]]
"""What was noted by hand, by the rule it was noted for."""


def latest(session: Session, rule: ObligationRule, asked: Asked, noted: Noted) -> dict[int, Fact]:
    """The last time each subject did what the rule asks, up to the day asked for."""
    by_hand = KINDS[rule.met_by].by_hand
    facts = noted.get(rule.id, ()) if by_hand else FACTS[rule.met_by](session, asked)
    found: dict[int, Fact] = {}
    for fact in facts:
        known = found.get(fact.subject_id)
        if fact.on <= asked.on and (known is None or known.order < fact.order):
            found[fact.subject_id] = fact
    return found


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _took_part(part: Any) -> sa.ColumnElement[bool]:
    return sa.or_(part.is_(None), part != Part.OBSERVER)


def _drills_of_units(kinds: Collection[str] | None) -> Query:
    def query(session: Session, asked: Asked) -> Iterator[Fact]:
        """Who answers for a drill, is named in it or has a team in it, and does not look on."""
        units = sa.select(DrillUnit.drill_id, DrillUnit.unit_id).where(_took_part(DrillUnit.part))
        teams = sa.select(DrillTeam.drill_id, Team.unit_id).join(Team)
        parts = (
            sa.select(Drill.id.label("drill_id"), Drill.unit_id).where(asked.only(Drill.unit_id)),
            units.where(asked.only(DrillUnit.unit_id)),
            teams.where(_took_part(DrillTeam.part), asked.only(Team.unit_id)),
        )
        return _held(session, sa.union_all(*parts).subquery(), kinds)

    return query


def _drills_of_systems(kinds: Collection[str] | None) -> Query:
    def query(session: Session, asked: Asked) -> Iterator[Fact]:
        rows = sa.select(DrillSystem.drill_id, DrillSystem.system_id)
        return _held(session, rows.where(asked.only(DrillSystem.system_id)).subquery(), kinds)

    return query


def _held(session: Session, rows: sa.Subquery, kinds: Collection[str] | None) -> Iterator[Fact]:
    """The drills of ``rows`` (drill, subject) that were held, on the day they ended there."""
    drill_id, subject_id = rows.c
    query = (
        sa.select(subject_id, Drill.id, Drill.ends_at, Drill.time_zone)
        .join(Drill, Drill.id == drill_id)
        .where(Drill.status.in_(DONE))
    )
    if kinds is not None:
        query = query.where(Drill.kind_key.in_(kinds))
    for subject, drill, ended, zone in session.execute(query):
        yield Fact(subject, ended.astimezone(_zone(zone)).date(), "drill", drill)


def _checks(kinds: frozenset[CheckKind]) -> Query:
    def query(session: Session, asked: Asked) -> Iterator[Fact]:
        """The last check that counts, or else the decision it is counted from."""
        regimes = follow_up.newest(session)
        own = {one.id: one for one in session.scalars(sa.select(Regime))}
        made = _checks_made(session, kinds, asked)
        for one in session.scalars(_decisions(asked)):
            regime = own.get(one.regime_id or 0) or follow_up.regime_on(regimes, one.signed_on)
            basis = follow_up.Basis(one.level, regime, one)
            due = follow_up.due(basis, made.get(one.system_id, ()), kinds)
            if due.last:
                yield Fact(
                    one.system_id, due.last.done_on, "check_record", due.last.id, due_on=due.due_on
                )
            elif due.due_on:
                yield Fact(one.system_id, one.signed_on, "decision", one.id, due_on=due.due_on)

    return query


def _decisions(asked: Asked) -> sa.Select[Decision]:
    return (
        sa.select(Decision)
        .join(InformationSystem)
        .where(asked.only(Decision.system_id), Decision.kind != DecisionKind.PLAN)
        .where(Decision.state == DecisionState.IN_FORCE)
        .where(InformationSystem.approval == Approval.APPROVED)
        .order_by(Decision.id)
    )


def _checks_made(
    session: Session, kinds: frozenset[CheckKind], asked: Asked
) -> dict[int, list[Check]]:
    """By system, the newest first."""
    query = (
        sa.select(Check)
        .where(Check.kind.in_(kinds), asked.only(Check.system_id), Check.done_on <= asked.on)
        .order_by(Check.done_on.desc(), Check.id.desc())
    )
    found: dict[int, list[Check]] = defaultdict(list)
    for one in session.scalars(query):
        found[one.system_id].append(one)
    return found


def _reappraisals(session: Session, asked: Asked) -> Iterator[Fact]:
    """Until when a level is good is said by the register, for its lists as well."""
    for one in session.scalars(_decisions(asked).options(contains_eager(Decision.system))):
        if day := one.system.reappraise_by:
            yield Fact(one.system_id, one.signed_on, "decision", one.id, due_on=day)


def _certificates(session: Session, asked: Asked) -> Iterator[Fact]:
    query = sa.select(Certificate).where(
        Certificate.kind == CertificateKind.STATUTORY, asked.only(Certificate.person_id)
    )
    for one in session.scalars(query):
        on = one.issued_on or asked.day(one.created_at)
        until = one.expires_on or date.max
        yield Fact(one.person_id, on, "certificate", one.id, until, due_on=until)


def _contact_checks(session: Session, asked: Asked) -> Iterator[Fact]:
    """What a person confirmed, or somebody confirmed for them; a team may ask more often."""
    own = sa.select(Member.person_id, sa.func.min(Team.contact_check_months)).join(Team)
    own = own.where(Member.current(asked.on), asked.only(Member.person_id))
    months = {row[0]: row[1] for row in session.execute(own.group_by(Member.person_id))}
    confirmed = sa.select(ContactAsk.person_id, ContactAsk.confirmed_at, ContactAsk.id)
    verified = sa.select(ContactChannel.person_id, ContactChannel.verified_at, ContactChannel.id)
    asks = confirmed.where(ContactAsk.confirmed_at.is_not(None), asked.only(ContactAsk.person_id))
    channels = verified.where(
        ContactChannel.verified_at.is_not(None), asked.only(ContactChannel.person_id)
    )
    for kind, query in (("contact_ask", asks), ("contact_channel", channels)):
        for person, moment, record in session.execute(query):
            assert moment
            on, often = asked.day(moment), months.get(person)
            due_on = add_months(on, often) if often else None
            yield Fact(person, on, kind, record, due_on=due_on)


def _reports(session: Session, asked: Asked) -> Iterator[Fact]:
    """A drill is evaluated when it was said to be: that step is in the trail."""
    step = Entry.changes["status"][1].as_string()
    said = (
        sa.select(Entry.subject_id, sa.func.min(Entry.at).label("at"))
        .where(
            Entry.subject_kind == "drill",
            Entry.verb == "moved",
            step.in_([one.value for one in FINAL]),
        )
        .where(asked.only(Entry.subject_id))
        .group_by(Entry.subject_id)
        .subquery()
    )
    query = (
        sa.select(Drill.id, sa.func.coalesce(said.c.at, Drill.updated_at, type_=said.c.at.type))
        .outerjoin(said, said.c.subject_id == Drill.id)
        .where(Drill.status.in_(FINAL), asked.only(Drill.id))
    )
    for drill, at in session.execute(query):
        yield Fact(drill, asked.day(at), "drill", drill)


def noted(session: Session, kind: SubjectKind, asked: Asked) -> Noted:
    """Everything noted by hand of one kind of subject, in one statement for all rules."""
    query = (
        sa.select(ObligationRecord)
        .where(ObligationRecord.subject_kind == kind, ObligationRecord.withdrawn_at.is_(None))
        .where(asked.only(ObligationRecord.subject_id))
    )
    found: dict[int, list[Fact]] = defaultdict(list)
    for one in session.scalars(query):
        counts_for = end_of(one.period) if one.period else None
        fact = Fact(one.subject_id, one.done_on, "obligation_record", one.id, counts_for)
        found[one.rule_id].append(fact)
    return found


FACTS: Mapping[str, Query] = {
    "live_fire_drill_of_unit": _drills_of_units(LIVE),
    "live_fire_drill_of_system": _drills_of_systems(LIVE),
    "drill_of_unit": _drills_of_units(None),
    "drill_of_system": _drills_of_systems(None),
    "periodic_check": _checks(follow_up.ASSESSING),
    "technical_check": _checks(follow_up.TECHNICAL),
    "reappraisal": _reappraisals,
    "certificate": _certificates,
    "contact_check": _contact_checks,
    "aar": _reports,
}
"""What the register holds, by the keys of ``kinds.satisfaction.KINDS``; the rest is noted."""
