"""Deriving the obligations: all of them, or those that a change may have altered.

The rows are a memory of what the record says: computed twice they are the same, and thrown away
they come back.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from drills.audit.models import Entry
from drills.obligations.models import (
    Exemption,
    ExemptionState,
    Obligation,
    ObligationMark,
    ObligationRule,
    SubjectKind,
)
from drills.obligations.models.facts import Fact, latest, noted
from drills.obligations.models.subjects import Asked, Subject, event_of, subjects
from drills.obligations.services.standing import COLUMNS, Excuse, Row, Terms, values
from drills.obligations.services.touching import lineage, touched_since
from drills.workdays import services as workdays

YEARS_AHEAD = timedelta(days=5 * 366)
LATE_ENTRIES = 1000
"""A transaction that ends late may add an entry among the last so many."""
CHUNK = 5000
Key = tuple[int, int]


@dataclass(slots=True)
class Changes:
    """How many rows were written."""

    added: int = 0
    altered: int = 0
    dropped: int = 0

    @property
    def total(self) -> int:
        return self.added + self.altered + self.dropped


def is_stale(session: Session, at: datetime, zone: tzinfo) -> bool:
    """Whether anything happened since the obligations were computed; one small statement."""
    mark = ObligationMark
    newest = sa.select(sa.func.max(Entry.id)).scalar_subquery()
    passed = sa.exists().where(Obligation.due_at > mark.at, Obligation.due_at < at)
    query = sa.select(
        mark.day, mark.entry_id, mark.entries, newest, _entries(mark.entry_id), passed
    )
    found = session.execute(query).one_or_none()
    if found is None or found.day != at.astimezone(zone).date():
        return True
    return bool(found[3] != found.entry_id or found[4] != found.entries or found[5])


def _entries(entry_id: Any) -> sa.ScalarSelect[int]:
    last = Entry.id.between(entry_id - LATE_ENTRIES, entry_id)
    return sa.select(sa.func.count()).select_from(Entry).where(last).scalar_subquery()


def refresh(session: Session, at: datetime, zone: tzinfo) -> Changes:
    """Bring the obligations up to what the trail tells; nothing is written where nothing changed.

    Only one process does this at a time: the row of the mark is the lock.
    """
    mark = _locked(session, at)
    if not is_stale(session, at, zone):
        return Changes()
    if mark.entry_id < 0 or mark.day != at.astimezone(zone).date():
        return recompute(session, at, zone)
    newest = session.scalar(sa.select(sa.func.max(Entry.id))) or 0
    known = session.scalar(sa.select(_entries(mark.entry_id)))
    is_whole = known == mark.entries
    touched = touched_since(session, mark.entry_id if is_whole else mark.entry_id - LATE_ENTRIES)
    if touched is None:
        return recompute(session, at, zone)
    _pass_moments(session, mark.at, at, touched)
    work = _Work(session, at, zone, rules_on(session, at.astimezone(zone).date()))
    for kind, ids in touched.items():
        if ids:
            work.compute(kind, ids)
    _note(session, mark, newest, at, zone)
    return work.changes


def recompute(session: Session, at: datetime, zone: tzinfo) -> Changes:
    """Every obligation, from the record."""
    mark = _locked(session, at)
    newest = session.scalar(sa.select(sa.func.max(Entry.id))) or 0
    work = _Work(session, at, zone, rules_on(session, at.astimezone(zone).date()))
    for kind in SubjectKind:
        work.compute(kind, None)
    _note(session, mark, newest, at, zone)
    return work.changes


def _locked(session: Session, at: datetime) -> ObligationMark:
    query = sa.select(ObligationMark).with_for_update().execution_options(populate_existing=True)
    mark = session.scalars(query).one_or_none()
    if mark is None:
        mark = ObligationMark(day=at.date(), entry_id=-1, entries=0, at=at)
        session.add(mark)
        session.flush()
    return mark


def _note(session: Session, mark: ObligationMark, newest: int, at: datetime, zone: tzinfo) -> None:
    mark.day, mark.entry_id, mark.at = at.astimezone(zone).date(), newest, at
    mark.entries = session.scalar(sa.select(_entries(newest))) or 0
    session.flush()


def _pass_moments(
    session: Session, before: datetime, at: datetime, touched: dict[SubjectKind, set[int]]
) -> None:
    """Those whose hours have run out meanwhile."""
    query = sa.select(Obligation.subject_kind, Obligation.subject_id).where(
        Obligation.due_at > before, Obligation.due_at < at
    )
    for kind, identity in session.execute(query):
        touched[kind].add(identity)


def rules_on(session: Session, day: date) -> list[ObligationRule]:
    """The rules that ask for something on a day, with their versions."""
    query = sa.select(ObligationRule).options(selectinload(ObligationRule.versions))
    found = session.scalars(query.order_by(ObligationRule.position, ObligationRule.id))
    return [rule for rule in found if rule.holds_on(day) and rule.versions[0].valid_from <= day]


def rows_of(session: Session, rule: ObligationRule, at: datetime, zone: tzinfo) -> list[Row]:
    """The rows that ``rule`` would have, in the database or not; nothing is written."""
    if rule.versions[0].valid_from > at.astimezone(zone).date():
        return []
    work = _Work(session, at, zone, [rule])
    return [row for _key, row in work.rows(work.terms, rule.subject_kind, None)]


@dataclass(slots=True)
class _Work:
    """One computation: what it reads once, and what it has written."""

    session: Session
    at: datetime
    zone: tzinfo
    rules: Sequence[ObligationRule]
    changes: Changes = field(default_factory=Changes)
    terms: list[Terms] = field(init=False)
    heirs: Mapping[int, set[int]] = field(init=False)

    def __post_init__(self) -> None:
        on = self.at.astimezone(self.zone).date()
        working = workdays.calendar(self.session, on - YEARS_AHEAD, on + YEARS_AHEAD)
        self.terms = [Terms.of(rule, self.at, self.zone, working) for rule in self.rules]
        self.heirs = lineage(self.session)

    def compute(self, kind: SubjectKind, ids: Collection[int] | None) -> None:
        rules = [terms for terms in self.terms if terms.rule.subject_kind is kind]
        rows = dict(self.rows(rules, kind, ids)) if rules else {}
        self._write(kind, rows, _known(self.session, kind, ids))

    def rows(
        self, rules: Sequence[Terms], kind: SubjectKind, ids: Collection[int] | None
    ) -> Iterator[tuple[Key, Row]]:
        """The rows by ``rules``, all of one kind of subject; what they share is read once."""
        excuses = _excuses(self.session, kind, ids)
        asked = Asked(self.at.astimezone(self.zone).date(), self.zone, ids)
        before = self._with_those_before(kind, asked)
        done = noted(self.session, kind, before)
        known: dict[Hashable, list[Subject]] = {}
        for terms in rules:
            rule = terms.rule
            facts = self._inherited(kind, latest(self.session, rule, before, done))
            same = terms.scope, event_of(rule.met_by)
            if same not in known:
                found = subjects(self.session, kind, terms.scope, rule.met_by, asked)
                known[same] = list(found)
            for subject in known[same]:
                key = rule.id, subject.id
                row = terms.row(subject, facts.get(subject.id), excuses.get(key, ()))
                if row is not None:
                    yield key, row

    def _with_those_before(self, kind: SubjectKind, asked: Asked) -> Asked:
        """The same question, asked also of the units that those asked for took over from."""
        if kind is not SubjectKind.UNIT or asked.ids is None:
            return asked
        ended = {unit for unit, heirs in self.heirs.items() if heirs & set(asked.ids)}
        return Asked(asked.on, asked.zone, ended | set(asked.ids))

    def _inherited(self, kind: SubjectKind, found: dict[int, Fact]) -> dict[int, Fact]:
        """What a unit did counts for the one that has taken over from it."""
        if kind is not SubjectKind.UNIT:
            return found
        for unit in self.heirs.keys() & found.keys():
            for heir in self.heirs[unit]:
                own = found.get(heir)
                if own is None or own.order < found[unit].order:
                    found[heir] = found[unit]
        return found

    def _write(
        self, kind: SubjectKind, rows: dict[Key, Row], known: dict[Key, tuple[int, Row]]
    ) -> None:
        new = [
            {"rule_id": key[0], "subject_id": key[1], "subject_kind": kind, "updated_at": self.at}
            | values(row)
            for key, row in rows.items()
            if key not in known
        ]
        altered = [
            {"id": known[key][0], "updated_at": self.at} | values(row)
            for key, row in rows.items()
            if key in known and known[key][1] != row
        ]
        gone = [identity for key, (identity, _row) in known.items() if key not in rows]
        if new:
            self.session.execute(sa.insert(Obligation), new)
        if altered:
            self.session.execute(sa.update(Obligation), altered)
        for start in range(0, len(gone), CHUNK):
            chosen = Obligation.id.in_(gone[start : start + CHUNK])
            self.session.execute(sa.delete(Obligation).where(chosen))
        self.changes.added += len(new)
        self.changes.altered += len(altered)
        self.changes.dropped += len(gone)


def _known(
    session: Session, kind: SubjectKind, ids: Collection[int] | None
) -> dict[Key, tuple[int, Row]]:
    columns = [getattr(Obligation, name) for name in COLUMNS]
    query = sa.select(Obligation.rule_id, Obligation.subject_id, Obligation.id, *columns)
    query = query.where(Obligation.subject_kind == kind)
    if ids is not None:
        query = query.where(Obligation.subject_id.in_(ids))
    return {(one[0], one[1]): (one[2], tuple(one[3:])) for one in session.execute(query)}


def _excuses(
    session: Session, kind: SubjectKind, ids: Collection[int] | None
) -> dict[Key, list[Excuse]]:
    query = sa.select(Exemption).where(
        Exemption.subject_kind == kind, Exemption.state == ExemptionState.APPROVED
    )
    if ids is not None:
        query = query.where(Exemption.subject_id.in_(ids))
    found: dict[Key, list[Excuse]] = defaultdict(list)
    for one in session.scalars(query.order_by(Exemption.from_on, Exemption.id)):
        found[one.rule_id, one.subject_id].append(Excuse(one.from_on, one.to_on))
    return found
