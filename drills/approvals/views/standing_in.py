"""Acting approvers, and exceptions to the separation of duties."""

import sqlalchemy as sa
from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, visible
from drills.approvals.forms.acts import DelegationForm, OverrideForm
from drills.approvals.models import Delegation, Dossier, Override
from drills.approvals.services import delegating
from drills.approvals.views.blueprint import bp
from drills.approvals.views.shown import mend, today
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.files.models import StoredFile
from drills.files.receiving import receive
from drills.files.sending import send
from drills.web.access import requires
from drills.web.pages import form_page, paged
from drills.web.session import current_person


@bp.route("/approvals/delegations/", methods=["GET", "POST"])
@requires(Permission.DELEGATION_EDIT)
def delegations() -> ResponseReturnValue:
    form = DelegationForm(data={"starts_on": today()})
    if form.validate_on_submit():
        try:
            _delegate(form)
        except DomainError as error:
            mend(form, error)
        else:
            flash(_("The delegation has been recorded."), "success")
            return redirect(url_for("approvals.delegations"))
    people = (Delegation.approver, Delegation.deputy)
    query = (
        visible(Delegation, current_person())
        .order_by(Delegation.ends_on.desc(), Delegation.id.desc())
        .options(*(joinedload(one).lazyload(Person.grants) for one in people))
    )
    page = paged(db.session, query)
    return form_page("approvals/delegations.html", form, page=page, today=today())


def _delegate(form: DelegationForm) -> None:
    by, sent = current_person(), form.file.data
    file = receive(db.session, sent, by=by) if sent else None
    delegating.delegate(db.session, form.details(), file=file, by=by)
    db.session.commit()


@bp.get("/approvals/delegations/<int:delegation_id>/document")
@requires(Permission.DELEGATION_EDIT, on=Delegation)
def delegation_document(delegation: Delegation) -> ResponseReturnValue:
    found = db.session.get(StoredFile, delegation.file_id) if delegation.file_id else None
    return send(found) if found else abort(404)


@bp.post("/approvals/delegations/<int:delegation_id>/revoke/")
@requires(Permission.DELEGATION_EDIT, on=Delegation)
def revoke(delegation: Delegation) -> ResponseReturnValue:
    delegating.revoke(db.session, delegation, by=current_person(), at=clock.now())
    db.session.commit()
    flash(_("The delegation has been revoked."), "success")
    return redirect(url_for("approvals.delegations"))


@bp.route("/dossiers/<int:dossier_id>/exceptions/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_VIEW, on=Dossier)
def exceptions(dossier: Dossier) -> ResponseReturnValue:
    """Exceptions asked for on a dossier, and asking for one; another person grants it."""
    form = OverrideForm()
    if form.validate_on_submit():
        try:
            delegating.ask(db.session, dossier, form.details(), by=current_person())
        except DomainError as error:
            mend(form, error)
        else:
            db.session.commit()
            flash(_("The exception has been asked for. Another person has to grant it."), "success")
            return redirect(url_for("approvals.exceptions", dossier_id=dossier.id))
    people = (Override.person, Override.asked_by, Override.granted_by)
    query = sa.select(Override).where(Override.dossier_id == dossier.id).order_by(Override.id)
    eager = (joinedload(one).lazyload(Person.grants) for one in people)
    overrides = db.session.scalars(query.options(*eager)).unique().all()
    return form_page(
        "approvals/exceptions.html",
        form,
        dossier=dossier,
        overrides=overrides,
        person=current_person(),
    )


@bp.post("/dossiers/exceptions/<int:override_id>/grant/")
@requires(Permission.DOSSIER_DECIDE, on=Override)
def grant(override: Override) -> ResponseReturnValue:
    delegating.grant(db.session, override, by=current_person(), at=clock.now())
    db.session.commit()
    flash(_("The exception has been granted. It can be used once."), "success")
    return redirect(url_for("approvals.exceptions", dossier_id=override.dossier_id))
