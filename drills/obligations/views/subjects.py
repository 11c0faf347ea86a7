"""What one thing or person owes: a tab beside its other pages."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, visible
from drills.extensions import db
from drills.obligations import fresh
from drills.obligations.models import Exemption, Obligation, ObligationRule, SubjectKind
from drills.obligations.views import words
from drills.obligations.views.blueprint import bp
from drills.obligations.views.shown import lines
from drills.obligations.views.wall import sayings
from drills.roster.models import Team
from drills.systems.models import InformationSystem
from drills.units.models import Unit
from drills.web.access import requires
from drills.web.session import current_person


@bp.get("/units/<int:unit_id>/obligations")
@requires(Permission.OBLIGATION_VIEW, on=Unit)
def of_unit(unit: Unit) -> ResponseReturnValue:
    kinds = (SubjectKind.UNIT, SubjectKind.ORGANISATION)
    return _page("unit", unit, unit.name, kinds)


@bp.get("/teams/<int:team_id>/obligations")
@requires(Permission.OBLIGATION_VIEW, on=Team)
def of_team(team: Team) -> ResponseReturnValue:
    return _page("team", team, team.name, (SubjectKind.TEAM,))


@bp.get("/people/<int:person_id>/obligations")
@requires(Permission.OBLIGATION_VIEW, on=Person)
def of_person(person: Person) -> ResponseReturnValue:
    return _page("person", person, person.name, (SubjectKind.PERSON,))


@bp.get("/systems/<int:system_id>/obligations")
@requires(Permission.OBLIGATION_VIEW, on=InformationSystem)
def of_system(system: InformationSystem) -> ResponseReturnValue:
    return _page("system", system, system.name, (SubjectKind.SYSTEM,))


def _page(key: str, subject: Any, name: str, kinds: tuple[SubjectKind, ...]) -> ResponseReturnValue:
    fresh.refresh()
    found = db.session.scalars(
        visible(Obligation, current_person())
        .where(Obligation.subject_kind.in_(kinds), Obligation.subject_id == subject.id)
        .join(ObligationRule)
        .options(
            joinedload(Obligation.rule).selectinload(ObligationRule.versions),
            joinedload(Obligation.unit).lazyload(Unit.tier),
        )
        .order_by(ObligationRule.position, ObligationRule.id)
    ).all()
    return render_template(
        "obligations/of_subject.html",
        key=key,
        subject=subject,
        name=name,
        lines=lines(found),
        exemptions=_exemptions(kinds, subject.id),
        cadence=words.cadence,
        **sayings(),
    )


def _exemptions(kinds: tuple[SubjectKind, ...], identity: int) -> list[Exemption]:
    query = (
        visible(Exemption, current_person())
        .where(Exemption.subject_kind.in_(kinds), Exemption.subject_id == identity)
        .options(joinedload(Exemption.rule), joinedload(Exemption.asked_by).lazyload(Person.grants))
        .order_by(Exemption.from_on.desc(), Exemption.id.desc())
    )
    return list(db.session.scalars(query))
