"""The clocks of whole lists of dossiers, at the price of one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.approvals.models import Dossier, DossierEvent, Regime
from drills.approvals.models.clocks import Clock, clocks_of, running
from drills.approvals.services.asked import rules_of
from drills.workdays.models import WorkingCalendar
from drills.workdays.services import calendar

AHEAD = timedelta(days=120)
"""How far beyond today a due day may lie, and days off have to be known."""


def clocks(session: Session, dossiers: Sequence[Dossier], on: date) -> dict[int, Clock | None]:
    """By the id of each dossier the clock that matters on ``on``, if one does."""
    return {key: running(found) for key, found in all_clocks(session, dossiers, on).items()}


def all_clocks(session: Session, dossiers: Sequence[Dossier], on: date) -> dict[int, list[Clock]]:
    """By the id of each dossier every clock it has had. Three queries, however many there are."""
    if not dossiers:
        return {}
    events = _events(session, [dossier.id for dossier in dossiers])
    rules = _regimes(session, {dossier.regime_id for dossier in dossiers})
    days = _calendar(session, [e for found in events.values() for e in found], on)
    return {
        dossier.id: clocks_of(
            events[dossier.id], rules_of(rules[dossier.regime_id]), dossier.level, days, on
        )
        for dossier in dossiers
    }


def clock(session: Session, dossier: Dossier, on: date) -> Clock | None:
    return clocks(session, [dossier], on)[dossier.id]


def _events(session: Session, ids: Sequence[int]) -> dict[int, list[DossierEvent]]:
    query = (
        sa.select(DossierEvent).where(DossierEvent.dossier_id.in_(ids)).order_by(DossierEvent.id)
    )
    found: dict[int, list[DossierEvent]] = defaultdict(list)
    for event in session.scalars(query):
        found[event.dossier_id].append(event)
    return found


def _regimes(session: Session, ids: Iterable[int]) -> dict[int, Regime]:
    query = sa.select(Regime).where(Regime.id.in_(set(ids)))
    return {regime.id: regime for regime in session.scalars(query)}


def _calendar(session: Session, events: Iterable[DossierEvent], on: date) -> WorkingCalendar:
    first = min((event.on for event in events), default=on)
    return calendar(session, min(first, on), on + AHEAD)
