"""The list as a table that people edit: read whole, checked whole, saved whole or not at all."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.text import N_, fold
from drills.exercises.models import Inject, InjectStatus
from drills.exercises.services.drills import refuse_closed
from drills.exercises.services.msel.carrying import STEP, Writer, renumbered
from drills.exercises.services.msel.cells import Reader
from drills.exercises.services.msel.details import Fault, InjectDetails
from drills.exercises.services.msel.known import Known
from drills.exercises.services.msel.planning import in_circle
from drills.exercises.services.msel.plans import circle, differing
from drills.exercises.services.msel.sheets import text_of
from drills.exercises.services.msel.times import BadTime, Due, read
from drills.exercises.services.msel.trail import note, told

MAIN = (
    "number", "time", "title", "content", "sides", "channel", "sender", "expected_action", "phase",
)  # fmt: skip
MORE = (
    "situation_time", "objective", "is_contingency", "depends_on", "detect_target_minutes",
    "contain_target_minutes", "note",
)  # fmt: skip


class HasTexts(Protocol):
    texts: dict[str, str]


Row = TypeVar("Row", bound=HasTexts)


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it was sent. ``inject_id`` is None for a new one, ``texts`` None if untouched.

    ``was`` is the digest of the texts that stood in the row when the person opened the table.
    """

    key: str
    inject_id: int | None = None
    texts: Mapping[str, str] | None = None
    was: str = ""
    is_dropped: bool = False


@dataclass
class Saved:
    """What came of it. Anything in ``faults`` or ``clashes``, by key of a line: nothing saved.

    A clash has what stands in the row now by key of a column; None: somebody has deleted it.
    """

    faults: dict[str, list[Fault]] = field(default_factory=dict)
    clashes: dict[str, Mapping[str, str] | None] = field(default_factory=dict)
    added: int = 0
    changed: int = 0
    dropped: int = 0
    is_moved: bool = False

    @property
    def is_clean(self) -> bool:
        return not self.faults and not self.clashes

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.dropped or self.is_moved)


def texts_of(
    known: Known, inject: Inject, details: InjectDetails, keys: Sequence[str]
) -> dict[str, str]:
    """The cells of a row; sides by their keys, which are short."""
    sides = "; ".join(side.key for side in inject.sides)
    return {
        key: details.extra.get(key.removeprefix("column:"), "")
        if key.startswith("column:")
        else text_of(details, key, known.frame, sides)
        for key in keys
    }


def digest(texts: Mapping[str, str]) -> str:
    said = "\x1f".join(f"{key}\x1e{texts[key]}" for key in sorted(texts))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def save(
    session: Session, known: Known, lines: Sequence[Line], keys: Sequence[str], *, by: Person | None
) -> Saved:
    """Save what the lines change, in the order they stand in, if all of it is right."""
    refuse_closed(known.drill)
    return _Table(session, known, lines, keys).save(by)


