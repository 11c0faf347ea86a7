"""Noting that something was done, and reading what was noted."""

from flask import abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core.errors import DomainError
from drills.extensions import db
from drills.files.receiving import receive
from drills.files.sending import send
from drills.obligations import fresh
from drills.obligations.forms.noting import RecordForm
from drills.obligations.models import Obligation, ObligationRecord
from drills.obligations.models.names import names
from drills.obligations.services import noting
from drills.obligations.views import places
from drills.obligations.views.blueprint import bp
from drills.web import filters
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.route("/obligations/<int:obligation_id>/note", methods=["GET", "POST"])
@requires(Permission.OBLIGATION_NOTE, on=Obligation)
def note(obligation: Obligation) -> ResponseReturnValue:
    form = RecordForm()
    tiles = noting.periods(obligation.rule, fresh.today(), fresh.zone())
    form.offer(((one.period, _period(one.start, one.end)) for one in tiles), obligation.period)
    if form.validate_on_submit() and (record := _noted(obligation, form)):
        return redirect(places.subject(record.subject_kind, record.subject_id))
    return form_page("obligations/note.html", form, obligation=obligation, **_of(obligation))


def _period(start: object, end: object) -> str:
    return _("%(start)s to %(end)s", start=filters.day(start), end=filters.day(end))  # type: ignore[arg-type,no-any-return]


def _of(thing: Obligation | ObligationRecord) -> dict[str, str]:
    named = names(db.session, {thing.subject_kind: [thing.subject_id]})
    return {
        "name": named[thing.subject_kind, thing.subject_id][0],
        "back": places.subject(thing.subject_kind, thing.subject_id),
    }


def _noted(obligation: Obligation, form: RecordForm) -> ObligationRecord | None:
    """The record, or None with the reason above the form."""
    person = current_person()
    file = receive(db.session, form.file.data, by=person) if form.file.data else None
    try:
        record = noting.note(
            db.session, obligation, form.details(), by=person, on=fresh.today(), file=file
        )
    except DomainError as error:
        db.session.rollback()
        form.form_errors = [explain(error)]
        return None
    db.session.commit()
    flash(_("It has been noted."), "success")
    return record


@bp.get("/obligations/records/<int:obligation_record_id>/")
@requires(Permission.OBLIGATION_VIEW, on=ObligationRecord)
def record(obligation_record: ObligationRecord) -> ResponseReturnValue:
    return render_template(
        "obligations/record.html", record=obligation_record, **_of(obligation_record)
    )


@bp.get("/obligations/records/<int:obligation_record_id>/file")
@requires(Permission.OBLIGATION_VIEW, on=ObligationRecord)
def record_file(obligation_record: ObligationRecord) -> ResponseReturnValue:
    if obligation_record.file is None:
        abort(404)
    return send(obligation_record.file)


@bp.post("/obligations/records/<int:obligation_record_id>/withdraw")
@requires(Permission.OBLIGATION_NOTE, on=ObligationRecord)
def withdraw_record(obligation_record: ObligationRecord) -> ResponseReturnValue:
    noting.withdraw(db.session, obligation_record, by=current_person(), at=fresh.now())
    db.session.commit()
    flash(_("The record has been taken back; it counts no more."), "success")
    return redirect(places.subject(obligation_record.subject_kind, obligation_record.subject_id))
