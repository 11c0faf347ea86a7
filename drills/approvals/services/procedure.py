"""What is done to a dossier, act by act: each goes through the table of states and the duties."""

from datetime import date, datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from drills.accounts.models import Person
from drills.approvals.models import NEXT, Act, Dossier, DossierEvent, State
from drills.approvals.models.details import Opinion, Receipt
from drills.approvals.services.dossiers import STALE, day_of, missing
from drills.approvals.services.duties import Standing, refuse_conflict
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.core.text import N_
from drills.systems.models import Approval, DecisionKind
from drills.systems.services.decisions import set_stage

VERBS = {
    Act.SUBMIT: "dossier.submitted",
    Act.RECEIVE: "dossier.received",
    Act.RETURN: "dossier.returned",
    Act.RESUBMIT: "dossier.resubmitted",
    Act.APPRAISE: "dossier.appraised",
    Act.APPROVE: "dossier.approved",
    Act.REFUSE: "dossier.refused",
    Act.WITHDRAW: "dossier.withdrawn",
}
STAGES = {
    State.SUBMITTED: Approval.SENT,
    State.IN_APPRAISAL: Approval.SENT,
    State.RETURNED: Approval.DRAFTING,
    State.APPRAISED: Approval.APPRAISED,
    State.REFUSED: Approval.NONE,
    State.WITHDRAWN: Approval.NONE,
}
"""What the register says of the system of a dossier; a decision in force outweighs it."""


def submit(
    session: Session, dossier: Dossier, *, by: Person, at: datetime, version: int, text: str = ""
) -> None:
    """Send a dossier, or one that was returned again. DomainError names the papers missing."""
    act = Act.RESUBMIT if dossier.state is State.RETURNED else Act.SUBMIT
    standing = admit(session, dossier, act, by=by, at=at, version=version)
    if lacking := missing(dossier):
        raise DomainError(
            N_("These papers are not done: %(papers)s. Finish them, then send the dossier."),
            papers=", ".join(paper.label for paper in lacking),
        )
    if not (dossier.appraising_unit_id or dossier.appraising_body):
        raise DomainError(N_("Say who appraises the dossier before you send it."))
    if not (dossier.approving_unit_id or dossier.approving_body):
        raise DomainError(N_("Say who approves the dossier before you send it."))
    with audit.changing(session, VERBS[act], dossier, by=by):
        if act is Act.SUBMIT:
            dossier.submitted_at = at
        dossier.return_reason = ""
        step(session, dossier, act, standing, by=by, at=at, text=text)


def receive(
    session: Session, dossier: Dossier, receipt: Receipt, *, by: Person, at: datetime, version: int
) -> None:
    """Say that the dossier is complete: from that day the clock of the appraisal runs."""
    standing = admit(session, dossier, Act.RECEIVE, by=by, at=at, version=version)
    today, sent = day_of(at, by), _last_sent(dossier)
    if receipt.on > today or (sent and receipt.on < sent):
        raise DomainError(
            N_("The dossier was complete between the day it was sent and today. Correct the day.")
        )
    with audit.changing(session, VERBS[Act.RECEIVE], dossier, by=by):
        dossier.independent_body = receipt.independent_body or dossier.independent_body
        if _judges_itself(dossier) and not dossier.independent_body:
            raise DomainError(
                N_(
                    "%(unit)s operates this system as well. Name the independent council or unit "
                    "that appraises in its place."
                ),
                unit=dossier.appraising_unit.name if dossier.appraising_unit else "",
            )
        dossier.received_on = receipt.on
        step(session, dossier, Act.RECEIVE, standing, by=by, at=at, on=receipt.on)


def return_(
    session: Session, dossier: Dossier, reason: str, *, by: Person, at: datetime, version: int
) -> None:
    """Send the dossier back for supplement: the clock stands until it comes again."""
    standing = admit(session, dossier, Act.RETURN, by=by, at=at, version=version)
    _ask_reason(reason)
    with audit.changing(session, VERBS[Act.RETURN], dossier, by=by):
        dossier.return_reason = reason
        _forget_opinion(dossier)
        step(session, dossier, Act.RETURN, standing, by=by, at=at, text=reason)


def appraise(
    session: Session, dossier: Dossier, opinion: Opinion, *, by: Person, at: datetime, version: int
) -> None:
    """Record the outcome of the appraisal."""
    standing = admit(session, dossier, Act.APPRAISE, by=by, at=at, version=version)
    if not opinion.text:
        raise DomainError(N_("Write the opinion: on what grounds the level is right or wrong."))
    if opinion.on > day_of(at, by) or (dossier.received_on and opinion.on < dossier.received_on):
        raise DomainError(
            N_("The opinion is dated between the day the dossier was complete and today.")
        )
    with audit.changing(session, VERBS[Act.APPRAISE], dossier, by=by):
        dossier.verdict, dossier.opinion = opinion.verdict, opinion.text
        dossier.opinion_number, dossier.opinion_date = opinion.number, opinion.on
        dossier.appraised_at = at
        step(session, dossier, Act.APPRAISE, standing, by=by, at=at, text=opinion.text)


