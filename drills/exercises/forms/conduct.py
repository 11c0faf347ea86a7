"""What is typed or pressed while a drill runs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from drills.exercises.models import LOG_KINDS, ClockAct, LogKind
from drills.exercises.services.conduct import LINE_MAX, Known, LineDetails, read
from drills.web.fields import ClockField, DayField
from drills.web.forms import Form

CLIENT_ID_MAX = 64
WRITTEN = tuple(kind for kind in LogKind if kind not in {LogKind.RELEASED, LogKind.WITHDRAWN})


class TurnForm(Form):
    act = SelectField(_l("What the clock does"), coerce=ClockAct, choices=[*ClockAct])
    seen = IntegerField(_l("Turn of the clock"), [InputRequired(), NumberRange(min=0)])


class LineForm(Form):
    """One line of the quick log; ``kind``, ``inject`` and ``side`` overrule what it says.

    ``typed_at``: milliseconds of the device's clock and of the same clock when it was sent, with
    a comma between: only the difference is used, a clock that is wrong does no harm.
    """

    line = StringField(
        _l("Quick log"), [DataRequired(_l("Write what happened.")), Length(max=LINE_MAX * 4)]
    )
    client_id = HiddenField(validators=[Optional(), Length(max=CLIENT_ID_MAX)])
    typed_at = HiddenField(validators=[Optional(), Length(max=40)])
    kind = StringField(_l("What it is"))
    inject = IntegerField(_l("Inject"), [Optional()])

    def details(self, known: Known, now: datetime) -> LineDetails:
        reading = read(self.line.data, known)
        of_known = set(known.injects.values())
        inject = self.inject.data if self.inject.data in of_known else reading.inject_id
        kind = reading.kind
        if kind is LogKind.NOTE and self.kind.data in set(WRITTEN):
            kind = LogKind(self.kind.data)
        client_id = self.client_id.data or ""
        typed_at = _moment(self.typed_at.data or "", now)
        return LineDetails(reading.text, kind, inject, reading.side_id, client_id, typed_at)


def _moment(text: str, now: datetime) -> datetime | None:
    typed, _comma, sent = text.partition(",")
    if not (typed.isdecimal() and sent.isdecimal()):
        return None
    waited = (int(sent) - int(typed)) / 1000
    return datetime.fromtimestamp(max(now.timestamp() - max(waited, 0), 0), UTC)


class StampForm(Form):
    """``typed_at``: when it was pressed, as ``LineForm`` has it."""

    kind = SelectField(
        _l("What it is"), coerce=LogKind, choices=[LogKind.DETECTED, LogKind.CONTAINED]
    )
    side = IntegerField(_l("Side"), [Optional()])
    client_id = HiddenField(validators=[Optional(), Length(max=CLIENT_ID_MAX)])
    typed_at = HiddenField(validators=[Optional(), Length(max=40)])

    def pressed_at(self, now: datetime) -> datetime | None:
        return _moment(self.typed_at.data or "", now)


class AdjustForm(StampForm):
    minutes = IntegerField(_l("Minutes"), [InputRequired(), NumberRange(min=-60, max=60)])


class ShiftForm(Form):
    minutes = IntegerField(_l("Minutes"), [InputRequired(), NumberRange(min=-720, max=720)])


class LeaveOutForm(Form):
    reason = StringField(_l("Why"), [Length(max=LINE_MAX)])


class CorrectionForm(Form):
    """What a line should have said. The moment is a day and a time in the zone of the drill."""

    text = TextAreaField(_l("What happened"), [Length(max=LINE_MAX)])
    kind = SelectField(_l("What it is"), coerce=LogKind)
    inject_id = SelectField(_l("Inject"), coerce=lambda text: int(text) if text else None)
    side_id = SelectField(_l("Side"), coerce=lambda text: int(text) if text else None)
    happened_on = DayField(_l("Day"), [InputRequired(_l("Write the day."))])
    happened_at = ClockField(_l("Time"), [InputRequired(_l("Write the time."))])
    client_id = HiddenField(validators=[Optional(), Length(max=CLIENT_ID_MAX)])

    def offer(
        self, known: Known, sides: dict[int, str], kinds: Sequence[tuple[LogKind, str]]
    ) -> None:
        self.kind.choices = [SelectChoice(kind, label) for kind, label in kinds]
        injects = [(str(key), number) for number, key in known.injects.items()]
        self.inject_id.choices = [SelectChoice(key, label) for key, label in [("", "—"), *injects]]
        named = [(str(key), name) for key, name in sides.items()]
        self.side_id.choices = [SelectChoice(key, name) for key, name in [("", "—"), *named]]

    def moment(self, zone: ZoneInfo) -> datetime:
        """When it happened; only for a form that is valid."""
        day, at = self.happened_on.data, self.happened_at.data
        assert day is not None
        assert at is not None
        return datetime.combine(day, at, zone)

    def details(self, at: datetime) -> LineDetails:
        return LineDetails(
            self.text.data or "",
            self.kind.data,
            self.inject_id.data,
            self.side_id.data,
            self.client_id.data or "",
            at,
        )


__all__ = [
    "LOG_KINDS",
    "WRITTEN",
    "AdjustForm",
    "CorrectionForm",
    "LeaveOutForm",
    "LineForm",
    "ShiftForm",
    "StampForm",
    "TurnForm",
]
