"""Cutting a workbook into its sheets, and reading their cells one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from drills.core import tabular
from drills.core.days import read_date
from drills.core.errors import DomainError
from drills.core.tabular import Page
from drills.core.tabular import key as folded
from drills.core.text import N_, fold
from drills.exercises.labels import Words
from drills.exercises.services.msel import times
from drills.exercises.services.msel.cells import NO, YES
from drills.exercises.services.msel.times import Frame
from drills.findings.whole.plans import Mistake
from drills.findings.whole.sheets import DRILL, FIELD, SHEETS, SheetKind

T = TypeVar("T")
SEARCHED = 15
"""How many lines from the top a header is looked for."""


@dataclass
class Book:
    """The pages of a file by the key of the sheet they are; the names of those that are none."""

    pages: dict[str, Page]
    unread: list[str]


def opened(pages: Sequence[Page]) -> Book:
    """DomainError if no page is called the sheet of the drill itself."""
    found: dict[str, Page] = {}
    unread = []
    for page in pages:
        kind = _kind_of(page.name)
        if kind is None or kind.key in found:
            unread.append(page.name)
        else:
            found[kind.key] = page
    if DRILL.key not in found:
        raise DomainError(
            N_(
                "The file has no sheet “%(name)s”. Take the template, fill it in and send it again."
            ),
            name=DRILL.label_vi,
        )
    return Book(found, unread)


def _kind_of(name: str) -> SheetKind | None:
    said = folded(name)
    return next((s for s in SHEETS if said in {folded(known) for known in s.names}), None)


@dataclass
class Cells:
    """One line of a sheet, or all of one that stands upright; mistakes go to ``problems``."""

    kind: SheetKind
    sheet: str
    texts: Mapping[str, str]
    rows: Mapping[str, int]
    problems: list[Mistake]
    language: str = "vi"
    bad: set[str] = field(default_factory=set)

    @property
    def row(self) -> int:
        return next(iter(self.rows.values()), 1)

    def text(self, key: str, most: int = 0) -> str:
        found = self.texts.get(key, "")
        if most and len(found) > most:
            self.wrong(
                key,
                N_("This is longer than %(most)s characters."),
                N_("Shorten it."),
                most=most,
            )
        return found

    def needed(self, key: str, most: int = 0) -> str:
        found = self.text(key, most)
        if not found:
            self.wrong(key, N_("This cell is empty."), N_("Fill it in, or take the row out."))
        return found

    def choice(self, key: str, known: Words, default: Any) -> Any:
        said = self.text(key)
        if not said:
            return default
        if fold(said) not in known:
            self.wrong(
                key,
                N_("This word is not known here."),
                N_("Write one of: %(words)s."),
                words="; ".join(known.labels),
            )
        return known.get(fold(said), default)

    def found(self, key: str, known: Mapping[str, T | None], remedy: str) -> T | None:
        """What a name stands for; two things of the same name are None there."""
        said = self.text(key)
        if said and fold(said) not in known:
            self.wrong(key, N_("Nothing you may see has this name or code."), remedy)
        elif said and known[fold(said)] is None:
            self.wrong(key, N_("Several have this name."), N_("Write the code or the address."))
        return known.get(fold(said)) if said else None

    def yes(self, key: str) -> bool:
        said = fold(self.text(key))
        if said not in YES and said not in NO:
            self.wrong(key, N_("This is neither yes nor no."), N_("Write x, or nothing."))
        return said in YES

    def count(self, key: str) -> int | None:
        value = self.number(key)
        if value is not None and (value != int(value) or value < 1):
            self.wrong(
                key, N_("This is not a whole number."), N_("Write a whole number from 1 on.")
            )
            return None
        return None if value is None else int(value)

    def number(self, key: str) -> float | None:
        said = self.text(key).replace(",", ".")
        try:
            value = float(said) if said else None
        except ValueError:
            value = None
        is_wrong = bool(said) and (value is None or not 0 <= value < 1e9)
        if is_wrong:
            self.wrong(key, N_("This is not a number."), N_("Write a number, or nothing."))
        return None if is_wrong else value

    def day(self, key: str) -> date | None:
        said = self.text(key)
        found = read_date(said) if said else None
        if said and found is None:
            self.wrong(key, N_("This is not a day of the calendar."), N_("Write it as 23/11/2026."))
        return found

    def moment(self, key: str, frame: Frame) -> datetime | None:
        """A moment as people write it; ``T+15`` counts from the beginning of the drill."""
        said = self.text(key)
        try:
            due = times.read(said, frame)
        except times.BadTime:
            self.wrong(
                key,
                N_("This is not a time."),
                N_("Write it as T+15, H+1:30, 09:05 or 08/12/2026 09:05."),
            )
            return None
        return frame.starts_at + timedelta(seconds=due.offset) if due.offset is not None else due.at

    def wrong(self, key: str, reason: str, remedy: str, **values: Any) -> None:
        label = next((c.label(self.language) for c in self.kind.columns if c.key == key), key)
        value = self.texts.get(key, "")[:60]
        self.bad.add(key)
        self.problems.append(
            Mistake(self.sheet, self.rows.get(key, self.row), label, value, reason, remedy, values)
        )


def upright(page: Page, problems: list[Mistake], ignored: list[str], language: str) -> Cells:
    """A sheet of one field a line: its name in the first cell, its value in the second."""
    known = {
        folded(name): column.key
        for column in DRILL.columns
        for name in (column.key, column.label_vi, column.label_en, *column.synonyms)
    }
    heads = {folded(name) for name in (FIELD.label_vi, FIELD.label_en)}
    texts: dict[str, str] = {}
    rows: dict[str, int] = {}
    for row in page.rows:
        label, value = row.cells[0], row.cells[1] if len(row.cells) > 1 else ""
        key = known.get(folded(label)) or known.get(folded(label.partition("(")[0]))
        if key is None and label and folded(label) not in heads:
            ignored.append(f"{page.name}: {label}")
        elif key is not None and key not in texts:
            texts[key], rows[key] = value, row.number
    return Cells(DRILL, page.name, texts, rows, problems, language)


def lines(
    kind: SheetKind, page: Page, problems: list[Mistake], ignored: list[str], language: str
) -> Iterator[Cells]:
    """The rows below the header of a sheet; without a header one mistake, and no rows."""
    for row in page.rows[:SEARCHED]:
        try:
            places, unknown = tabular.match(row.cells, kind.columns)
        except DomainError:
            continue
        ignored += [f"{page.name}: {name}" for name in unknown]
        break
    else:
        names = ", ".join(c.label(language) for c in kind.columns if c.required)
        reason = N_("No line of this sheet names its columns.")
        remedy = N_("Name them as the template does; needed are: %(names)s.")
        first = page.rows[0].number if page.rows else 1
        problems.append(Mistake(page.name, first, "", "", reason, remedy, {"names": names}))
        return
    for below in page.rows:
        if below.number > row.number:
            texts = {key: below.cells[place] for key, place in places.items()}
            rows = dict.fromkeys(texts, below.number)
            if any(texts.values()):
                yield Cells(kind, page.name, texts, rows, problems, language)
