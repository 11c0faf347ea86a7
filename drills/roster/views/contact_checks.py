"""Contact checks: opening one, following it, telephoning those who do not answer."""

import io
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, visible
from drills.audit import services as audit
from drills.core import clock
from drills.core.days import read_date
from drills.core.orm import NAME_MAX
from drills.core.tabular import write_xlsx
from drills.extensions import db
from drills.files.sending import send_bytes
from drills.roster.forms.contact_checks import CheckForm, RhythmForm
from drills.roster.models import ASK_STATES, AskState, AskVia, ContactAsk, ContactCheck, Team
from drills.roster.services import confirming
from drills.roster.services import contact_checks as services
from drills.roster.views.blueprint import bp
from drills.roster.views.sheets import XLSX
from drills.roster.views.trying import tried
from drills.web.access import requires
from drills.web.pages import form_page, paged
from drills.web.session import current_person

OPEN_FOR = timedelta(days=14)


@bp.get("/contact-checks/")
@requires(Permission.CONTACT_VIEW)
def contact_checks() -> ResponseReturnValue:
    at = clock.now()
    seen: Any = visible(ContactCheck, current_person())
    query = seen.order_by(ContactCheck.opened_at.desc(), ContactCheck.id.desc())
    page = paged(db.session, query)
    standing = services.standing(db.session, page.items, at)
    shown = {"page": page, "standing": standing, "at": at, "states": AskState}
    return render_template("roster/contact_checks/index.html", **shown)


def _proposed(by: Person, today: date) -> dict[str, Any]:
    """What the address proposes, as the link from a drill does."""
    asked, usual = request.args, today + OPEN_FOR
    teams: Any = visible(Team, by).where(Team.id.in_(asked.getlist("team", type=int)))
    return {
        "name": asked.get("name", "")[:NAME_MAX],
        "unit_id": by.scope.id,
        "team_ids": [team.id for team in db.session.scalars(teams)],
        "last_day": max(today, read_date(asked.get("last_day", "")) or usual),
    }


@bp.route("/contact-checks/new", methods=["GET", "POST"])
@requires(Permission.CONTACT_EDIT)
def open_contact_check() -> ResponseReturnValue:
    by, at = current_person(), clock.now()
    form = CheckForm(data=_proposed(by, at.astimezone(by.zone).date()))
    opened: list[ContactCheck] = []
    if form.validate_on_submit() and tried(
        form,
        lambda: opened.append(services.open_check(db.session, form.details(by.zone), by=by, at=at)),
    ):
        flash(_("The check is open. Its first letters go out now."), "success")
        return redirect(url_for(".contact_check", contact_check_id=opened[0].id))
    return form_page("roster/contact_checks/open.html", form)


@bp.get("/contact-checks/<int:contact_check_id>/")
@requires(Permission.CONTACT_VIEW, on=ContactCheck)
def contact_check(contact_check: ContactCheck) -> ResponseReturnValue:
    """Everybody asked, or those in the one state of ``?state=``."""
    at, wanted = clock.now(), request.args.get("state", "")
    query = services.asks_of(contact_check, at)
    if wanted in ASK_STATES:
        query = query.where(ContactAsk.state_at(at) == wanted)
    return render_template(
        "roster/contact_checks/show.html",
        check=contact_check,
        page=paged(db.session, query),
        standing=services.standing(db.session, [contact_check], at)[contact_check.id],
        corrections=services.open_corrections(db.session, contact_check),
        teams=services.teams_named(db.session, contact_check),
        wanted=wanted,
        states=ASK_STATES,
        at=at,
    )


@bp.get("/contact-checks/<int:contact_check_id>/unanswered")
@requires(Permission.CONTACT_VIEW, on=ContactCheck)
def contact_unanswered(contact_check: ContactCheck) -> ResponseReturnValue:
    """Who has not answered, to be telephoned; those reached so are listed below."""
    at = clock.now()
    page = paged(db.session, services.unanswered(contact_check, at))
    called = services.asks_of(contact_check, at).where(ContactAsk.via == AskVia.CALL)
    return render_template(
        "roster/contact_checks/unanswered.html",
        check=contact_check,
        page=page,
        called=db.session.execute(called).unique().all(),
        states=ASK_STATES,
        at=at,
    )


