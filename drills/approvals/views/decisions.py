"""The decisions of a system: every one there ever was, what it pinned, how it ended."""

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, visible
from drills.approvals.forms.acts import ReasonForm
from drills.approvals.forms.decisions import HistoricalForm
from drills.approvals.models import Condition, Dossier, Override, Regime
from drills.approvals.models.desk import awaiting
from drills.approvals.views.blueprint import bp
from drills.approvals.views.shown import mend, today
from drills.core.errors import DomainError
from drills.extensions import db
from drills.systems.models import (
    FIELDS,
    SYSTEM_KINDS,
    Decision,
    DecisionDetails,
    DecisionState,
    InformationSystem,
    SystemKind,
)
from drills.systems.services import decisions as register
from drills.web.access import requires
from drills.web.pages import form_page, paged
from drills.web.session import current_person

KINDS = {
    DecisionState.IN_FORCE: "done",
    DecisionState.SUPERSEDED: "idle",
    DecisionState.WITHDRAWN: "late",
    DecisionState.ENDED: "idle",
}


@bp.get("/systems/<int:system_id>/decisions/")
@requires(Permission.SYSTEM_VIEW, on=InformationSystem)
def decisions(system: InformationSystem) -> ResponseReturnValue:
    query = (
        visible(Decision, current_person())
        .where(Decision.system_id == system.id)
        .order_by(Decision.signed_on.desc(), Decision.id.desc())
    )
    return render_template(
        "approvals/decisions.html",
        system=system,
        page=paged(db.session, query),
        kinds=KINDS,
        today=today(),
    )


@bp.get("/decisions/<int:decision_id>/")
@requires(Permission.SYSTEM_VIEW, on=Decision)
def decision(decision: Decision) -> ResponseReturnValue:
    person, system = current_person(), decision.system
    dossier = db.session.get(Dossier, decision.dossier_id) if decision.dossier_id else None
    after = None
    if request.args.get("done") and dossier:
        after = awaiting(db.session, person, today(), dossier)
    conditions = sa.select(Condition).where(Condition.decision_id == decision.id)
    return render_template(
        "approvals/decision.html",
        decision=decision,
        system=system,
        dossier=dossier,
        regime=db.session.get(Regime, decision.regime_id) if decision.regime_id else None,
        successor=db.session.get(Decision, decision.successor_id)
        if decision.successor_id
        else None,
        conditions=db.session.scalars(conditions.order_by(Condition.id)).all(),
        overrides=_overrides(decision),
        is_intact=register.is_intact(decision) if decision.snapshot else None,
        differences=[told(*row) for row in register.differences(decision)],
        pinned=[told(key, text)[:2] for key, text in decision.snapshot.get("system", {}).items()],
        is_done=bool(request.args.get("done")),
        after=after,
        kinds=KINDS,
        today=today(),
    )


def told(key: str, *texts: str) -> tuple[str, ...]:
    """A pinned column and its values in words."""
    return (str(_(FIELDS.get(key, key))), *(_value(key, text) for text in texts))


def _value(key: str, text: str) -> str:
    if key == "kind" and text in set(SystemKind):
        return str(_(SYSTEM_KINDS[SystemKind(text)]))
    if key.startswith("has_"):
        return str(_("Yes") if text == "True" else _("No"))
    return text


def _overrides(decision: Decision) -> list[Override]:
    """The exceptions to the separation of duties that were used on the way."""
    if decision.dossier_id is None:
        return []
    query = sa.select(Override).where(
        Override.dossier_id == decision.dossier_id, Override.used_at.is_not(None)
    )
    people = (Override.person, Override.asked_by, Override.granted_by)
    eager = (joinedload(one).lazyload(Person.grants) for one in people)
    return list(db.session.scalars(query.options(*eager)).unique())


@bp.route("/decisions/<int:decision_id>/withdraw/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_DECIDE, on=Decision)
def withdraw_decision(decision: Decision) -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():
        reason, by, on = form.reason.data, current_person(), today()
        register.withdraw(db.session, decision, reason, by=by, on=on)
        db.session.commit()
        flash(_("Decision %(number)s has been withdrawn.", number=decision.number), "success")
        return redirect(url_for("approvals.decision", decision_id=decision.id))
    return form_page("approvals/withdraw_decision.html", form, decision=decision)


@bp.route("/systems/<int:system_id>/decisions/new/", methods=["GET", "POST"])
@requires(Permission.SYSTEM_IMPORT, on=InformationSystem)
def record_historical(system: InformationSystem) -> ResponseReturnValue:
    """An approval from before the register was kept: recorded, and marked so."""
    form = HistoricalForm(data={"level": system.level or 1})
    if form.holds_on(today()):
        try:
            found = _recorded(system, form)
        except DomainError as error:
            mend(form, error)
        else:
            db.session.commit()
            flash(_("Decision %(number)s has been recorded.", number=found.number), "success")
            return redirect(url_for("approvals.decisions", system_id=system.id))
    return form_page("approvals/historical.html", form, system=system)


def _recorded(system: InformationSystem, form: HistoricalForm) -> Decision:
    details = form.to(DecisionDetails)
    return register.record_historical(db.session, system, details, by=current_person(), on=today())
