"""Who is on duty now in the teams a reader sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.roster.models import Rota, Team
from drills.roster.services.duty import Stretch, duty_between

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Watch:
    """A team that keeps duty, and who does now: nobody, if ``kept`` is empty."""

    team: Team
    kept: Sequence[Stretch]


def now(session: Session, person: Person, at: datetime) -> list[Watch]:
    """The first few teams by name."""
    seen: Any = visible(Team, person).join(Rota, Rota.team_id == Team.id)
    teams = session.scalars(seen.order_by(Team.sort, Team.id).limit(SHOWN)).all()
    found = duty_between(session, teams, at, at + timedelta(microseconds=1)) if teams else []
    return [Watch(team, [s for s in found if s.team.id == team.id]) for team in teams]
