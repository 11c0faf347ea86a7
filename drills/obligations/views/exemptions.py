"""Exemptions: asking, deciding, ending, and the list of them all."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, visible
from drills.core.errors import DomainError
from drills.extensions import db
from drills.obligations import fresh
from drills.obligations.forms.noting import DecisionForm, EndForm, ExemptionForm
from drills.obligations.models import (
    EXEMPTION_STATES,
    Exemption,
    ExemptionState,
    Obligation,
)
from drills.obligations.models.names import names
from drills.obligations.services import exempting
from drills.obligations.views import places
from drills.obligations.views.blueprint import bp
from drills.units.models import Unit
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page, paged
from drills.web.session import current_person

LOOKS = {
    ExemptionState.ASKED: "turn",
    ExemptionState.APPROVED: "done",
    ExemptionState.REFUSED: "idle",
    ExemptionState.ENDED: "idle",
}


@bp.get("/obligations/exemptions/")
@requires(Permission.OBLIGATION_VIEW)
def exemptions() -> ResponseReturnValue:
    """Those that wait for a decision first."""
    state = request.args.get("state", "")
    query = visible(Exemption, current_person())
    if state in set(ExemptionState):
        query = query.where(Exemption.state == ExemptionState(state))
    is_open = (Exemption.state == ExemptionState.ASKED).desc()
    query = query.order_by(is_open, Exemption.from_on.desc(), Exemption.id.desc()).options(
        joinedload(Exemption.rule),
        joinedload(Exemption.unit).lazyload(Unit.tier),
        joinedload(Exemption.asked_by).lazyload(Person.grants),
        joinedload(Exemption.decided_by).lazyload(Person.grants),
    )
    page = paged(db.session, query)
    wanted: dict[Any, set[int]] = {}
    for one in page.items:
        wanted.setdefault(one.subject_kind, set()).add(one.subject_id)
    return render_template(
        "obligations/exemptions.html",
        page=page,
        names=names(db.session, wanted),
        chosen=state,
        states=EXEMPTION_STATES,
        looks=LOOKS,
        subject_href=places.subject,
    )


@bp.route("/obligations/<int:obligation_id>/exempt", methods=["GET", "POST"])
@requires(Permission.OBLIGATION_NOTE, on=Obligation)
def ask_exemption(obligation: Obligation) -> ResponseReturnValue:
    form = ExemptionForm()
    if form.validate_on_submit():
        try:
            exempting.ask(db.session, obligation, form.details(), by=current_person())
        except DomainError as error:
            db.session.rollback()
            form.form_errors = [explain(error)]
        else:
            db.session.commit()
            flash(_("The exemption has been asked for; somebody else decides on it."), "success")
            return redirect(url_for(".exemptions"))
    named = names(db.session, {obligation.subject_kind: [obligation.subject_id]})
    name = named[obligation.subject_kind, obligation.subject_id][0]
    back = places.subject(obligation.subject_kind, obligation.subject_id)
    return form_page("obligations/exempt.html", form, obligation=obligation, name=name, back=back)


@bp.route("/obligations/exemptions/<int:exemption_id>/decide", methods=["GET", "POST"])
@requires(Permission.EXEMPTION_DECIDE, on=Exemption)
def decide_exemption(exemption: Exemption) -> ResponseReturnValue:
    form = DecisionForm()
    if form.validate_on_submit():
        exempting.decide(
            db.session,
            exemption,
            is_approved=form.is_approved,
            note=form.note.data or "",
            by=current_person(),
            at=fresh.now(),
        )
        db.session.commit()
        flash(_("It has been decided."), "success")
        return redirect(url_for(".exemptions"))
    return form_page(
        "obligations/decide.html",
        form,
        exemption=exemption,
        title=_("Decide on an exemption"),
        button=_("Decide"),
    )


@bp.route("/obligations/exemptions/<int:exemption_id>/end", methods=["GET", "POST"])
@requires(Permission.EXEMPTION_DECIDE, on=Exemption)
def end_exemption(exemption: Exemption) -> ResponseReturnValue:
    form = EndForm()
    if form.validate_on_submit():
        exempting.end(db.session, exemption, note=form.note.data or "", by=current_person())
        db.session.commit()
        flash(_("The exemption has ended; the duty is asked for again."), "success")
        return redirect(url_for(".exemptions"))
    return form_page(
        "obligations/decide.html",
        form,
        exemption=exemption,
        title=_("End an exemption early"),
        button=_("End it"),
    )
