"""The shape of a rule set: what one law says of levels, in words and in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from drills.approvals.kinds.conditions import Alternative, Answers, holds
from drills.core.text import N_

LEVELS = (1, 2, 3, 4, 5)
INTERVALS = {
    "check": N_("Check and assessment"),
    "scan": N_("Vulnerability scan"),
    "pentest": N_("Penetration test"),
    "hunt": N_("Threat hunting"),
    "drill": N_("Drill"),
    "review": N_("Review of the level"),
}
WORDS = {
    "security": N_("What is protected"),
    "specialised_unit": N_("Specialised unit"),
    "specialised_section": N_("Specialised section"),
    "plan": N_("Protection plan"),
    "regulation": N_("Security regulation"),
    "ministry": N_("Ministry in charge"),
    "decree": N_("The decree in short"),
}
"""The words that differ between rule sets; every rule set has each of them."""
QUESTION_KINDS = ("one", "many", "yes", "number")
RECORD = ("kind", "information")
"""What the record of a system answers; see ``services.determinations``."""


@dataclass(frozen=True, slots=True)
class Text:
    vi: str
    en: str = ""

    def said(self, language: str) -> str:
        return self.en if language == "en" and self.en else self.vi


class Unit(StrEnum):
    """What a time limit is counted in."""

    CALENDAR = "calendar"
    WORKING = "working"
    HOUR = "hour"


UNITS = {
    Unit.CALENDAR: N_("Calendar days"),
    Unit.WORKING: N_("Working days"),
    Unit.HOUR: N_("Hours"),
}


class Start(StrEnum):
    """What starts a clock; nothing else does, so a rule set names the event and cannot move it."""

    SENT = "sent"
    COMPLETE = "complete"
    APPRAISED = "appraised"


STARTS = {
    Start.SENT: N_("The dossier is sent"),
    Start.COMPLETE: N_("The complete dossier is received"),
    Start.APPRAISED: N_("The dossier is appraised"),
}


class Body(StrEnum):
    """Who appraises or decides."""

    SPECIALISED_UNIT = "specialised_unit"
    OWNER = "owner"
    MINISTRY = "ministry"
    PRIME_MINISTER = "prime_minister"


BODIES = {
    Body.SPECIALISED_UNIT: N_("The owner's specialised unit"),
    Body.OWNER: N_("The owner of the system"),
    Body.MINISTRY: N_("The ministry in charge"),
    Body.PRIME_MINISTER: N_("The Prime Minister"),
}
DECISIONS = {
    "level": N_("The level and its dossier"),
    "plan": N_("The protection plan"),
    "list": N_("The list of level 5 systems"),
}
"""By the kind of the decision, as ``systems.models.DecisionKind`` names it."""


@dataclass(frozen=True, slots=True)
class Option:
    key: str
    text: Text


@dataclass(frozen=True, slots=True)
class Question:
    """``record``: the part of a system's record that answers it beforehand, or empty."""

    key: str
    kind: str
    text: Text
    hint: Text
    options: tuple[Option, ...]
    record: str = ""

    @property
    def keys(self) -> frozenset[str]:
        if self.kind == "yes":
            return frozenset({"yes", "no"})
        return frozenset(option.key for option in self.options)


@dataclass(frozen=True, slots=True)
class Criterion:
    key: str
    level: int
    article: str
    text: Text
    when: tuple[Alternative, ...]

    def holds(self, answers: Answers) -> bool:
        return holds(self.when, answers)


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision that approving takes; ``forms``: the numbers of its forms (*Mẫu*)."""

    kind: str
    by: Body
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """Who appraises and who decides at one level. ``forms`` by step: ask, opinion, …"""

    level: int
    appraiser: Body
    appraiser_name: Text
    decisions: tuple[Asked, ...]
    needs_opinion: bool
    article: str
    forms: Mapping[str, str]

    @property
    def approver(self) -> Body:
        """Who takes the first of the decisions."""
        return self.decisions[0].by


@dataclass(frozen=True, slots=True)
class Paper:
    key: str
    text: Text
    article: str
    levels: frozenset[int]
    is_required: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """``number`` None: the law sets none."""

    number: int | None
    unit: Unit
    start: Start
    article: str


@dataclass(frozen=True, slots=True)
class Interval:
    """How often, in months; None: the law gives no number and the agency has set none."""

    months: int | None
    is_local_choice: bool
    source: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One requirement of the protection plan. ``clause`` is empty or not verified where the
    standard was not read.
    """

    key: str
    group: str
    group_text: Text
    text: Text
    clause: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Dated:
    """Something that holds from one day to another; ``needs_basis``: the legal basis of what is
    decided then has to be entered by hand.
    """

    key: str
    text: Text
    starts_on: date | None
    ends_on: date | None
    needs_basis: bool = False

    def holds(self, on: date) -> bool:
        return (self.starts_on or on) <= on <= (self.ends_on or on)


@dataclass(frozen=True, slots=True)
class Report:
    """A yearly report. Days as ``12-20`` (month, day); it is due *before* ``before``."""

    key: str
    text: Text
    data_from: str
    data_to: str
    before: str
    article: str


@dataclass(frozen=True, slots=True)
class Rules:
    """A whole rule set. ``Rules.of`` reads one out of data."""

    code: str
    name: Text
    legal_basis: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    standard: str
    words: Mapping[str, Text]
    questions: tuple[Question, ...]
    criteria: tuple[Criterion, ...]
    authorities: Mapping[int, Authority]
    papers: tuple[Paper, ...]
    validity: Limit
    appraisal: Mapping[int, Limit]
    approval: Limit
    intervals: Mapping[str, Mapping[int, Interval]]
    measures: Mapping[int, tuple[Measure, ...]]
    one_person_may_appraise_and_approve: Mapping[int, bool]
    transitions: tuple[Dated, ...]
    cautions: tuple[Dated, ...]
    reports: tuple[Report, ...]
    notes: tuple[Text, ...] = field(default=())

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Rules":
        """The rule set that ``data`` describe. BadRules with the path of each mistake."""
        from drills.approvals.kinds.shaping import shape  # noqa: PLC0415 - it builds this class

        return shape(data)

    def word(self, key: str, language: str = "vi") -> str:
        """The word this law has for ``key`` (see ``WORDS``)."""
        return self.words[key].said(language)

    def papers_for(self, level: int) -> tuple[Paper, ...]:
        return tuple(paper for paper in self.papers if level in paper.levels)

    def interval(self, what: str, level: int) -> Interval:
        return self.intervals[what][level]

    def question(self, key: str) -> Question | None:
        return next((one for one in self.questions if one.key == key), None)

    def cautions_on(self, on: date) -> tuple[Dated, ...]:
        return tuple(one for one in self.cautions if one.holds(on))


@dataclass(frozen=True, slots=True)
class Proposal:
    """The level that answers lead to. ``deciding`` are the criteria of that level which hold,
    ``others`` those of lower levels; with no criterion at all the level is 1.
    """

    level: int
    deciding: tuple[Criterion, ...]
    others: tuple[Criterion, ...]

    @property
    def reasons(self) -> tuple[Criterion, ...]:
        return self.deciding + self.others


def propose(rules: Rules, answers: Answers) -> Proposal:
    """The highest level of which a criterion holds (85/2016/NĐ-CP, art. 5; 331/2026, art. 8.2)."""
    found = sorted(
        (one for one in rules.criteria if one.holds(answers)), key=lambda one: -one.level
    )
    level = found[0].level if found else 1
    deciding = tuple(one for one in found if one.level == level)
    return Proposal(level, deciding, tuple(found[len(deciding) :]))
