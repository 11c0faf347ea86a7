"""The statutory clocks of dossiers as their pages show them."""

from collections.abc import Sequence

from drills.approvals.models import Dossier
from drills.approvals.models.clocks import Clock
from drills.approvals.services.clocks import clocks
from drills.approvals.views.shown import today
from drills.extensions import db


def clocks_of(dossiers: Sequence[Dossier]) -> dict[int, Clock | None]:
    """By id the clock that matters today, None where none does."""
    return clocks(db.session, dossiers, today())
