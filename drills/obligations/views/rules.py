"""Rules: the list, one with its subjects, and changing them with a look at what it does."""

from dataclasses import replace

import sqlalchemy as sa
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission, visible
from drills.approvals.kinds.reading import BadRules
from drills.approvals.kinds.writing import json_text
from drills.core.errors import DomainError
from drills.extensions import db
from drills.obligations import fresh, lists
from drills.obligations.forms.rules import FileForm, RuleForm, VersionForm
from drills.obligations.kinds.satisfaction import KINDS
from drills.obligations.lists import Wanted
from drills.obligations.models import (
    STANDINGS,
    SUBJECT_KINDS,
    Obligation,
    ObligationRule,
    RuleDetails,
    Standing,
)
from drills.obligations.services import rules as services
from drills.obligations.services.rules import Effect
from drills.obligations.views import words
from drills.obligations.views.blueprint import bp
from drills.obligations.views.shown import lines
from drills.obligations.views.wall import sayings, strip
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.forms import Form
from drills.web.pages import form_page, paged
from drills.web.session import current_person


@bp.get("/obligations/rules/")
@requires(Permission.OBLIGATION_VIEW)
def rules() -> ResponseReturnValue:
    fresh.refresh()
    late = (
        visible(Obligation, current_person())
        .where(Obligation.state == Standing.OVERDUE)
        .with_only_columns(Obligation.rule_id, sa.func.count())
        .group_by(Obligation.rule_id)
    )
    return render_template(
        "obligations/rules.html",
        rules=services.all_rules(db.session),
        overdue={row[0]: row[1] for row in db.session.execute(late)},
        today=fresh.today(),
        cadence=words.cadence,
        subject_kinds=SUBJECT_KINDS,
        kinds=KINDS,
    )


@bp.get("/obligations/rules/<int:obligation_rule_id>/")
@requires(Permission.OBLIGATION_VIEW, on=ObligationRule)
def rule(obligation_rule: ObligationRule) -> ResponseReturnValue:
    """Whom it asks, the loudest first; and what it says."""
    fresh.refresh()
    person = current_person()
    wanted = replace(Wanted.of(request.args), rules=(obligation_rule.id,))
    figures = lists.counts(db.session, wanted, person)
    page = paged(db.session, lists.obligations(wanted, person), lists.total(figures, wanted.states))
    return render_template(
        "obligations/rule.html",
        rule=obligation_rule,
        page=page,
        lines=lines(page.items),
        wanted=wanted,
        strip=strip(wanted, figures, rule=None),
        cadence=words.cadence,
        scope=words.scope,
        kinds=KINDS,
        **sayings(),
    )


@bp.get("/obligations/rules.json")
@requires(Permission.OBLIGATION_VIEW)
def rules_file() -> ResponseReturnValue:
    """All rules in the shape that can be handed in again."""
    found = [services.details_of(one) for one in services.all_rules(db.session)]
    headers = {"Content-Disposition": 'attachment; filename="obligations.json"'}
    return Response(json_text(services.written(found)), 200, headers, "application/json")


@bp.route("/obligations/rules/<int:obligation_rule_id>/edit", methods=["GET", "POST"])
@requires(Permission.OBLIGATION_RULES, on=ObligationRule)
def edit_rule(obligation_rule: ObligationRule) -> ResponseReturnValue:
    form = RuleForm(obj=obligation_rule)
    effect = None
    if form.validate_on_submit():
        details = form.applied(services.details_of(obligation_rule))
        if "preview" not in request.form:
            return _saved(form, [details]) or _form(form, obligation_rule)
        effect = _effect(form, details)
    return _form(form, obligation_rule, effect)


@bp.route("/obligations/rules/<int:obligation_rule_id>/version", methods=["GET", "POST"])
@requires(Permission.OBLIGATION_RULES, on=ObligationRule)
def new_version(obligation_rule: ObligationRule) -> ResponseReturnValue:
    """What the rule says from a day on; with the same day the version is replaced."""
    last = obligation_rule.versions[-1]
    form, effect = VersionForm.of(last), None
    if form.validate_on_submit():
        details = _with(obligation_rule, form)
        if "preview" not in request.form:
            return _saved(form, [details]) or _form(form, obligation_rule)
        effect = _effect(form, details)
    return _form(form, obligation_rule, effect)


def _with(rule: ObligationRule, form: VersionForm) -> RuleDetails:
    details, new = services.details_of(rule), form.details(rule.versions[-1])
    kept = [one for one in details.versions if one.valid_from < new.valid_from]
    return replace(details, versions=(*kept, new))


def _form(form: Form, rule: ObligationRule, effect: Effect | None = None) -> ResponseReturnValue:
    is_version = isinstance(form, VersionForm)
    return form_page(
        "obligations/rule_edit.html",
        form,
        rule=rule,
        effects=[effect] if effect else [],
        title=_("New version") if is_version else _("Edit the rule"),
        standings=STANDINGS,
    )


def _effect(form: Form, details: RuleDetails) -> Effect | None:
    """What saving would do, or None with the reasons above the form."""
    effects = _effects(form, [details])
    return effects[0] if effects else None


def _effects(form: Form, rules: list[RuleDetails]) -> list[Effect]:
    try:
        checked = services.read(json_text(services.written(rules)), is_json=True)
        return [services.preview(db.session, one, fresh.now(), fresh.zone()) for one in checked]
    except DomainError as error:
        form.form_errors = _said(error)
        return []


def _said(error: DomainError) -> list[str]:
    if isinstance(error, BadRules):
        return [f"{one.path}: {_(one.reason, **one.values)}" for one in error.faults]
    return [explain(error)]


def _saved(form: Form, rules: list[RuleDetails]) -> ResponseReturnValue | None:
    """The way on, or None with the reasons above the form."""
    try:
        checked = services.read(json_text(services.written(rules)), is_json=True)
        services.save(db.session, checked, fresh.today(), by=current_person())
    except DomainError as error:
        db.session.rollback()
        form.form_errors = _said(error)
        return None
    db.session.commit()
    flash(_("It has been saved."), "success")
    return redirect(url_for(".rules"))


@bp.route("/obligations/rules/upload", methods=["GET", "POST"])
@requires(Permission.OBLIGATION_RULES)
def upload_rules() -> ResponseReturnValue:
    """Rules as text: what they would do is shown first."""
    form, effects = FileForm(), []
    if form.validate_on_submit() and (found := _read(form)):
        if form.confirmed.data == form.text.data and (done := _saved(form, found)):
            return done
        effects = _effects(form, found)
        form.confirmed.data = form.text.data if effects else ""
    return form_page("obligations/rules_upload.html", form, effects=effects, standings=STANDINGS)


def _read(form: FileForm) -> list[RuleDetails]:
    text = form.text.data or ""
    try:
        return services.read(text, is_json=text.lstrip().startswith("{"))
    except BadRules as error:
        form.form_errors = _said(error)
        return []