class _Table:
    def __init__(
        self, session: Session, known: Known, lines: Sequence[Line], keys: Sequence[str]
    ) -> None:
        self.session, self.known, self.lines, self.keys = session, known, lines, keys
        self.injects = {inject.id: inject for inject in known.injects}
        self.before = known.details()
        self.reader = Reader(known, may_grow=False)
        self.made = Saved()
        self.wanted: dict[str, InjectDetails] = {}
        self.dropped: list[tuple[str, Inject]] = []

    def save(self, by: Person | None) -> Saved:
        for line in self.lines:
            self._take(line)
        self._check()
        if self.made.is_clean:
            self._write(by)
        return self.made

    def _take(self, line: Line) -> None:
        inject = self.injects.get(line.inject_id or 0)
        if line.inject_id and inject is None:
            if line.texts is not None and digest(line.texts) != line.was and not line.is_dropped:
                self.made.clashes[line.key] = None
            return
        if inject is not None and line.is_dropped:
            self._drop(line, inject)
        elif line.texts is not None and not line.is_dropped:
            self._read(line, inject, line.texts)

    def _drop(self, line: Line, inject: Inject) -> None:
        if inject.status is InjectStatus.RELEASED:
            self._say(line.key, _released("number", inject.number))
        else:
            self.dropped.append((line.key, inject))

    def _read(self, line: Line, inject: Inject | None, texts: Mapping[str, str]) -> None:
        if digest(texts) == line.was or (inject is None and not any(texts.values())):
            return
        base = self.before[inject.id] if inject else InjectDetails(number="", title="")
        details, faults = self.reader.read(texts, base)
        for fault in faults:
            self._say(line.key, fault)
        if inject and not self._is_ours(line, inject, base, details):
            return
        self.wanted[line.key] = details

    def _is_ours(
        self, line: Line, inject: Inject, base: InjectDetails, details: InjectDetails
    ) -> bool:
        """Whether the row may be written: nobody else has, and it has not been released."""
        keys = differing(base, details)
        if keys and inject.status is InjectStatus.RELEASED:
            self._say(line.key, _released(keys[0], inject.number))
            return False
        now = texts_of(self.known, inject, base, self.keys)
        if keys and digest(now) != line.was:
            self.made.clashes[line.key] = now
            return False
        return bool(keys)

    def _final(self) -> dict[str, InjectDetails]:
        """Every inject there would be, by key of its line or its id."""
        keys = {line.inject_id: line.key for line in self.lines if line.inject_id}
        gone = {inject.id for _key, inject in self.dropped}
        kept = {
            keys.get(identity, str(identity)): details
            for identity, details in self.before.items()
            if identity not in gone
        }
        return kept | self.wanted

    def _check(self) -> None:
        final = self._final()
        counted = Counter(fold(details.number) for details in final.values())
        after = {fold(d.number): fold(d.depends_on) for d in final.values()}
        ring = circle(after)
        for key, details in self.wanted.items():
            if details.number and counted[fold(details.number)] > 1:
                self._say(key, _taken(details.number))
            if details.depends_on and fold(details.depends_on) not in counted:
                self._say(key, _nowhere(details.depends_on))
            elif details.depends_on and fold(details.number) in ring:
                self._say(key, in_circle(details.depends_on, ring))

    def _say(self, key: str, fault: Fault) -> None:
        self.made.faults.setdefault(key, []).append(fault)

    def _write(self, by: Person | None) -> None:
        changes: dict[str, list[str]] = {}
        for _key, inject in self.dropped:
            changes[f"{inject.number} −"] = [inject.title, ""]
            self.known.injects.remove(inject)
            self.session.delete(inject)
        self.session.flush()
        writer = Writer(self.session, self.known)
        pairs = [(line, self.injects.get(line.inject_id or 0)) for line in self.lines]
        renumbered(
            self.session,
            [
                (i, self.wanted[line.key].number)
                for line, i in pairs
                if i and line.key in self.wanted
            ],
        )
        placed: list[Inject] = []
        for line, found in pairs:
            placed += self._write_line(writer, line, found, changes)
        writer.tie()
        self._place(placed)
        self.made.dropped = len(self.dropped)
        if not self.made.is_empty:
            note(self.session, "msel_revised", self.known.drill, changes, by=by)

    def _write_line(
        self, writer: Writer, line: Line, inject: Inject | None, changes: dict[str, list[str]]
    ) -> list[Inject]:
        details = self.wanted.get(line.key)
        if inject is not None:
            if details is not None:
                changes |= told(self.before[inject.id], details)
                writer.write(inject, details)
                self.made.changed += 1
            return [inject] if inject in self.known.injects else []
        if details is None:
            return []
        self.made.added += 1
        changes[f"{details.number} +"] = ["", details.title]
        return [writer.add(details)]

    def _place(self, placed: list[Inject]) -> None:
        """Put the injects of the lines in their order, where the first of them stood."""
        known = self.known.injects
        shown = set(placed)
        old = [inject for inject in known if inject in shown]
        if old == placed or not placed:
            return
        first = min(known.index(inject) for inject in placed)
        before = [inject for inject in known[:first] if inject not in shown]
        rest = [inject for inject in known[first:] if inject not in shown]
        for place, inject in enumerate([*before, *placed, *rest], start=1):
            if inject.position != place * STEP:
                inject.position = place * STEP
        self.made.is_moved = True
        self.session.flush()


def in_time(known: Known, rows: Sequence[Row]) -> list[Row]:
    """Rows of texts in the order they are due; those without a time stay behind the one before."""
    latest, placed = datetime.min.replace(tzinfo=UTC), []
    for place, row in enumerate(rows):
        try:
            due = read(row.texts["time"], known.frame)
        except BadTime:
            due = Due()
        at = due.at
        if due.offset is not None:
            at = known.drill.starts_at + timedelta(seconds=due.offset)
        latest = at or latest
        placed.append((latest, place, row))
    return [row for _at, _place, row in sorted(placed, key=lambda one: one[:2])]


def _released(key: str, number: str) -> Fault:
    return Fault(
        key,
        number,
        N_("This inject has been released and is no longer edited."),
        N_("Note the correction in the log of the drill."),
    )


def _taken(number: str) -> Fault:
    return Fault(
        "number",
        number,
        N_("Another inject has this number."),
        N_("Give each inject a number of its own."),
    )


def _nowhere(number: str) -> Fault:
    return Fault(
        "depends_on",
        number,
        N_("There is no inject with this number."),
        N_("Write the number of an inject of this drill."),
    )
