"""Deciding on what people say their numbers are now."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.extensions import db
from drills.roster.models import ContactCorrection
from drills.roster.services import contact_checks as services
from drills.roster.views.blueprint import bp
from drills.web.access import requires
from drills.web.session import current_person


@bp.post("/contact-corrections/<int:contact_correction_id>/accept")
@requires(Permission.CONTACT_EDIT, on=ContactCorrection)
def accept_correction(contact_correction: ContactCorrection) -> ResponseReturnValue:
    services.accept(db.session, contact_correction, by=current_person(), at=clock.now())
    db.session.commit()
    flash(_("The numbers of %(person)s are up to date.", person=contact_correction.name), "success")
    return redirect(url_for(".contact_check", contact_check_id=contact_correction.ask.check_id))


@bp.post("/contact-corrections/<int:contact_correction_id>/reject")
@requires(Permission.CONTACT_EDIT, on=ContactCorrection)
def reject_correction(contact_correction: ContactCorrection) -> ResponseReturnValue:
    services.reject(db.session, contact_correction, by=current_person(), at=clock.now())
    db.session.commit()
    flash(_("The correction was not taken over."), "success")
    return redirect(url_for(".contact_check", contact_check_id=contact_correction.ask.check_id))
