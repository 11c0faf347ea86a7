"""The manager's decision: preselected, looked at once more, recorded; alone or several at once."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.permissions import Permission, visible
from drills.approvals.forms.decisions import BatchDecisionForm, DecisionForm
from drills.approvals.models import VERDICTS, Act, Dossier, State, Verdict
from drills.approvals.models.desk import awaiting, shown
from drills.approvals.models.parties import holder
from drills.approvals.services import deciding, duties
from drills.approvals.services.asked import rules_of
from drills.approvals.views.acts import overtaken
from drills.approvals.views.blueprint import bp
from drills.approvals.views.clockwork import clocks_of
from drills.approvals.views.shown import loaded, mend, today
from drills.core import clock
from drills.core.errors import Conflict, DomainError
from drills.extensions import db
from drills.systems.models import DECISION_KINDS, DecisionKind
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.filters import day
from drills.web.pages import form_page
from drills.web.session import current_person

RECORD, AGAIN = "record", "edit"
"""What the page that shows the decision once more sends: yes, or back to the form."""


@bp.route("/dossiers/<int:dossier_id>/decide/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_DECIDE, on=Dossier)
def decide(dossier: Dossier) -> ResponseReturnValue:
    kinds = deciding.wanted(db.session, dossier) or [DecisionKind.LEVEL]
    first = deciding.proposed(dossier, kinds[0], by=current_person(), on=today())
    form = DecisionForm(kinds, data=first | {"version": dossier.version})
    if not form.is_submitted() or form.step.data == AGAIN or not form.holds():
        return _page(dossier, form)
    if form.step.data != RECORD:
        return _check(dossier, form)
    return _record(dossier, form)


def _page(dossier: Dossier, form: DecisionForm) -> ResponseReturnValue:
    dossier = loaded(dossier.id)
    barrier = duties.barrier(db.session, dossier, Act.APPROVE, by=current_person(), on=today())
    return form_page(
        "approvals/decide.html",
        form,
        dossier=dossier,
        barrier=explain(barrier) if barrier else "",
        is_ready=dossier.state is State.APPRAISED and dossier.verdict is Verdict.FOR,
        verdicts=VERDICTS,
        clock=clocks_of([dossier]).get(dossier.id),
        rules=rules_of(dossier.regime),
        holder=holder(dossier),
    )


def _check(dossier: Dossier, form: DecisionForm) -> ResponseReturnValue:
    """The decision in words before it is recorded; nothing has been written."""
    return render_template(
        "approvals/record.html",
        dossier=loaded(dossier.id),
        rows=_told(form),
        carried=_carried(),
        verdicts=VERDICTS,
    )


def _told(form: DecisionForm | BatchDecisionForm) -> list[tuple[str, str]]:
    """The fields of the form as rows to be read."""
    names = ("number", "authority", "signer", "signer_title")
    days = ("signed_on", "valid_until", "review_due_on")
    rows = [(form[name].label.text, form[name].data) for name in names]
    rows += [(form[name].label.text, day(form[name].data)) for name in days]
    if isinstance(form, DecisionForm):
        conditions = form.ruling(None).conditions
        rows.insert(0, (form.kind.label.text, _(DECISION_KINDS[form.kind.data])))
        rows += [
            (_("Condition"), one.text + (f" ({day(one.due_on)})" if one.due_on else ""))
            for one in conditions
        ]
    return [*rows, (form.basis.label.text, form.basis.data or "")]


def _carried() -> list[tuple[str, str]]:
    """What was typed, to be sent once more with the word that records it."""
    own = {"csrf_token", "step"}
    return [(name, text) for name, text in request.form.items(multi=True) if name not in own]


def _record(dossier: Dossier, form: DecisionForm) -> ResponseReturnValue:
    by, version = current_person(), form.known_version()
    ruling = form.ruling(dossier.system.responsible_id)
    try:
        decision = deciding.approve(
            db.session, dossier, ruling, by=by, at=clock.now(), version=version
        )
    except Conflict as error:
        return overtaken(dossier.id, error, _told(form))
    except DomainError as error:
        mend(form, error)
        return _page(dossier, form)
    db.session.commit()
    flash(_("Decision %(number)s has been recorded.", number=decision.number), "success")
    return redirect(url_for("approvals.decision", decision_id=decision.id, done=1))


@bp.get("/approvals/next/<int:dossier_id>/")
@requires(Permission.DOSSIER_DECIDE, on=Dossier)
def next_waiting(dossier: Dossier) -> ResponseReturnValue:
    """The dossier to decide on after this one, else the desk."""
    found = awaiting(db.session, current_person(), today(), dossier)
    if found is None:
        return redirect(url_for("approvals.desk"))
    return redirect(url_for("approvals.decide", dossier_id=found.id))


@bp.post("/approvals/batch/")
@requires(Permission.DOSSIER_DECIDE)
def batch() -> ResponseReturnValue:
    """Several dossiers by one document: chosen, written, looked at, recorded."""
    dossiers = _chosen()
    if not dossiers:
        flash(_("Tick the dossiers to decide on first."), "warning")
        return redirect(url_for("approvals.desk"))
    form = BatchDecisionForm()
    if "number" not in request.form:
        kind = DecisionKind.LEVEL
        first = deciding.proposed(dossiers[0], kind, by=current_person(), on=today())
        return _batch_page(BatchDecisionForm(formdata=None, data=first), dossiers)
    if not form.holds():
        return _batch_page(form, dossiers)
    return _carry_out(form, dossiers)


def _chosen() -> list[Dossier]:
    ids = [int(text) for text in request.form.getlist("id") if text.isdecimal()]
    query = visible(Dossier, current_person()).where(Dossier.id.in_(ids[:200]))
    return list(db.session.scalars(query.order_by(Dossier.id).options(*shown())).unique())


def _batch_page(form: BatchDecisionForm, dossiers: list[Dossier]) -> ResponseReturnValue:
    on, person = today(), current_person()
    barriers = {
        one.id: duties.barrier(db.session, one, Act.APPROVE, by=person, on=on) for one in dossiers
    }
    kinds: dict[Any, list[Dossier]] = {}
    for one in dossiers:
        kinds.setdefault(deciding.sameness(one), []).append(one)
    return form_page(
        "approvals/batch.html",
        form,
        dossiers=dossiers,
        is_mixed=len(kinds) > 1,
        reasons={key: explain(error) for key, error in barriers.items() if error},
        excluded=_excluded(form, dossiers),
        verdicts=VERDICTS,
    )


def _excluded(form: BatchDecisionForm, dossiers: list[Dossier]) -> set[int]:
    """The rows that were ticked off on this page."""
    if not form.is_submitted() or "number" not in request.form:
        return set()
    kept = set(request.form.getlist("keep"))
    return {one.id for one in dossiers if str(one.id) not in kept}


def _carry_out(form: BatchDecisionForm, dossiers: list[Dossier]) -> ResponseReturnValue:
    left_out = _excluded(form, dossiers)
    rows = [(one, _version(one)) for one in dossiers if one.id not in left_out]
    try:
        outcomes = deciding.decide_many(
            db.session, rows, form.ruling(), by=current_person(), at=clock.now()
        )
    except DomainError as error:
        mend(form, error)
        return _batch_page(form, dossiers)
    db.session.commit()
    done = [one for one in outcomes if one.decision]
    return render_template(
        "approvals/batch_done.html",
        done=done,
        failed=[(one.dossier, explain(one.error)) for one in outcomes if one.error],
        left_out=[one for one in dossiers if one.id in left_out],
        heading=ngettext("%(num)s decision recorded", "%(num)s decisions recorded", len(done)),
    )


def _version(dossier: Dossier) -> int:
    text = request.form.get(f"version-{dossier.id}", "")
    return int(text) if text.isdecimal() else 0