def refuse(
    session: Session, dossier: Dossier, reason: str, *, by: Person, at: datetime, version: int
) -> None:
    """Decide against the dossier; it is closed, and a new one may be opened."""
    standing = admit(session, dossier, Act.REFUSE, by=by, at=at, version=version)
    _ask_reason(reason)
    with audit.changing(session, VERBS[Act.REFUSE], dossier, by=by):
        dossier.decided_at = at
        step(session, dossier, Act.REFUSE, standing, by=by, at=at, text=reason)


def withdraw(
    session: Session, dossier: Dossier, reason: str, *, by: Person, at: datetime, version: int
) -> None:
    """Take a dossier back before it is decided on."""
    standing = admit(session, dossier, Act.WITHDRAW, by=by, at=at, version=version)
    _ask_reason(reason)
    with audit.changing(session, VERBS[Act.WITHDRAW], dossier, by=by):
        step(session, dossier, Act.WITHDRAW, standing, by=by, at=at, text=reason)


def admit(
    session: Session, dossier: Dossier, act: Act, *, by: Person, at: datetime, version: int
) -> Standing:
    """The standing in which ``by`` may do ``act`` now; Barred, NotAllowedNow or Conflict.

    The dossier is read anew and held: who acts on it at the same time waits, then finds its new
    version, and not a half-told reason from what the other has written meanwhile.
    """
    session.refresh(dossier, ["version", "state"], with_for_update=True)
    standing = refuse_conflict(session, dossier, act, by=by, on=day_of(at, by))
    if dossier.version != version:
        raise Conflict(STALE)
    if act not in NEXT[dossier.state]:
        raise NotAllowedNow(
            N_("The dossier is “%(state)s”: this cannot be done now."), state=dossier.state_label
        )
    return standing


def step(  # noqa: PLR0913 - an act is who, what, when, in whose place and with what words
    session: Session,
    dossier: Dossier,
    act: Act,
    standing: Standing,
    *,
    by: Person,
    at: datetime,
    on: date | None = None,
    text: str = "",
    stays: bool = False,
) -> None:
    """Move the dossier as the table says and note the event; ``stays``: one decision of two."""
    before = dossier.state
    dossier.state = before if stays else NEXT[before][act]
    dossier.updated_at = at
    day = on or day_of(at, by)
    principal, delegation = standing.principal, standing.delegation
    if standing.override is not None and standing.override.act is act:
        standing.override.used_at = at
        _note(dossier, Act.OVERRIDE, before, by=by, at=at, on=day, text=standing.override.reason)
    event = _note(dossier, act, dossier.state, by=by, at=at, on=day, text=text)
    if delegation is not None and principal is not None:
        event.for_id, event.delegation_id = principal.id, delegation.id
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(STALE) from error
    if stage := STAGES.get(dossier.state):
        set_stage(session, dossier.system, stage)


def _note(  # noqa: PLR0913 - the columns of an event
    dossier: Dossier, act: Act, state: State, *, by: Person, at: datetime, on: date, text: str
) -> DossierEvent:
    event = DossierEvent(act=act, at=at, on=on, by_id=by.id, text=text, state_after=state)
    dossier.events.append(event)
    return event


def _ask_reason(reason: str) -> None:
    if not reason:
        raise DomainError(N_("Say why: the reason is quoted in the history."))


def _forget_opinion(dossier: Dossier) -> None:
    """A dossier that comes back is appraised anew; the earlier opinion stays in its events."""
    dossier.verdict, dossier.opinion = None, ""
    dossier.opinion_number, dossier.opinion_date, dossier.appraised_at = "", None, None


def _judges_itself(dossier: Dossier) -> bool:
    unit = dossier.appraising_unit
    return unit is not None and dossier.system.operator.lies_under(unit.path)


def _last_sent(dossier: Dossier) -> date | None:
    sent = [e.on for e in dossier.events if e.act in {Act.SUBMIT, Act.RESUBMIT}]
    return sent[-1] if sent else None


def kinds_wanted(asked: tuple[DecisionKind, ...], taken: set[DecisionKind]) -> list[DecisionKind]:
    """The decisions that a dossier still needs."""
    return [kind for kind in asked if kind not in taken]
