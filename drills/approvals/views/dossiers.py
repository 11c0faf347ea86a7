"""Dossiers of a system: the list, opening one, its task list, and changing it."""

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission, visible
from drills.approvals.forms.dossiers import DossierForm
from drills.approvals.models import (
    OCCASIONS,
    PAPER_STATES,
    VERDICTS,
    Determination,
    Dossier,
    Occasion,
    Override,
    Regime,
)
from drills.approvals.models.desk import shown
from drills.approvals.models.parties import holder
from drills.approvals.services import deciding, dossiers
from drills.approvals.services.asked import route
from drills.approvals.services.regimes import for_new
from drills.approvals.views.blueprint import bp
from drills.approvals.views.clockwork import clocks_of
from drills.approvals.views.shown import (
    PAPER_KINDS,
    STATE_KINDS,
    history,
    loaded,
    mend,
    possible,
    today,
)
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.files.models import MARKING_NAMES
from drills.systems.models import InformationSystem
from drills.web.access import requires
from drills.web.pages import form_page, paged
from drills.web.session import current_person


@bp.get("/systems/<int:system_id>/dossiers/")
@requires(Permission.SYSTEM_VIEW, on=InformationSystem)
def of_system(system: InformationSystem) -> ResponseReturnValue:
    """Every dossier of a system, the open one first."""
    query = (
        visible(Dossier, current_person())
        .where(Dossier.system_id == system.id)
        .order_by(Dossier.decided_at.is_not(None), Dossier.id.desc())
        .options(*shown())
    )
    page = paged(db.session, query)
    return render_template(
        "approvals/of_system.html",
        system=system,
        page=page,
        clocks=clocks_of(page.items),
        holder=holder,
        states=STATE_KINDS,
        occasions=OCCASIONS,
        has_open=any(dossier.is_open for dossier in page.items),
    )


@bp.route("/systems/<int:system_id>/dossiers/new/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=InformationSystem)
def open_(system: InformationSystem) -> ResponseReturnValue:
    regimes = [offer.regime for offer in for_new(db.session, today())]
    form = DossierForm(regimes, data=_first(system, regimes))
    if form.validate_on_submit():
        by, at = current_person(), clock.now()
        try:
            dossier = dossiers.open_dossier(db.session, system, form.details(), by=by, at=at)
        except DomainError as error:
            mend(form, error)
        else:
            db.session.commit()
            flash(_("The dossier %(code)s is open.", code=dossier.code), "success")
            return redirect(url_for("approvals.dossier", dossier_id=dossier.id))
    return form_page("approvals/edit.html", form, system=system, dossier=None)


def _first(system: InformationSystem, regimes: list[Regime]) -> dict[str, Any]:
    """What the form offers: the level that was determined last, and the bodies it leads to."""
    query = sa.select(Determination).where(Determination.system_id == system.id)
    found = db.session.scalars(query.order_by(Determination.id.desc()).limit(1)).first()
    ids = {regime.id: regime for regime in regimes}
    if found and found.regime_id not in ids:
        found = None
    regime = ids[found.regime_id] if found else regimes[0] if regimes else None
    level = found.level if found else system.level or 1
    if regime is None:
        return {"level": level}
    way = route(db.session, system, regime, level)
    return {
        "regime_id": regime.id,
        "level": level,
        "occasion": Occasion.CHANGE if system.is_approved else Occasion.FIRST,
        "determination_id": found.id if found else "",
        "appraising_unit_id": way.appraising_unit_id,
        "appraising_body": way.appraising_body,
        "approving_unit_id": way.approving_unit_id,
        "approving_body": way.approving_body,
    }


@bp.get("/dossiers/<int:dossier_id>/")
@requires(Permission.DOSSIER_VIEW, on=Dossier)
def dossier(dossier: Dossier) -> ResponseReturnValue:
    dossier, person = loaded(dossier.id), current_person()
    acts, reasons = possible(dossier, person)
    overrides = sa.select(Override).where(Override.dossier_id == dossier.id).order_by(Override.id)
    return render_template(
        "approvals/dossier.html",
        dossier=dossier,
        system=dossier.system,
        acts={act.value for act in acts},
        reasons=reasons,
        missing=dossiers.missing(dossier),
        history=history(dossier),
        clock=clocks_of([dossier]).get(dossier.id),
        holder=holder(dossier),
        decisions=deciding.taken(db.session, dossier),
        overrides=db.session.scalars(overrides).all(),
        states=STATE_KINDS,
        paper_kinds=PAPER_KINDS,
        paper_states=PAPER_STATES,
        occasions=OCCASIONS,
        verdicts=VERDICTS,
        markings=MARKING_NAMES,
    )


@bp.route("/dossiers/<int:dossier_id>/edit/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=Dossier)
def edit(dossier: Dossier) -> ResponseReturnValue:
    lawful = [offer.regime for offer in for_new(db.session, today())]
    regimes = list({one.id: one for one in [*lawful, dossier.regime]}.values())
    form = DossierForm(regimes, obj=dossier)
    if form.validate_on_submit():
        by, at, version = current_person(), clock.now(), form.known_version()
        dossiers.revise(db.session, dossier, form.details(), by=by, at=at, version=version)
        db.session.commit()
        flash(_("It has been saved."), "success")
        return redirect(url_for("approvals.dossier", dossier_id=dossier.id))
    return form_page("approvals/edit.html", form, system=dossier.system, dossier=dossier)
