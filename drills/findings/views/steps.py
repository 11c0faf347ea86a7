"""What is done to an action on its way: begun, done, verified, reopened, given up, tried again."""

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.files import services as files
from drills.files.receiving import folder, limit
from drills.findings.forms import DoneForm, NoteForm, ReasonForm, RetestForm
from drills.findings.models import CorrectiveAction
from drills.findings.services import actions as services
from drills.findings.views.blueprint import bp
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.forms import Form
from drills.web.pages import form_page, saved
from drills.web.session import current_person


@bp.post("/actions/<int:corrective_action_id>/begin")
@requires(Permission.ACTION_WORK, on=CorrectiveAction)
def begin(corrective_action: CorrectiveAction) -> ResponseReturnValue:
    services.begin(db.session, corrective_action, by=current_person(), at=clock.now())
    return _saved(corrective_action)


@bp.route("/actions/<int:corrective_action_id>/done", methods=["GET", "POST"])
@requires(Permission.ACTION_WORK, on=CorrectiveAction)
def done(corrective_action: CorrectiveAction) -> ResponseReturnValue:
    form = DoneForm(data={"evidence": corrective_action.evidence})
    return _step(corrective_action, form, _report, _l("Say that it is done"), _l("It is done"))


def _report(action: CorrectiveAction, form: Any) -> None:
    by, now = current_person(), clock.now()
    if upload := form.file.data:
        kept = files.keep(
            db.session, upload.stream, upload.filename, by=by, folder=folder(), limit=limit()
        )
        services.attach(db.session, action, kept, by=by, at=now)
    services.report_done(db.session, action, form.evidence.data or "", by=by, at=now)


@bp.route("/actions/<int:corrective_action_id>/verify", methods=["GET", "POST"])
@requires(Permission.ACTION_VERIFY, on=CorrectiveAction)
def verify(corrective_action: CorrectiveAction) -> ResponseReturnValue:
    services.refuse_own(corrective_action, current_person())
    form = NoteForm()
    return _step(corrective_action, form, _verify, _l("Verify that it was done"), _l("It was done"))


def _verify(action: CorrectiveAction, form: Any) -> None:
    note = form.note.data or ""
    services.verify(db.session, action, note, by=current_person(), at=clock.now())


@bp.route("/actions/<int:corrective_action_id>/reopen", methods=["GET", "POST"])
@requires(Permission.ACTION_VERIFY, on=CorrectiveAction)
def reopen(corrective_action: CorrectiveAction) -> ResponseReturnValue:
    return _step(corrective_action, ReasonForm(), _reopen, _l("Reopen the action"), _l("Reopen"))


def _reopen(action: CorrectiveAction, form: Any) -> None:
    services.reopen(db.session, action, form.reason.data, by=current_person(), at=clock.now())


@bp.route("/actions/<int:corrective_action_id>/cancel", methods=["GET", "POST"])
@requires(Permission.FINDING_EDIT, on=CorrectiveAction)
def cancel(corrective_action: CorrectiveAction) -> ResponseReturnValue:
    form = ReasonForm()
    return _step(corrective_action, form, _cancel, _l("Give the action up"), _l("Give it up"))


def _cancel(action: CorrectiveAction, form: Any) -> None:
    services.cancel(db.session, action, form.reason.data, by=current_person(), at=clock.now())


@bp.route("/actions/<int:corrective_action_id>/retest", methods=["GET", "POST"])
@requires(Permission.ACTION_VERIFY, on=CorrectiveAction)
def retest(corrective_action: CorrectiveAction) -> ResponseReturnValue:
    services.refuse_own(corrective_action, current_person())
    form = RetestForm()
    return _step(
        corrective_action, form, _retest, _l("What the retest has shown"), _l("Note the result")
    )


def _retest(action: CorrectiveAction, form: Any) -> None:
    result, note = form.result.data, form.note.data or ""
    services.note_retest(db.session, action, result, note, by=current_person(), at=clock.now())


def _step(
    action: CorrectiveAction,
    form: Form,
    act: Callable[[CorrectiveAction, Any], None],
    title: Any,
    button: Any,
) -> ResponseReturnValue:
    """A page that asks one thing; a rule that forbids the step is said above the form."""
    if form.validate_on_submit():
        try:
            act(action, form)
        except DomainError as error:
            db.session.rollback()
            if error.status == 403:
                raise
            form.form_errors = [explain(error)]
        else:
            return _saved(action)
    return form_page("findings/step.html", form, action=action, title=title, button=button)


def _saved(action: CorrectiveAction) -> ResponseReturnValue:
    return saved(
        url_for(".show", corrective_action_id=action.id),
        _("%(code)s: %(state)s.", code=action.code, state=_(action.state_label)),
    )
