"""Our part in somebody else's drill: who went, what came, what we answered, how we stood."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core.errors import DomainError
from drills.exercises.forms.participation import OurPartForm, ReceivedForm, written
from drills.exercises.models import (
    DOCUMENT_KINDS,
    PARTS,
    PRESENCES,
    DocumentKind,
    Drill,
    Presence,
    ReceivedInject,
)
from drills.exercises.services import participation as services
from drills.exercises.services import people, planning
from drills.exercises.services.drills import refuse_closed
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page, saved
from drills.web.session import current_person


def _kept(target: str) -> ResponseReturnValue:
    return saved(target, _("It has been saved."))


PAPERS = (DocumentKind.INVITATION, DocumentKind.DECISION, DocumentKind.CERTIFICATE)
"""What every part in somebody else's drill should leave behind."""


@bp.get("/drills/<int:drill_id>/participation/")
@requires(Permission.DRILL_VIEW, on=Drill)
def participation_of(drill: Drill) -> ResponseReturnValue:
    part = drill.participation or abort(404)
    papers = planning.documents(db.session, drill, current_person())
    kept = {paper.kind for paper in papers}
    shown: dict[str, Any] = {
        "papers": papers,
        "wanting": {kind: DOCUMENT_KINDS[kind] for kind in PAPERS if kind not in kept},
        "went": people.went(db.session, drill),
        "parts_of_people": PARTS,
        "presences": PRESENCES,
        "absent": Presence.ABSENT,
    }
    return render_template("exercises/participation/show.html", drill=drill, part=part, **shown)


@bp.route("/drills/<int:drill_id>/participation/edit", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def participation_edit(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    part = drill.participation or abort(404)
    given: dict[str, Any] = {"entered": part.entered.value if part.entered else ""}
    form = OurPartForm(obj=part, data=given)
    form.offer(part.edition)
    if form.validate_on_submit():
        services.tell(db.session, drill, form.details(), by=current_person())
        return _kept(url_for(".participation_of", drill_id=drill.id))
    return form_page("exercises/participation/edit.html", form, drill=drill)


@bp.route("/drills/<int:drill_id>/participation/received/new", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def received_create(drill: Drill) -> ResponseReturnValue:
    part = drill.participation or abort(404)
    first = drill.starts_at.astimezone(drill.zone).date()
    form = ReceivedForm(data={"day": first, "number": str(len(part.received) + 1)})
    if form.validate_on_submit():
        try:
            services.receive(db.session, drill, form.details(drill.zone), by=current_person())
        except DomainError as error:
            return _wrong(form, drill, None, error)
        flash(_("Inject %(number)s has been noted.", number=form.number.data), "success")
        db.session.commit()
        again = "again" in request.form
        page = ".received_create" if again else ".participation_of"
        return redirect(url_for(page, drill_id=drill.id))
    return form_page("exercises/participation/received.html", form, drill=drill, received=None)


@bp.route("/received/<int:received_inject_id>/edit", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=ReceivedInject)
def received_edit(received_inject: ReceivedInject) -> ResponseReturnValue:
    drill = received_inject.drill
    form = ReceivedForm(data=written(received_inject, drill))
    if form.validate_on_submit():
        details = form.details(drill.zone)
        try:
            services.correct(db.session, received_inject, details, by=current_person())
        except DomainError as error:
            return _wrong(form, drill, received_inject, error)
        return _kept(url_for(".participation_of", drill_id=drill.id))
    shown = {"drill": drill, "received": received_inject}
    return form_page("exercises/participation/received.html", form, **shown)


def _wrong(
    form: ReceivedForm, drill: Drill, received: ReceivedInject | None, error: DomainError
) -> ResponseReturnValue:
    db.session.rollback()
    form.number.errors = [explain(error)]
    shown = {"drill": drill, "received": received}
    return form_page("exercises/participation/received.html", form, **shown)


@bp.post("/received/<int:received_inject_id>/remove")
@requires(Permission.DRILL_EDIT, on=ReceivedInject)
def received_remove(received_inject: ReceivedInject) -> ResponseReturnValue:
    target = url_for(".participation_of", drill_id=received_inject.drill.id)
    services.drop(db.session, received_inject, by=current_person())
    return _kept(target)
