"""The three parties to a dossier: who prepared it, who appraised it, who decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.approvals.models.dossiers import (
    APPRAISING,
    DECIDING,
    PREPARING,
    Act,
    Dossier,
    State,
)
from drills.core.text import N_
from drills.units.models import Unit


class Party(StrEnum):
    PREPARER = "preparer"
    APPRAISER = "appraiser"
    APPROVER = "approver"


PARTIES = {
    Party.PREPARER: N_("prepared this dossier"),
    Party.APPRAISER: N_("appraised this dossier"),
    Party.APPROVER: N_("decided on this dossier or sent it back"),
}
NEEDED: Mapping[Party, Permission] = {
    Party.PREPARER: Permission.DOSSIER_EDIT,
    Party.APPRAISER: Permission.DOSSIER_APPRAISE,
    Party.APPROVER: Permission.DOSSIER_DECIDE,
}


def party_of(act: Act, state: State) -> Party:
    """As which party ``act`` is done in ``state``: an appraised dossier is returned by whom
    it lies with, the approver.
    """
    if act in DECIDING or (act is Act.RETURN and state is State.APPRAISED):
        return Party.APPROVER
    return Party.APPRAISER if act in APPRAISING else Party.PREPARER


@dataclass(frozen=True, slots=True)
class Parts:
    """Ids of the people who have had each part, in person or through a deputy."""

    of: Mapping[Party, set[int]] = field(default_factory=dict)

    def held_by(self, ids: Iterable[int]) -> set[Party]:
        wanted = set(ids)
        return {party for party, people in self.of.items() if people & wanted}


def parts(dossier: Dossier) -> Parts:
    """Who has been which party, read from the events and from who determined the level."""
    found: dict[Party, set[int]] = {party: set() for party in Party}
    if dossier.determination and dossier.determination.by_id:
        found[Party.PREPARER].add(dossier.determination.by_id)
    state = State.DRAFT
    for event in dossier.events:
        if counts(event.act):
            people = {event.by_id, event.for_id} - {None}
            found[party_of(event.act, state)] |= {i for i in people if i is not None}
        state = event.state_after
    return Parts(found)


def counts(act: Act) -> bool:
    """Whether doing ``act`` makes somebody a party."""
    return act in PREPARING | APPRAISING | DECIDING


def holder(dossier: Dossier) -> str:
    """The name of the body a dossier lies with; empty once it is closed."""
    if dossier.is_editable:
        return dossier.system.operator.name
    if dossier.state is State.APPRAISED:
        return dossier.approving_unit.name if dossier.approving_unit else dossier.approving_body
    if dossier.is_open:
        unit = dossier.appraising_unit
        return dossier.independent_body or (unit.name if unit else dossier.appraising_body)
    return ""


def serves(person: Person, body: Unit, party: Party) -> bool:
    """Whether ``person`` acts for ``body``.

    It is appraised for by those who work in it or under it and oversee the whole of it; decided
    for only by those of the body itself: all of a province work under its committee.
    """
    if party is Party.APPROVER:
        return person.unit_id == body.id
    return person.unit.lies_under(body.path) and body.lies_under(person.scope.path)
