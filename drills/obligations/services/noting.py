"""Noting by hand what leaves no other trace: that something was done."""

from datetime import date, datetime, tzinfo

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.files.models import StoredFile
from drills.obligations.kinds.cadence import Calendar, Periodic, Tile, Version
from drills.obligations.kinds.reading import cadence_of
from drills.obligations.kinds.satisfaction import KINDS
from drills.obligations.models import Obligation, ObligationRecord, ObligationRule, RecordDetails


def periods(rule: ObligationRule, on: date, zone: tzinfo) -> list[Tile]:
    """What a report may be for: the period that holds ``on``, and those beside it.

    None where the day itself says what it counts for.
    """
    versions = [Version(one.valid_from, cadence_of(one.cadence)) for one in rule.versions]
    last = versions[-1].cadence
    if not isinstance(last, Periodic) or last.before is None:
        return []
    calendar = Calendar(versions, zone)
    here = calendar.period_of(on)
    ahead = calendar.period_of(date.fromordinal(here.end.toordinal() + 1))
    before = calendar.period_of(date.fromordinal(here.start.toordinal() - 1))
    return list(dict.fromkeys((before, here, ahead)))


def note(
    session: Session,
    obligation: Obligation,
    details: RecordDetails,
    *,
    by: Person,
    on: date,
    file: StoredFile | None = None,
) -> ObligationRecord:
    """Note that what ``obligation`` asks for was done; ``on`` is today."""
    rule = obligation.rule
    if not KINDS[rule.met_by].by_hand:
        raise NotAllowedNow(
            N_("“%(rule)s” is met by the register itself. Record the thing where it belongs."),
            rule=rule.title,
        )
    if details.done_on > on:
        raise DomainError(N_("That day is still to come. Note it once it is done."))
    record = ObligationRecord(
        rule=rule,
        subject_kind=obligation.subject_kind,
        subject_id=obligation.subject_id,
        unit_id=obligation.unit_id,
        done_on=details.done_on,
        period=details.period,
        document=details.document,
        note=details.note,
        file=file,
        recorded_by_id=by.id,
    )
    session.add(record)
    audit.record(session, "obligation.noted", record, by=by)
    return record


def withdraw(session: Session, record: ObligationRecord, *, by: Person, at: datetime) -> None:
    """The record stays to be read, and counts no more."""
    if record.withdrawn_at:
        raise NotAllowedNow(N_("This record has been taken back already."))
    with audit.changing(session, "obligation.withdrawn", record, by=by):
        record.withdrawn_at = at
        session.flush()
