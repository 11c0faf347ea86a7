"""What is typed to evaluate a drill: verdicts, ratings, observations, the hot wash."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from drills.core.days import read_clock
from drills.core.errors import DomainError
from drills.core.orm import TITLE_MAX
from drills.core.text import N_, fold, normal
from drills.exercises.models import QUESTION_KINDS, Drill, QuestionKind, Rating, Verdict
from drills.exercises.models.injects import INJECT_NUMBER_MAX
from drills.exercises.services.afterwards import Happened
from drills.exercises.services.evaluation import Judged, ObservationDetails, RatingDetails
from drills.exercises.services.msel import times
from drills.exercises.services.surveys import QUESTIONS_MAX, SurveyDetails
from drills.web.forms import Form

_WITH_SECONDS = re.compile(r"^(?:\d{4}-\d\d-\d\d[T ])?(\d{1,2}:\d\d):\d\d(?:\.\d+)?$")
"""How a spreadsheet writes a time of day; the day is that of the drill."""
_HAPPENED = ("released", "detected", "contained", "verdict")
NOTE_MAX = 2000
TEXT_MAX = 4000
VERDICT_WORDS = {
    Verdict.MET: ("dat", "met", "as expected", "nhu mong doi", "dung nhu mong doi", "x"),
    Verdict.PARTLY: ("mot phan", "dat mot phan", "partly", "partly as expected"),
    Verdict.MISSED: ("khong dat", "missed", "not as expected"),
}


def _number(text: str) -> int | None:
    return int(text) if text and text.isdecimal() else None


class EmptyForm(Form):
    """Only the token: the fields are as many as the drill has rows."""


def verdicts(sent: MultiDict[str, str]) -> dict[tuple[int, int | None], Judged]:
    """``verdict-12-3=met`` and ``note-12-3=…``; side 0 stands for everybody."""
    found: dict[tuple[int, int | None], Judged] = {}
    for name, value in sent.items():
        kind, _dash, key = name.partition("-")
        inject, _dash, side = key.partition("-")
        if kind == "verdict" and inject.isdecimal() and side.isdecimal():
            verdict = Verdict(value) if value in set(Verdict) else None
            note = normal(sent.get(f"note-{key}", ""))[:NOTE_MAX]
            found[int(inject), int(side) or None] = (verdict, note)
    return found


def ratings(sent: MultiDict[str, str]) -> dict[int, RatingDetails]:
    """``rating-7=P``, ``score-7``, ``of-7``, ``said-7``."""
    found: dict[int, RatingDetails] = {}
    for name, value in sent.items():
        kind, _dash, key = name.partition("-")
        if kind == "rating" and key.isdecimal():
            rating = Rating(value) if value in set(Rating) else None
            score, whole = (_score(sent.get(f"{part}-{key}", "")) for part in ("score", "of"))
            note = normal(sent.get(f"said-{key}", ""))[:NOTE_MAX]
            found[int(key)] = RatingDetails(rating, score, whole, note)
    return found


def _score(text: str) -> float | None:
    written = text.strip().replace(",", ".")
    if not written:
        return None
    try:
        value = float(written)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1_000_000:
        raise DomainError(N_("“%(text)s” is not a score. Write a number such as 7.5."), text=text)
    return value


class ObservationForm(Form):
    text = TextAreaField(
        _l("What was seen"),
        [DataRequired(_l("Write what was seen.")), Length(max=TEXT_MAX)],
        render_kw={"rows": 3},
    )
    is_strength = BooleanField(_l("A strength"))
    inject_id = SelectField(_l("Inject"), coerce=_number)
    objective_id = SelectField(_l("Objective"), coerce=_number)
    side_id = SelectField(_l("Side"), coerce=_number)

    def offer(
        self,
        injects: Iterable[tuple[int, str]],
        objectives: Iterable[tuple[int, str]],
        sides: Iterable[tuple[int, str]],
    ) -> None:
        for field, rows in (
            (self.inject_id, injects),
            (self.objective_id, objectives),
            (self.side_id, sides),
        ):
            field.choices = [SelectChoice(value="", label="—")] + [
                SelectChoice(value=str(key), label=text) for key, text in rows
            ]

    def details(self) -> ObservationDetails:
        return self.to(ObservationDetails)


class QuestionForm(Form):
    class Meta(Form.Meta):
        csrf = False

    kind = SelectField(
        _l("Answer"),
        coerce=QuestionKind,
        choices=[
            SelectChoice(value=kind, label=_l(label)) for kind, label in QUESTION_KINDS.items()
        ],
    )
    text = StringField(_l("Question"), [Length(max=TITLE_MAX)])


class SurveyForm(Form):
    introduction = TextAreaField(_l("Introduction"), [Length(max=TEXT_MAX)], render_kw={"rows": 3})
    is_anonymous = BooleanField(
        _l("Anonymous"),
        description=_l("Nobody can tell who answered what. It cannot be changed later."),
    )
    questions = FieldList(FormField(QuestionForm), max_entries=QUESTIONS_MAX)

    def details(self) -> SurveyDetails:
        asked = tuple(
            (entry.kind.data, entry.text.data) for entry in self.questions if entry.text.data
        )
        return SurveyDetails(self.introduction.data or "", self.is_anonymous.data, asked)


def answers(
    sent: MultiDict[str, str], questions: Iterable[Any]
) -> dict[int, tuple[int | None, str]]:
    """What was answered, by the ids of the questions: ``q7=4`` or ``q7=some words``."""
    found: dict[int, tuple[int | None, str]] = {}
    for question in questions:
        value = normal(sent.get(f"q{question.id}", ""))
        if question.kind is QuestionKind.TEXT:
            found[question.id] = (None, value[:TEXT_MAX])
        elif value in ({"1", "2", "3", "4", "5"} if question.kind is QuestionKind.SCALE else "01"):
            found[question.id] = (int(value), "") if value else (None, "")
    return found


def happened(
    drill: Drill,
    sides: Mapping[str, int],
    rows: Iterable[tuple[int, Mapping[str, str]]],
    waiting: Collection[str] = (),
) -> list[Happened]:
    """Rows as they were typed or imported, read; every wrong one is named, all at once.

    ``waiting``: numbers of injects that are planned; without times one has not been used.
    """
    found, wrong = [], []
    for line, row in rows:
        cells = {name: normal(str(value or "")) for name, value in row.items()}
        if not any(cells.get(name) for name in ("number", "title", "released")):
            continue
        if cells.get("number") in waiting and not any(cells.get(name) for name in _HAPPENED):
            continue
        try:
            found.append(_happened(drill, sides, line, cells))
        except ValueError as mistake:
            wrong.append((line, str(mistake)))
    if wrong:
        raise Unreadable(wrong)
    return found


class Unreadable(Exception):
    """``mistakes``: row and msgid of each."""

    def __init__(self, mistakes: list[tuple[int, str]]) -> None:
        super().__init__(str(mistakes))
        self.mistakes = mistakes


def _happened(
    drill: Drill, sides: Mapping[str, int], line: int, cells: Mapping[str, str]
) -> Happened:
    number = cells.get("number", "")
    if not number or len(number) > INJECT_NUMBER_MAX:
        raise ValueError(N_("Give the inject its number."))
    released = _moment(drill, cells.get("released", ""), None)
    if released is None:
        raise ValueError(N_("Write when it was released, such as 08:20."))
    detected = _moment(drill, cells.get("detected", ""), released)
    contained = _moment(drill, cells.get("contained", ""), released)
    side = fold(cells.get("side", ""))
    if side and side not in sides:
        raise ValueError(N_("This side is not in the drill: write its name or its key."))
    return Happened(
        number,
        cells.get("title", "")[:TITLE_MAX],
        released,
        sides.get(side),
        detected,
        contained,
        _verdict(cells.get("verdict", "")),
        line,
    )


def _moment(drill: Drill, text: str, released: datetime | None) -> datetime | None:
    """``08:20`` on the day of the release, or of the drill; after midnight, the next day.
    ``+7`` minutes after the release; ``24/04/2026 08:20`` or ``D+1 08:20`` on another day.
    """
    if not text:
        return None
    minutes = text.removeprefix("+").split(" ")[0].removesuffix("m").removesuffix("p")
    if released is not None and minutes.isdecimal() and ":" not in text:
        return released + timedelta(minutes=min(int(minutes), 100_000))
    at = read_clock(_WITH_SECONDS.sub(r"\1", text))
    if at is None:
        return _dated(drill, text)
    before = released or drill.starts_at
    moment = datetime.combine(before.astimezone(drill.zone).date(), at, drill.zone)
    late = before - moment > timedelta(hours=12)
    return moment + timedelta(days=1) if late else moment


def _dated(drill: Drill, text: str) -> datetime:
    try:
        due = times.read(text, times.Frame(drill.starts_at, drill.ends_at, drill.zone))
    except times.BadTime as wrong:
        raise ValueError(
            N_("A time is not understood. Write 08:20, or minutes such as +7.")
        ) from wrong
    return due.at or drill.starts_at + timedelta(seconds=due.offset or 0)


def _verdict(text: str) -> Verdict | None:
    if not text:
        return None
    folded = fold(text)
    for verdict, words in VERDICT_WORDS.items():
        if folded == verdict or folded in words:
            return verdict
    raise ValueError(N_("The verdict is not understood. Write met, partly or missed."))


__all__ = [
    "EmptyForm",
    "ObservationForm",
    "QuestionForm",
    "SurveyForm",
    "Unreadable",
    "answers",
    "happened",
    "ratings",
    "verdicts",
]
