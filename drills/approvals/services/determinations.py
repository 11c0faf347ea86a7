"""Determining a level: what was answered, what follows by the rule set, what was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.approvals.kinds import LEVELS, Criterion, Question, Rules, propose
from drills.approvals.models import Determination, Regime
from drills.approvals.services.asked import rules_of
from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.systems.models import InformationSystem, SystemStatus

REASON_MAX = 5000
_HELD = {
    "public": "has_public_information",
    "private": "has_private_information",
    "personal": "has_personal_data",
    "state_secrets": "has_state_secrets",
}
"""Kinds of information, with the column of the record that says whether a system holds them."""


@dataclass(frozen=True, slots=True)
class DeterminationDetails:
    """``answers`` by question key; ``override_reason`` says why another level was chosen."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    level: int = 1
    override_reason: str = ""


def determine(
    session: Session,
    system: InformationSystem,
    regime: Regime,
    details: DeterminationDetails,
    *,
    by: Person | None,
    at: datetime,
) -> Determination:
    """Record the level of ``system`` by ``regime``. DomainError for another level unexplained.

    Nothing in the register changes: the level is proposed with a dossier.
    """
    if system.status is SystemStatus.DECOMMISSIONED:
        raise DomainError(N_("%(code)s is out of use: it needs no level."), code=system.code)
    rules = rules_of(regime)
    answers = clean(rules, details.answers)
    proposal = propose(rules, answers)
    _examine(details, proposal.level)
    found = Determination(
        system=system,
        regime=regime,
        answers=answers,
        reasons=[_reason(criterion) for criterion in proposal.reasons],
        proposed_level=proposal.level,
        level=details.level,
        override_reason=details.override_reason if details.level != proposal.level else "",
        at=at,
        by_id=by.id if by else None,
    )
    session.add(found)
    session.flush()
    audit.record(session, "determined", system, by=by, changes=_changes(found))
    return found


def _examine(details: DeterminationDetails, proposed: int) -> None:
    if details.level not in LEVELS:
        raise DomainError(N_("A level is a number from 1 to 5."))
    if details.level != proposed and not details.override_reason:
        raise DomainError(
            N_(
                "The answers lead to level %(proposed)s. Say why level %(level)s is right, or "
                "take level %(proposed)s."
            ),
            proposed=proposed,
            level=details.level,
        )
    if len(details.override_reason) > REASON_MAX:
        raise DomainError(N_("The reason is longer than %(max)s characters."), max=REASON_MAX)


def _reason(criterion: Criterion) -> dict[str, Any]:
    return {
        "key": criterion.key,
        "level": criterion.level,
        "article": criterion.article,
        "vi": criterion.text.vi,
        "en": criterion.text.en,
    }


def _changes(found: Determination) -> dict[str, Any]:
    changes = {
        "proposed_level": ["", str(found.proposed_level)],
        "level": ["", str(found.level)],
    }
    if found.override_reason:
        changes["override_reason"] = ["", found.override_reason]
    return changes


def clean(rules: Rules, answers: Mapping[str, Any]) -> dict[str, Any]:
    """``answers`` to the questions of ``rules`` and nothing else, each of its question's kind."""
    return {one.key: _clean(one, answers.get(one.key)) for one in rules.questions}


def _clean(question: Question, value: Any) -> Any:
    if question.kind == "number":
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return max(0, value) if is_number else 0
    if question.kind == "yes":
        return value is True
    keys = [option.key for option in question.options]
    if question.kind == "many":
        given = value if isinstance(value, list | tuple | set) else ()
        return [key for key in keys if key in given]
    return value if value in keys else keys[0]


def first_answers(
    rules: Rules, system: InformationSystem, last: Determination | None
) -> dict[str, Any]:
    """What is known before anybody answers: the record, and what was answered the last time."""
    known = clean(rules, last.answers if last else {})
    for question in rules.questions:
        if question.record:
            known[question.key] = _recorded(system)[question.record]
    return known


def _recorded(system: InformationSystem) -> dict[str, Any]:
    held = [key for key, column in _HELD.items() if getattr(system, column)]
    return {"kind": str(system.kind), "information": held}


def differs_from_record(
    rules: Rules, system: InformationSystem, answers: Mapping[str, Any]
) -> list[Question]:
    """The questions that were answered otherwise than the record of the system says."""
    recorded = _recorded(system)
    return [
        one
        for one in rules.questions
        if one.record and _clean(one, recorded[one.record]) != answers.get(one.key)
    ]


def history(session: Session, system: InformationSystem) -> list[Determination]:
    """Every determination of a system, the newest first."""
    query = (
        sa.select(Determination)
        .where(Determination.system_id == system.id)
        .order_by(Determination.id.desc())
        .options(joinedload(Determination.regime))
        .options(joinedload(Determination.by).lazyload(Person.grants))
    )
    return list(session.scalars(query).unique())
