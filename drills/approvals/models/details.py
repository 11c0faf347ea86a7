"""What people write about a dossier and do to it."""

from dataclasses import dataclass, field
from datetime import date

from drills.approvals.models.aftercare import ConditionDetails
from drills.approvals.models.dossiers import Occasion, PaperState, Verdict
from drills.files.models import Marking
from drills.systems.models import DecisionKind


@dataclass(frozen=True, slots=True)
class DossierDetails:
    """A proposal; ids refer to a rule set, a determination, units and people.

    ``level`` is 1 to 5. Of the body that appraises either the unit is given, or the name of one
    outside; so also of the one that approves. Level 5 may have both: the list is decided outside.
    """

    regime_id: int
    level: int
    occasion: Occasion = Occasion.FIRST
    determination_id: int | None = None
    marking: Marking = Marking.INTERNAL
    note: str = ""
    appraising_unit_id: int | None = None
    appraising_body: str = ""
    independent_body: str = ""
    approving_unit_id: int | None = None
    approving_body: str = ""
    appraiser_id: int | None = None
    approver_id: int | None = None


@dataclass(frozen=True, slots=True)
class PaperDetails:
    state: PaperState
    note: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """``on`` is the day the dossier was complete, today or before."""

    on: date
    independent_body: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """The outcome of an appraisal (form 04), with its number and day."""

    verdict: Verdict
    text: str
    number: str
    on: date


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision as it was signed, before it is recorded."""

    number: str
    signed_on: date
    authority: str
    signer: str
    signer_title: str = ""
    kind: DecisionKind = DecisionKind.LEVEL
    basis: str = ""
    valid_until: date | None = None
    review_due_on: date | None = None
    conditions: tuple[ConditionDetails, ...] = field(default=())
