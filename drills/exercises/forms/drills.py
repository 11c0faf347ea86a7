from dataclasses import fields
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DecimalField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from drills.core.orm import CODE_MAX, NAME_MAX, TITLE_MAX
from drills.exercises.fields import EDITIONS, SYSTEMS
from drills.exercises.kinds import KINDS
from drills.exercises.models import (
    NEEDS_REASON,
    PARTS,
    Drill,
    DrillDetails,
    Edition,
    Part,
    ParticipationDetails,
    Status,
)
from drills.roster.fields import TEAMS
from drills.web.fields import (
    ClockField,
    DayField,
    PeopleField,
    PersonField,
    RowField,
    RowsField,
    UnitField,
    UnitsField,
)
from drills.web.forms import Form

BEGINS, ENDS = time(8, 0), time(11, 30)
ZONES = (
    "Asia/Ho_Chi_Minh",
    "Asia/Bangkok",
    "Asia/Jakarta",
    "Asia/Singapore",
    "Asia/Kuala_Lumpur",
    "Asia/Manila",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Kolkata",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Europe/Paris",
    "Europe/London",
    "America/New_York",
    "UTC",
)
STANDING = tuple(f.name for f in fields(ParticipationDetails) if f.name != "edition_id")


class ScoreField(DecimalField):  # type: ignore[misc]
    """A number with a comma, as written here, or with a point."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value.replace(",", ".") for value in valuelist])


class DrillForm(Form):
    """Only title, kind and first day must be given; the rest has a default or may wait."""

    title = StringField(_l("Title"), [InputRequired(), Length(max=TITLE_MAX)])
    kind_key = SelectField(
        _l("Kind"), choices=[SelectChoice(kind.key, _l(kind.label)) for kind in KINDS.values()]
    )
    part = SelectField(
        _l("Our part"),
        choices=[SelectChoice(part.value, _l(label)) for part, label in PARTS.items()],
        coerce=Part,
        default=Part.ORGANISER,
    )
    starts_on = DayField(_l("First day"), [InputRequired()])
    starts_time = ClockField(_l("Begins at"), [Optional()])
    ends_on = DayField(_l("Last day, if it is another"), [Optional()])
    ends_time = ClockField(_l("Ends at"), [Optional()])
    time_zone = SelectField(_l("Time zone"))
    place = StringField(_l("Place"), [Length(max=TITLE_MAX)])
    is_online = BooleanField(_l("Online"))
    organiser = StringField(_l("Organiser, if it is another"), [Length(max=TITLE_MAX)])
    unit_id = UnitField(_l("Unit in charge"))
    unit_ids = UnitsField(_l("Units taking part"))
    team_ids = RowsField(_l("Teams"), source=TEAMS)
    person_ids = PeopleField(_l("People, besides the members of the teams"))
    system_ids = RowsField(_l("Systems exercised"), source=SYSTEMS)
    lead_id = PersonField(_l("Lead of the drill"))
    summary = TextAreaField(_l("What it is about"))
    result = StringField(_l("Result in one line"), [Length(max=TITLE_MAX)])
    edition_id = RowField(_l("Edition"), source=EDITIONS)
    score = ScoreField(_l("Score"), [Optional()])
    score_of = ScoreField(_l("Highest score possible"), [Optional()])
    rank = IntegerField(_l("Rank"), [Optional(), NumberRange(min=1)])
    rank_of = IntegerField(_l("Of how many"), [Optional(), NumberRange(min=1)])
    rank_scope = StringField(
        _l("Ranked among"),
        [Length(max=TITLE_MAX)],
        description=_l("Provinces only, all teams of the domestic round, …"),
    )
    source = StringField(_l("Source of the standing"), [Length(max=TITLE_MAX)])
    version = HiddenField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        known = dict.fromkeys((self.time_zone.object_data, *ZONES))
        self.time_zone.choices = [SelectChoice(name, name) for name in known]

    @property
    def starts_at(self) -> datetime:
        return self._moment(self.starts_on.data, self.starts_time.data or BEGINS)

    @property
    def ends_at(self) -> datetime:
        """Without a time of its own the drill ends with the morning, or when it begins."""
        first = self.starts_time.data or BEGINS
        last = self.ends_time.data or max(ENDS, first)
        return self._moment(self.ends_on.data or self.starts_on.data, last)

    def _moment(self, day: Any, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.time_zone.data))

    def validate(self, extra_validators: Any = None) -> bool:
        is_right = bool(super().validate(extra_validators))
        return is_right and self._has_order() and self._has_edition()

    def _has_order(self) -> bool:
        if self.starts_at <= self.ends_at:
            return True
        is_day = self.ends_on.data and self.ends_on.data < self.starts_on.data
        field = self.ends_on if is_day else self.ends_time
        field.errors = [_("The drill would end before it begins.")]
        return False

    def _has_edition(self) -> bool:
        """A standing is one in an edition, and no worse than the last place."""
        told = any(self[name].data not in {None, ""} for name in STANDING)
        if told and not self.edition_id.data:
            self.edition_id.errors = [_("Choose the edition that this standing belongs to.")]
            return False
        rank, of = self.rank.data, self.rank_of.data
        if rank and of and rank > of:
            self.rank.errors = [_("The rank is higher than the number of those ranked.")]
            return False
        return True

    def details(self) -> DrillDetails:
        return self.to(
            DrillDetails,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            unit_id=self.unit_id.data or self.unit_id.object_data,
            participation=self._standing() if self.edition_id.data else None,
        )

    def _standing(self) -> ParticipationDetails:
        numbers = {
            name: None if self[name].data is None else float(self[name].data)
            for name in ("score", "score_of")
        }
        return self.to(ParticipationDetails, **numbers)


def typed(drill: Drill) -> dict[str, Any]:
    """What the form shows of a drill that exists; days and times in the drill's own zone."""
    begins, ends = (at.astimezone(drill.zone) for at in (drill.starts_at, drill.ends_at))
    standing = drill.participation
    placed = (
        {name: getattr(standing, name) for name in ("edition_id", *STANDING)} if standing else {}
    )
    return {
        **{name: getattr(drill, name) for name in _PLAIN},
        "starts_on": begins.date(),
        "starts_time": begins.time(),
        "ends_on": ends.date() if ends.date() != begins.date() else None,
        "ends_time": ends.time(),
        "unit_ids": tuple(unit.id for unit in drill.units),
        "team_ids": tuple(team.id for team in drill.teams),
        "person_ids": tuple(link.person_id for link in drill.people),
        "system_ids": tuple(system.id for system in drill.systems),
        **placed,
    }


