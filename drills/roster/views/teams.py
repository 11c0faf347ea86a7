from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits, visible
from drills.core import clock
from drills.core.orm import contains
from drills.core.text import fold
from drills.extensions import db
from drills.roster import services
from drills.roster.forms import MemberForm, TeamForm
from drills.roster.models import TEAM_ROLES, Member, Team, TeamDetails
from drills.roster.views.blueprint import bp
from drills.web.access import load, requires
from drills.web.pages import form_page, paged
from drills.web.session import current_person


@bp.get("/teams/")
@requires(Permission.TEAM_VIEW)
def index() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()
    teams: Any = visible(Team, current_person()).where(contains(Team.search, fold(words)))
    page = paged(db.session, _counted(teams).order_by(Team.sort, Team.id))
    return render_template("roster/index.html", page=page, words=words)


def _counted(teams: sa.Select[Any]) -> sa.Select[Any]:
    """Each team with how many members it has today, and how many of them are core."""
    today = clock.today(get_timezone())
    mine = sa.and_(Member.team_id == Team.id, Member.current(today))
    members = sa.select(sa.func.count()).where(mine).scalar_subquery()
    core = sa.select(sa.func.count()).where(mine, Member.is_core).scalar_subquery()
    return teams.add_columns(members, core).options(joinedload(Team.unit))


@bp.get("/teams/<int:team_id>/")
@requires(Permission.TEAM_VIEW, on=Team)
def show(team: Team) -> ResponseReturnValue:
    today = clock.today(get_timezone())
    members = db.session.scalars(
        sa.select(Member)
        .join(Member.person)
        .where(Member.team_id == team.id)
        .options(joinedload(Member.person).joinedload(Person.unit))
        .order_by(Person.sort, Member.starts_on)
    ).all()
    former = [member for member in members if member.has_left(today)]
    current = [member for member in members if not member.has_left(today)]
    by = current_person()
    is_mate = any(member.person_id == by.id for member in current)
    shown: dict[str, Any] = {"team": team, "current": current, "former": former}
    shown["sees_contacts"] = is_mate or permits(by, Permission.TEAM_EDIT)
    return render_template("roster/show.html", roles=TEAM_ROLES, **shown)


@bp.route("/teams/new", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
def create() -> ResponseReturnValue:
    form = TeamForm(data={"unit_id": current_person().unit_id})
    if form.validate_on_submit():
        details = form.to(TeamDetails)
        team = services.create_team(db.session, details, by=current_person())
        db.session.commit()
        flash(_("The team “%(name)s” has been added.", name=team.name), "success")
        return redirect(url_for(".show", team_id=team.id))
    return form_page("roster/edit.html", form, team=None)


@bp.route("/teams/<int:team_id>/edit", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT, on=Team)
def edit(team: Team) -> ResponseReturnValue:
    form = TeamForm(obj=team)
    if form.validate_on_submit():
        services.revise_team(db.session, team, form.to(TeamDetails), by=current_person())
        db.session.commit()
        flash(_("It has been saved."), "success")
        return redirect(url_for(".show", team_id=team.id))
    return form_page("roster/edit.html", form, team=team)


@bp.route("/teams/<int:team_id>/members/new", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT, on=Team)
def add_member(team: Team) -> ResponseReturnValue:
    form = MemberForm(data={"unit_id": team.unit_id, "starts_on": clock.today(get_timezone())})
    if form.validate_on_submit():
        by = current_person()
        person = _chosen(form, by)
        services.add_member(db.session, team, person, form.details(), by=by)
        db.session.commit()
        flash(_("%(person)s is in the team now.", person=person.name), "success")
        return redirect(url_for(".show", team_id=team.id))
    return form_page("roster/member.html", form, team=team)


def _chosen(form: MemberForm, by: Person) -> Person:
    """The person picked in the form, or the new one it describes."""
    if form.is_new:
        return services.add_person(db.session, form.newcomer(), by=by)
    person = load(Person, form.person_id.data or 0)
    assert isinstance(person, Person)
    return person
