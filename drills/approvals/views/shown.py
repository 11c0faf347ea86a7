"""What pages of dossiers say of one: its history in words, whom it lies with, what may be done."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.models import Person
from drills.approvals.models import ACTS, NEXT, Act, Dossier, PaperState, State
from drills.approvals.models.desk import whole
from drills.approvals.models.parties import Party, party_of
from drills.approvals.services import duties
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.web.errors import explain
from drills.web.filters import moment
from drills.web.forms import Form

STATE_KINDS = {
    State.DRAFT: "work",
    State.SUBMITTED: "wait",
    State.IN_APPRAISAL: "wait",
    State.RETURNED: "turn",
    State.APPRAISED: "turn",
    State.APPROVED: "done",
    State.REFUSED: "late",
    State.WITHDRAWN: "idle",
}
PAPER_KINDS = {
    PaperState.NOT_STARTED: "turn",
    PaperState.IN_PROGRESS: "work",
    PaperState.DONE: "done",
}
BACK = {Act.RETURN, Act.REFUSE, Act.WITHDRAW, Act.OVERRIDE}


def today() -> date:
    return clock.today(get_timezone())


def loaded(identity: int) -> Dossier:
    """A dossier with all that its page shows."""
    query = sa.select(Dossier).where(Dossier.id == identity).options(*whole())
    return db.session.scalars(query).unique().one()


def history(dossier: Dossier) -> list[dict[str, Any]]:
    """The acts on a dossier, the newest first, reasons quoted."""
    return [
        {
            "title": _(ACTS[event.act]).capitalize() if not event.by else _title(event),
            "kind": "back" if event.act in BACK else "done",
            "at": moment(event.at),
            "iso": event.at.isoformat(),
            "quote": event.text,
        }
        for event in reversed(dossier.events)
    ]


def _title(event: Any) -> str:
    who, act = event.by.name, _(ACTS[event.act])
    if event.on_behalf_of:
        return str(
            _(
                "%(who)s, in place of %(other)s, %(act)s",
                who=who,
                other=event.on_behalf_of.name,
                act=act,
            )
        )
    return str(_("%(who)s %(act)s", who=who, act=act))


def possible(dossier: Dossier, person: Person) -> tuple[list[Act], list[str]]:
    """The acts that ``person`` may do now, and why they may not do the others of their party."""
    reasons: dict[Party, DomainError | None] = {}
    acts: list[Act] = []
    for act in NEXT[dossier.state]:
        party = party_of(act, dossier.state)
        if party not in reasons:
            reasons[party] = duties.barrier(db.session, dossier, act, by=person, on=today())
        if reasons[party] is None:
            acts.append(act)
    told = [error for error in reasons.values() if isinstance(error, duties.Barred)]
    return acts, [explain(error) for error in told if error.values.get("part")]


def mend(form: Form, error: DomainError) -> None:
    """Put a mistake of the domain on top of the form; what is no mistake of theirs goes on."""
    if error.status != 422:
        raise error
    db.session.rollback()
    form.form_errors = [explain(error)]
