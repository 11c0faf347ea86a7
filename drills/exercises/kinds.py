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
