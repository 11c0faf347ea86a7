"""Deciding: one dossier, several of one kind, and what a decision pins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.approvals.kinds import Body
from drills.approvals.models import Act, Dossier, Verdict
from drills.approvals.models.details import Ruling
from drills.approvals.services.aftercare import impose
from drills.approvals.services.asked import (
    allows_one_person,
    authority_of,
    kinds_of,
    review_due,
    rules_of,
)
from drills.approvals.services.duties import Barred, note
from drills.approvals.services.procedure import VERBS, admit, step
from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.systems.models import Decision, DecisionDetails, DecisionKind
from drills.systems.services import decisions as register


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row of a batch; ``error`` says why it was left out."""

    dossier: Dossier
    decision: Decision | None = None
    error: DomainError | None = None


def taken(session: Session, dossier: Dossier) -> list[Decision]:
    """The decisions recorded on a dossier, in the order they were."""
    query = sa.select(Decision).where(Decision.dossier_id == dossier.id).order_by(Decision.id)
    return list(session.scalars(query))


def wanted(session: Session, dossier: Dossier) -> list[DecisionKind]:
    """The decisions its rule set asks for that are still to be recorded."""
    known = {decision.kind for decision in taken(session, dossier)}
    return [kind for kind in kinds_of(dossier) if kind not in known]


def proposed(dossier: Dossier, kind: DecisionKind, *, by: Person, on: date) -> dict[str, Any]:
    """What the decision page offers: everything but the number follows from the dossier."""
    signer = dossier.approver or by
    return {
        "kind": kind,
        "signed_on": on,
        "authority": authority_for(dossier, kind),
        "signer": "" if _is_outside(dossier, kind) else signer.name,
        "signer_title": "" if _is_outside(dossier, kind) else signer.position,
        "review_due_on": review_due(dossier, on),
    }


def authority_for(dossier: Dossier, kind: DecisionKind) -> str:
    if _is_outside(dossier, kind) or dossier.approving_unit is None:
        return dossier.approving_body
    return dossier.approving_unit.name


def _is_outside(dossier: Dossier, kind: DecisionKind) -> bool:
    """Whether this decision is another body's, and only recorded here."""
    by = {one.kind: one.by for one in authority_of(dossier).decisions}.get(kind.value)
    return by in {Body.MINISTRY, Body.PRIME_MINISTER}


def approve(
    session: Session, dossier: Dossier, ruling: Ruling, *, by: Person, at: datetime, version: int
) -> Decision:
    """Record a decision. The dossier is approved once none that its rule set asks for is open."""
    standing = admit(session, dossier, Act.APPROVE, by=by, at=at, version=version)
    left = wanted(session, dossier)
    if ruling.kind not in left:
        raise DomainError(N_("This decision has been recorded already, or is not asked for here."))
    if dossier.verdict is Verdict.AGAINST:
        raise DomainError(
            N_("The appraisal is against this level. Refuse the dossier, or return it.")
        )
    _examine(dossier, ruling, on=at.astimezone(by.zone).date())
    stays = len(left) > 1
    with audit.changing(session, VERBS[Act.APPROVE], dossier, by=by):
        if not stays:
            dossier.decided_at = at
        step(session, dossier, Act.APPROVE, standing, by=by, at=at, text=ruling.number, stays=stays)
    papers = [revision.file for paper in dossier.papers for revision in paper.files[:1]]
    decision = register.enact(
        session,
        dossier.system,
        _details(dossier, ruling, is_one_person=standing.is_one_person),
        snapshot=register.snapshot_of(dossier.system, papers, dossier.regime),
        by=by,
        at=at,
    )
    for condition in ruling.conditions:
        impose(session, decision, condition, by=by)
    return decision


def _examine(dossier: Dossier, ruling: Ruling, on: date) -> None:
    if ruling.signed_on > on:
        raise DomainError(N_("The decision is dated in the future. Record it once it is signed."))
    if dossier.opinion_date and ruling.signed_on < dossier.opinion_date:
        raise DomainError(N_("The decision is dated before the opinion it rests on."))
    caution = [c for c in rules_of(dossier.regime).cautions_on(ruling.signed_on) if c.needs_basis]
    if caution and not ruling.basis:
        raise DomainError(
            N_("On that day the law had no decree. Write the legal basis of the decision by hand.")
        )


def _details(dossier: Dossier, ruling: Ruling, *, is_one_person: bool) -> DecisionDetails:
    return DecisionDetails(
        kind=ruling.kind,
        level=dossier.level,
        number=ruling.number,
        signed_on=ruling.signed_on,
        authority=ruling.authority,
        signer=ruling.signer,
        signer_title=ruling.signer_title,
        basis=ruling.basis,
        conditions="\n".join(condition.text for condition in ruling.conditions),
        valid_until=ruling.valid_until,
        review_due_on=ruling.review_due_on,
        dossier_id=dossier.id,
        regime_id=dossier.regime_id,
        is_one_person=is_one_person and allows_one_person(dossier),
    )


def decide_many(
    session: Session,
    rows: Sequence[tuple[Dossier, int]],
    ruling: Ruling,
    *,
    by: Person,
    at: datetime,
) -> list[Outcome]:
    """Record one decision for several dossiers of one kind, each examined for itself.

    Rows are dossiers with the version that was looked at. What is refused is left out and said;
    a refusal for the sake of duties is noted in the trail.
    """
    if len({sameness(dossier) for dossier, _version in rows}) > 1:
        raise DomainError(
            N_("Only dossiers of one level and one rule set can be decided on together.")
        )
    return [_one_of(session, *row, ruling, by=by, at=at) for row in rows]


def sameness(dossier: Dossier) -> tuple[int, int, Verdict | None]:
    """Dossiers that agree in this may be decided on by one document."""
    return dossier.level, dossier.regime_id, dossier.verdict


def _one_of(
    session: Session, dossier: Dossier, version: int, ruling: Ruling, *, by: Person, at: datetime
) -> Outcome:
    try:
        with session.begin_nested():
            decision = approve(session, dossier, ruling, by=by, at=at, version=version)
    except DomainError as error:
        if isinstance(error, Barred):
            note(session, error)
        return Outcome(dossier, error=error)
    return Outcome(dossier, decision)
