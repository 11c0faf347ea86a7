"""Logging a drill: from nothing, from an earlier one, an edition, a plan or what recurs."""

from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission, permits
from drills.core import clock
from drills.core.orm import Base
from drills.exercises import services
from drills.exercises.forms import DrillForm, blank, copied, taken_from
from drills.exercises.forms.planning import CopyForm
from drills.exercises.models import Drill, Edition, PlannedDrill, Recurrence
from drills.exercises.services import copying, programmes
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import load, requires
from drills.web.pages import form_page, saved
from drills.web.session import current_person

M = TypeVar("M", bound=Base)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a new drill comes from, as its address says; every part may be absent."""

    earlier: Drill | None
    edition: Edition | None
    line: PlannedDrill | None
    recurrence: Recurrence | None


@bp.route("/drills/new", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT)
def create() -> ResponseReturnValue:
    origin = _origin()
    form, more = DrillForm(data=_proposed(origin)), _more(origin)
    if form.validate_on_submit() and (more is None or more.validate()):
        person = current_person()
        drill = services.log(db.session, form.details(), by=person, at=clock.now())
        if origin.earlier and more:
            what = frozenset(more.what.data or ())
            copying.take_over(db.session, origin.earlier, drill, what, by=person)
        _belong(drill, origin)
        return saved(
            url_for(".show", drill_id=drill.id), _("%(code)s has been logged.", code=drill.code)
        )
    shown = {"drill": None, "earlier": origin.earlier, "more": more}
    return form_page("exercises/edit.html", form, **shown)


def _origin() -> Origin:
    recurrence = _asked(Recurrence, "recurrence")
    earlier = _asked(Drill, "copy")
    return Origin(
        earlier=earlier or (_newest(recurrence) if recurrence else None),
        edition=_asked(Edition, "edition"),
        line=_asked(PlannedDrill, "line"),
        recurrence=recurrence,
    )


def _asked(model: type[M], name: str) -> M | None:
    """The row that ``?name=`` asks for, if the person may see it; 404 if not."""
    number = request.args.get(name, type=int)
    if number is None:
        return None
    found = load(model, number)
    assert isinstance(found, model)
    return found


def _newest(recurrence: Recurrence) -> Drill | None:
    """The last drill of the series, from which the next is copied."""
    drills = sa.select(Drill).where(Drill.recurrence_id == recurrence.id)
    return db.session.scalars(drills.order_by(Drill.starts_at.desc()).limit(1)).one_or_none()


def _more(origin: Origin) -> CopyForm | None:
    if origin.earlier is None:
        return None
    may_know = permits(current_person(), Permission.DRILL_SECRETS, origin.earlier)
    offered = [key for key in copying.COPIES if may_know or key != copying.INJECTS]
    form = CopyForm(data={"what": offered})
    form.offer(with_injects=may_know)
    return form


def _proposed(origin: Origin) -> dict[str, Any]:
    """What the form begins with; the nearer origin overrules the farther."""
    zone = get_timezone()
    today = clock.today(zone)
    values = blank(current_person().unit_id, str(zone), today)
    if origin.earlier:
        values |= copied(origin.earlier)
    if origin.edition:
        values |= taken_from(origin.edition)
    if origin.line:
        line = origin.line
        values |= {"title": line.title, "kind_key": line.kind_key, "unit_id": line.unit_id}
    if origin.recurrence:
        series = origin.recurrence
        values |= {"title": series.name, "kind_key": series.kind_key, "unit_id": series.unit_id}
        held = db.session.scalars(sa.select(Drill).where(Drill.recurrence_id == series.id)).all()
        if day := programmes.next_day(series, held, today):
            values["starts_on"] = day
    return values


def _belong(drill: Drill, origin: Origin) -> None:
    """Tie the new drill to the line of the plan and the series it was made for."""
    if origin.recurrence:
        drill.recurrence_id = origin.recurrence.id
    if origin.line:
        programmes.hold_line(db.session, origin.line, drill, by=current_person())
