"""One system: its page, entering it, changing it, taking it out of use."""

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import Conflict, DomainError
from drills.extensions import db
from drills.systems import services
from drills.systems.forms import FIRST, SystemForm
from drills.systems.models import (
    FIELDS,
    PLAN_STATES,
    STANDINGS,
    SYSTEM_KINDS,
    SYSTEM_STATUSES,
    InformationSystem,
    neighbours,
    standing,
)
from drills.systems.views import address
from drills.systems.views.blueprint import bp
from drills.systems.views.history import told
from drills.systems.views.lists import STATES
from drills.systems.views.steps import stepper
from drills.units.models import Unit
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.get("/<int:system_id>/")
@requires(Permission.SYSTEM_VIEW, on=InformationSystem)
def show(system: InformationSystem) -> ResponseReturnValue:
    filters = address.filters()
    before, after = neighbours(db.session, system, filters, current_person())
    return render_template(
        "systems/show.html",
        system=system,
        today=filters.on,
        before=before,
        after=after,
        query=address.query(),
        standing=standing(system, filters.on),
        standings=STANDINGS,
        states=STATES,
        stepper=stepper(system, filters.on),
        history=told(db.session, system),
        kinds=SYSTEM_KINDS,
        plans=PLAN_STATES,
        statuses=SYSTEM_STATUSES,
    )


@bp.route("/new/", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def create() -> ResponseReturnValue:
    form = SystemForm(data=FIRST)
    if form.holds() and (system := _registered(form)):
        db.session.commit()
        flash(_("%(code)s has been entered.", code=system.code), "success")
        return redirect(url_for("systems.show", system_id=system.id))
    return form_page("systems/edit.html", form, system=None, back=address.listed())


def _registered(form: SystemForm) -> InformationSystem | None:
    """The new system, or None with the reason put beside the field."""
    try:
        return services.register(db.session, form.details(), by=current_person())
    except DomainError as error:
        db.session.rollback()
        form.code.errors = [explain(error)]
        return None


@bp.route("/<int:system_id>/edit/", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT, on=InformationSystem)
def edit(system: InformationSystem) -> ResponseReturnValue:
    form = _form(system)
    if form.holds():
        try:
            _revise(system, form)
        except Conflict:
            return _conflict(system.id, form)
        except DomainError as error:
            db.session.rollback()
            form.code.errors = [explain(error)]
        else:
            return redirect(f"{address.listed()}#{system.code}")
    return form_page("systems/edit.html", form, system=system, back=_back(system.id))


def _form(system: InformationSystem, **given: Any) -> SystemForm:
    is_fixed = services.fixes_review(db.session, system)
    return SystemForm(system=system, has_fixed_review=is_fixed, **given)


def _revise(system: InformationSystem, form: SystemForm) -> None:
    version = form.known_version()
    services.revise(db.session, system, form.details(), by=current_person(), version=version)
    db.session.commit()
    flash(_("%(code)s has been changed.", code=system.code), "success")


def _back(system_id: int) -> str:
    return url_for("systems.show", system_id=system_id, **address.query())


def _conflict(system_id: int, form: SystemForm) -> ResponseReturnValue:
    """Both versions side by side, and a form with the reader's own, ready to be sent again."""
    db.session.rollback()
    system = db.session.get_one(InformationSystem, system_id, populate_existing=True)
    theirs, mine = _form(system, formdata=None), form.details()
    rows = [
        (_(FIELDS[name]), _value(name, theirs), _value(name, form))
        for name in FIELDS
        if name in form and name in theirs and getattr(system, name) != getattr(mine, name)
    ]
    form.version.data = str(system.version)
    page = render_template(
        "systems/conflict.html", form=form, system=system, rows=rows, back=_back(system_id)
    )
    return page, 409


def _value(name: str, form: SystemForm) -> str:
    """What a field holds, in words."""
    field = form[name]
    model: Any = Unit if name in {"owner_id", "operator_id"} else Person
    if name.endswith("_id"):
        return db.session.scalar(sa.select(model.name).where(model.id == field.data)) or ""
    if field.type == "SelectField":
        return str({c.value: c.label for c in field.choices}.get(_key(field.data), ""))
    if field.type == "BooleanField":
        return str(_("Yes") if field.data else _("No"))
    return str(field._value())  # noqa: SLF001 - how the field writes itself


def _key(value: Any) -> str:
    return "" if value is None else str(value)


@bp.post("/<int:system_id>/decommission/")
@requires(Permission.SYSTEM_EDIT, on=InformationSystem)
def decommission(system: InformationSystem) -> ResponseReturnValue:
    today = clock.today(get_timezone())
    services.decommission(db.session, system, by=current_person(), on=today)
    db.session.commit()
    flash(_("%(code)s has been decommissioned.", code=system.code), "success")
    return redirect(_back(system.id))
