"""The sheets of what happened and what followed: results, log, findings, actions."""

from collections.abc import Callable, Mapping
from datetime import datetime

from drills.core.text import N_, fold
from drills.exercises.labels import known as known_words
from drills.exercises.models import (
    CLOCK_ACTS,
    CLOCK_NEXT,
    LOG_KINDS,
    SEVERITIES,
    VERDICTS,
    ClockAct,
    LogKind,
    Severity,
)
from drills.exercises.services.msel.times import Frame
from drills.findings.models import NEEDS_REASON, STATES, ActionState
from drills.findings.whole.book import Cells
from drills.findings.whole.names import Names
from drills.findings.whole.plans import (
    ActionRow,
    FindingRow,
    LogRow,
    ResultRow,
    TurnRow,
    WholePlan,
)
from drills.findings.whole.sheets import ACTIONS, FINDINGS, LOG, RESULTS, SheetKind

_AS_REGISTER = N_("Write it as the register has it, or enter it there first.")
_PERSON = N_("Write the e-mail address, or enter the person first.")
NO_KIND = frozenset({LogKind.RELEASED, LogKind.WITHDRAWN})
"""What no row of the log says: releases stand among the results, what was withdrawn nowhere."""


class Reader:
    """``numbers`` and ``sides`` by folded word; nothing may have happened after ``latest``."""

    def __init__(
        self,
        made: WholePlan,
        frame: Frame,
        known: Names,
        *,
        numbers: Mapping[str, str],
        sides: Mapping[str, str],
        latest: datetime,
    ) -> None:
        self.made, self.frame, self.known = made, frame, known
        self.numbers, self.sides, self.latest = numbers, sides, latest
        self.verdicts = known_words(VERDICTS)
        kinds = {kind: label for kind, label in LOG_KINDS.items() if kind not in NO_KIND}
        self.kinds = known_words({**kinds, **CLOCK_ACTS})
        self.severities, self.states = known_words(SEVERITIES), known_words(STATES)
        self.aims = {fold(details.text) for details, _rating in made.objectives}
        self.aims |= {fold(text) for text in made.injects.new_objectives} if made.injects else set()
        self.released: set[str] = set()
        self.pairs: set[tuple[str, str]] = set()
        self.turns: list[tuple[Cells, TurnRow]] = []
        self.stamped: list[tuple[Cells, ResultRow]] = []

    @property
    def sheets(self) -> Mapping[SheetKind, Callable[[Cells], None]]:
        return {RESULTS: self.result, LOG: self.line, FINDINGS: self.finding, ACTIONS: self.action}

    def finish(self) -> None:
        """What can be said only once every row has been read."""
        for cells, row in self.stamped:
            if fold(row.number) not in self.released:
                cells.wrong(
                    "released_at",
                    N_("It is not said when the inject was released."),
                    N_("Write the time of its release in one of its rows."),
                )
        last: ClockAct | None = None
        for cells, turn in sorted(self.turns, key=lambda pair: pair[1].at):
            if turn.act not in CLOCK_NEXT[last]:
                cells.wrong(
                    "kind",
                    N_("This cannot follow what the clock did before."),
                    N_("A clock starts, pauses and goes on in turn, and ends once."),
                )
            last = turn.act
            self.made.turns.append(turn)

    def result(self, cells: Cells) -> None:
        row = ResultRow(
            self._number(cells) if cells.needed("inject") else "",
            self._side(cells),
            self._past(cells, "released_at"),
            self._past(cells, "detected_at"),
            self._past(cells, "contained_at"),
            cells.choice("verdict", self.verdicts, None),
            cells.text("note"),
            cells.yes("left_out"),
        )
        moments = [m for m in (row.released_at, row.detected_at, row.contained_at) if m]
        if moments != sorted(moments):
            cells.wrong(
                "contained_at" if row.contained_at else "detected_at",
                N_("An inject is first released, then detected, then contained."),
                N_("Correct the times."),
            )
        if row.is_left_out and moments:
            cells.wrong(
                "left_out",
                N_("What was left out has no times."),
                N_("Take the times out, or the mark."),
            )
        if (row.number, row.side_key) in self.pairs:
            cells.wrong(
                "side", N_("This inject and side stand in an earlier row."), N_("Keep one.")
            )
        self.pairs.add((row.number, row.side_key))
        if row.released_at:
            self.released.add(fold(row.number))
        elif moments:
            self.stamped.append((cells, row))
        self.made.results.append(row)

    def line(self, cells: Cells) -> None:
        at = self._past(cells, "at") if cells.needed("at") else None
        kind = cells.choice("kind", self.kinds, LogKind.NOTE)
        by_id = cells.found("by", self.known.people, _PERSON)
        number, side = self._number(cells), self._side(cells)
        if at is None:
            return
        if isinstance(kind, ClockAct):
            self.turns.append((cells, TurnRow(at, kind, by_id)))
        else:
            self.made.lines.append(LogRow(at, kind, number, side, cells.text("text"), by_id))

    def finding(self, cells: Cells) -> None:
        aim = cells.text("objective")
        if aim and fold(aim) not in self.aims:
            cells.wrong(
                "objective",
                N_("The drill has no such objective."),
                N_("Write it as the sheet of objectives does."),
            )
        number = cells.text("number") or str(len(self.made.findings) + 1)
        if number in {row.number for row in self.made.findings}:
            cells.wrong("number", N_("The number stands in an earlier row."), N_("Give another."))
        system_id = cells.found("system", self.known.systems, _AS_REGISTER)
        self.made.findings.append(
            FindingRow(
                number,
                cells.needed("text"),
                cells.choice("severity", self.severities, Severity.MEDIUM),
                cells.text("analysis"),
                self._number(cells),
                aim,
                system_id,
                cells.yes("is_restricted") if cells.text("is_restricted") else True,
            )
        )

    def action(self, cells: Cells) -> None:
        finding = cells.text("finding")
        if finding and finding not in {row.number for row in self.made.findings}:
            cells.wrong(
                "finding",
                N_("There is no finding of this number."),
                N_("Write the number the sheet of findings has."),
            )
        cells.needed("owner")
        owner = cells.found("owner", self.known.people, _PERSON) or 0
        unit = cells.found("unit", self.known.units, _AS_REGISTER)
        due_on = cells.day("due_on") if cells.needed("due_on") else None
        row = ActionRow(
            finding,
            cells.needed("text"),
            owner,
            unit or self.known.unit_of.get(owner, 0),
            due_on or self.latest.date(),
            cells.choice("state", self.states, ActionState.OPEN),
            cells.text("reason"),
            cells.text("evidence"),
            cells.found("done_by", self.known.people, _PERSON),
            cells.day("done_on"),
            cells.found("verified_by", self.known.people, _PERSON),
            cells.day("verified_on"),
        )
        self._check_state(cells, row)
        self.made.actions.append(row)

    def _check_state(self, cells: Cells, row: ActionRow) -> None:
        is_done = row.state in {ActionState.DONE, ActionState.VERIFIED}
        if is_done and not row.evidence:
            cells.wrong(
                "evidence", N_("It is not said what was done."), N_("Say how that can be seen.")
            )
        if row.state in NEEDS_REASON and not row.reason:
            cells.wrong("reason", N_("There is no reason."), N_("Say why."))
        if row.state is ActionState.VERIFIED and row.verified_by_id is None:
            cells.wrong("verified_by", N_("Nobody is named."), N_("Name who verified it."))
        if row.verified_by_id and row.verified_by_id in {row.owner_id, row.done_by_id}:
            cells.wrong(
                "verified_by",
                N_("Whoever owes or did an action cannot verify it."),
                N_("Name somebody else, or take the state back to done."),
            )

    def _past(self, cells: Cells, key: str) -> datetime | None:
        at = cells.moment(key, self.frame) if cells.text(key) else None
        if at and at > self.latest:
            cells.wrong(key, N_("This lies in the future."), N_("Correct the time."))
        return at

    def _number(self, cells: Cells) -> str:
        said = cells.text("inject")
        if said and fold(said) not in self.numbers:
            cells.wrong(
                "inject",
                N_("There is no inject with this number."),
                N_("Write the number the sheet of injects has."),
            )
        return self.numbers.get(fold(said), "") if said else ""

    def _side(self, cells: Cells) -> str:
        said = cells.text("side")
        if said and fold(said) not in self.sides:
            cells.wrong(
                "side",
                N_("The drill has no such side."),
                N_("Name the sides on the sheet of participants."),
            )
        return self.sides.get(fold(said), "") if said else ""
