"""International series, their editions, and how we stood in them."""

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from drills.accounts.permissions import Permission, visible
from drills.exercises import services
from drills.exercises.forms import EditionForm, SeriesForm
from drills.exercises.models import (
    Drill,
    Edition,
    EditionDetails,
    Participation,
    Series,
    SeriesDetails,
)
from drills.exercises.views.blueprint import bp
from drills.exercises.views.series import address_of
from drills.extensions import db
from drills.web import charts
from drills.web.access import requires
from drills.web.pages import form_page, saved
from drills.web.session import current_person


@bp.get("/series/")
@requires(Permission.SERIES_VIEW)
def series() -> ResponseReturnValue:
    person = current_person()
    everything = db.session.scalars(
        visible(Series, person).options(selectinload(Series.editions)).order_by(Series.code)
    ).all()
    ours = _ours()
    places = {drill.participation.edition_id: drill for drill in ours if drill.participation}
    shown: dict[str, Any] = {"ours": ours, "places": places, "chart": _chart(ours)}
    return render_template("exercises/series.html", everything=everything, **shown)


def _ours() -> Sequence[Drill]:
    """The drills one may see that are our part in an edition, newest first."""
    drills = (
        visible(Drill, current_person())
        .join(Drill.participation)
        .join(Participation.edition)
        .options(
            contains_eager(Drill.participation)
            .contains_eager(Participation.edition)
            .joinedload(Edition.series),
            joinedload(Drill.unit),
        )
        .order_by(Edition.year.desc(), Drill.starts_at.desc())
    )
    return list(db.session.scalars(drills))


def _chart(ours: Sequence[Drill]) -> charts.RankChart | None:
    """A line of ranks for each series in which there is more than nothing to draw."""
    ranks: dict[str, dict[int, int]] = {}
    for drill in reversed(ours):
        standing = drill.participation
        if standing and standing.rank:
            by_year = ranks.setdefault(standing.edition.series.code, {})
            by_year.setdefault(standing.edition.year, standing.rank)
    if not ranks:
        return None
    known = {year for by_year in ranks.values() for year in by_year}
    years = list(range(min(known), max(known) + 1))
    lines = [(code, [by_year.get(y) for y in years]) for code, by_year in sorted(ranks.items())]
    return charts.rank_chart(years, lines)


@bp.route("/series/new", methods=["GET", "POST"])
@requires(Permission.SERIES_EDIT)
def series_create() -> ResponseReturnValue:
    form = SeriesForm()
    if form.validate_on_submit():
        details = form.to(SeriesDetails)
        one = services.add_series(db.session, details, by=current_person())
        return saved(
            url_for(".series_show", series_id=one.id),
            _("The series %(code)s has been added.", code=one.code),
        )
    return form_page("exercises/series_edit.html", form, series=None)


@bp.route("/series/<int:series_id>/edit", methods=["GET", "POST"])
@requires(Permission.SERIES_EDIT, on=Series)
def series_edit(series: Series) -> ResponseReturnValue:
    form = SeriesForm(obj=series)
    if form.validate_on_submit():
        services.revise_series(db.session, series, form.to(SeriesDetails), by=current_person())
        return saved(url_for(".series_show", series_id=series.id), _("It has been saved."))
    return form_page("exercises/series_edit.html", form, series=series)


@bp.route("/series/<int:series_id>/editions/new", methods=["GET", "POST"])
@requires(Permission.SERIES_EDIT, on=Series)
def edition_create(series: Series) -> ResponseReturnValue:
    form = EditionForm(data={"year": request.args.get("year", type=int)})
    if form.validate_on_submit():
        details = form.to(EditionDetails)
        edition = services.add_edition(db.session, series, details, by=current_person())
        return saved(address_of(edition), _("%(edition)s has been added.", edition=edition.title))
    return form_page("exercises/edition_edit.html", form, series=series, edition=None)


@bp.route("/editions/<int:edition_id>/edit", methods=["GET", "POST"])
@requires(Permission.SERIES_EDIT, on=Edition)
def edition_edit(edition: Edition) -> ResponseReturnValue:
    form = EditionForm(obj=edition)
    if form.validate_on_submit():
        services.revise_edition(db.session, edition, form.to(EditionDetails), by=current_person())
        return saved(address_of(edition), _("It has been saved."))
    return form_page("exercises/edition_edit.html", form, series=edition.series, edition=edition)
