"""What a drill showed: results, verdicts, ratings, observations; and recording afterwards."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.exercises.forms.evaluation import EmptyForm, ObservationForm, ratings, verdicts
from drills.exercises.models import DONE, RATINGS, VERDICTS, Drill, Observation
from drills.exercises.models.results import Summary, by_drill
from drills.exercises.services import conduct, results, surveys
from drills.exercises.services import evaluation as services
from drills.exercises.services.conduct import pulse as pulses
from drills.exercises.services.conduct.statements import Rights
from drills.exercises.services.results import Results
from drills.exercises.views import conducting as words
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import requires
from drills.web.dumbbells import Dumbbells, Pair, dumbbells
from drills.web.session import current_person

MINUTE = 60
EARLIER_MAX = 7


@bp.get("/drills/<int:drill_id>/evaluation/")
@requires(Permission.DRILL_VIEW, on=Drill)
def evaluation(drill: Drill) -> ResponseReturnValue:
    person = current_person()
    rights = pulses.rights(db.session, drill, person)
    found = results.of_drill(db.session, drill, None if rights.controls else person)
    if not (rights.controls or drill.is_done):
        found = Results([])
    shown = _compared(drill, found) | _said(drill, rights)
    return render_template(
        "exercises/evaluation/show.html", drill=drill, rights=rights, found=found, **shown
    )


def _compared(drill: Drill, found: Results) -> dict[str, Any]:
    """By side, and beside the earlier drills of its kind in its unit."""
    names = {side.id: side.name for side in drill.sides}
    sides = [(names.get(key or 0, _("Everybody")), summary) for key, summary in found.sides.items()]
    earlier = _earlier(drill) if found.outcomes else []
    figures = by_drill(results.of_drills(db.session, [one.id for one in earlier]))
    years = [(one, figures.get(one.id, Summary())) for one in earlier]
    return {
        "sides": sides,
        "side_names": names,
        "years": years,
        "side_chart": chart((name, None, whole) for name, whole in sides),
        "year_chart": chart((one.code, _href(one), whole) for one, whole in years),
        "after": words.after,
        "now": clock.now(),
    }


def chart(rows: Iterable[tuple[str, str | None, Summary]]) -> Dumbbells | None:
    """Detected and contained, in minutes, one line for each row that has figures."""
    return dumbbells(
        [
            Pair(label, _minutes(whole.mttd), _minutes(whole.mttr), href)
            for label, href, whole in rows
        ]
    )


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / MINUTE, 1)


def _href(drill: Drill) -> str:
    return url_for(".evaluation", drill_id=drill.id)


def _earlier(drill: Drill) -> list[Drill]:
    same = (Drill.kind_key == drill.kind_key, Drill.unit_id == drill.unit_id)
    before = sa.or_(
        Drill.id == drill.id,
        sa.and_(*same, Drill.starts_at < drill.starts_at, Drill.status.in_(DONE)),
    )
    query = visible(Drill, current_person()).where(before)
    newest = query.order_by(Drill.starts_at.desc(), Drill.id.desc()).limit(EARLIER_MAX + 1)
    return list(db.session.scalars(newest))


def _said(drill: Drill, rights: Rights) -> dict[str, Any]:
    survey = surveys.survey_of(db.session, drill)
    seen = services.observations(db.session, drill) if rights.controls else []
    objectives = services.objectives(db.session, drill)
    return {
        "survey": survey,
        "hot_wash": surveys.results(db.session, survey)
        if survey and (rights.controls or drill.is_done)
        else None,
        "observations": seen,
        "objectives": objectives,
        "ratings": RATINGS,
        "verdicts": VERDICTS,
        "form": _observation_form(drill, objectives) if rights.controls else None,
        "own_survey": words.own_survey(drill, current_person(), clock.now()) if survey else None,
    }


def _observation_form(drill: Drill, objectives: Iterable[Any]) -> ObservationForm:
    form = ObservationForm()
    numbers = conduct.known_to(db.session, drill, current_person()).injects
    form.offer(
        ((key, number) for number, key in numbers.items()),
        ((objective.id, objective.text[:80]) for objective in objectives),
        ((side.id, side.name) for side in drill.sides),
    )
    return form


@bp.post("/drills/<int:drill_id>/evaluation/verdicts")
@requires(Permission.DRILL_EVALUATE, on=Drill)
def evaluation_verdicts(drill: Drill) -> ResponseReturnValue:
    if EmptyForm().validate_on_submit():
        changed = services.judge(db.session, drill, verdicts(request.form), by=current_person())
        db.session.commit()
        flash(_changed(changed), "success")
    return _back(drill, "verdicts")


@bp.post("/drills/<int:drill_id>/evaluation/ratings")
@requires(Permission.DRILL_EVALUATE, on=Drill)
def evaluation_ratings(drill: Drill) -> ResponseReturnValue:
    if EmptyForm().validate_on_submit():
        rated, at = ratings(request.form), clock.now()
        changed = services.rate(db.session, drill, rated, by=current_person(), at=at)
        db.session.commit()
        flash(_changed(changed), "success")
    return _back(drill, "objectives")


@bp.post("/drills/<int:drill_id>/evaluation/observations")
@requires(Permission.DRILL_EVALUATE, on=Drill)
def observation_add(drill: Drill) -> ResponseReturnValue:
    form = _observation_form(drill, services.objectives(db.session, drill))
    if form.validate_on_submit():
        details, at = form.details(), clock.now()
        services.observe(db.session, drill, details, by=current_person(), at=at)
        db.session.commit()
        flash(_("The observation has been noted."), "success")
    else:
        flash(next(str(errors[0]) for errors in form.errors.values()), "error")
    return _back(drill, "observations")


@bp.post("/observations/<int:observation_id>/remove")
@requires(Permission.DRILL_EVALUATE, on=Observation)
def observation_remove(observation: Observation) -> ResponseReturnValue:
    drill = observation.drill
    services.remove_observation(db.session, observation, by=current_person())
    db.session.commit()
    flash(_("The observation has been removed."), "success")
    return _back(drill, "observations")


def _changed(count: int) -> str:
    return str(ngettext("%(num)s entry has changed.", "%(num)s entries have changed.", count))


def _back(drill: Drill, part: str) -> ResponseReturnValue:
    return redirect(url_for(".evaluation", drill_id=drill.id, _anchor=part))
