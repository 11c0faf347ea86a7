"""When a criterion holds: conditions over the answers, written so that people can read them.

A condition is a list of alternatives, of which one has to hold. An alternative is a line of terms
parted by ``;``, which all have to hold::

    kind is public; information has private|personal; users at least 10000
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drills.approvals.kinds.rules import Question

Answers = Mapping[str, Any]
RELATIONS = {
    "one": ("is",),
    "many": ("has", "lacks"),
    "yes": ("is",),
    "number": ("at least", "below"),
}
"""Which relations a kind of question can be asked for."""
_TERM = re.compile(r"([a-z_]+) (is|has|lacks|at least|below) (\S+)")


@dataclass(frozen=True, slots=True)
class Term:
    """``question relation value|value``; of several values one suffices, ``lacks`` means none."""

    question: str
    relation: str
    values: tuple[str, ...]

    def holds(self, answers: Answers) -> bool:
        given = answers.get(self.question)
        if self.relation in {"at least", "below"}:
            is_reached = int(given or 0) >= int(self.values[0])
            return is_reached is (self.relation == "at least")
        return self._chosen(given) is not (self.relation == "lacks")

    def _chosen(self, given: Any) -> bool:
        if isinstance(given, bool):
            given = "yes" if given else "no"
        chosen = given if isinstance(given, list | tuple | set | frozenset) else (given,)
        return any(value in self.values for value in chosen)

    def __str__(self) -> str:
        return f"{self.question} {self.relation} {'|'.join(self.values)}"


Alternative = tuple[Term, ...]


def holds(condition: tuple[Alternative, ...], answers: Answers) -> bool:
    return any(all(term.holds(answers) for term in terms) for terms in condition)


def read(line: str) -> Alternative:
    """The terms of one alternative. ValueError with the part that cannot be read."""
    return tuple(_term(part.strip()) for part in line.split(";") if part.strip())


def _term(text: str) -> Term:
    if (found := _TERM.fullmatch(text)) is None:
        raise ValueError(text)
    question, relation, values = found.groups()
    return Term(question, relation, tuple(values.split("|")))


def fits(term: Term, question: "Question") -> bool:
    """Whether ``term`` asks ``question`` something it can be asked."""
    if term.relation not in RELATIONS[question.kind]:
        return False
    if question.kind == "number":
        return len(term.values) == 1 and term.values[0].isdecimal()
    return set(term.values) <= question.keys


def written(condition: tuple[Alternative, ...]) -> list[str]:
    return ["; ".join(str(term) for term in terms) for terms in condition]
