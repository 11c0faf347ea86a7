"""Judging what came of a drill: verdicts, ratings of objectives, observations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.exercises.models import (
    Drill,
    Inject,
    InjectVerdict,
    Objective,
    Observation,
    Rating,
    Verdict,
)
from drills.exercises.services.drills import refuse_closed
from drills.exercises.services.msel import trail

Judged = tuple[Verdict | None, str]


@dataclass(frozen=True, slots=True)
class RatingDetails:
    rating: Rating | None
    score: float | None = None
    score_of: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ObservationDetails:
    text: str
    is_strength: bool = False
    inject_id: int | None = None
    objective_id: int | None = None
    side_id: int | None = None


def judge(
    session: Session,
    drill: Drill,
    verdicts: Mapping[tuple[int, int | None], Judged],
    *,
    by: Person | None,
) -> int:
    """Set or take back verdicts by inject and side; how many changed."""
    refuse_closed(drill)
    numbers = {
        row.id: row.number
        for row in session.execute(
            sa.select(Inject.id, Inject.number).where(Inject.drill_id == drill.id)
        )
    }
    query = sa.select(InjectVerdict).where(InjectVerdict.inject_id.in_(numbers))
    there = {(row.inject_id, row.side_id): row for row in session.scalars(query)}
    changes: dict[str, list[str]] = {}
    for key, (verdict, why) in verdicts.items():
        before = there.get(key)
        stands = (before.verdict, before.note) if before else (None, "")
        if key[0] not in numbers or stands == (verdict, why):
            continue
        if verdict is None and before is None:
            continue
        changes[f"{numbers[key[0]]}/{key[1] or ''}"] = [str(stands[0] or ""), str(verdict or "")]
        _set(session, before, key, (verdict, why), by)
    if changes:
        trail.note(session, "judged", drill, changes, by=by)
    return len(changes)


def _set(
    session: Session,
    row: InjectVerdict | None,
    key: tuple[int, int | None],
    judged: Judged,
    by: Person | None,
) -> None:
    verdict, note = judged
    if verdict is None:
        if row is not None:
            session.delete(row)
        return
    row = row or InjectVerdict(inject_id=key[0], side_id=key[1])
    row.verdict, row.note, row.by_id = verdict, note, by.id if by else None
    session.add(row)


def rate(
    session: Session,
    drill: Drill,
    ratings: Mapping[int, RatingDetails],
    *,
    by: Person | None,
    at: datetime,
) -> int:
    """Rate objectives, by their ids; how many changed."""
    refuse_closed(drill)
    changes: dict[str, list[str]] = {}
    for objective in objectives(session, drill):
        details = ratings.get(objective.id)
        if details is None or _as_rated(objective) == details:
            continue
        _refuse_wrong_score(objective, details)
        changes[objective.text[:80]] = [str(objective.rating or ""), str(details.rating or "")]
        objective.rating, objective.rating_note = details.rating, details.note
        objective.score, objective.score_of = details.score, details.score_of
        objective.rated_by_id, objective.rated_at = by.id if by else None, at
    if changes:
        audit.record(session, "rated", drill, by=by, changes=changes)
    return len(changes)


def _as_rated(objective: Objective) -> RatingDetails:
    return RatingDetails(
        objective.rating, objective.score, objective.score_of, objective.rating_note
    )


def _refuse_wrong_score(objective: Objective, details: RatingDetails) -> None:
    if details.score is None:
        return
    if details.score_of is None or not 0 <= details.score <= details.score_of:
        raise DomainError(
            N_("“%(objective)s”: give the highest score possible, and a score from 0 up to it."),
            objective=objective.text[:80],
        )


def objectives(session: Session, drill: Drill) -> list[Objective]:
    query = sa.select(Objective).where(Objective.drill_id == drill.id)
    return list(session.scalars(query.order_by(Objective.position, Objective.id)))


def observations(session: Session, drill: Drill) -> list[Observation]:
    query = sa.select(Observation).where(Observation.drill_id == drill.id)
    shown = (
        Observation.inject,
        Observation.objective,
        Observation.side,
        Observation.evaluator,
    )
    loaded = query.options(*(joinedload(one) for one in shown))
    return list(session.scalars(loaded.order_by(Observation.at.desc(), Observation.id.desc())))


def observe(
    session: Session, drill: Drill, details: ObservationDetails, *, by: Person, at: datetime
) -> Observation:
    refuse_closed(drill)
    seen = Observation(
        drill_id=drill.id,
        inject_id=details.inject_id,
        objective_id=details.objective_id,
        side_id=details.side_id,
        evaluator_id=by.id,
        at=at,
        text=details.text,
        is_strength=details.is_strength,
    )
    session.add(seen)
    audit.record(session, "observed", drill, by=by)
    return seen


def remove_observation(session: Session, seen: Observation, *, by: Person) -> None:
    refuse_closed(seen.drill)
    audit.record(session, "observation_removed", seen.drill, by=by)
    session.delete(seen)
