"""What people type about our part in other people's drills."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from drills.core.orm import NAME_MAX, TITLE_MAX
from drills.exercises.forms.drills import ScoreField
from drills.exercises.models import (
    ENTERED,
    RECEIVED_NUMBER_MAX,
    ROUND_LEVELS,
    Drill,
    Edition,
    Entered,
    OurPart,
    ReceivedDetails,
    ReceivedInject,
    RoundLevel,
)
from drills.web.fields import ClockField, DayField
from drills.web.forms import Form


class RoundForm(Form):
    level = SelectField(
        _l("Who plays in it"),
        choices=[SelectChoice(level.value, _l(label)) for level, label in ROUND_LEVELS.items()],
        coerce=RoundLevel,
        default=RoundLevel.NATIONAL,
    )
    name = StringField(_l("Name of the round"), [Length(max=NAME_MAX)])
    starts_on = DayField(_l("First day"), [Optional()])
    ends_on = DayField(_l("Last day"), [Optional()])
    registration_by = DayField(_l("Register by"), [Optional()])
    venue = StringField(_l("Place"), [Length(max=TITLE_MAX)])
    is_ranked = BooleanField(_l("It has a scoreboard"))
    scoring = TextAreaField(
        _l("How it is scored"), description=_l("Points, phases, who finishes first, …")
    )
    teams = IntegerField(
        _l("Teams on the scoreboard"),
        [Optional(), NumberRange(min=1)],
        description=_l("A rank in this round is one out of these."),
    )
    source = StringField(
        _l("Source"), [InputRequired()], description=_l("Where these facts were read.")
    )
    read_on = DayField(_l("Read on"), [Optional()])

    def validate_ends_on(self, field: DayField) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day is before the first."))


class OurPartForm(Form):
    entered = SelectField(
        _l("As what we entered"),
        choices=[
            SelectChoice("", _l("Not told")),
            *(SelectChoice(one.value, _l(label)) for one, label in ENTERED.items()),
        ],
        coerce=lambda text: text or "",
        default="",
    )
    round_id = SelectField(_l("Round"), coerce=lambda text: str(text or ""), default="")
    rank = IntegerField(_l("Rank"), [Optional(), NumberRange(min=1)])
    rank_of = IntegerField(_l("Of how many"), [Optional(), NumberRange(min=1)])
    rank_scope = StringField(
        _l("Ranked among"),
        [Length(max=TITLE_MAX)],
        description=_l("Provinces only, all teams of the domestic round, …"),
    )
    score = ScoreField(_l("Score"), [Optional()])
    score_of = ScoreField(_l("Highest score possible"), [Optional()])
    source = StringField(_l("Source of the standing"), [Length(max=TITLE_MAX)])
    prize = StringField(_l("Prize"), [Length(max=TITLE_MAX)])
    feedback = TextAreaField(_l("What the host said of us"))
    lessons = TextAreaField(_l("What we learned"))

    def offer(self, edition: Edition) -> None:
        """The rounds of the edition."""
        rounds = [SelectChoice(str(one.id), _(one.title)) for one in edition.rounds]
        self.round_id.choices = [SelectChoice("", _("None")), *rounds]

    def validate_rank_of(self, field: IntegerField) -> None:
        if self.rank.data and field.data and self.rank.data > field.data:
            raise ValidationError(_("The rank is higher than the number of those ranked."))

    def details(self) -> OurPart:
        numbers = {
            name: None if self[name].data is None else float(self[name].data)
            for name in ("score", "score_of")
        }
        return self.to(
            OurPart,
            entered=Entered(self.entered.data) if self.entered.data else None,
            round_id=int(self.round_id.data) if self.round_id.data else None,
            **numbers,
        )


class ReceivedForm(Form):
    """One inject of the host. Times are those of the drill's zone."""

    number = StringField(_l("Inject number"), [InputRequired(), Length(max=RECEIVED_NUMBER_MAX)])
    day = DayField(_l("Day"), [InputRequired()])
    received_time = ClockField(_l("Received at"), [Optional()])
    answered_time = ClockField(_l("Answered at"), [Optional()])
    summary = TextAreaField(_l("What it was about"))
    assigned_to = StringField(_l("Who worked on it"), [Length(max=TITLE_MAX)])
    answer = TextAreaField(_l("What we answered"))
    artefact_hash = StringField(
        _l("Hash of the artefact"),
        [Length(max=TITLE_MAX)],
        description=_l("SHA-256 of the file that came with it, so that it is known again."),
    )
    feedback = TextAreaField(_l("What the host said of it"))

    def validate_answered_time(self, field: ClockField) -> None:
        if field.data and self.received_time.data and field.data < self.received_time.data:
            raise ValidationError(_("The answer would be earlier than the inject."))

    def details(self, zone: ZoneInfo) -> ReceivedDetails:
        return self.to(
            ReceivedDetails,
            received_at=_moment(self.day.data, self.received_time.data, zone),
            answered_at=_moment(self.day.data, self.answered_time.data, zone),
        )


def _moment(day: date | None, at: time | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, at, zone) if day and at else None


def written(received: ReceivedInject, drill: Drill) -> dict[str, Any]:
    """What the form of an inject that is on record begins with."""
    names = ("number", "summary", "assigned_to", "answer", "artefact_hash", "feedback")
    values: dict[str, Any] = {name: getattr(received, name) for name in names}
    for name in ("received", "answered"):
        moment = getattr(received, f"{name}_at")
        values[f"{name}_time"] = moment.astimezone(drill.zone).time() if moment else None
    first = received.received_at or received.answered_at or drill.starts_at
    return values | {"day": first.astimezone(drill.zone).date()}
