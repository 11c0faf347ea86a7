"""Adding and changing rules, each time with a look at what it would do before it is saved."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.approvals.kinds.reading import BadRules, Fault
from drills.approvals.kinds.writing import json_text
from drills.core.errors import DomainError
from drills.extensions import db
from drills.obligations import fresh
from drills.obligations.forms.choosing import ChoiceForm
from drills.obligations.forms.rules import FileForm, NewRuleForm, RuleForm, VersionForm
from drills.obligations.models import STANDINGS, ObligationRule, RuleDetails
from drills.obligations.services import rules as services
from drills.obligations.services.keys import free_key
from drills.obligations.services.rules import Effect
from drills.obligations.views.blueprint import bp
from drills.units.services.lists import tiers
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.forms import Form
from drills.web.language import spoken
from drills.web.pages import form_page, saved
from drills.web.session import current_person

_TYPED_AS = {"vi": "title_vi", "en": "title_en", "lead_days": "lead"}
"""Fields that are called otherwise in files."""


@bp.route("/obligations/rules/new", methods=["GET", "POST"])
@requires(Permission.OBLIGATION_RULES)
def new_rule() -> ResponseReturnValue:
    """What it is about is chosen first and stands in the address; the rest is sent to it."""
    asked = ChoiceForm(request.args, meta={"csrf": False})
    asked.offer()
    choice = asked.choice()
    if choice is None:
        return form_page("obligations/rule_choose.html", asked)
    form = NewRuleForm.begun(choice, _tiers(), fresh.today())
    return _change(
        form,
        lambda: form.rule(choice, free_key(db.session, form.title_vi.data)),
        title=_("Add a rule"),
        choice=choice,
    )


@bp.route("/obligations/rules/<int:obligation_rule_id>/edit", methods=["GET", "POST"])
@requires(Permission.OBLIGATION_RULES, on=ObligationRule)
def edit_rule(obligation_rule: ObligationRule) -> ResponseReturnValue:
    form = RuleForm(obj=obligation_rule)
    return _change(
        form,
        lambda: form.applied(services.details_of(obligation_rule)),
        title=_("Edit the rule"),
        rule=obligation_rule,
    )


@bp.route("/obligations/rules/<int:obligation_rule_id>/version", methods=["GET", "POST"])
@requires(Permission.OBLIGATION_RULES, on=ObligationRule)
def new_version(obligation_rule: ObligationRule) -> ResponseReturnValue:
    """What the rule says from a day on; with the same day the version is replaced."""
    form = VersionForm.after(obligation_rule, _tiers())
    return _change(
        form,
        lambda: _with(services.details_of(obligation_rule), form),
        title=_("New version"),
        rule=obligation_rule,
    )


def _tiers() -> list[tuple[str, str]]:
    return [(tier.code, tier.title(spoken())) for tier in tiers(db.session)]


def _with(details: RuleDetails, form: VersionForm) -> RuleDetails:
    new = form.details()
    kept = [one for one in details.versions if one.valid_from < new.valid_from]
    return replace(details, versions=(*kept, new))


def _change(form: Form, details: Callable[[], RuleDetails], **page: Any) -> ResponseReturnValue:
    """Save what was typed and go to the rule, or show what it would do, or what is wrong."""
    effects: list[Effect] = []
    if form.validate_on_submit():
        rules = [details()]
        if "preview" in request.form:
            effects = _effects(form, rules)
        elif found := _save(form, rules):
            to = url_for(".rule", obligation_rule_id=found[0].id)
            return saved(to, _("It has been saved."))
    return form_page(
        "obligations/rule_edit.html",
        form,
        effects=effects,
        standings=STANDINGS,
        **{"rule": None, "choice": None} | page,
    )


def _effects(form: Form, rules: list[RuleDetails]) -> list[Effect]:
    """What saving would do, or nothing, with the reasons at the form."""
    try:
        checked = services.read(json_text(services.written(rules)), is_json=True)
        return [services.preview(db.session, one, fresh.now(), fresh.zone()) for one in checked]
    except DomainError as error:
        _tell(form, error)
        return []


def _save(form: Form, rules: list[RuleDetails]) -> list[ObligationRule]:
    """The rules as saved, or nothing, with the reasons at the form."""
    try:
        checked = services.read(json_text(services.written(rules)), is_json=True)
        return services.save(db.session, checked, fresh.today(), by=current_person())
    except DomainError as error:
        db.session.rollback()
        _tell(form, error)
        return []


def _tell(form: Form, error: DomainError) -> None:
    """Say what is wrong beside the field it is about, or above the form."""
    if not isinstance(error, BadRules):
        form.form_errors = [explain(error)]
        return
    form.form_errors = []
    for fault in error.faults:
        name = fault.path.rpartition(".")[2]
        name = _TYPED_AS.get(name, name)
        if name in form:
            form[name].errors = [*form[name].errors, _(fault.reason, **fault.values)]
        else:
            form.form_errors.append(_placed(fault))


def _placed(fault: Fault) -> str:
    return f"{fault.path}: {_(fault.reason, **fault.values)}"


@bp.route("/obligations/rules/upload", methods=["GET", "POST"])
@requires(Permission.OBLIGATION_RULES)
def upload_rules() -> ResponseReturnValue:
    """Rules as text: what they would do is shown first."""
    form, effects = FileForm(), []
    if form.validate_on_submit() and (found := _read(form)):
        if form.confirmed.data == form.text.data and _save(form, found):
            return saved(url_for(".rules"), _("It has been saved."))
        effects = _effects(form, found)
        form.confirmed.data = form.text.data if effects else ""
    return form_page("obligations/rules_upload.html", form, effects=effects, standings=STANDINGS)


def _read(form: FileForm) -> list[RuleDetails]:
    text = form.text.data or ""
    try:
        return services.read(text, is_json=text.lstrip().startswith("{"))
    except BadRules as error:
        _tell(form, error)
        return []
