"""Reading a workbook against what the register knows: what it says, and each cell that is wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import force_locale
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.errors import DomainError
from drills.core.orm import NAME_MAX, TITLE_MAX
from drills.core.tabular import Page
from drills.core.text import N_, fold
from drills.exercises.labels import known as known_words
from drills.exercises.models import (
    AUDIENCES,
    PARTS,
    PRESENCES,
    PRIORITIES,
    RATINGS,
    SIDE_KEY_MAX,
    Audience,
    Drill,
    MselColumn,
    Objective,
    ObjectiveDetails,
    Part,
    Priority,
    Side,
)
from drills.exercises.services.evaluation import RatingDetails
from drills.exercises.services.msel import Known, layout, plan_import
from drills.exercises.services.msel.columns import IGNORE, KEEP
from drills.exercises.services.msel.known import columns as columns_of
from drills.exercises.services.msel.sides import free_key
from drills.exercises.services.msel.times import Frame
from drills.findings.whole import aftermath, facts, words
from drills.findings.whole.book import Book, Cells, lines, opened, upright
from drills.findings.whole.names import Names, names
from drills.findings.whole.plans import Mistake, PersonRow, SideRow, WholePlan
from drills.findings.whole.sheets import (
    COLUMNS,
    DRILL,
    INJECTS,
    OBJECTIVES,
    PLACES,
    SheetKind,
)

_AS_REGISTER = N_("Write it as the register has it, or enter it there first.")


def plan(
    session: Session,
    pages: Sequence[Page],
    *,
    by: Person | None,
    at: datetime,
    zone: ZoneInfo,
    language: str = "vi",
) -> WholePlan:
    """What the workbook would record. Nothing is changed by asking.

    ``zone`` is that of a drill that names none. DomainError if there is no sheet of the drill.
    """
    with force_locale(language):
        reader = _Reader(opened(pages), names(session, by), language)
        reader.read(at, zone, columns_of(session, Drill()))
    if reader.made.details:
        reader.made.likely = _likely(session, reader.made)
    return reader.made


def _likely(session: Session, made: WholePlan) -> str:
    assert made.details is not None
    query = sa.select(Drill.code).where(
        Drill.title == made.details.title, Drill.starts_at == made.details.starts_at
    )
    return session.scalar(query.limit(1)) or ""


class _Reader:
    def __init__(self, book: Book, known: Names, language: str) -> None:
        self.book, self.known, self.language = book, known, language
        self.made = WholePlan(ignored=list(book.unread))
        self.parts = known_words(PARTS)
        self.sides: dict[str, str] = {}
        """Keys of sides by all they may be called."""

    def read(self, at: datetime, zone: ZoneInfo, columns: list[MselColumn]) -> None:
        made = self.made
        cells = upright(self.book.pages[DRILL.key], made.problems, made.ignored, self.language)
        facts.read(cells, made, self.known, zone, at)
        frame = self._frame(at, zone)
        self._objectives()
        self._places()
        self._audiences()
        self._injects(frame, columns)
        rows = made.injects.additions if made.injects else []
        after = aftermath.Reader(
            made,
            frame,
            self.known,
            numbers={fold(row.details.number): row.details.number for row in rows},
            sides=self.sides,
            latest=at,
        )
        for kind, take in after.sheets.items():
            for row in self.lines(kind):
                take(row)
        after.finish()

    def lines(self, kind: SheetKind) -> Iterator[Cells]:
        page = self.book.pages.get(kind.key)
        if page is not None:
            made = self.made
            yield from lines(kind, page, made.problems, made.ignored, self.language)

    def _frame(self, at: datetime, zone: ZoneInfo) -> Frame:
        """The days of the drill; where they cannot be read, any, to go on looking for mistakes."""
        details = self.made.details
        if details is None:
            return Frame(at - timedelta(days=1), at, zone)
        return Frame(details.starts_at, details.ends_at, ZoneInfo(details.time_zone))

    def _objectives(self) -> None:
        priorities, ratings = known_words(PRIORITIES), known_words(RATINGS)
        for cells in self.lines(OBJECTIVES):
            details = ObjectiveDetails(
                cells.needed("text"),
                cells.text("capability", TITLE_MAX),
                cells.choice("priority", priorities, Priority.MEDIUM),
            )
            score, score_of = cells.number("score"), cells.number("score_of")
            if score is not None and (score_of is None or score > score_of):
                cells.wrong(
                    "score",
                    N_("A score needs the highest score possible, and is not above it."),
                    N_("Correct the two numbers."),
                )
            rating = cells.choice("rating", ratings, None)
            rated = RatingDetails(rating, score, score_of, cells.text("note"))
            self.made.objectives.append((details, rated))

    def _places(self) -> None:
        """Sides first: people say which they belong to, wherever in the sheet it stands."""
        known = known_words(words.WHATS, words.MORE_WHATS)
        rows = [(cells.choice("what", known, words.PERSON), cells) for cells in self.lines(PLACES)]
        for what, cells in sorted(rows, key=lambda row: row[0] != words.SIDE):
            if what == words.SIDE:
                self._side(cells)
            elif what in {words.UNIT, words.TEAM, words.SYSTEM}:
                self._thing(what, cells)
            else:
                self._person(what, cells)
        details = self.made.details
        if details:
            self.made.details = replace(
                details,
                unit_ids=tuple(self.made.unit_parts),
                team_ids=tuple(self.made.team_parts),
                person_ids=tuple(self.made.people),
            )

    def _side(self, cells: Cells) -> None:
        name = cells.needed("name", NAME_MAX)
        key = "".join(fold(cells.text("code", SIDE_KEY_MAX)).split())
        taken = {side.key for side in self.made.sides}
        if key in taken:
            cells.wrong("code", N_("There is such a side already."), N_("Give it another code."))
            return
        team_id = cells.found("team", self.known.teams, _AS_REGISTER)
        side = SideRow(key or free_key(name or "side", taken), name, team_id)
        self.made.sides.append(side)
        self.sides |= {fold(side.name): side.key, side.key: side.key}

    def _thing(self, what: str, cells: Cells) -> None:
        known = {
            words.UNIT: self.known.units,
            words.TEAM: self.known.teams,
            words.SYSTEM: self.known.systems,
        }[what]
        key = cells.found("code" if cells.text("code") else "name", known, _AS_REGISTER)
        part = cells.choice("part", self.parts, None)
        if key is None:
            if not cells.text("code"):
                cells.needed("name")
        elif what == words.SYSTEM and self.made.details:
            ids = (*self.made.details.system_ids, key)
            self.made.details = replace(self.made.details, system_ids=ids)
        elif what == words.UNIT:
            self.made.unit_parts[key] = part
        elif what == words.TEAM:
            self.made.team_parts[key] = part

    def _person(self, what: str, cells: Cells) -> None:
        key = cells.found("code" if cells.text("code") else "name", self.known.people, _AS_REGISTER)
        presence = cells.choice("presence", known_words(PRESENCES), None)
        part = cells.choice("part", self.parts, Part.PLAYER)
        side = cells.text("side")
        if side and fold(side) not in self.sides:
            cells.wrong(
                "side",
                N_("The drill has no such side."),
                N_("Name the sides on the sheet of participants."),
            )
        if key is None:
            if not cells.text("code"):
                cells.needed("name")
            return
        if what == words.PERSON:
            self.made.people[key] = PersonRow(part, self.sides.get(fold(side), ""))
        if presence:
            self.made.presences[key] = presence

    def _audiences(self) -> None:
        known = known_words(AUDIENCES)
        for cells in self.lines(COLUMNS):
            label = cells.needed("label", TITLE_MAX)
            self.made.audiences[label] = cells.choice("audience", known, Audience.CONTROL)

    def _injects(self, frame: Frame, columns: list[MselColumn]) -> None:
        page = self.book.pages.get(INJECTS.key)
        if page is None:
            return
        drill = Drill(starts_at=frame.starts_at, ends_at=frame.ends_at, time_zone=str(frame.zone))
        sides = [Side(key=row.key, name=row.name, position=0) for row in self.made.sides]
        aims = [Objective(text=details.text) for details, _rating in self.made.objectives]
        known = Known(drill, sides, aims, [], columns)
        try:
            found = layout.find([page], columns)
        except DomainError as error:
            self.made.problems.append(
                Mistake(page.name, 1, "", "", error.message, "", error.values)
            )
            return
        kept = [meaning if meaning != IGNORE else KEEP for meaning in found.meanings]
        meanings = [
            IGNORE if not header else meaning
            for header, meaning in zip(found.headers, kept, strict=True)
        ]
        planned = plan_import(known, [page], layout.with_meanings(found, meanings), self.language)
        self.made.injects = planned
        self.sides |= {fold(name): key for key, name in planned.new_sides.items()}
        self.sides |= {key: key for key in planned.new_sides}
        self.made.problems += [
            Mistake(page.name, p.row, p.column, p.value, p.reason, p.remedy, p.values)
            for p in planned.problems
        ]
