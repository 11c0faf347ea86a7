"""The key of a rule that is added on a page; those of files are written there."""

import itertools
import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.core.orm import CODE_MAX
from drills.core.text import fold
from drills.obligations.models import ObligationRule

_OTHER = re.compile(r"[^a-z0-9]+")
_NAMELESS = "rule"
"""For a name without a Latin letter or digit."""


def free_key(session: Session, title: str) -> str:
    """``Báo cáo quý`` gives ``bao-cao-quy``; where a rule has it, ``bao-cao-quy-2`` and so on."""
    key = _cut(_OTHER.sub("-", fold(title)).strip("-"), CODE_MAX) or _NAMELESS
    taken = set(session.scalars(sa.select(ObligationRule.key)))
    numbered = (f"{_cut(key, CODE_MAX - len(end))}{end}" for end in _endings())
    return next(one for one in numbered if one not in taken)


def _endings() -> itertools.chain[str]:
    return itertools.chain([""], (f"-{number}" for number in itertools.count(2)))


def _cut(text: str, most: int) -> str:
    return text[:most].rstrip("-")
