"""Exemptions: one person asks, another decides."""

from datetime import datetime

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow, Refused
from drills.core.text import N_
from drills.obligations.models import Exemption, ExemptionDetails, ExemptionState, Obligation


def ask(
    session: Session, obligation: Obligation, details: ExemptionDetails, *, by: Person
) -> Exemption:
    if details.to_on < details.from_on:
        raise DomainError(N_("The exemption ends before it begins. Change one of the two days."))
    due = obligation.next_due_on
    if due is None or not details.from_on <= due <= details.to_on:
        raise DomainError(
            N_("Nothing is due between these days. The next day due must lie within.")
        )
    exemption = Exemption(
        rule=obligation.rule,
        subject_kind=obligation.subject_kind,
        subject_id=obligation.subject_id,
        unit_id=obligation.unit_id,
        from_on=details.from_on,
        to_on=details.to_on,
        reason=details.reason,
        document=details.document,
        asked_by_id=by.id,
    )
    session.add(exemption)
    audit.record(session, "exemption.asked", exemption, by=by)
    return exemption


def decide(
    session: Session,
    exemption: Exemption,
    *,
    is_approved: bool,
    note: str,
    by: Person,
    at: datetime,
) -> None:
    """Approve or refuse; never by whoever asked."""
    if exemption.state is not ExemptionState.ASKED:
        raise NotAllowedNow(N_("This exemption has been decided already."))
    if exemption.asked_by_id == by.id:
        raise Refused(N_("Somebody else decides on what you asked for."))
    state = ExemptionState.APPROVED if is_approved else ExemptionState.REFUSED
    with audit.changing(session, f"exemption.{state.value}", exemption, by=by):
        exemption.state, exemption.decided_by_id, exemption.decided_at = state, by.id, at
        exemption.decision_note = note
        session.flush()


def end(session: Session, exemption: Exemption, *, note: str, by: Person) -> None:
    """From now on the duty is asked for again."""
    if exemption.state is not ExemptionState.APPROVED:
        raise NotAllowedNow(N_("Only an approved exemption can be ended."))
    with audit.changing(session, "exemption.ended", exemption, by=by):
        exemption.state = ExemptionState.ENDED
        exemption.decision_note = "\n".join(
            part for part in (exemption.decision_note, note) if part
        )
        session.flush()
