"""The kinds of drill. To add one, add one entry to ``KINDS``."""

from dataclasses import dataclass

from drills.core.text import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """``is_live``: on real systems, so the safety rules of Directive 60/CT-BTTTT apply."""

    key: str
    label: str
    is_live: bool = False
    is_international: bool = False


KINDS = {
    kind.key: kind
    for kind in (
        Kind("live_fire", N_("Live-fire"), is_live=True),
        Kind("tabletop", N_("Tabletop")),
        Kind("walk_through", N_("Walk-through")),
        Kind("functional", N_("Functional")),
        Kind("full_scale", N_("Full-scale")),
        Kind("red_blue", N_("Red versus blue"), is_live=True),
        Kind("simulation", N_("Simulation on a range")),
        Kind("notification", N_("Notification and call-out")),
        Kind("international", N_("International"), is_international=True),
        Kind("national", N_("National or cluster")),
    )
}


@dataclass(frozen=True, slots=True)
class ReadinessKind:
    """Something to see to before a drill starts. To add one, add one entry below.

    ``is_live``: for live-fire drills only. ``told_by`` names the fields of the safety record
    that say it is done: such an item is not ticked by hand.
    """

    key: str
    label: str
    is_live: bool = False
    told_by: tuple[str, ...] = ()


READINESS_ITEMS = {
    item.key: item
    for item in (
        ReadinessKind("roster", N_("Those who take part are confirmed")),
        ReadinessKind("contacts", N_("Contacts and channels have been tried")),
        ReadinessKind("scenario", N_("Scenario and injects are ready")),
        ReadinessKind("control", N_("Control, evaluators and observers are briefed")),
        ReadinessKind("room", N_("Room, links and accounts work")),
        ReadinessKind(
            "authorisation",
            N_("The written authorisation is there"),
            is_live=True,
            told_by=("authorisation_number", "authorisation_date"),
        ),
        ReadinessKind(
            "rules", N_("Rules of engagement are agreed"), is_live=True, told_by=("rules",)
        ),
        ReadinessKind(
            "stop_word", N_("The stop word is known"), is_live=True, told_by=("stop_word",)
        ),
        ReadinessKind(
            "backup", N_("The target systems are backed up"), is_live=True, told_by=("backup_at",)
        ),
        ReadinessKind(
            "rollback",
            N_("The way back has been tried"),
            is_live=True,
        ),
        ReadinessKind("monitoring", N_("The monitoring centre knows of the window"), is_live=True),
    )
}