@bp.get("/contact-checks/<int:contact_check_id>/unanswered.xlsx")
@requires(Permission.CONTACT_EDIT, on=ContactCheck)
def contact_unanswered_sheet(contact_check: ContactCheck) -> ResponseReturnValue:
    """The same as a file, with the numbers: that somebody took it stands in the trail."""
    target, headers = io.BytesIO(), ("Name", "Unit", "Mobile", "Telephone", "E-mail", "State")
    asks = db.session.execute(services.unanswered(contact_check, clock.now())).unique()
    rows = [[*_cells(ask), _(ASK_STATES[AskState(state)])] for ask, state in asks]
    write_xlsx(target, [_(header) for header in headers], rows, sheet=contact_check.name)
    audit.record(db.session, "contact.list_taken", contact_check, by=current_person())
    db.session.commit()
    return send_bytes(target.getvalue(), _("not-answered") + f"-{contact_check.id}.xlsx", XLSX)


def _cells(ask: ContactAsk) -> list[str]:
    person = ask.person
    return [person.name, person.unit.name, person.mobile, person.phone, person.email or ""]


@bp.post("/contact-asks/<int:contact_ask_id>/tick")
@requires(Permission.CONTACT_EDIT, on=ContactAsk)
def tick_off(contact_ask: ContactAsk) -> ResponseReturnValue:
    services.tick_off(db.session, contact_ask, by=current_person(), at=clock.now())
    db.session.commit()
    flash(_("%(person)s is ticked off.", person=contact_ask.name), "success")
    return redirect(url_for(".contact_unanswered", contact_check_id=contact_ask.check_id))


@bp.post("/contact-asks/<int:contact_ask_id>/untick")
@requires(Permission.CONTACT_EDIT, on=ContactAsk)
def untick(contact_ask: ContactAsk) -> ResponseReturnValue:
    services.untick(db.session, contact_ask, by=current_person(), at=clock.now())
    db.session.commit()
    return redirect(url_for(".contact_unanswered", contact_check_id=contact_ask.check_id))


@bp.post("/contact-checks/<int:contact_check_id>/retry")
@requires(Permission.CONTACT_EDIT, on=ContactCheck)
def retry_contact_check(contact_check: ContactCheck) -> ResponseReturnValue:
    count = services.retry_now(db.session, contact_check, by=current_person(), at=clock.now())
    db.session.commit()
    message = ngettext("%(num)s person is asked again.", "%(num)s people are asked again.", count)
    flash(message, "success")
    return redirect(url_for(".contact_check", contact_check_id=contact_check.id))


@bp.post("/contact-checks/<int:contact_check_id>/close")
@requires(Permission.CONTACT_EDIT, on=ContactCheck)
def close_contact_check(contact_check: ContactCheck) -> ResponseReturnValue:
    services.close(db.session, contact_check, by=current_person(), at=clock.now())
    db.session.commit()
    flash(_("The check is closed. Its links lead nowhere now."), "success")
    return redirect(url_for(".contact_check", contact_check_id=contact_check.id))


@bp.route("/teams/<int:team_id>/contact-rhythm", methods=["GET", "POST"])
@requires(Permission.CONTACT_EDIT, on=Team)
def contact_rhythm(team: Team) -> ResponseReturnValue:
    form = RhythmForm(obj=team)
    if form.validate_on_submit():
        months = form.contact_check_months.data
        confirming.set_rhythm(db.session, team, months, by=current_person())
        db.session.commit()
        flash(_("It has been saved."), "success")
        return redirect(url_for(".show", team_id=team.id))
    return form_page("roster/contact_checks/rhythm.html", form, team=team)
