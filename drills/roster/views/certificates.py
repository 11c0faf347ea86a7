"""Certificates: whose end soon, and each of them."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.core.orm import contains
from drills.core.text import fold
from drills.extensions import db
from drills.files.receiving import receive
from drills.files.sending import send
from drills.roster import matrix
from drills.roster.forms.qualifications import CertificateForm
from drills.roster.models import CERTIFICATE_KINDS, Certificate, CertificateKind, Skill
from drills.roster.services import qualifications as services
from drills.roster.views.blueprint import bp
from drills.roster.views.trying import tried
from drills.web.access import requires
from drills.web.pages import form_page, paged
from drills.web.session import current_person

DAYS = {"90": 90, "365": 365}
"""Within how many days a certificate ends to be listed; without one all are."""


@bp.get("/certificates/")
@requires(Permission.SKILL_VIEW)
def certificates() -> ResponseReturnValue:
    today = clock.today(get_timezone())
    page = paged(db.session, listed())
    soon = matrix.expiring(current_person(), today + timedelta(days=DAYS["90"])).limit(20)
    shown = {"page": page, "today": today, "competences": db.session.scalars(soon).all()}
    words = {"kinds": CERTIFICATE_KINDS, "chosen": _kind(), "within": request.args.get("within")}
    words["query"] = request.args.get("q", "").strip()
    return render_template("roster/qualifications/certificates.html", **shown, **words)


def listed() -> sa.Select[Any]:
    """The certificates the address asks for, those that end first at the top."""
    query: Any = (
        visible(Certificate, current_person())
        .join(Certificate.person)
        .where(Person.removed_at.is_(None))
        .where(contains(Person.search, fold(request.args.get("q", ""))))
    )
    if days := DAYS.get(request.args.get("within", "")):
        until = clock.today(get_timezone()) + timedelta(days=days)
        query = query.where(Certificate.expires_on <= until)
    if kind := _kind():
        query = query.where(Certificate.kind == kind)
    ends = (Certificate.expires_on.is_(None), Certificate.expires_on, Person.sort, Certificate.id)
    people = joinedload(Certificate.person).joinedload(Person.unit)
    found: sa.Select[Any] = query.order_by(*ends).options(people, selectinload(Certificate.skills))
    return found


def _kind() -> CertificateKind | None:
    text = request.args.get("kind", "")
    return CertificateKind(text) if text in list(CertificateKind) else None


@bp.route("/people/<int:person_id>/certificates/new", methods=["GET", "POST"])
@requires(Permission.SKILL_EDIT, on=Person)
def add_certificate(person: Person) -> ResponseReturnValue:
    form = CertificateForm(_skills())
    if form.validate_on_submit() and tried(form, lambda: _add(form, person)):
        flash(_("It has been saved."), "success")
        return redirect(url_for(".skills_of", person_id=person.id))
    return form_page("roster/qualifications/certificate.html", form, person=person, known=None)


def _add(form: CertificateForm, person: Person) -> None:
    by, sent = current_person(), form.upload.data
    file = receive(db.session, sent, by=by) if sent else None
    services.add_certificate(db.session, person, form.details(), by=by, file=file)


@bp.route("/certificates/<int:certificate_id>/edit", methods=["GET", "POST"])
@requires(Permission.SKILL_EDIT, on=Certificate)
def edit_certificate(certificate: Certificate) -> ResponseReturnValue:
    chosen = {"skill_ids": [skill.id for skill in certificate.skills]}
    form = CertificateForm(_skills(), obj=certificate, data=chosen)
    if form.validate_on_submit() and tried(form, lambda: _revise(form, certificate)):
        flash(_("It has been saved."), "success")
        return redirect(url_for(".skills_of", person_id=certificate.person_id))
    shown = {"person": certificate.person, "known": certificate}
    return form_page("roster/qualifications/certificate.html", form, **shown)


def _revise(form: CertificateForm, certificate: Certificate) -> None:
    by, sent = current_person(), form.upload.data
    file = receive(db.session, sent, by=by) if sent else None
    services.revise_certificate(db.session, certificate, form.details(), by=by, file=file)


def _skills() -> list[Skill]:
    query = sa.select(Skill).where(Skill.is_active).order_by(Skill.sort)
    return list(db.session.scalars(query))


@bp.post("/certificates/<int:certificate_id>/remove")
@requires(Permission.SKILL_EDIT, on=Certificate)
def remove_certificate(certificate: Certificate) -> ResponseReturnValue:
    person_id = certificate.person_id
    services.remove_certificate(db.session, certificate, by=current_person())
    db.session.commit()
    flash(_("The certificate has been removed."), "success")
    return redirect(url_for(".skills_of", person_id=person_id))


@bp.get("/certificates/<int:certificate_id>/file")
@requires(Permission.SKILL_VIEW, on=Certificate)
def certificate_file(certificate: Certificate) -> ResponseReturnValue:
    return send(certificate.file) if certificate.file else ("", 404)
