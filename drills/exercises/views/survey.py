"""The hot wash: its questions, who is asked, and the sheet behind a signed link."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.exercises.answering import survey_address
from drills.exercises.forms.evaluation import EmptyForm, SurveyForm, answers
from drills.exercises.models import Drill, Survey, SurveyInvitation
from drills.exercises.services import surveys as services
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web import links
from drills.web.access import public, requires
from drills.web.pages import form_page, saved
from drills.web.session import current_person

SPARE = 2


@bp.route("/drills/<int:drill_id>/survey/", methods=["GET", "POST"])
@requires(Permission.DRILL_EVALUATE, on=Drill)
def survey_edit(drill: Drill) -> ResponseReturnValue:
    survey = services.survey_of(db.session, drill)
    form = SurveyForm(data=_as_written(survey))
    if not form.validate_on_submit():
        return form_page("exercises/evaluation/survey.html", form, **_shown(drill, survey))
    services.write(db.session, drill, form.details(), by=current_person())
    return saved(url_for(".survey_edit", drill_id=drill.id), _("The questions have been saved."))


def _as_written(survey: Survey | None) -> dict[str, Any]:
    """The survey as it stands, or the usual questions; and some room for more."""
    room: list[dict[str, Any]] = [{} for _n in range(SPARE)]
    if survey is None:
        usual = [{"kind": kind, "text": _(text)} for kind, text in services.USUAL]
        return {"introduction": "", "is_anonymous": True, "questions": usual + room}
    asked = [{"kind": one.kind, "text": one.text} for one in survey.questions]
    room = room[: services.QUESTIONS_MAX - len(asked)]
    return {
        "introduction": survey.introduction,
        "is_anonymous": survey.is_anonymous,
        "questions": asked + room,
    }


def _shown(drill: Drill, survey: Survey | None) -> dict[str, Any]:
    at = clock.now()
    asked = services.invitations(db.session, survey) if survey else []
    is_open = survey is not None and survey.is_open(at)
    addresses = {one.id: survey_address(one) for one in asked} if is_open else {}
    return {
        "drill": drill,
        "survey": survey,
        "asked": asked,
        "addresses": addresses,
        "is_open": is_open,
        "found": services.results(db.session, survey) if survey else None,
    }


@bp.post("/drills/<int:drill_id>/survey/open")
@requires(Permission.DRILL_EVALUATE, on=Drill)
def survey_open(drill: Drill) -> ResponseReturnValue:
    survey = services.survey_of(db.session, drill) or abort(404)
    count = services.open_to_all(db.session, survey, by=current_person(), at=clock.now())
    return saved(
        url_for(".survey_edit", drill_id=drill.id, _anchor="asked"),
        ngettext("%(num)s person is asked.", "%(num)s people are asked.", count),
    )


@bp.post("/drills/<int:drill_id>/survey/close")
@requires(Permission.DRILL_EVALUATE, on=Drill)
def survey_close(drill: Drill) -> ResponseReturnValue:
    survey = services.survey_of(db.session, drill) or abort(404)
    services.close(db.session, survey, by=current_person(), at=clock.now())
    return saved(url_for(".survey_edit", drill_id=drill.id), _("The survey is closed."))


@bp.get("/hot-wash/<token>")
@public
def survey_answer(token: str) -> ResponseReturnValue:
    invitation = _invited(token)
    return render_template("exercises/evaluation/sheet.html", **_sheet(invitation))


@bp.post("/hot-wash/<token>")
@public
def survey_send(token: str) -> ResponseReturnValue:
    invitation = _invited(token)
    if not EmptyForm().validate_on_submit():
        return render_template("exercises/evaluation/sheet.html", **_sheet(invitation)), 422
    said = answers(request.form, invitation.survey.questions)
    if any(number is not None or text for number, text in said.values()):
        services.answer(db.session, invitation, said, at=clock.now())
        db.session.commit()
        return redirect(url_for(".survey_answer", token=token), code=303)
    flash(_("Answer at least one question."), "error")
    return render_template("exercises/evaluation/sheet.html", **_sheet(invitation)), 422


def _invited(token: str) -> SurveyInvitation:
    """Who the link was made for; one that is wrong, old or taken back does not exist."""
    subject = links.read("survey", token, clock.now()) or abort(404)
    identity, nonce = links.parts_of(subject)
    invitation = db.session.get(SurveyInvitation, identity)
    if invitation is None or not links.matches(nonce, invitation.nonce):
        abort(404)
    return invitation


def _sheet(invitation: SurveyInvitation) -> dict[str, Any]:
    survey = invitation.survey
    return {
        "survey": survey,
        "drill": survey.drill,
        "is_done": invitation.has_answered,
        "is_open": survey.is_open(clock.now()),
        "given": request.form,
    }
