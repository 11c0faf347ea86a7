"""The statutory clocks of dossiers as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from drills.approvals.models import Dossier
from drills.approvals.models.clocks import CLOCKS, Clock
from drills.approvals.services.clocks import clocks
from drills.approvals.terms import clock_kind, clock_told
from drills.approvals.views.shown import today
from drills.extensions import db


@dataclass(frozen=True, slots=True)
class Shown:
    """A clock in words; ``kind`` is that of ``ui.state``."""

    kind: str
    text: str
    what: str


def clocks_of(dossiers: Sequence[Dossier]) -> dict[int, Shown]:
    """By id the clock that matters today, for the dossiers that have one."""
    found = clocks(db.session, dossiers, today())
    return {key: _shown(clock, today()) for key, clock in found.items() if clock}


def _shown(clock: Clock, on: date) -> Shown:
    return Shown(clock_kind(clock), clock_told(clock, on), str(_(CLOCKS[clock.kind])))
