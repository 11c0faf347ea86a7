"""Rules: when whom is reminded, and what a change of one would change."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.reminders import lists, services
from drills.reminders.forms import RuleForm
from drills.reminders.kinds import AUDIENCES, BECAUSE, KINDS
from drills.reminders.models import CHANNEL_POLICIES, HOURS, ReminderRule
from drills.reminders.services import comparing
from drills.reminders.views.blueprint import bp
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.get("/reminders/rules/")
@requires(Permission.REMINDER_EDIT)
def rules() -> ResponseReturnValue:
    every = services.all_rules(db.session)
    by_kind = {key: [rule for rule in every if rule.kind == key] for key in KINDS}
    words = {"audiences": AUDIENCES, "hours": HOURS, "channels": CHANNEL_POLICIES}
    return render_template("reminders/rules.html", kinds=KINDS, rules=by_kind, **words)


@bp.route("/reminders/rules/<kind>/add", methods=["GET", "POST"])
@requires(Permission.REMINDER_EDIT)
def add_rule(kind: str) -> ResponseReturnValue:
    return _page(RuleForm(KINDS.get(kind) or abort(404)), None)


@bp.route("/reminders/rules/<int:reminder_rule_id>/edit", methods=["GET", "POST"])
@requires(Permission.REMINDER_EDIT, on=ReminderRule)
def edit_rule(reminder_rule: ReminderRule) -> ResponseReturnValue:
    named = tuple(one.person_id for one in reminder_rule.named)
    form = RuleForm(reminder_rule.about, obj=reminder_rule, data={"person_ids": named})
    return _page(form, reminder_rule)


def _page(form: RuleForm, rule: ReminderRule | None) -> ResponseReturnValue:
    """First what would change, then, with the button that says so, the change."""
    change = None
    if form.validate_on_submit():
        try:
            if "save" in request.form:
                return _save(form, rule)
            change = _compare(form, rule)
        except DomainError as error:
            db.session.rollback()
            form.form_errors.append(explain(error))
    return form_page(
        "reminders/rule.html", form, kind=form.kind, rule=rule, change=change, because=BECAUSE
    )


def _compare(form: RuleForm, rule: ReminderRule | None) -> comparing.Change:
    now, person = clock.now(), current_person()
    with comparing.undone(db.session):
        return comparing.compare(
            db.session,
            form.kind.key,
            lambda: _write(form, rule),
            person,
            now=now,
            until=now + lists.AHEAD,
        )


def _write(form: RuleForm, rule: ReminderRule | None) -> None:
    if rule is None:
        services.add_rule(db.session, form.details(), by=current_person())
    else:
        services.revise_rule(db.session, rule, form.details(), by=current_person())


def _save(form: RuleForm, rule: ReminderRule | None) -> ResponseReturnValue:
    _write(form, rule)
    db.session.commit()
    flash(_("The rule has been saved. It takes effect within a minute."), "success")
    return redirect(url_for(".rules", _anchor=form.kind.key))


@bp.post("/reminders/rules/<int:reminder_rule_id>/switch")
@requires(Permission.REMINDER_EDIT, on=ReminderRule)
def switch_rule(reminder_rule: ReminderRule) -> ResponseReturnValue:
    is_on = request.form.get("on") == "yes"
    services.switch_rule(db.session, reminder_rule, on=is_on, by=current_person())
    db.session.commit()
    flash(_("It is switched on.") if is_on else _("It is switched off."), "success")
    return redirect(url_for(".rules", _anchor=reminder_rule.kind))


@bp.post("/reminders/rules/<int:reminder_rule_id>/delete")
@requires(Permission.REMINDER_EDIT, on=ReminderRule)
def delete_rule(reminder_rule: ReminderRule) -> ResponseReturnValue:
    services.delete_rule(db.session, reminder_rule, by=current_person())
    db.session.commit()
    flash(_("The lead time has been deleted."), "success")
    return redirect(url_for(".rules", _anchor=reminder_rule.kind))
