"""The words of a workbook: what cells may say of kinds, parts and states, in either language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from drills.core.text import N_, fold

UNIT, TEAM, PERSON, SYSTEM, SIDE, MEMBER = "unit", "team", "person", "system", "side", "member"
WHATS = {
    UNIT: N_("Unit"),
    TEAM: N_("Team"),
    PERSON: N_("Person"),
    SYSTEM: N_("System"),
    SIDE: N_("Side"),
    MEMBER: N_("Team member"),
}
"""What a row of the sheet of participants may be; of a member of a team only who came."""
MORE_WHATS = {"ben": SIDE, "ben choi": SIDE, "doi choi": SIDE, "nguoi": PERSON, "person": PERSON}


class Words(dict[str, Any]):
    """What each folded word means; ``labels`` are the words to propose to the reader."""

    labels: tuple[str, ...] = ()


def known(labels: Mapping[Any, str], more: Mapping[str, Any] | None = None) -> Words:
    """By every word a cell may use: the Vietnamese one, the English one, our own key, ``more``."""
    found = Words(more or {})
    for language in ("vi", "en"):
        with force_locale(language):
            found |= {fold(str(_(label))): key for key, label in labels.items()}
    found |= {fold(str(getattr(key, "value", key))): key for key in labels}
    found.labels = tuple(str(_(label)) for label in labels.values())
    return found


def said(labels: Mapping[Any, str], key: Any) -> str:
    """The word for ``key`` in the language at hand; nothing for None."""
    return str(_(labels[key])) if key is not None else ""
