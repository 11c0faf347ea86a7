"""The words by which a cell may name a kind, a part or a state, in either language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from drills.core.text import fold


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
