from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.roster import services
from drills.roster.forms.people import ChannelForm, PersonForm, language_name
from drills.roster.lists import LACKS, Wanted, memberships
from drills.roster.models import (
    CHANNEL_KINDS,
    EXPERT_GROUPS,
    TEAM_ROLES,
    ChannelKind,
    ContactChannel,
    Member,
    Team,
)
from drills.roster.services import channels
from drills.roster.views.blueprint import bp
from drills.units.models import Unit
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page, paged
from drills.web.session import current_person


@bp.get("/people/")
@requires(Permission.TEAM_VIEW)
def people() -> ResponseReturnValue:
    wanted = Wanted.of(request.args, clock.today(get_timezone()))
    page = paged(db.session, wanted.rows(current_person()))
    teams = memberships(db.session, [person.id for person in page.items], wanted.on)
    words = {"lacks": LACKS, "groups": EXPERT_GROUPS, "roles": TEAM_ROLES}
    options = _options(wanted)
    shown = {"page": page, "wanted": wanted, "teams": teams, "options": options}
    return render_template("roster/people.html", **shown, **words)


def _options(wanted: Wanted) -> dict[str, list[tuple[int, str]]]:
    """The teams to choose from and the unit that is chosen, by one statement."""
    teams: Any = visible(Team, current_person())
    unit: Any = visible(Unit, current_person()).where(Unit.id == wanted.unit_id)
    rows = sa.union_all(
        teams.with_only_columns(sa.literal("team").label("kind"), Team.id, Team.name, Team.sort),
        unit.with_only_columns(sa.literal("unit"), Unit.id, Unit.name, Unit.sort),
    ).subquery()
    found: dict[str, list[tuple[int, str]]] = {"team": [], "unit": []}
    for kind, identity, name, _sort in db.session.execute(sa.select(rows).order_by(rows.c.sort)):
        found[kind].append((identity, name))
    return found


@bp.get("/people/<int:person_id>/")
@requires(Permission.TEAM_VIEW, on=Person)
def person(person: Person) -> ResponseReturnValue:
    return _show(person, ChannelForm())


def _show(person: Person, form: ChannelForm) -> ResponseReturnValue:
    sight = channels.sight(db.session, current_person(), person)
    found = channels.seen(channels.ways_of(db.session, person), sight)
    query = sa.select(Member).where(Member.person_id == person.id).join(Team)
    members = db.session.scalars(query.order_by(Member.starts_on.desc(), Member.id)).all()
    sees_all = sight is channels.Sight.ALL
    shown: dict[str, Any] = {"person": person, "ways": found, "sight": sight, "members": members}
    profile = services.profile_of(db.session, person) if sees_all else None
    shown["profile"] = profile
    shown["spoken"] = [language_name(code) for code in profile.languages] if profile else []
    shown["expertise"] = sorted(services.expert_groups(db.session, person))
    words = {"kinds": CHANNEL_KINDS, "groups": EXPERT_GROUPS, "roles": TEAM_ROLES}
    shown["today"] = clock.today(get_timezone())
    return form_page("roster/person.html", form, **shown, **words)


@bp.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
@requires(Permission.PERSON_EDIT, on=Person)
def edit_person(person: Person) -> ResponseReturnValue:
    profile = services.profile_of(db.session, person)
    groups = services.expert_groups(db.session, person)
    form = PersonForm(person, data=PersonForm.known(profile, groups))
    if form.validate_on_submit() and _saved(form, person):
        flash(_("It has been saved."), "success")
        return redirect(url_for(".person", person_id=person.id))
    return form_page("roster/edit_person.html", form, person=person)


def _saved(form: PersonForm, person: Person) -> bool:
    """Whether it could be; if not, the form says why."""
    details, profile, by = form.details(), form.profile(), current_person()
    try:
        services.revise_person(db.session, person, details, profile, by=by)
    except DomainError as error:
        db.session.rollback()
        form.form_errors.append(explain(error))
        return False
    db.session.commit()
    return True


@bp.post("/people/<int:person_id>/channels")
@requires(Permission.PERSON_EDIT, on=Person)
def add_channel(person: Person) -> ResponseReturnValue:
    form = ChannelForm()
    if form.validate_on_submit():
        try:
            services.add_channel(db.session, person, form.details(), by=current_person())
            db.session.commit()
            return redirect(url_for(".person", person_id=person.id, _anchor="channels"))
        except DomainError as error:
            db.session.rollback()
            form.value.errors = [explain(error)]
    return _show(person, form)


@bp.post("/people/<int:person_id>/preferred")
@requires(Permission.PERSON_EDIT, on=Person)
def prefer_channel(person: Person) -> ResponseReturnValue:
    """``kind`` and ``value`` say which way; a primary one need not have a row of its own."""
    kind, value = request.form.get("kind", ""), request.form.get("value", "")
    if kind not in list(ChannelKind):
        raise DomainError(channels.NOT_THEIRS, person=person.name)
    channels.prefer_way(db.session, person, ChannelKind(kind), value, by=current_person())
    db.session.commit()
    return redirect(url_for(".person", person_id=person.id, _anchor="channels"))


@bp.post("/people/channels/<int:contact_channel_id>/remove")
@requires(Permission.PERSON_EDIT, on=ContactChannel)
def remove_channel(contact_channel: ContactChannel) -> ResponseReturnValue:
    person_id = contact_channel.person_id
    services.remove_channel(db.session, contact_channel, by=current_person())
    db.session.commit()
    return redirect(url_for(".person", person_id=person_id, _anchor="channels"))
