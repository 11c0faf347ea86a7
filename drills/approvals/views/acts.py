"""What the parties do to a dossier, each on a page of its own."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from drills.accounts.permissions import Permission
from drills.approvals.forms.acts import OpinionForm, ReasonForm, ReceiptForm, SendForm
from drills.approvals.forms.dossiers import Versioned
from drills.approvals.models import ACTS, VERDICTS, Act, Dossier
from drills.approvals.models.parties import holder
from drills.approvals.services import dossiers, duties, procedure
from drills.approvals.views.blueprint import bp
from drills.approvals.views.clockwork import clocks_of
from drills.approvals.views.shown import PAPER_KINDS, history, loaded, mend, today
from drills.core import clock
from drills.core.errors import Conflict, DomainError
from drills.extensions import db
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page
from drills.web.session import current_person

HEADINGS = {
    Act.SUBMIT: (_l("Check before sending"), _l("Send for appraisal")),
    Act.RECEIVE: (_l("Receive as complete"), _l("Start the appraisal")),
    Act.RETURN: (_l("Return for supplement"), _l("Return the dossier")),
    Act.APPRAISE: (_l("Appraise"), _l("Record the opinion")),
    Act.REFUSE: (_l("Refuse the level"), _l("Refuse the dossier")),
    Act.WITHDRAW: (_l("Withdraw the dossier"), _l("Withdraw it")),
}
DONE = {
    Act.SUBMIT: _l("%(code)s has been sent."),
    Act.RECEIVE: _l("%(code)s has been received; the clock runs."),
    Act.RETURN: _l("%(code)s has been returned; the clock stands."),
    Act.APPRAISE: _l("The opinion on %(code)s has been recorded."),
    Act.REFUSE: _l("%(code)s has been refused."),
    Act.WITHDRAW: _l("%(code)s has been withdrawn."),
}
Service = Callable[[Dossier], None]


@bp.route("/dossiers/<int:dossier_id>/send/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=Dossier)
def send(dossier: Dossier) -> ResponseReturnValue:
    form = SendForm(data={"version": dossier.version})

    def act(subject: Dossier) -> None:
        procedure.submit(db.session, subject, **_who(form), text=form.text.data or "")

    return _act(dossier, Act.SUBMIT, form, act)


@bp.route("/dossiers/<int:dossier_id>/receive/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_APPRAISE, on=Dossier)
def receive(dossier: Dossier) -> ResponseReturnValue:
    first = {"version": dossier.version, "on": today()}
    form = ReceiptForm(data=first | {"independent_body": dossier.independent_body})

    def act(subject: Dossier) -> None:
        procedure.receive(db.session, subject, form.details(), **_who(form))

    return _act(dossier, Act.RECEIVE, form, act)


@bp.route("/dossiers/<int:dossier_id>/return/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_APPRAISE, on=Dossier)
def return_(dossier: Dossier) -> ResponseReturnValue:
    return _return(dossier)


@bp.route("/dossiers/<int:dossier_id>/decide/return/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_DECIDE, on=Dossier)
def return_undecided(dossier: Dossier) -> ResponseReturnValue:
    return _return(dossier)


def _return(dossier: Dossier) -> ResponseReturnValue:
    form = ReasonForm(data={"version": dossier.version})

    def act(subject: Dossier) -> None:
        procedure.return_(db.session, subject, form.reason.data, **_who(form))

    return _act(dossier, Act.RETURN, form, act)


@bp.route("/dossiers/<int:dossier_id>/appraise/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_APPRAISE, on=Dossier)
def appraise(dossier: Dossier) -> ResponseReturnValue:
    form = OpinionForm(data={"version": dossier.version, "on": today()})

    def act(subject: Dossier) -> None:
        procedure.appraise(db.session, subject, form.details(), **_who(form))

    return _act(dossier, Act.APPRAISE, form, act)


@bp.route("/dossiers/<int:dossier_id>/refuse/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_DECIDE, on=Dossier)
def refuse(dossier: Dossier) -> ResponseReturnValue:
    form = ReasonForm(data={"version": dossier.version})

    def act(subject: Dossier) -> None:
        procedure.refuse(db.session, subject, form.reason.data, **_who(form))

    return _act(dossier, Act.REFUSE, form, act)


@bp.route("/dossiers/<int:dossier_id>/withdraw/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=Dossier)
def withdraw(dossier: Dossier) -> ResponseReturnValue:
    form = ReasonForm(data={"version": dossier.version})

    def act(subject: Dossier) -> None:
        procedure.withdraw(db.session, subject, form.reason.data, **_who(form))

    return _act(dossier, Act.WITHDRAW, form, act)


def _who(form: Versioned) -> dict[str, Any]:
    return {"by": current_person(), "at": clock.now(), "version": form.known_version()}


def _act(dossier: Dossier, act: Act, form: Versioned, service: Service) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return _page(loaded(dossier.id), act, form)
    try:
        service(dossier)
    except Conflict as error:
        return overtaken(dossier.id, error, _(ACTS[act]))
    except DomainError as error:
        mend(form, error)
        return _page(loaded(dossier.id), act, form)
    db.session.commit()
    flash(DONE[act] % {"code": dossier.code}, "success")
    return redirect(url_for("approvals.dossier", dossier_id=dossier.id))


def _page(dossier: Dossier, act: Act, form: Versioned) -> ResponseReturnValue:
    heading, submit = HEADINGS[act]
    barrier = duties.barrier(db.session, dossier, act, by=current_person(), on=today())
    return form_page(
        "approvals/act.html",
        form,
        dossier=dossier,
        act=act.value,
        heading=heading,
        submit=submit,
        barrier=explain(barrier) if barrier else "",
        missing=dossiers.missing(dossier),
        paper_kinds=PAPER_KINDS,
        clock=clocks_of([dossier]).get(dossier.id),
        holder=holder(dossier),
    )


def overtaken(
    identity: int, error: DomainError, intended: str | list[tuple[str, str]]
) -> ResponseReturnValue:
    """What somebody else made of the dossier meanwhile, beside what this person meant to do."""
    db.session.rollback()
    dossier = loaded(identity)
    page = render_template(
        "approvals/overtaken.html",
        dossier=dossier,
        reason=explain(error),
        intended=intended,
        history=history(dossier)[:3],
        verdicts=VERDICTS,
    )
    return page, 409
