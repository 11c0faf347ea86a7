"""Mail that does not arrive, told to those who can do something about it."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from drills.accounts.models import Person
from drills.core.text import N_
from drills.reminders.kinds.kind import At, Default, Direction, Kind, LeadUnit, Rows
from drills.reminders.kinds.ledger import LEDGER
from drills.reminders.kinds.people import of_unit

DELIVERY_FAILED = "delivery_failed"
ANSWERABLE = ("owner", "lead")


def _failures() -> sa.Subquery:
    """Messages that failed and were followed by none that arrived."""
    failed, arrived = LEDGER.alias("failed"), LEDGER.alias("arrived")
    later = sa.select(1).where(
        arrived.c.person_id == failed.c.person_id,
        arrived.c.state == "sent",
        arrived.c.sent_at > failed.c.updated_at,
    )
    return (
        sa.select(failed.c.person_id, failed.c.kind, failed.c.subject_id, failed.c.updated_at)
        .where(
            failed.c.state == "failed",
            failed.c.kind != DELIVERY_FAILED,
            ~later.correlate(failed).exists(),
        )
        .subquery()
    )


def _unreached(_at: At) -> Rows:
    """People with the beginning of the row of failures: it stays the same while it grows."""
    failed = _failures()
    since = sa.func.min(failed.c.updated_at)
    query = sa.select(Person.id, since.label("anchor_at"), Person.unit_id)
    query = query.join(failed, failed.c.person_id == Person.id)
    return query.group_by(Person.id, Person.unit_id)


def _answerable(kinds: Iterable[Kind]) -> Any:
    """Those in charge of what a message was about that did not arrive."""

    def people(at: At) -> tuple[Rows, ...]:
        queries = []
        for kind in kinds:
            for name in ANSWERABLE:
                for query in kind.audiences[name](at) if name in kind.audiences else ():
                    failed, charge = _failures(), query.subquery()
                    of_kind = sa.and_(
                        failed.c.kind == kind.key, failed.c.subject_id == charge.c.subject_id
                    )
                    columns = failed.c.person_id.label("subject_id"), charge.c.person_id
                    found = sa.select(*columns).join(charge, of_kind)
                    queries.append(found.where(charge.c.person_id != failed.c.person_id))
        return tuple(queries)

    return people


def failed_delivery(kinds: Iterable[Kind]) -> Kind:
    return Kind(
        key=DELIVERY_FAILED,
        label=N_("Message that could not be delivered"),
        folder="delivery_failed",
        model=Person,
        endpoint="roster.person",
        place=lambda person: {"person_id": person.id},
        title=attrgetter("name"),
        subjects=_unreached,
        audiences={
            "owner": _answerable(tuple(kinds)),
            **of_unit(lambda: sa.select(Person.id, Person.unit_id)),
        },
        defaults=(
            Default(
                0,
                LeadUnit.HOURS,
                Direction.AFTER,
                ("owner", "role:administrator"),
            ),
        ),
        is_immediate=True,
    )
