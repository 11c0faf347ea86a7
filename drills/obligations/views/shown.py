"""Obligations as rows of a list: with names and links, in a few statements for any number."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from drills.extensions import db
from drills.obligations.kinds.satisfaction import KINDS
from drills.obligations.models import Obligation, SubjectKind
from drills.obligations.models.names import names
from drills.obligations.views import places


@dataclass(frozen=True, slots=True)
class Line:
    """One obligation as one person may read it; ``met_href`` leads to where it can be met."""

    obligation: Obligation
    name: str
    code: str
    subject_href: str
    record_href: str | None
    met_href: str

    @property
    def by_hand(self) -> bool:
        return KINDS[self.obligation.rule.met_by].by_hand


def lines(obligations: Sequence[Obligation]) -> list[Line]:
    wanted: dict[SubjectKind, set[int]] = defaultdict(set)
    for one in obligations:
        wanted[one.subject_kind].add(one.subject_id)
    named = names(db.session, wanted)
    return [_line(one, named) for one in obligations]


def _line(one: Obligation, named: dict[tuple[SubjectKind, int], tuple[str, str]]) -> Line:
    name, code = named[one.subject_kind, one.subject_id]
    return Line(
        one,
        name,
        code,
        places.subject(one.subject_kind, one.subject_id),
        places.record(one.by_kind, one.by_id, one.subject_id),
        places.met_at(one.rule, one.id, one.subject_id),
    )
