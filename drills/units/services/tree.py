"""Making and changing single units, and keeping the tree's paths true."""

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError
from drills.core.orm import under
from drills.core.text import N_
from drills.units.models import Ranking, RankingDetails, Unit, UnitDetails


def create_unit(session: Session, details: UnitDetails, *, by: Person | None) -> Unit:
    """Add a unit under its parent. The first unit of all is the root and has none."""
    _check(session, details)
    if details.parent_id is None and session.scalar(sa.select(sa.func.count(Unit.id))):
        raise DomainError(N_("There is an organisation already. Choose the unit above this one."))
    unit = Unit(**asdict(details))
    session.add(unit)
    session.flush()
    unit.path = f"{_path(session, details.parent_id)}{unit.id}."
    audit.record(session, "created", unit, by=by, changes=_first(unit))
    return unit


def revise(
    session: Session,
    unit: Unit,
    details: UnitDetails,
    *,
    by: Person | None,
    version: int | None = None,
) -> None:
    """Change ``unit``. Conflict if it is no longer at the ``version`` that was read."""
    if version is not None and version != unit.version:
        raise Conflict(
            N_(
                "Somebody else has changed this since you opened it. "
                "Open it again and repeat your change."
            )
        )
    _check(session, details, unit)
    if (details.parent_id is None) != (unit.parent_id is None):
        raise DomainError(N_("Only the organisation at the top has no unit above it."))
    with audit.changing(session, "revised", unit, by=by):
        place(session, unit, details.parent_id)
        for name, value in asdict(details).items():
            setattr(unit, name, value)
        session.flush()


def place(session: Session, unit: Unit, parent_id: int | None) -> None:
    """Put ``unit``, with all that lies under it, under another."""
    if parent_id == unit.parent_id:
        return
    above = _path(session, parent_id)
    if above.startswith(unit.path):
        raise DomainError(
            N_("“%(unit)s” cannot come under itself or a unit of its own."), unit=unit.name
        )
    old, new = unit.path, f"{above}{unit.id}."
    session.flush()
    tail = sa.func.substr(Unit.path, len(old) + 1)
    session.execute(
        sa.update(Unit)
        .where(under(Unit.path, old))
        .values(path=sa.literal(new).concat(tail), updated_at=Unit.updated_at)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    unit.parent_id = parent_id


def add_ranking(
    session: Session, unit: Unit, details: RankingDetails, *, by: Person | None
) -> Ranking:
    """Note a rank that somebody published; who and where is part of the fact."""
    if details.out_of is not None and details.rank > details.out_of:
        raise DomainError(N_("A rank cannot be larger than the number of those ranked."))
    ranking = Ranking(unit_id=unit.id, **asdict(details))
    session.add(ranking)
    standing = f"{details.rank}/{details.out_of}" if details.out_of else str(details.rank)
    audit.record(
        session,
        "ranked",
        unit,
        by=by,
        changes={"ranking": ["", f"{details.indicator}: {standing}"]},
    )
    return ranking


def _first(unit: Unit) -> dict[str, list[str]]:
    return {name: ["", value] for name, value in audit.columns(unit).items() if value}


def _path(session: Session, parent_id: int | None) -> str:
    if parent_id is None:
        return ""
    parent = session.get(Unit, parent_id)
    if parent is None:
        raise DomainError(N_("The unit above this one no longer exists. Choose another."))
    return parent.path


def _check(session: Session, details: UnitDetails, unit: Unit | None = None) -> None:
    others = sa.select(Unit.name).where(Unit.code == details.code)
    taken = session.scalar(others.where(Unit.id != unit.id) if unit else others)
    if taken is not None:
        raise DomainError(
            N_("The code “%(code)s” belongs to “%(unit)s” already. Choose another."),
            code=details.code,
            unit=taken,
        )
    starts, ends = details.active_from, details.active_to
    if starts and ends and ends < starts:
        raise DomainError(N_("The last day lies before the first. Mend one of the two."))
