"""What earlier drills left open, taken into the next one."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.exercises.models import Drill
from drills.extensions import db
from drills.findings.models import CorrectiveAction
from drills.findings.services import actions
from drills.findings.views.blueprint import bp
from drills.web.access import requires
from drills.web.session import current_person


@bp.app_template_global()
def left_open(drill: Drill) -> list[CorrectiveAction]:
    """What earlier drills left open and nobody has chosen for ``drill`` yet, for its plan."""
    found = actions.due_again(db.session, drill, current_person())
    return [action for action in found if action.retest_drill_id != drill.id]


@bp.post("/drills/<int:drill_id>/findings/carry-over")
@requires(Permission.FINDING_EDIT, on=Drill)
def carry_over(drill: Drill) -> ResponseReturnValue:
    """Only what was offered can be taken over."""
    ticked, person = set(request.form.getlist("id", type=int)), current_person()
    chosen = [a for a in actions.due_again(db.session, drill, person) if a.id in ticked]
    actions.carry_over(db.session, chosen, drill, by=person, at=clock.now())
    db.session.commit()
    if chosen:
        text = ngettext(
            "This drill tries %(num)s action again.",
            "This drill tries %(num)s actions again.",
            len(chosen),
        )
        flash(text, "success")
    else:
        flash(_("Tick the actions that this drill is to try again."), "error")
    return redirect(url_for(".of_drill", drill_id=drill.id))
