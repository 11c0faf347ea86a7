"""What people type about the duty of a team. Times are local to the team's rota."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from drills.accounts.forms import zone_choices
from drills.accounts.models import Person
from drills.core.orm import TITLE_MAX
from drills.roster.models import DUTY_ROLES, DutyRole, RotaDetails, Shift, ShiftDetails
from drills.roster.services.duty import Stretch
from drills.roster.services.shifts import Rotation
from drills.web.fields import ClockField, DayField, PersonField
from drills.web.forms import Form

TURN = "turn-"
HAND_OVER = time(8, 0)


class RotationForm(Form):
    """Made by ``rotation_form``, with ``turn-<id>`` for each member: their place in the order."""

    time_zone = SelectField(_l("Time zone"), choices=zone_choices, render_kw={"data-pick": True})
    hand_over = ClockField(_l("Hand-over at"), [InputRequired()], default=HAND_OVER)
    every_days = IntegerField(
        _l("Days of one turn"), [InputRequired(), NumberRange(1, 366)], default=7
    )
    has_backup = BooleanField(
        _l("With a backup"), description=_l("The backup is whoever takes the next turn.")
    )
    first_on = DayField(_l("First day"), [InputRequired()])
    last_on = DayField(
        _l("Last day a turn begins"), [InputRequired()], description=_l("At most two years on.")
    )

    @property
    def turns(self) -> list[Any]:
        return [field for field in self if field.name.startswith(TURN)]

    def rota(self) -> RotaDetails:
        return self.to(RotaDetails)

    def rotation(self, members: Sequence[Person]) -> Rotation:
        """Those with a number, by it; of two with the same the first of the list comes first."""
        turns = {int(f.name.removeprefix(TURN)): f.data for f in self.turns if f.data is not None}
        taking = sorted((p for p in members if p.id in turns), key=lambda p: int(turns[p.id]))
        return self.to(Rotation, people=taking)


def rotation_form(members: Sequence[Person], **given: Any) -> RotationForm:
    fields: dict[str, Any] = {
        f"{TURN}{person.id}": IntegerField(
            _("Turn of %(person)s", person=person.name), [Optional(), NumberRange(1, 999)]
        )
        for person in members
    }
    made: type[RotationForm] = type("RotationForm", (RotationForm,), fields)
    return made(**given)


class _Between(Form):
    """From a day and a time of day until another, in the zone given to ``between``."""

    start_day = DayField(_l("From the day"), [InputRequired()])
    start_time = ClockField(_l("From the time"), [InputRequired()])
    end_day = DayField(_l("Until the day"), [InputRequired()])
    end_time = ClockField(_l("Until the time"), [InputRequired()])

    def between(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        return (
            _moment(self.start_day.data, self.start_time.data, zone),
            _moment(self.end_day.data, self.end_time.data, zone),
        )

    def validate_end_day(self, field: DayField) -> None:
        if field.data and self.start_day.data and field.data < self.start_day.data:
            raise ValidationError(_("The last day is before the first."))


class ShiftForm(_Between):
    person_id = PersonField(_l("Person"), [InputRequired()])
    role = SelectField(
        _l("Role"),
        choices=[SelectChoice(role.value, _l(label)) for role, label in DUTY_ROLES.items()],
        coerce=DutyRole,
    )
    note = StringField(_l("Remark"), [Length(max=TITLE_MAX)])

    def details(self, zone: ZoneInfo) -> ShiftDetails:
        starts_at, ends_at = self.between(zone)
        return self.to(ShiftDetails, starts_at=starts_at, ends_at=ends_at)


class StandInForm(_Between):
    person_id = PersonField(_l("Who stands in"), [InputRequired()])
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=TITLE_MAX)])


class SwapForm(Form):
    """Made with the other shifts of the team that are not over."""

    other_id = SelectField(_l("Exchange with"), [InputRequired()], coerce=int)

    def offer(self, others: Sequence[Shift], told: Sequence[str]) -> None:
        pairs = zip(others, told, strict=True)
        self.other_id.choices = [SelectChoice(shift.id, text) for shift, text in pairs]


def as_local(span: Shift | Stretch, zone: ZoneInfo) -> dict[str, date | time]:
    """The fields of ``_Between`` for a span of time."""
    starts_at, ends_at = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    return {
        "start_day": starts_at.date(),
        "start_time": starts_at.time(),
        "end_day": ends_at.date(),
        "end_time": ends_at.time(),
    }


def _moment(day: date | None, at: time | None, zone: ZoneInfo) -> datetime:
    assert day is not None
    assert at is not None
    return datetime.combine(day, at, zone)
