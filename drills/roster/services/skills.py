"""The list of skills: shipped with the program, changed and added to by the agency."""

import tomllib
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills import resources
from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.roster.models import ExpertGroup, Framework, Skill, SkillDetails, WorkRole


def load_shipped(session: Session, *, by: Person | None) -> int:
    """Add the shipped skills that are missing; how many. What the agency changed stays."""
    data = shipped()
    roles = _roles(session, data["roles"])
    known = set(session.scalars(sa.select(Skill.code)))
    new = [_skill(row, roles) for row in data["skills"] if row["code"] not in known]
    session.add_all(new)
    session.flush()
    session.add_all([audit.entry("created", skill, by=by) for skill in new])
    session.flush()
    return len(new)


def shipped() -> dict[str, list[dict[str, Any]]]:
    """The data file: ``roles`` and ``skills``."""
    return tomllib.loads((resources.DATA / "skills.toml").read_text(encoding="utf-8"))


def _roles(session: Session, rows: list[dict[str, Any]]) -> dict[str, WorkRole]:
    """Every work role by its key, the shipped ones brought to what the file says."""
    found = {role.key: role for role in session.scalars(sa.select(WorkRole))}
    for row in rows:
        role = WorkRole(**row | {"framework": Framework(row["framework"])})
        known = found.setdefault(role.key, role)
        known.name, known.name_vi = row["name"], row["name_vi"]
    session.add_all(found.values())
    return found


def _skill(row: dict[str, Any], roles: dict[str, WorkRole]) -> Skill:
    return Skill(
        code=row["code"],
        name_vi=row["name_vi"],
        name_en=row["name_en"],
        expert_group=ExpertGroup(row["group"]),
        valid_months=row.get("valid_months"),
        work_roles=[roles[key] for key in row["roles"]],
    )


def add_skill(session: Session, details: SkillDetails, *, by: Person | None) -> Skill:
    _refuse_taken(session, details.code, None)
    skill = Skill(code=details.code)
    _write(session, skill, details)
    session.add(skill)
    audit.record(session, "created", skill, by=by)
    return skill


def revise_skill(
    session: Session, skill: Skill, details: SkillDetails, *, by: Person | None
) -> None:
    _refuse_taken(session, details.code, skill.id)
    with audit.changing(session, "revised", skill, by=by):
        _write(session, skill, details)


def _write(session: Session, skill: Skill, details: SkillDetails) -> None:
    values = asdict(details)
    ids = values.pop("work_role_ids")
    for name, value in values.items():
        setattr(skill, name, value)
    skill.work_roles = list(session.scalars(sa.select(WorkRole).where(WorkRole.id.in_(ids))))


def _refuse_taken(session: Session, code: str, own: int | None) -> None:
    taken = session.scalar(sa.select(Skill.id).where(Skill.code == code))
    if taken not in {None, own}:
        raise DomainError(N_("There is a skill with the code “%(code)s” already."), code=code)
