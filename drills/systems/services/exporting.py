"""The register as a sheet: the columns somebody chose, of the list they had before them."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from drills.accounts.models import Person
from drills.core.tabular import Column
from drills.systems.models import (
    Decision,
    DecisionKind,
    DecisionState,
    Filters,
    InformationSystem,
)
from drills.systems.services.columns import COLUMNS, named, written
from drills.units.models import Unit

BATCH = 1000
_RULING = sa.and_(
    Decision.system_id == InformationSystem.id,
    Decision.state == DecisionState.IN_FORCE,
    Decision.number == InformationSystem.decision_number,
    Decision.kind.in_((DecisionKind.LEVEL, DecisionKind.LIST)),
)


def export_rows(
    session: Session,
    filters: Filters,
    person: Person | None,
    language: str,
    columns: Sequence[Column] = COLUMNS,
) -> Iterator[Sequence[Any]]:
    """The list that ``filters`` describe, in its order: one row for each of the cells."""
    owner, operator, responsible = aliased(Unit), aliased(Unit), aliased(Person)
    special = {
        "owner_id": (owner.name, owner.code),
        "operator_id": (operator.name, operator.code),
        "responsible_id": (responsible.name, responsible.email),
    }
    of_decision = {"signer": Decision.signer, "valid_until": Decision.valid_until}
    keys = [column.key for column in columns]
    plain = [key for key in keys if key not in special]
    wanted: list[Any] = [
        of_decision[key] if key in of_decision else getattr(InformationSystem, key) for key in plain
    ]
    wanted += [column for pair in special.values() for column in pair]
    query = (
        filters.rows(person)
        .join(owner, InformationSystem.owner_id == owner.id)
        .join(operator, InformationSystem.operator_id == operator.id)
        .outerjoin(responsible, InformationSystem.responsible_id == responsible.id)
        .outerjoin(Decision, _RULING)
        .with_only_columns(*wanted)
        .execution_options(yield_per=BATCH)
    )
    for row in session.execute(query):
        cells = {key: written(key, row[n], language) for n, key in enumerate(plain)}
        for n, key in enumerate(special):
            cells[key] = named(*row[len(plain) + 2 * n : len(plain) + 2 * n + 2])
        yield [cells[key] for key in keys]
