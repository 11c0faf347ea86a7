"""The tab of periodic checks: when the next is due, and what the last ones found."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.approvals.forms.aftercare import CheckForm
from drills.approvals.models import CHECK_KINDS, Check
from drills.approvals.services import aftercare, follow_up
from drills.approvals.views.blueprint import bp
from drills.core import clock
from drills.extensions import db
from drills.files.receiving import receive
from drills.files.sending import send
from drills.systems.models import InformationSystem
from drills.web.access import requires
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.get("/systems/<int:system_id>/checks/")
@requires(Permission.DOSSIER_VIEW, on=InformationSystem)
def checks_of(system: InformationSystem) -> ResponseReturnValue:
    today = clock.today(get_timezone())
    basis = follow_up.basis(db.session, system, today)
    checks = follow_up.checks_of(db.session, system)
    return render_template(
        "approvals/checks.html",
        system=system,
        basis=basis,
        checks=checks,
        dues=follow_up.dues(basis, checks),
        assessing=follow_up.ASSESSING,
        counts=follow_up.counts,
        kinds=CHECK_KINDS,
        today=today,
    )


@bp.route("/systems/<int:system_id>/checks/new/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=InformationSystem)
def create_check(system: InformationSystem) -> ResponseReturnValue:
    form, today = CheckForm(), clock.today(get_timezone())
    if form.validate_on_submit():
        by = current_person()
        file = receive(db.session, form.report.data, by=by) if form.report.data else None
        aftercare.record_check(db.session, system, form.details(), file=file, by=by, on=today)
        db.session.commit()
        flash(_("The check has been recorded."), "success")
        return redirect(url_for("approvals.checks_of", system_id=system.id))
    return form_page("approvals/check.html", form, system=system, check=None)


@bp.route("/checks/<int:check_record_id>/edit/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=Check)
def edit_check(check_record: Check) -> ResponseReturnValue:
    form, today = CheckForm(obj=check_record), clock.today(get_timezone())
    if form.validate_on_submit():
        by = current_person()
        file = receive(db.session, form.report.data, by=by) if form.report.data else None
        version = form.known_version()
        aftercare.correct_check(
            db.session, check_record, form.details(), file=file, version=version, by=by, on=today
        )
        db.session.commit()
        flash(_("It has been saved."), "success")
        return redirect(url_for("approvals.checks_of", system_id=check_record.system_id))
    return form_page("approvals/check.html", form, system=check_record.system, check=check_record)


@bp.get("/checks/<int:check_record_id>/report")
@requires(Permission.DOSSIER_VIEW, on=Check)
def check_report(check_record: Check) -> ResponseReturnValue:
    return send(check_record.file or abort(404))
