from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.core.orm import contains
from drills.core.text import N_, fold
from drills.exercises.models import Drill
from drills.extensions import db
from drills.reminders import outbox as letters
from drills.reminders import services
from drills.reminders.forms import RuleForm
from drills.reminders.models import IN_HAND, OPEN, STATES, Delivery, ReminderRule, State
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import PAGE_SIZE, Page, form_page, paged
from drills.web.session import current_person

bp = Blueprint("reminders", __name__)

AHEAD = timedelta(days=30)
PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    label: str
    states: frozenset[State] = frozenset()


TABS = {
    tab.key: tab
    for tab in (
        Tab(PLANNED, N_("To be sent")),
        Tab("waiting", N_("On the way"), OPEN | IN_HAND),
        Tab("sent", N_("Sent"), frozenset({State.SENT})),
        Tab("failed", N_("Failed"), frozenset({State.FAILED})),
        Tab("dropped", N_("Dropped"), frozenset({State.CANCELLED, State.EXPIRED})),
    )
}


@bp.get("/reminders/")
@requires(Permission.REMINDER_VIEW)
def index() -> ResponseReturnValue:
    return _list(None)


@bp.get("/drills/<int:drill_id>/reminders/")
@requires(Permission.REMINDER_VIEW, on=Drill)
def of_drill(drill: Drill) -> ResponseReturnValue:
    return _list(drill)


def _list(drill: Drill | None) -> ResponseReturnValue:
    tab = TABS.get(request.args.get("tab", PLANNED), TABS[PLANNED])
    words = request.args.get("q", "").strip()
    now = clock.now()
    query = _stored(tab) if tab.states else _ahead(drill)
    query = query.where(Drill.visible_to(current_person()))
    if drill:
        query = query.where(Drill.id == drill.id)
    found = sa.or_(contains(Drill.search, fold(words)), contains(Person.search, fold(words)))
    page = paged(db.session, query.where(found) if words else query)
    return render_template(
        "reminders/index.html",
        drill=drill,
        tab=tab,
        tabs=TABS.values(),
        page=page if tab.states else _as_planned(page),
        words=words,
        states=STATES,
        health=services.health(db.session, now=now),
    )


def _ahead(drill: Drill | None) -> sa.Select[Any]:
    now = clock.now()
    until = drill.starts_at if drill else now + AHEAD
    return services.planned(db.session, now=now, until=until)


def _as_planned(page: Page[Any]) -> Page[Any]:
    rows = [services.as_planned(row, clock.now()) for row in page.items]
    return Page(rows, page.total, page.number, page.size, page.query)


def _stored(tab: Tab) -> sa.Select[Any]:
    when = Delivery.sent_at if State.SENT in tab.states else Delivery.due_at
    return (
        sa.select(Delivery)
        .join(Delivery.drill)
        .join(Delivery.person)
        .where(Delivery.state.in_(tab.states))
        .options(joinedload(Delivery.drill), joinedload(Delivery.person), joinedload(Delivery.rule))
        .order_by(when.desc(), Delivery.id.desc())
    )


@bp.post("/reminders/<int:delivery_id>/resend")
@requires(Permission.REMINDER_EDIT, on=Delivery)
def resend(delivery: Delivery) -> ResponseReturnValue:
    services.resend(db.session, delivery, at=clock.now(), by=current_person())
    db.session.commit()
    flash(_("The message will be sent again within a minute."), "success")
    return redirect(url_for(".of_drill", drill_id=delivery.drill_id, tab="waiting"))


@bp.route("/reminders/rules/", methods=["GET", "POST"])
@requires(Permission.REMINDER_EDIT)
def rules() -> ResponseReturnValue:
    form = RuleForm()
    if form.validate_on_submit():
        try:
            services.add_rule(db.session, form.details(), by=current_person())
        except DomainError as error:
            form.form_errors.append(explain(error))
        else:
            db.session.commit()
            flash(_("The lead time has been added."), "success")
            return redirect(url_for(".rules"))
    return form_page("reminders/rules.html", form, rules=services.all_rules(db.session))


@bp.post("/reminders/rules/<int:reminder_rule_id>/switch")
@requires(Permission.REMINDER_EDIT, on=ReminderRule)
def switch_rule(reminder_rule: ReminderRule) -> ResponseReturnValue:
    is_on = request.form.get("on") == "yes"
    services.switch_rule(db.session, reminder_rule, on=is_on, by=current_person())
    db.session.commit()
    flash(_("It is switched on.") if is_on else _("It is switched off."), "success")
    return redirect(url_for(".rules"))


@bp.post("/reminders/rules/<int:reminder_rule_id>/delete")
@requires(Permission.REMINDER_EDIT, on=ReminderRule)
def delete_rule(reminder_rule: ReminderRule) -> ResponseReturnValue:
    services.delete_rule(db.session, reminder_rule, by=current_person())
    db.session.commit()
    flash(_("The lead time has been deleted."), "success")
    return redirect(url_for(".rules"))


def _data() -> Path:
    return Path(current_app.config["DATA"])


@bp.get("/outbox/")
@requires(Permission.OUTBOX_VIEW)
def outbox() -> ResponseReturnValue:
    names = letters.names(_data())
    pages = max(1, -(-len(names) // PAGE_SIZE))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    first = (number - 1) * PAGE_SIZE
    rows = [letters.kept(_data(), name) for name in names[first : first + PAGE_SIZE]]
    page = Page(rows, len(names), number, query=request.args.to_dict(flat=False))
    return render_template("reminders/outbox.html", page=page)


@bp.get("/outbox/<name>/")
@requires(Permission.OUTBOX_VIEW)
def outbox_letter(name: str) -> ResponseReturnValue:
    path = letters.find(_data(), name) or abort(404)
    kept = letters.kept(_data(), name)
    return render_template("reminders/letter.html", letter=kept, text=letters.text_of(path))


@bp.get("/outbox/<name>.eml")
@requires(Permission.OUTBOX_VIEW)
def outbox_file(name: str) -> ResponseReturnValue:
    path = letters.find(_data(), name) or abort(404)
    return send_file(path, mimetype="message/rfc822", as_attachment=True)
