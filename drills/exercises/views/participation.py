"""Our part in other people's drills: a page for each series, its rounds, what came and went."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.core.errors import DomainError
from drills.exercises.forms.drills import EditionForm
from drills.exercises.forms.participation import OurPartForm, ReceivedForm, RoundForm, written
from drills.exercises.models import (
    Drill,
    Edition,
    EditionDetails,
    Participation,
    ReceivedInject,
    Round,
    RoundDetails,
    Series,
)
from drills.exercises.services import add_edition, planning
from drills.exercises.services import participation as services
from drills.exercises.services.drills import refuse_closed
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web import charts
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page
from drills.web.session import current_person


@dataclass
class Year:
    """What is known of one year of a series: an account a source, and our parts in it."""

    year: int
    editions: list[Edition] = field(default_factory=list)
    ours: list[Participation] = field(default_factory=list)

    @property
    def rounds(self) -> list[Round]:
        return [one for edition in self.editions for one in edition.rounds]


@bp.get("/series/<int:series_id>/")
@requires(Permission.SERIES_VIEW, on=Series)
def series_show(series: Series) -> ResponseReturnValue:
    editions = db.session.scalars(
        sa.select(Edition)
        .where(Edition.series_id == series.id)
        .options(selectinload(Edition.rounds))
        .order_by(Edition.year.desc(), Edition.id)
    ).all()
    years = _years(editions, _ours(series))
    proposed = services.next_edition(series, clock.today(get_timezone()))
    return render_template(
        "exercises/series_show.html",
        series=series,
        years=years,
        boards=_boards(years),
        proposed=proposed,
    )


def _ours(series: Series) -> Sequence[Participation]:
    """Our parts in the series, of the drills one may see."""
    seen = visible(Drill, current_person()).with_only_columns(Drill.id)
    query = (
        sa.select(Participation)
        .join(Participation.edition)
        .where(Edition.series_id == series.id, Participation.drill_id.in_(seen))
        .options(
            joinedload(Participation.drill).joinedload(Drill.unit),
            joinedload(Participation.round),
            joinedload(Participation.edition),
        )
        .order_by(Participation.id)
    )
    return db.session.scalars(query).all()


def _years(editions: Iterable[Edition], ours: Iterable[Participation]) -> list[Year]:
    """Newest first, the years without an account between the oldest and the newest included."""
    known: dict[int, Year] = {}
    for edition in editions:
        known.setdefault(edition.year, Year(edition.year)).editions.append(edition)
    for part in ours:
        known.setdefault(part.edition.year, Year(part.edition.year)).ours.append(part)
    if not known:
        return []
    return [known.get(y) or Year(y) for y in range(max(known), min(known) - 1, -1)]


@dataclass(frozen=True, slots=True)
class Board:
    """Our ranks among the same kind of opponents: ranks of different scopes are not joined."""

    scope: str
    chart: charts.RankChart
    rows: tuple[Participation, ...]


def _boards(years: Sequence[Year]) -> list[Board]:
    by_scope: dict[str, dict[int, Participation]] = {}
    for year in years:
        for part in year.ours:
            if part.rank:
                by_scope.setdefault(part.rank_scope, {}).setdefault(year.year, part)
    return [_board(scope, parts, years) for scope, parts in sorted(by_scope.items())]


def _board(scope: str, parts: dict[int, Participation], years: Sequence[Year]) -> Board:
    first = min(parts)
    span = [year.year for year in reversed(years) if year.year >= first]
    ranks = [parts[year].rank if year in parts else None for year in span]
    label = scope or str(_("Scope not told"))
    chart = charts.rank_chart(span, [(label, ranks)])
    return Board(label, chart, tuple(parts[year] for year in sorted(parts, reverse=True)))


@bp.route("/series/<int:series_id>/next", methods=["GET", "POST"])
@requires(Permission.SERIES_EDIT, on=Series)
def edition_next(series: Series) -> ResponseReturnValue:
    """The edition to expect, prefilled from the cadence; a person corrects and confirms it."""
    proposed = services.next_edition(series, clock.today(get_timezone()))
    if proposed is None:
        abort(404)
    values = asdict(proposed) | {
        "source": _("Proposed from the cadence, to be confirmed"),
        "note": _("The days are not published yet."),
    }
    form = EditionForm(data=values)
    if form.validate_on_submit():
        edition = add_edition(db.session, series, form.to(EditionDetails), by=current_person())
        db.session.commit()
        flash(_("%(edition)s has been added.", edition=edition.title), "success")
        return redirect(url_for(".series_show", series_id=series.id))
    return form_page("exercises/edition_edit.html", form, series=series, edition=None)


@bp.route("/editions/<int:edition_id>/rounds/new", methods=["GET", "POST"])
@requires(Permission.SERIES_EDIT, on=Edition)
def round_create(edition: Edition) -> ResponseReturnValue:
    form = RoundForm(data={"starts_on": edition.starts_on, "ends_on": edition.ends_on})
    if form.validate_on_submit():
        services.add_round(db.session, edition, form.to(RoundDetails), by=current_person())
        return _kept(url_for(".series_show", series_id=edition.series_id))
    return form_page("exercises/round_edit.html", form, edition=edition, round=None)


@bp.route("/rounds/<int:edition_round_id>/edit", methods=["GET", "POST"])
@requires(Permission.SERIES_EDIT, on=Round)
def round_edit(edition_round: Round) -> ResponseReturnValue:
    form = RoundForm(obj=edition_round)
    edition = edition_round.edition
    if form.validate_on_submit():
        details = form.to(RoundDetails)
        services.revise_round(db.session, edition_round, details, by=current_person())
        return _kept(url_for(".series_show", series_id=edition.series_id))
    return form_page("exercises/round_edit.html", form, edition=edition, round=edition_round)


def _kept(target: str) -> ResponseReturnValue:
    db.session.commit()
    flash(_("It has been saved."), "success")
    return redirect(target)


@bp.get("/drills/<int:drill_id>/participation/")
@requires(Permission.DRILL_VIEW, on=Drill)
def participation_of(drill: Drill) -> ResponseReturnValue:
    part = drill.participation or abort(404)
    papers = planning.documents(db.session, drill, current_person())
    return render_template(
        "exercises/participation/show.html", drill=drill, part=part, papers=papers
    )


@bp.route("/drills/<int:drill_id>/participation/edit", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def participation_edit(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    part = drill.participation or abort(404)
    given: dict[str, Any] = {"entered": part.entered.value if part.entered else ""}
    form = OurPartForm(obj=part, data=given)
    form.offer(part.edition)
    if form.validate_on_submit():
        services.tell(db.session, drill, form.details(), by=current_person())
        return _kept(url_for(".participation_of", drill_id=drill.id))
    return form_page("exercises/participation/edit.html", form, drill=drill)


@bp.route("/drills/<int:drill_id>/participation/received/new", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def received_create(drill: Drill) -> ResponseReturnValue:
    part = drill.participation or abort(404)
    first = drill.starts_at.astimezone(drill.zone).date()
    form = ReceivedForm(data={"day": first, "number": str(len(part.received) + 1)})
    if form.validate_on_submit():
        try:
            services.receive(db.session, drill, form.details(drill.zone), by=current_person())
        except DomainError as error:
            return _wrong(form, drill, None, error)
        flash(_("Inject %(number)s has been noted.", number=form.number.data), "success")
        db.session.commit()
        again = "again" in request.form
        page = ".received_create" if again else ".participation_of"
        return redirect(url_for(page, drill_id=drill.id))
    return form_page("exercises/participation/received.html", form, drill=drill, received=None)


@bp.route("/received/<int:received_inject_id>/edit", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=ReceivedInject)
def received_edit(received_inject: ReceivedInject) -> ResponseReturnValue:
    drill = received_inject.drill
    form = ReceivedForm(data=written(received_inject, drill))
    if form.validate_on_submit():
        details = form.details(drill.zone)
        try:
            services.correct(db.session, received_inject, details, by=current_person())
        except DomainError as error:
            return _wrong(form, drill, received_inject, error)
        return _kept(url_for(".participation_of", drill_id=drill.id))
    shown = {"drill": drill, "received": received_inject}
    return form_page("exercises/participation/received.html", form, **shown)


def _wrong(
    form: ReceivedForm, drill: Drill, received: ReceivedInject | None, error: DomainError
) -> ResponseReturnValue:
    db.session.rollback()
    form.number.errors = [explain(error)]
    shown = {"drill": drill, "received": received}
    return form_page("exercises/participation/received.html", form, **shown)


@bp.post("/received/<int:received_inject_id>/remove")
@requires(Permission.DRILL_EDIT, on=ReceivedInject)
def received_remove(received_inject: ReceivedInject) -> ResponseReturnValue:
    target = url_for(".participation_of", drill_id=received_inject.drill.id)
    services.drop(db.session, received_inject, by=current_person())
    return _kept(target)
