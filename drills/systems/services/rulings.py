"""What a list says of decisions, against those the register holds: known, new, or not to be."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.text import N_, fold
from drills.systems.models import (
    Decision,
    DecisionState,
    Fault,
    InformationSystem,
    Said,
    SystemDetails,
    decision_faults,
)
from drills.systems.services.known import chunks
from drills.units.models import Organisation

_REWRITTEN = N_("This decision is recorded otherwise: “%(held)s”.")
_LEAVE = N_("Write what is recorded. A decision recorded wrongly is withdrawn on its own page.")
_SAME = ("level", "authority", "signer", "valid_until")
_COLUMNS = {"level": "level", "authority": "decision_authority"}
_SIGNED = N_("Whoever signed a decision does not record it.")
_ANOTHER = N_("Have somebody else import this row.")
_SINCE = N_("Decisions since %(day)s are taken on the dossier.")
_OPEN = N_("Open a dossier for this system, or mend the date.")


CONTRADICTED = Fault(
    "approval",
    N_("The row has a decision, but says that the level is not approved."),
    N_("Write “Đã được phê duyệt”, or empty the cells of the decision."),
)


class Rulings:
    """The decisions of the systems that a file speaks of."""

    def __init__(
        self, session: Session, systems: list[InformationSystem], by: Person | None, on: date
    ) -> None:
        self.by, self.on = by, on
        home = session.get(Organisation, 1)
        self.since = home.approvals_since if home else None
        self._held: dict[int, list[Decision]] = {}
        ids = sorted({system.id for system in systems})
        for start in chunks(ids):
            query = sa.select(Decision).where(Decision.system_id.in_(start))
            for decision in session.scalars(query.order_by(Decision.signed_on, Decision.id)):
                self._held.setdefault(decision.system_id, []).append(decision)

    def held(self, system: InformationSystem) -> list[Said]:
        """The decisions on ``system``; where there is only a summary of one, that."""
        found = [_said(decision) for decision in self._held.get(system.id, ())]
        summary = Said(
            system.level,
            system.decision_number,
            system.decision_date,
            system.decision_authority,
            review_due_on=system.review_due_on,
        )
        return found or ([summary] if system.decision_number else [])

    def in_force(self, system: InformationSystem) -> Said | None:
        held = self._held.get(system.id, ())
        ruling = [_said(d) for d in held if d.state is DecisionState.IN_FORCE]
        return ruling[-1] if ruling else next(iter(self.held(system)), None)

    def fixes_review(self, system: InformationSystem) -> bool:
        """Whether the decision in force says when the level is reviewed."""
        held = self._held.get(system.id, ())
        return any(d.state is DecisionState.IN_FORCE and d.review_due_on for d in held)

    def same(self, system: InformationSystem | None, said: Said) -> Said | None:
        """The decision of this number and day that is recorded already."""
        known = self.held(system) if system else []
        return next((held for held in known if _is_same(held, said)), None)

    def rewritten(self, held: Said, said: Said) -> Iterator[Fault]:
        """Where a list tells a recorded decision otherwise; an empty cell tells nothing."""
        for name in _SAME:
            was, now = getattr(held, name), getattr(said, name)
            if now and _plain(was) != _plain(now):
                values = {"held": _shown(was)}
                yield Fault(_COLUMNS.get(name, name), _REWRITTEN, _LEAVE, values)

    def faults(self, said: Said) -> Iterator[Fault]:
        """Why a decision that is not known yet may not be recorded from a list."""
        yield from decision_faults(said, self.on)
        if said.signed_on and self.since and self.since <= said.signed_on <= self.on:
            values: Mapping[str, str] = {"day": f"{self.since:%d/%m/%Y}"}
            yield Fault("decision_date", _SINCE, _OPEN, values)
        if self.by and said.signer and fold(said.signer) == fold(self.by.name):
            yield Fault("signer", _SIGNED, _ANOTHER)


def said_of(details: SystemDetails, told: Mapping[str, Any]) -> Said:
    """The decision in a row: ``told`` holds the cells of DECISION_KEYS, the rest is a record's."""
    return Said(
        details.level,
        told.get("decision_number") or "",
        told.get("decision_date"),
        told.get("decision_authority") or "",
        told.get("signer") or "",
        told.get("valid_until"),
        details.review_due_on,
    )


def _said(decision: Decision) -> Said:
    return Said(
        decision.level,
        decision.number,
        decision.signed_on,
        decision.authority,
        decision.signer,
        decision.valid_until,
        decision.review_due_on,
    )


def _is_same(held: Said, said: Said) -> bool:
    is_day_told = said.signed_on is not None
    return fold(held.number) == fold(said.number) and (
        held.signed_on == said.signed_on or not is_day_told
    )


def _plain(value: object) -> object:
    return fold(value) if isinstance(value, str) else value


def _shown(value: object) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value or "—")
