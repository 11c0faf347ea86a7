"""What can meet a duty. To add a kind, add an entry here and its query to ``models.facts``."""

from collections.abc import Mapping
from dataclasses import dataclass

from drills.core.text import N_
from drills.obligations.kinds.cadence import AfterEvent, Given, Periodic, Rolling

RECURRING: tuple[type, ...] = (Rolling, Periodic)


@dataclass(frozen=True, slots=True)
class Kind:
    """``subjects`` are values of ``SubjectKind``.

    ``by_hand``: met by an ``ObligationRecord``; every other kind by what the register holds.
    ``by_link``: who owes it is asked by a link of their own, instead of being reminded.
    ``has_event``: counted from something that happened to the subject.
    """

    key: str
    label: str
    subjects: tuple[str, ...]
    cadences: tuple[type, ...] = RECURRING
    by_hand: bool = False
    by_link: bool = False

    @property
    def has_event(self) -> bool:
        return self.cadences == (AfterEvent,)


KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("live_fire_drill_of_unit", N_("A live-fire drill the unit took part in"), ("unit",)),
        Kind("live_fire_drill_of_system", N_("A live-fire drill on the system"), ("system",)),
        Kind("drill_of_unit", N_("A drill of any kind the unit took part in"), ("unit",)),
        Kind("drill_of_system", N_("A drill of any kind on the system"), ("system",)),
        Kind(
            "periodic_check",
            N_("A check and assessment, as often as the rule set of its level says"),
            ("system",),
            (Given,),
        ),
        Kind(
            "technical_check",
            N_("A scan or penetration test, as often as the rule set of its level says"),
            ("system",),
            (Given,),
        ),
        Kind(
            "reappraisal", N_("A decision on the level that is still good"), ("system",), (Given,)
        ),
        Kind("certificate", N_("A certificate the law requires"), ("person",), (Given,)),
        Kind("contact_check", N_("Numbers and addresses confirmed"), ("person",), by_link=True),
        Kind("aar", N_("The drill evaluated and its report written"), ("drill",), (AfterEvent,)),
        Kind(
            "contact_change",
            N_("A note that a change of the contact point was told"),
            ("team",),
            (AfterEvent,),
            by_hand=True,
        ),
        Kind(
            "threat_hunting",
            N_("A note on a hunt for threats"),
            ("unit", "system", "organisation"),
            by_hand=True,
        ),
        Kind("profile_review", N_("A note on the review of the profile"), ("team",), by_hand=True),
        Kind(
            "report_sent",
            N_("A note on the report that was sent"),
            ("organisation", "unit", "team", "system"),
            by_hand=True,
        ),
        Kind(
            "noted",
            N_("A note made here"),
            ("organisation", "unit", "team", "person", "system"),
            by_hand=True,
        ),
    )
}
BY_LINK = frozenset(key for key, kind in KINDS.items() if kind.by_link)
