"""Reading somebody's list of injects against the drill: what it would add, change, cannot say."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from drills.core.tabular import Page, Problem, Row
from drills.core.tabular import key as folded
from drills.core.text import N_, fold
from drills.exercises.models import Inject, InjectStatus
from drills.exercises.services.msel import times
from drills.exercises.services.msel.cells import Reader
from drills.exercises.services.msel.columns import BY_KEY, EXTRA_LABELS, IGNORE, KEEP
from drills.exercises.services.msel.details import Fault, InjectDetails
from drills.exercises.services.msel.known import Known
from drills.exercises.services.msel.layout import Layout
from drills.exercises.services.msel.plans import Addition, Change, MselPlan, circle, differing

_ORDINAL = re.compile(r"(?:[ivxlc]+|[a-z])[.)]?")
_KEY_MAX = 28
NEW = InjectDetails(number="", title="")


def plan_import(
    known: Known, pages: Sequence[Page], layout: Layout, language: str = "vi"
) -> MselPlan:
    """What the rows under the header would do. Nothing is changed by asking."""
    return _Planner(known, pages[layout.page], layout, language).plan()


class _Planner:
    def __init__(self, known: Known, page: Page, layout: Layout, language: str) -> None:
        self.known, self.language = known, language
        self.made = MselPlan(layout)
        self.headers = layout.headers
        self.rows = [row for row in page.rows if row.number > layout.header]
        self.places = self._places(layout)
        self.reader = Reader(known, may_grow=True)
        if "sides" in self.places:
            self.reader.sides.hear(row.cells[self.places["sides"]] for row in self.rows)
        self.before = known.details()
        self.by_number = {fold(i.number): i for i in known.injects}
        self.by_title: dict[str, list[Inject]] = {}
        for inject in known.injects:
            self.by_title.setdefault(fold(inject.title), []).append(inject)
        self.titles: Counter[str] = Counter()
        self.seen: dict[str, int] = {}
        self.waits: dict[str, tuple[Row, str]] = {}
        self.next = self._next_number()

    def plan(self) -> MselPlan:
        for row, phase, day in self._injects():
            self._row(row, phase, day)
        self._check_order()
        self.made.new_sides = self.reader.sides.new
        self.made.new_objectives = self.reader.new_objectives
        self.made.kept = [i.number for i in self.known.injects if fold(i.number) not in self.seen]
        return self.made

    def _places(self, layout: Layout) -> dict[str, int]:
        """Where each meaning stands; columns to be kept get their keys here."""
        taken = {column.key: column.label for column in self.known.columns}
        places: dict[str, int] = {}
        for place, said in enumerate(layout.meanings):
            new = f"column:{column_key(self.headers[place], set(taken))}"
            meaning = new if said == KEEP else said
            if meaning == IGNORE or meaning in places:
                continue
            places[meaning] = place
            key = meaning.removeprefix("column:")
            if key != meaning and key not in taken:
                taken[key] = EXTRA_LABELS.get(key) or self.headers[place]
                self.made.new_columns[key] = taken[key]
        return places

    def _injects(self) -> Iterator[tuple[Row, str, date | None]]:
        """The rows that are injects, each with the phase and the day of its section."""
        phase, day = "", None
        for row in self.rows:
            if [folded(c) for c in row.cells] == [folded(h) for h in self.headers]:
                continue
            title = self._section(row)
            if title is None:
                yield row, phase, day
            elif (named := times.read_date(title, self.reader.frame)) is not None:
                day = named
            else:
                phase = title
                self.made.phases.append(title)

    def _section(self, row: Row) -> str | None:
        """The heading that a row is: one text alone, or an ordinal such as II and one text."""
        texts = list(dict.fromkeys(cell for cell in row.cells if cell))
        if len(texts) == 2 and _ORDINAL.fullmatch(fold(texts[0])) and self._is_first(row, texts[0]):
            return texts[1]
        if len(texts) != 1 or texts[0].isdigit():
            return None
        filled = [place for place, cell in enumerate(row.cells) if cell]
        names = {meaning for meaning, place in self.places.items() if place in filled}
        is_inject = len(filled) == 1 and bool(names & {"title", "content", "message"})
        return None if is_inject and filled[0] > 0 else texts[0]

    def _is_first(self, row: Row, text: str) -> bool:
        return next(cell for cell in row.cells if cell) == text

    def _row(self, row: Row, phase: str, day: date | None) -> None:
        texts = {meaning: row.cells[place] for meaning, place in self.places.items()}
        before = len(self.made.problems)
        if "day" in texts and (written := texts.pop("day")):
            day = times.read_date(written, self.reader.frame)
            if day is None:
                self._say(row, _no_day(written))
        if self.made.phases and not texts.get("phase"):
            texts["phase"] = phase
        inject = self._existing(texts)
        base = self.before[inject.id] if inject else NEW
        details, faults = self.reader.read(texts, base, day)
        for fault in faults:
            self._say(row, fault)
        self._number(row, details)
        if len(self.made.problems) == before:
            self._place(row, inject, details)

    def _existing(self, texts: dict[str, str]) -> Inject | None:
        if "number" in texts:
            return self.by_number.get(fold(texts["number"]))
        title = texts.get("title") or texts.get("message", "").partition("\n")[0]
        found = self.by_title.get(fold(title), [])
        self.titles[fold(title)] += 1
        is_sure = len(found) == 1 and self.titles[fold(title)] == 1
        if is_sure:
            texts["number"] = found[0].number
            return found[0]
        texts["number"], self.next = str(self.next), self.next + 1
        return None

    def _next_number(self) -> int:
        numbers = [int(i.number) for i in self.known.injects if i.number.isdecimal()]
        return max(numbers, default=0) + 1

    def _number(self, row: Row, details: InjectDetails) -> None:
        number = fold(details.number)
        if number in self.seen and number:
            self._say(
                row,
                Fault(
                    "number",
                    details.number,
                    N_("This number stands in row %(row)s already."),
                    N_("Give each inject a number of its own."),
                    {"row": self.seen[number]},
                ),
            )
        self.seen.setdefault(number, row.number)
        if details.depends_on:
            self.waits[details.number] = (row, details.depends_on)

    def _place(self, row: Row, inject: Inject | None, details: InjectDetails) -> None:
        if inject is None:
            self.made.additions.append(Addition(row.number, details))
            return
        before = self.before[inject.id]
        keys = differing(before, details)
        if not keys:
            self.made.unchanged += 1
        elif inject.status is InjectStatus.RELEASED:
            self._say(row, _released(keys[0], row, self.places))
        else:
            self.made.changes.append(Change(row.number, inject, before, details))

    def _check_order(self) -> None:
        """Whether each inject waits for one there is, and none in the end for itself."""
        numbers = self.seen.keys() | self.by_number.keys()
        after = {fold(i.number): self.before[i.id].depends_on for i in self.known.injects}
        after = {number: fold(text) for number, text in after.items()}
        for number, (row, text) in self.waits.items():
            if fold(text) not in numbers:
                self._say(
                    row,
                    Fault(
                        "depends_on",
                        text,
                        N_("There is no inject with this number."),
                        N_("Write the number of an inject of this drill."),
                    ),
                )
            after[fold(number)] = fold(text)
        ring = circle(after)
        for number, (row, text) in self.waits.items():
            if fold(number) in ring:
                self._say(row, in_circle(text, ring))

    def _say(self, row: Row, fault: Fault) -> None:
        place = self.places.get(fault.key)
        if place is None and fault.key in {"title", "content"}:
            place = self.places.get("message")
        column = self.headers[place] if place is not None else ""
        label = column or (BY_KEY[fault.key].label(self.language) if fault.key in BY_KEY else "")
        self.made.problems.append(
            Problem(row.number, label, fault.value[:120], fault.reason, fault.remedy, fault.values)
        )


def in_circle(text: str, ring: list[str]) -> Fault:
    return Fault(
        "depends_on",
        text,
        N_("These injects wait for one another: %(ring)s."),
        N_("Let one of them wait for none."),
        {"ring": " → ".join([*ring, ring[0]])},
    )


def _released(key: str, row: Row, places: dict[str, int]) -> Fault:
    place = places.get(key)
    return Fault(
        key,
        row.cells[place] if place is not None else "",
        N_("This inject has been released and is no longer edited."),
        N_("Leave the row as it was, and note the correction in the log of the drill."),
    )


def _no_day(text: str) -> Fault:
    return Fault(
        "day", text, N_("This is not a day of the calendar."), N_("Write it as 08/12/2026.")
    )


def column_key(label: str, taken: set[str]) -> str:
    """The key of a column of the agency's own, made of its label."""
    word = folded(label).replace(" ", "_")[:_KEY_MAX].strip("_") or "column"
    key, number = word, 2
    while key in taken:
        key, number = f"{word}_{number}", number + 1
    return key
