"""Rule sets: the list, one as tables, what changed, and a new version of it."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.approvals.forms.regimes import (
    PARTS,
    Group,
    RulesForm,
    UploadRulesForm,
    groups_of,
    rules_form,
)
from drills.approvals.kinds import (
    BODIES,
    DECISIONS,
    INTERVALS,
    LEVELS,
    STARTS,
    UNITS,
    WORDS,
    BadRules,
    Rules,
    differences,
    json_text,
    parse,
    toml_text,
    written,
)
from drills.approvals.models import Regime
from drills.approvals.services import regimes
from drills.approvals.services.asked import rules_of
from drills.approvals.terms import clock_kind, clock_told, language, term
from drills.approvals.views.blueprint import bp
from drills.approvals.views.places import place
from drills.approvals.views.shown import today
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page
from drills.web.session import current_person

FILES = {"toml": ("application/toml", toml_text), "json": ("application/json", json_text)}
SECTIONS = {
    "criteria": PARTS["criteria"],
    "authorities": PARTS["authorities"],
    "papers": PARTS["papers"],
    "limits": PARTS["limits"],
    "intervals": PARTS["intervals"],
    "measures": N_("Measures of the plan"),
    "notes": N_("Remarks"),
}
"""The parts of the page, by the anchor each stands under."""
bp.add_app_template_filter(term, "term")
bp.add_app_template_filter(clock_told, "clock_told")
bp.add_app_template_filter(clock_kind, "clock_kind")


@bp.get("/regimes/")
@requires(Permission.DOSSIER_VIEW)
def regimes_index() -> ResponseReturnValue:
    """Each rule set with its versions, the latest law first."""
    found = [(one, regimes.versions(db.session, one.code)) for one in regimes.current(db.session)]
    offers = {offer.regime.id: offer for offer in regimes.for_new(db.session, today())}
    return render_template("approvals/regimes.html", found=found, offers=offers)


@bp.get("/regimes/<int:regime_id>/")
@requires(Permission.DOSSIER_VIEW, on=Regime)
def regime(regime: Regime) -> ResponseReturnValue:
    rules = rules_of(regime)
    return render_template(
        "approvals/regime.html",
        regime=regime,
        rules=rules,
        criteria=sorted(rules.criteria, key=lambda one: one.level),
        conditions={one.key: written(one.when) for one in rules.criteria},
        limits=_limits(rules),
        measures=_measures(rules),
        intervals_head=[{"label": _("Level %(number)s", number=n)} for n in LEVELS],
        month_day=_month_day,
        newest=regimes.newest(db.session, regime.code),
        levels=LEVELS,
        language=language(),
        sections_of=SECTIONS,
        bodies=BODIES,
        decisions=DECISIONS,
        intervals=INTERVALS,
        starts=STARTS,
        units=UNITS,
        words=WORDS,
    )


def _limits(rules: Rules) -> list[tuple[str, Any]]:
    return [
        (_("Check that the dossier is complete"), rules.validity),
        *(
            (_("Appraisal at level %(number)s", number=n), limit)
            for n, limit in rules.appraisal.items()
        ),
        (_("Approval"), rules.approval),
    ]


def _month_day(value: str) -> str:
    """``12-20`` as it is written: 20/12."""
    month, _dash, day = value.partition("-")
    return f"{day}/{month}"


def _measures(rules: Rules) -> list[dict[str, Any]]:
    """Every measure once, with its clause at each level that asks for it."""
    found: dict[str, dict[str, Any]] = {}
    for level in reversed(LEVELS):  # the highest asks for the most, and gives the order
        for measure in rules.measures[level]:
            row = found.setdefault(measure.key, {"measure": measure, "clauses": {}})
            row["clauses"][level] = measure.clause
    return list(found.values())


@bp.get("/regimes/<int:regime_id>/changes/")
@requires(Permission.DOSSIER_VIEW, on=Regime)
def regime_changes(regime: Regime) -> ResponseReturnValue:
    """What differs from the version before."""
    before = regimes.before(db.session, regime)
    changes = differences(before.rules, regime.rules) if before else []
    rows = [(place(change.path, regime.rules), change.old, change.new) for change in changes]
    return render_template("approvals/regime_changes.html", regime=regime, before=before, rows=rows)


@bp.get("/regimes/<int:regime_id>/file.<kind>")
@requires(Permission.DOSSIER_VIEW, on=Regime)
def regime_file(regime: Regime, kind: str) -> ResponseReturnValue:
    if kind not in FILES:
        abort(404)
    media, write = FILES[kind]
    name = f'attachment; filename="{regime.code}-{regime.version}.{kind}"'
    headers = {"Content-Disposition": name}
    return Response(write(regime.rules), content_type=f"{media}; charset=utf-8", headers=headers)


@bp.route("/regimes/<int:regime_id>/edit/<part>/", methods=["GET", "POST"])
@requires(Permission.REGIME_EDIT, on=Regime)
def edit_regime(regime: Regime, part: str) -> ResponseReturnValue:
    """Change one part; what is saved is a new version."""
    if part not in PARTS:
        abort(404)
    groups = groups_of(part, regime.rules)
    form = rules_form(regime.rules, groups)
    if form.validate_on_submit() and (new := _revised(regime, form, groups)):
        flash(
            _("Version %(number)s of %(law)s is made.", number=new.version, law=new.name),
            "success",
        )
        return redirect(url_for("approvals.regime_changes", regime_id=new.id))
    return form_page(
        "approvals/regime_edit.html", form, regime=regime, part=part, parts=PARTS, groups=groups
    )


def _revised(regime: Regime, form: RulesForm, groups: list[Group]) -> Regime | None:
    """The new version, or None with the reasons beside the fields."""
    data, note = form.written(regime.rules, groups), form.note.data or ""
    try:
        new = regimes.revise(db.session, regime, data, note, by=current_person())
    except BadRules as error:
        db.session.rollback()
        form.blame(error.faults)
        return None
    except DomainError as error:
        db.session.rollback()
        form.form_errors = [explain(error)]
        return None
    db.session.commit()
    return new


@bp.route("/regimes/upload/", methods=["GET", "POST"])
@requires(Permission.REGIME_EDIT)
def upload_regime() -> ResponseReturnValue:
    """Take in a whole file as the next version of the rule set it names."""
    form = UploadRulesForm()
    if form.validate_on_submit() and (new := _taken_in(form)):
        flash(
            _("Version %(number)s of %(law)s is made.", number=new.version, law=new.name),
            "success",
        )
        return redirect(url_for("approvals.regime_changes", regime_id=new.id))
    return form_page("approvals/regime_upload.html", form)


def _taken_in(form: UploadRulesForm) -> Regime | None:
    name, content = form.file.data.filename or "", form.file.data.stream.read()
    try:
        data = parse(content.decode("utf-8-sig"), is_json=name.lower().endswith(".json"))
        new = regimes.take_in(db.session, data, form.note.data or "", by=current_person())
    except UnicodeDecodeError:
        form.file.errors = [_("The file is no text in UTF-8.")]
        return None
    except BadRules as error:
        db.session.rollback()
        form.form_errors = [f"{one.path}: {_(one.reason, **one.values)}" for one in error.faults]
        return None
    except DomainError as error:
        db.session.rollback()
        form.form_errors = [explain(error)]
        return None
    db.session.commit()
    return new