_PLAIN = (
    "title",
    "kind_key",
    "part",
    "time_zone",
    "place",
    "is_online",
    "organiser",
    "unit_id",
    "lead_id",
    "summary",
    "result",
    "version",
)
_OF_ITS_DAY = ("starts_on", "ends_on", "result", "version", "edition_id", *STANDING)


def blank(unit_id: int, zone: str, today: date) -> dict[str, Any]:
    return {
        "unit_id": unit_id,
        "time_zone": zone,
        "starts_on": today,
        "starts_time": BEGINS,
        "ends_time": ENDS,
    }


def copied(drill: Drill) -> dict[str, Any]:
    """Everything of an earlier drill that does not belong to its day."""
    return {name: value for name, value in typed(drill).items() if name not in _OF_ITS_DAY}


def taken_from(edition: Edition) -> dict[str, Any]:
    """What an edition says already about our part in it."""
    known = {"starts_on": edition.starts_on, "ends_on": edition.ends_on}
    if edition.ends_on == edition.starts_on:
        known["ends_on"] = None
    return {name: day for name, day in known.items() if day} | {
        "title": edition.title,
        "kind_key": "international",
        "part": Part.PLAYER,
        "organiser": edition.series.host,
        "is_online": True,
        "edition_id": edition.id,
        "summary": edition.subject,
    }


class MoveForm(Form):
    """A step of a drill's life, and why where the rules ask for it."""

    status = SelectField(_l("Status"), coerce=Status, id="next-status")
    reason = TextAreaField(_l("Reason"))

    def validate_reason(self, field: TextAreaField) -> None:
        if self.status.data in NEEDS_REASON and not field.data:
            raise ValidationError(_("Say why: those who take part need to know."))


class SeriesForm(Form):
    code = StringField(_l("Code"), [InputRequired(), Length(max=CODE_MAX)])
    name = StringField(_l("Name"), [InputRequired(), Length(max=NAME_MAX)])
    name_en = StringField(_l("Name in English"), [Length(max=NAME_MAX)])
    host = StringField(_l("Host"), [Length(max=TITLE_MAX)])
    every_months = IntegerField(
        _l("Held every so many months"),
        [Optional(), NumberRange(1, 120)],
        description=_l("12 for once a year. From it the next edition is proposed."),
    )
    usual_month = IntegerField(_l("Usual month"), [Optional(), NumberRange(1, 12)])
    registration_days = IntegerField(
        _l("Days before the first day by which one registers"), [Optional(), NumberRange(0, 365)]
    )
    note = TextAreaField(_l("Remarks"))


class EditionForm(Form):
    year = IntegerField(_l("Year"), [InputRequired(), NumberRange(1990, 2200)])
    number = IntegerField(_l("Edition number"), [Optional(), NumberRange(min=1)])
    starts_on = DayField(_l("First day"), [Optional()])
    ends_on = DayField(_l("Last day"), [Optional()])
    theme = StringField(_l("Theme, as the host words it"), [Length(max=NAME_MAX)])
    theme_local = StringField(_l("Theme in Vietnamese"), [Length(max=NAME_MAX)])
    teams = IntegerField(_l("Teams"), [Optional(), NumberRange(min=1)])
    economies = IntegerField(_l("Economies"), [Optional(), NumberRange(min=1)])
    note = TextAreaField(_l("Remarks"))
    source = StringField(
        _l("Source"), [InputRequired()], description=_l("Where these facts were read.")
    )
    read_on = DayField(_l("Read on"), [Optional()])
    registration_by = DayField(
        _l("Register by"),
        [Optional()],
        description=_l("The last day to register, for the reminder."),
    )

    def validate_ends_on(self, field: DayField) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day is before the first."))
