"""Planning the duty of a team, and what happens to single shifts."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.roster.forms.duty import (
    RotationForm,
    ShiftForm,
    StandInForm,
    SwapForm,
    as_local,
    rotation_form,
)
from drills.roster.models import DUTY_ROLES, Shift, ShiftOverride, Team
from drills.roster.services import duty, shifts
from drills.roster.views.blueprint import bp
from drills.roster.views.duty import zone_of
from drills.roster.views.trying import tried
from drills.web.access import load, requires
from drills.web.errors import explain
from drills.web.filters import span
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.route("/teams/<int:team_id>/duty/plan", methods=["GET", "POST"])
@requires(Permission.DUTY_EDIT, on=Team)
def duty_plan(team: Team) -> ResponseReturnValue:
    """Ask who takes turns, show the shifts that would be, write them: three turns of one page."""
    form, members = _rotation(team)
    if not form.validate_on_submit():
        return form_page("roster/duty/plan.html", form, team=team, drafts=None, names={})
    try:
        drafts = shifts.drafted(form.rota(), form.rotation(members))
        shifts.refuse_double(db.session, team, drafts)
    except DomainError as error:
        form.form_errors.append(explain(error))
        return form_page("roster/duty/plan.html", form, team=team, drafts=None, names={})
    if request.form.get("act") != "plan":
        return _drafted(team, form, drafts, {member.id: member.name for member in members})
    return _carry_out(team, form, drafts)


def _rotation(team: Team) -> tuple[RotationForm, Any]:
    """The form as it would go on from the shifts there are, and the members it asks about."""
    rota, last = shifts.rota_of(db.session, team), shifts.last_shifts(db.session, team)
    today = clock.today(zone_of(rota))
    members = shifts.members_on(db.session, team, today)
    given: dict[str, Any] = {"time_zone": current_person().time_zone}
    given |= {f"turn-{person}": turn for person, turn in shifts.next_turns(last).items()}
    given["first_on"] = last[-1].ends_at.astimezone(zone_of(rota)).date() if last else today
    return rotation_form(members, obj=rota, data=given), members


def _drafted(team: Team, form: RotationForm, drafts: Any, names: Any) -> ResponseReturnValue:
    sent = {name: text for name, text in request.form.items() if name != "csrf_token"}
    return render_template(
        "roster/duty/plan.html",
        team=team,
        form=form,
        drafts=drafts,
        names=names,
        sent=sent | {"act": "plan"},
        roles=DUTY_ROLES,
    )


def _carry_out(team: Team, form: RotationForm, drafts: Any) -> ResponseReturnValue:
    by = current_person()
    shifts.keep_rota(db.session, team, form.rota(), by=by)
    count = len(shifts.plan_duty(db.session, team, drafts, by=by))
    db.session.commit()
    flash(ngettext("%(num)s shift has been planned.", "%(num)s shifts have been planned.", count),
          "success")  # fmt: skip
    return redirect(url_for(".duty_of", team_id=team.id))


@bp.post("/teams/<int:team_id>/duty/stop")
@requires(Permission.DUTY_EDIT, on=Team)
def duty_stop(team: Team) -> ResponseReturnValue:
    shifts.drop_rota(db.session, team, by=current_person())
    db.session.commit()
    flash(_("The team keeps no duty any more. Its shifts stay on record."), "success")
    return redirect(url_for(".duty_of", team_id=team.id))


@bp.route("/teams/<int:team_id>/duty/shifts/new", methods=["GET", "POST"])
@requires(Permission.DUTY_EDIT, on=Team)
def add_shift(team: Team) -> ResponseReturnValue:
    rota, by = shifts.rota_of(db.session, team), current_person()
    zone = zone_of(rota)
    given: dict[str, Any] = {"start_day": clock.today(zone), "end_day": clock.today(zone)}
    if rota:
        given |= {"start_time": rota.hand_over, "end_time": rota.hand_over}
    form = ShiftForm(data=given)
    if form.validate_on_submit() and tried(
        form, lambda: shifts.add_shift(db.session, team, form.details(zone), by=by)
    ):
        return _saved(team.id)
    return form_page("roster/duty/shift_edit.html", form, team=team, shift=None)


@bp.get("/shifts/<int:shift_id>/")
@requires(Permission.DUTY_VIEW, on=Shift)
def shift(shift: Shift) -> ResponseReturnValue:
    zone = zone_of(shifts.rota_of(db.session, shift.team))
    parts = list(duty.parts_of(shift))
    shown = {"zone": zone, "roles": DUTY_ROLES, "at": clock.now()}
    return render_template("roster/duty/shift.html", shift=shift, parts=parts, **shown)


@bp.route("/shifts/<int:shift_id>/edit", methods=["GET", "POST"])
@requires(Permission.DUTY_EDIT, on=Shift)
def edit_shift(shift: Shift) -> ResponseReturnValue:
    zone, by = zone_of(shifts.rota_of(db.session, shift.team)), current_person()
    form = ShiftForm(obj=shift, data=as_local(shift, zone))
    if form.validate_on_submit() and tried(
        form, lambda: shifts.revise_shift(db.session, shift, form.details(zone), by=by)
    ):
        return _saved(shift.team_id)
    return form_page("roster/duty/shift_edit.html", form, team=shift.team, shift=shift)


@bp.route("/shifts/<int:shift_id>/swap", methods=["GET", "POST"])
@requires(Permission.DUTY_EDIT, on=Shift)
def swap_shift(shift: Shift) -> ResponseReturnValue:
    zone, at, by = zone_of(shifts.rota_of(db.session, shift.team)), clock.now(), current_person()
    others = shifts.to_swap_with(db.session, shift, at)
    form = SwapForm()
    form.offer(others, [f"{o.person.name}, {span(o.starts_at, o.ends_at, zone)}" for o in others])
    if form.validate_on_submit():
        [other] = [one for one in others if one.id == form.other_id.data]
        if tried(form, lambda: shifts.swap(db.session, shift, other, by=by, at=at)):
            return _saved(shift.team_id)
    return form_page("roster/duty/swap.html", form, shift=shift, zone=zone, others=others)


@bp.route("/shifts/<int:shift_id>/stand-in", methods=["GET", "POST"])
@requires(Permission.DUTY_EDIT, on=Shift)
def stand_in(shift: Shift) -> ResponseReturnValue:
    zone, by = zone_of(shifts.rota_of(db.session, shift.team)), current_person()
    form = StandInForm(data=as_local(shift, zone))
    if form.validate_on_submit() and tried(form, lambda: _stand_in(form, shift, zone, by)):
        return redirect(url_for(".shift", shift_id=shift.id))
    return form_page("roster/duty/stand_in.html", form, shift=shift, zone=zone)


def _stand_in(form: StandInForm, shift: Shift, zone: ZoneInfo, by: Person) -> None:
    person: Any = load(Person, form.person_id.data or 0)
    reason = form.reason.data or ""
    shifts.stand_in(db.session, shift, person, form.between(zone), reason, by=by)


@bp.post("/shift-overrides/<int:shift_override_id>/remove")
@requires(Permission.DUTY_EDIT, on=ShiftOverride)
def end_stand_in(shift_override: ShiftOverride) -> ResponseReturnValue:
    shift = shift_override.shift
    shifts.take_back(db.session, shift_override, by=current_person())
    db.session.commit()
    return redirect(url_for(".shift", shift_id=shift.id))


@bp.post("/shifts/<int:shift_id>/remove")
@requires(Permission.DUTY_EDIT, on=Shift)
def remove_shift(shift: Shift) -> ResponseReturnValue:
    team_id = shift.team_id
    shifts.remove_shift(db.session, shift, by=current_person(), at=clock.now())
    db.session.commit()
    return _saved(team_id)


def _saved(team_id: int) -> ResponseReturnValue:
    flash(_("It has been saved."), "success")
    return redirect(url_for(".duty_of", team_id=team_id))
