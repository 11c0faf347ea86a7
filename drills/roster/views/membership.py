from collections.abc import Callable

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.roster import services
from drills.roster.forms import EndForm, ReformForm, TimeForm
from drills.roster.models import Member, Team
from drills.roster.views.blueprint import bp
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.forms import Form
from drills.web.pages import form_page
from drills.web.session import current_person


def tried(form: Form, act: Callable[[], object]) -> bool:
    """Whether it could be done; what the domain forbids comes back as a mistake on the form."""
    try:
        act()
    except DomainError as error:
        db.session.rollback()
        form.form_errors.append(explain(error))
        return False
    db.session.commit()
    return True


@bp.route("/teams/members/<int:member_id>/edit", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT, on=Member)
def edit_member(member: Member) -> ResponseReturnValue:
    form, by = TimeForm(obj=member), current_person()
    if form.validate_on_submit() and tried(
        form, lambda: services.revise_member(db.session, member, form.details(), by=by)
    ):
        flash(_("It has been saved."), "success")
        return redirect(url_for(".show", team_id=member.team_id))
    return form_page("roster/edit_member.html", form, member=member)


@bp.route("/teams/members/<int:member_id>/end", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT, on=Member)
def end_member(member: Member) -> ResponseReturnValue:
    today, by = clock.today(get_timezone()), current_person()
    form = EndForm(obj=member, data={"ends_on": member.ends_on or today})
    if form.validate_on_submit() and tried(
        form, lambda: services.end_member(db.session, member, form.details(), by=by)
    ):
        flash(_("It has been saved."), "success")
        return redirect(url_for(".show", team_id=member.team_id))
    return form_page("roster/end.html", form, member=member)


@bp.route("/teams/<int:team_id>/reform", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT, on=Team)
def reform(team: Team) -> ResponseReturnValue:
    today, by = clock.today(get_timezone()), current_person()
    form = ReformForm(data={"on": today})
    form.offer([member for member in team.members if not member.has_left(today)])
    made: list[Team] = []
    if form.validate_on_submit() and tried(
        form, lambda: made.append(services.reform(db.session, team, form.terms(), by=by))
    ):
        count = len(form.kept.data or ())
        flash(ngettext("%(num)s member stays.", "%(num)s members stay.", count), "success")
        return redirect(url_for(".show", team_id=made[0].id))
    return form_page("roster/reform.html", form, team=team)
