"""One series of others' drills: its years by source, rounds, our trend, what comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

import sqlalchemy as sa
from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.exercises.forms.drills import EditionForm
from drills.exercises.forms.participation import RoundForm
from drills.exercises.models import (
    Drill,
    Edition,
    EditionDetails,
    Participation,
    Round,
    RoundDetails,
    Series,
)
from drills.exercises.services import add_edition
from drills.exercises.services import participation as services
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web import charts
from drills.web.access import requires
from drills.web.pages import form_page, saved
from drills.web.session import current_person


@dataclass
class Year:
    """What is known of one year of a series: an account a source, and our parts in it."""

    year: int
    editions: list[Edition] = field(default_factory=list)
    ours: list[Participation] = field(default_factory=list)

    def is_ahead(self, on: date) -> bool:
        """Whether it is not over yet, as far as the sources tell."""
        days = [one.starts_on for one in self.editions if one.starts_on]
        return min(days) > on if days else self.year >= on.year and bool(self.editions)


@bp.get("/series/<int:series_id>/")
@requires(Permission.SERIES_VIEW, on=Series)
def series_show(series: Series) -> ResponseReturnValue:
    on = clock.today(get_timezone())
    years = _years(_editions(series), _ours(series), services.passed_by(series, on))
    return render_template(
        "exercises/series_show.html",
        series=series,
        years=years,
        boards=_boards(years),
        proposed=services.next_edition(series, on),
        on=on,
    )


def _editions(series: Series) -> Sequence[Edition]:
    query = sa.select(Edition).where(Edition.series_id == series.id)
    loaded = query.options(selectinload(Edition.rounds))
    return db.session.scalars(loaded.order_by(Edition.year.desc(), Edition.id)).all()


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


def _years(
    editions: Iterable[Edition], ours: Iterable[Participation], passed: Iterable[int]
) -> list[Year]:
    """Newest first; with the years of which no source tells, between the others and ``passed``."""
    known = {year: Year(year) for year in passed}
    for edition in editions:
        known.setdefault(edition.year, Year(edition.year)).editions.append(edition)
    for part in ours:
        known.setdefault(part.edition.year, Year(part.edition.year)).ours.append(part)
    if not known:
        return []
    return [known.get(y) or Year(y) for y in range(max(known), min(known) - 1, -1)]


@dataclass(frozen=True, slots=True)
class Board:
    """Our ranks among the same kind of opponents: ranks of different scopes are not joined.

    ``rows``: each year with what ranks us there, if anything does, and whether we took part.
    """

    scope: str
    chart: charts.RankChart
    rows: tuple[tuple[int, Participation | None, bool], ...]


def _boards(years: Sequence[Year]) -> list[Board]:
    by_scope: dict[str, dict[int, Participation]] = {}
    for year in years:
        for part in year.ours:
            if part.rank:
                by_scope.setdefault(part.rank_scope, {}).setdefault(year.year, part)
    return [_board(scope, parts, years) for scope, parts in sorted(by_scope.items())]


def _board(scope: str, parts: dict[int, Participation], years: Sequence[Year]) -> Board:
    """From the first year with a rank to the last that is over."""
    on, first = clock.today(get_timezone()), min(parts)
    span = [year for year in reversed(years) if year.year >= first and not year.is_ahead(on)]
    ranks = [parts[one.year].rank if one.year in parts else None for one in span]
    label = scope or str(_("Scope not told"))
    absent = [one.year for one in span if not one.ours]
    chart = charts.rank_chart([one.year for one in span], [(label, ranks)], absent)
    rows = ((one.year, parts.get(one.year), bool(one.ours)) for one in reversed(span))
    return Board(label, chart, tuple(rows))


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
        return saved(address_of(edition), _("%(edition)s has been added.", edition=edition.title))
    return form_page("exercises/edition_edit.html", form, series=series, edition=None)


@bp.route("/editions/<int:edition_id>/rounds/new", methods=["GET", "POST"])
@requires(Permission.SERIES_EDIT, on=Edition)
def round_create(edition: Edition) -> ResponseReturnValue:
    form = RoundForm(data={"starts_on": edition.starts_on, "ends_on": edition.ends_on})
    if form.validate_on_submit():
        services.add_round(db.session, edition, form.to(RoundDetails), by=current_person())
        return _kept(edition)
    return form_page("exercises/round_edit.html", form, edition=edition, round=None)


@bp.route("/rounds/<int:edition_round_id>/edit", methods=["GET", "POST"])
@requires(Permission.SERIES_EDIT, on=Round)
def round_edit(edition_round: Round) -> ResponseReturnValue:
    form = RoundForm(obj=edition_round)
    edition = edition_round.edition
    if form.validate_on_submit():
        details = form.to(RoundDetails)
        services.revise_round(db.session, edition_round, details, by=current_person())
        return _kept(edition)
    return form_page("exercises/round_edit.html", form, edition=edition, round=edition_round)


def _kept(edition: Edition) -> ResponseReturnValue:
    return saved(address_of(edition), _("It has been saved."))


def address_of(edition: Edition) -> str:
    """Where its year stands on the page of its series."""
    anchor = f"year-{edition.year}"
    return url_for(".series_show", series_id=edition.series_id, _anchor=anchor)
