"""The competence matrix, and one person's skills, certificates and training."""

from typing import Any

import sqlalchemy as sa
from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.roster import matrix
from drills.roster.choices import choices
from drills.roster.lists import Wanted
from drills.roster.models import (
    EXPERT_GROUPS,
    LEVELS,
    Certificate,
    Competence,
    ExpertGroup,
    LevelChange,
    Skill,
    TrainingAttendance,
)
from drills.roster.services import competence as services
from drills.roster.views.blueprint import bp
from drills.web.access import load, requires
from drills.web.errors import explain
from drills.web.pages import paged
from drills.web.session import current_person


@bp.get("/skills/")
@requires(Permission.SKILL_VIEW)
def skills() -> ResponseReturnValue:
    viewer, wanted, group = current_person(), asked(), _group()
    columns, total = matrix.columns(db.session, wanted, viewer, group)
    page = paged(db.session, matrix.rows(wanted, viewer), total)
    shown: dict[str, Any] = {"page": page, "columns": columns, "spans": matrix.spans(columns)}
    shown["levels"] = matrix.levels(db.session, [person.id for person in page.items])
    shown["options"] = choices(db.session, viewer, wanted.unit_id)
    shown["may_edit"] = permits(viewer, Permission.SKILL_EDIT)
    words = {"groups": EXPERT_GROUPS, "names": LEVELS}
    around = {"wanted": wanted, "group": group}
    return render_template("roster/qualifications/matrix.html", **shown, **words, **around)


def asked() -> Wanted:
    """Which people the address asks for; an expert group in it is one of skills, not of people."""
    query = request.args.copy()
    query.poplist("group")
    return Wanted.of(query, clock.today(get_timezone()))


def _group() -> ExpertGroup | None:
    text = request.args.get("group", "")
    return ExpertGroup(text) if text in list(ExpertGroup) else None


@bp.post("/people/<int:person_id>/skills/<int:skill_id>/level")
@requires(Permission.SKILL_EDIT, on=Person)
def set_level(person: Person, skill_id: int) -> ResponseReturnValue:
    """One cell of the matrix, sent by a script: ``level`` and ``was``, either may be empty."""
    skill: Any = load(Skill, skill_id)
    today, by = clock.today(get_timezone()), current_person()
    try:
        change = LevelChange(_typed("was"), _typed("level"))
        found = services.set_level(db.session, person, skill, change, by=by, on=today)
    except DomainError as error:
        db.session.rollback()
        return jsonify({"says": explain(error)}), error.status
    db.session.commit()
    told = _("not assessed") if found is None else f"{found.level}: {_(found.level_label)}"
    return jsonify({"level": found.level if found else None, "says": told})


def _typed(name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isdecimal() and len(text) == 1 else None


@bp.get("/people/<int:person_id>/skills/")
@requires(Permission.SKILL_VIEW, on=Person)
def skills_of(person: Person) -> ResponseReturnValue:
    """What somebody can do, what shows it, and where they learned it."""
    shown = {
        "known": _known(person),
        "certificates": _certificates(person),
        "training": _training(person),
    }
    today = clock.today(get_timezone())
    words = {"names": LEVELS, "groups": EXPERT_GROUPS, "today": today}
    return render_template("roster/qualifications/person.html", person=person, **shown, **words)


def _known(person: Person) -> list[Competence]:
    query = (
        sa.select(Competence)
        .join(Competence.skill)
        .where(Competence.person_id == person.id)
        .options(joinedload(Competence.skill).selectinload(Skill.work_roles))
        .options(joinedload(Competence.assessed_by), joinedload(Competence.file))
        .order_by(Competence.level.desc(), Skill.sort)
    )
    return list(db.session.scalars(query))


def _certificates(person: Person) -> list[Certificate]:
    query = (
        sa.select(Certificate)
        .where(Certificate.person_id == person.id)
        .options(selectinload(Certificate.skills), joinedload(Certificate.file))
        .order_by(Certificate.expires_on.is_(None), Certificate.expires_on, Certificate.id)
    )
    return list(db.session.scalars(query))


def _training(person: Person) -> list[TrainingAttendance]:
    query = (
        sa.select(TrainingAttendance)
        .join(TrainingAttendance.training_event)
        .where(TrainingAttendance.person_id == person.id)
        .options(joinedload(TrainingAttendance.training_event))
        .order_by(sa.desc("starts_on"), TrainingAttendance.id)
    )
    return list(db.session.scalars(query))
