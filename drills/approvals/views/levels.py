"""Determining a level: the guided page, and what was determined before."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.approvals.forms.levels import LevelForm, kinds_asked, level_form, sent_again
from drills.approvals.kinds import Proposal, propose
from drills.approvals.models import Determination
from drills.approvals.services import determinations, regimes
from drills.approvals.services.asked import rules_of
from drills.approvals.services.regimes import Offer
from drills.approvals.terms import language
from drills.approvals.views.blueprint import bp
from drills.approvals.views.shown import today
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.systems.models import InformationSystem
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.filters import number
from drills.web.session import current_person


@bp.route("/systems/<int:system_id>/level/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=InformationSystem)
def determine(system: InformationSystem) -> ResponseReturnValue:
    """Ask what the criteria ask, propose a level, record the one that is chosen."""
    offers = regimes.for_new(db.session, today())
    if not offers:
        return render_template("approvals/no_regime.html", system=system)
    offer, earlier = _chosen(offers), determinations.history(db.session, system)
    rules = rules_of(offer.regime)
    known = determinations.first_answers(rules, system, earlier[0] if earlier else None)
    form = level_form(rules, known, language())
    answers = determinations.clean(rules, form.answers())
    if form.validate_on_submit() and "record" in request.form:
        found = _recorded(system, offer, form, propose(rules, answers))
        if found is not None:
            flash(_("The level of %(code)s has been determined.", code=system.code), "success")
            return redirect(url_for("approvals.determination", determination_id=found.id))
    page = render_template(
        "approvals/level.html",
        system=system,
        offers=offers,
        offer=offer,
        form=form,
        proposal=propose(rules, answers),
        kinds=kinds_asked(rules),
        answers=sent_again(answers),
        earlier=earlier,
        differing=[
            question.text.said(language())
            for question in determinations.differs_from_record(rules, system, answers)
        ],
    )
    return page, 422 if form.errors else 200


def _chosen(offers: list[Offer]) -> Offer:
    """The rule set the address asks for, else that of the latest law."""
    wanted = request.values.get("regime", type=int)
    return next((offer for offer in offers if offer.regime.id == wanted), offers[0])


def _recorded(
    system: InformationSystem, offer: Offer, form: LevelForm, proposal: Proposal
) -> Determination | None:
    """What was recorded, or None with the reason beside the field."""
    details, by, at = form.details(proposal.level), current_person(), clock.now()
    try:
        found = determinations.determine(db.session, system, offer.regime, details, by=by, at=at)
    except DomainError as error:
        db.session.rollback()
        form.override_reason.errors = [explain(error)]
        return None
    db.session.commit()
    return found


@bp.get("/determinations/<int:determination_id>/")
@requires(Permission.DOSSIER_VIEW, on=Determination)
def determination(determination: Determination) -> ResponseReturnValue:
    return render_template(
        "approvals/determination.html",
        found=determination,
        system=determination.system,
        answers=_answers(determination),
        language=language(),
    )


def _answers(found: Determination) -> list[tuple[str, str]]:
    """Each question that says something of the system, with its answer in words."""
    rows = []
    for question in rules_of(found.regime).questions:
        value = found.answers.get(question.key)
        if value in (None, 0, False, [], "none"):
            continue
        if question.kind == "number":
            rows.append((question.text.said(language()), number(value)))
            continue
        names = {option.key: option.text.said(language()) for option in question.options}
        keys = value if isinstance(value, list) else [value]
        told = _("Yes") if value is True else ", ".join(names.get(key, str(key)) for key in keys)
        rows.append((question.text.said(language()), str(told)))
    return rows
