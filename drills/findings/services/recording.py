"""Recording what became of an action before it came into the register."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.findings.models import ActionEvent, ActionState, CorrectiveAction


@dataclass(frozen=True, slots=True)
class State:
    """Where an action stands, and by whom it was done and verified, as far as is known."""

    state: ActionState
    state_reason: str = ""
    evidence: str = ""
    done_by_id: int | None = None
    done_at: datetime | None = None
    verified_by_id: int | None = None
    verified_at: datetime | None = None


def record_state(
    session: Session, action: CorrectiveAction, state: State, *, by: Person | None, at: datetime
) -> None:
    """Write down the state as somebody's papers have it.

    The trail names who recorded it, not those who are said to have done it.
    """
    if state == State(ActionState.OPEN):
        return
    with audit.changing(session, "recorded_afterwards", action, by=by):
        for name, value in asdict(state).items():
            setattr(action, name, value)
        session.flush()
    session.add(
        ActionEvent(
            corrective_action_id=action.id,
            at=at,
            by_id=by.id if by else None,
            state=action.state,
            due_on=action.due_on,
            owner_id=action.owner_id,
            text=state.evidence or state.state_reason,
        )
    )
    session.flush()
