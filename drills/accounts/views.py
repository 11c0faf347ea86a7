"""Pages about accounts, one's own profile, and the organisation."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts import letters, services
from drills.accounts.forms import AccountForm, ProfileForm, SettingsForm, role_choices
from drills.accounts.models import ROLE_NAMES, Grant, Person, Role
from drills.accounts.permissions import Permission, visible
from drills.audit import services as audit
from drills.core.orm import contains
from drills.core.text import fold
from drills.extensions import db
from drills.units.models import Organisation, Unit
from drills.web.access import load, requires
from drills.web.language import LANGUAGES, organisation
from drills.web.pages import form_page, paged
from drills.web.session import current_person

bp = Blueprint("accounts", __name__)

STATES = ("", "disabled", "people")
"""Those with an account, those whose account is closed, everybody known."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to, from the address."""

    words: str
    role: Role | None
    unit: Unit | None
    state: str

    @classmethod
    def of_request(cls) -> "Wanted":
        role, unit_id = request.args.get("role", ""), request.args.get("unit", type=int)
        unit = load(Unit, unit_id) if unit_id else None
        state = request.args.get("state", "")
        return cls(
            words=request.args.get("q", "").strip(),
            role=Role(role) if role in set(Role) else None,
            unit=unit if isinstance(unit, Unit) else None,
            state=state if state in STATES else "",
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.words or self.role or self.unit or self.state)

    def rows(self) -> sa.Select[Any]:
        query = visible(Person, current_person()).join(Person.unit).order_by(Person.sort, Person.id)
        query = query.options(sa.orm.contains_eager(Person.unit))
        query = query.options(sa.orm.joinedload(Person.own_scope))
        query = query.where(contains(Person.search, fold(self.words)), self._standing())
        if self.role:
            query = query.where(Person.grants.any(Grant.role == self.role))
        if self.unit:
            query = query.where(Person.unit_id.in_(Unit.ids_under(self.unit.path)))
        return query

    def _standing(self) -> sa.ColumnElement[bool]:
        if self.state == "people":
            return sa.true()
        if self.state == "disabled":
            return sa.and_(
                ~Person.active, sa.or_(Person.password.is_not(None), Person.grants.any())
            )
        return Person.active.is_(True)


@bp.get("/accounts/")
@requires(Permission.ACCOUNT_VIEW)
def index() -> ResponseReturnValue:
    wanted = Wanted.of_request()
    page = paged(db.session, wanted.rows())
    return render_template(
        "accounts/index.html",
        page=page,
        wanted=wanted,
        roles=[(choice.value, choice.label) for choice in role_choices()],
        role_names=ROLE_NAMES,
    )


@bp.route("/accounts/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_EDIT)
def create() -> ResponseReturnValue:
    home = organisation()
    form = AccountForm(data=_new(home))
    if form.validate_on_submit():
        person = services.create(db.session, form.to_details(), by=current_person())
        db.session.commit()
        flash(_("The account has been added. Give its owner a password link."), "ok")
        return redirect(url_for("accounts.show", person_id=person.id))
    return form_page("accounts/create.html", form)


def _new(home: Organisation | None) -> dict[str, Any]:
    if home is None:
        return {"active": True}
    return {"active": True, "language": home.language, "time_zone": home.time_zone}


@bp.get("/accounts/<int:person_id>/")
@requires(Permission.ACCOUNT_VIEW, on=Person)
def show(person: Person) -> ResponseReturnValue:
    return _show(person)


def _show(person: Person, link: str = "") -> ResponseReturnValue:
    return render_template(
        "accounts/show.html",
        account=person,
        role_names=ROLE_NAMES,
        language_names=LANGUAGES,
        link=link,
        history=audit.history(db.session, person, limit=20),
    )


@bp.route("/accounts/<int:person_id>/edit", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_EDIT, on=Person)
def edit(person: Person) -> ResponseReturnValue:
    form = AccountForm(obj=person, data={"roles": [role.value for role in person.roles]})
    if form.validate_on_submit():
        services.revise(db.session, person, form.to_details(), by=current_person())
        db.session.commit()
        flash(_("The account has been saved."), "ok")
        return redirect(url_for("accounts.show", person_id=person.id))
    return form_page("accounts/edit.html", form, account=person)


@bp.post("/accounts/<int:person_id>/password-link")
@requires(Permission.ACCOUNT_EDIT, on=Person)
def password_link(person: Person) -> ResponseReturnValue:
    services.note_password_link(db.session, person, by=current_person())
    db.session.commit()
    return _show(person, letters.reset_link(person))


@bp.post("/accounts/<int:person_id>/disable")
@requires(Permission.ACCOUNT_EDIT, on=Person)
def disable(person: Person) -> ResponseReturnValue:
    services.disable(db.session, person, by=current_person())
    db.session.commit()
    flash(_("The account is closed; its sessions have ended."), "ok")
    return redirect(url_for("accounts.show", person_id=person.id))


@bp.post("/accounts/<int:person_id>/sign-out")
@requires(Permission.ACCOUNT_EDIT, on=Person)
def sign_out(person: Person) -> ResponseReturnValue:
    services.sign_out_everywhere(db.session, person, by=current_person())
    db.session.commit()
    flash(_("All sessions of this account have ended."), "ok")
    return redirect(url_for("accounts.show", person_id=person.id))


@bp.route("/profile", methods=["GET", "POST"])
@requires(Permission.PROFILE_EDIT)
def profile() -> ResponseReturnValue:
    person = current_person()
    form = ProfileForm(obj=person)
    if form.validate_on_submit():
        services.revise_profile(db.session, person, form.to_details())
        db.session.commit()
        flash(_("Your profile has been saved."), "ok")
        return redirect(url_for("accounts.profile"))
    return form_page("accounts/profile.html", form, account=person, role_names=ROLE_NAMES)


@bp.post("/profile/sign-out-everywhere")
@requires(Permission.PROFILE_EDIT)
def sign_out_everywhere() -> ResponseReturnValue:
    person = current_person()
    services.sign_out_everywhere(db.session, person, by=person)
    db.session.commit()
    session.clear()
    flash(_("You have been signed out on every device."), "ok")
    return redirect(url_for("security.login"))


@bp.route("/settings", methods=["GET", "POST"])
@requires(Permission.SETTINGS_EDIT)
def settings() -> ResponseReturnValue:
    home = organisation() or abort(404)
    form = SettingsForm.of(home)
    if form.validate_on_submit():
        services.revise_organisation(db.session, home, form.to_details(), by=current_person())
        db.session.commit()
        flash(_("The settings have been saved."), "ok")
        return redirect(url_for("accounts.settings"))
    return form_page("accounts/settings.html", form)
