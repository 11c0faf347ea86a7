"""Separation of duties: the one place that says who may do what to which dossier.

Pages, commands and jobs all come through ``refuse_conflict``. It counts the person and the one in
whose place they act, and knows no administrators.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import permits, visible
from drills.approvals.models import Act, Delegation, Dossier, Override
from drills.approvals.models.parties import (
    NEEDED,
    PARTIES,
    Party,
    parts,
    party_of,
    serves,
)
from drills.approvals.services.asked import allows_one_person
from drills.audit import services as audit
from drills.core.errors import DomainError, Refused
from drills.core.text import N_
from drills.systems.models import InformationSystem
from drills.units.models import Unit


class Barred(Refused):
    """A refusal that the trail keeps: the edge rolls back first, then has it noted."""

    def __init__(self, message: str, dossier: Dossier, act: Act, by: Person, **values: Any) -> None:
        super().__init__(message, **values)
        self.act, self.by_id = act, by.id
        self.dossier_id, self.system_id = dossier.id, dossier.system.id


@dataclass(frozen=True, slots=True)
class Standing:
    """In what capacity somebody may act: under which delegation, by which exception."""

    delegation: Delegation | None = None
    override: Override | None = None
    is_one_person: bool = False

    @property
    def principal(self) -> Person | None:
        """In whose place they act."""
        return self.delegation.approver if self.delegation else None


def refuse_conflict(
    session: Session, dossier: Dossier, act: Act, *, by: Person, on: date
) -> Standing:
    """Let ``by`` do ``act``, or raise Barred with the reason: role, body, or an earlier part."""
    party = party_of(act, dossier.state)
    if not by.active or not permits(by, NEEDED[party], dossier):
        raise Barred(N_("Your role does not allow this act."), dossier, act, by)
    delegation = _delegation(session, dossier, party, act, by=by, on=on)
    people = {by.id} | ({delegation.approver_id} if delegation else set())
    held = parts(dossier).held_by(people) - {party}
    if not held:
        return Standing(delegation)
    if Party.PREPARER not in held | {party} and allows_one_person(dossier):
        return Standing(delegation, is_one_person=True)
    if override := _override(session, dossier, party, by=by):
        return Standing(delegation, override)
    raise Barred(
        N_(
            "You cannot do this: you, or the one in whose place you act, %(part)s. "
            "It takes somebody else."
        ),
        dossier,
        act,
        by,
        part=PARTIES[min(held)],
    )


def barrier(
    session: Session, dossier: Dossier, act: Act, *, by: Person, on: date
) -> DomainError | None:
    """Why ``by`` may not do ``act``, or None: for pages that offer it."""
    try:
        refuse_conflict(session, dossier, act, by=by, on=on)
    except Refused as error:
        return error
    return None


def _delegation(
    session: Session, dossier: Dossier, party: Party, act: Act, *, by: Person, on: date
) -> Delegation | None:
    """The delegation ``by`` needs; None if they belong to the party themselves."""
    if party is Party.PREPARER:
        if _sees_system(session, dossier, by):
            return None
        raise Barred(N_("This dossier belongs to another unit."), dossier, act, by)
    if _belongs(dossier, party, by):
        return None
    held = delegations_of(session, by, on) if party is Party.APPROVER else []
    if found := [one for one in held if _belongs(dossier, party, one.approver)]:
        return found[0]
    body = _body(dossier, party)
    name = body.name if body else dossier.approving_body or dossier.appraising_body
    raise Barred(N_("This is for %(body)s to do."), dossier, act, by, body=name)


def _body(dossier: Dossier, party: Party) -> Unit | None:
    return dossier.approving_unit if party is Party.APPROVER else dossier.appraising_unit


def _belongs(dossier: Dossier, party: Party, person: Person) -> bool:
    """Whether ``person`` acts for the body. What one outside did is recorded by those who oversee
    the owner.
    """
    named = dossier.approver_id if party is Party.APPROVER else dossier.appraiser_id
    body = _body(dossier, party)
    if named == person.id:
        return True
    return (
        serves(person, body, party) if body else dossier.system.owner.lies_under(person.scope.path)
    )


def _sees_system(session: Session, dossier: Dossier, person: Person) -> bool:
    query = visible(InformationSystem, person).where(InformationSystem.id == dossier.system_id)
    return session.scalars(query).first() is not None


def delegations_of(session: Session, deputy: Person, on: date) -> list[Delegation]:
    """The delegations under which ``deputy`` may act on a day."""
    query = (
        sa.select(Delegation)
        .where(
            Delegation.deputy_id == deputy.id,
            Delegation.revoked_at.is_(None),
            Delegation.starts_on <= on,
            Delegation.ends_on >= on,
        )
        .order_by(Delegation.id)
    )
    return list(session.scalars(query))


def _override(session: Session, dossier: Dossier, party: Party, *, by: Person) -> Override | None:
    query = sa.select(Override).where(
        Override.dossier_id == dossier.id,
        Override.person_id == by.id,
        Override.granted_at.is_not(None),
        Override.used_at.is_(None),
    )
    found = (o for o in session.scalars(query) if party_of(o.act, dossier.state) is party)
    return next(found, None)


def note(session: Session, refusal: Barred) -> None:
    """Write down an attempt that was refused, in a transaction of its own.

    A dossier that was refused while it was opened does not exist: its system has the entry.
    """
    subject: Any = session.get(Dossier, refusal.dossier_id) if refusal.dossier_id else None
    subject = subject or session.get_one(InformationSystem, refusal.system_id)
    by = session.get_one(Person, refusal.by_id)
    changes = {"act": ["", refusal.act.value], "reason": ["", str(refusal)]}
    audit.record(session, "refused", subject, by=by, changes=changes)
