"""What people type about contact checks, and what the people asked answer."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional, ValidationError

from drills.core.orm import NAME_MAX, PHONE_MAX, TITLE_MAX
from drills.roster.fields import TEAMS
from drills.roster.models import CheckDetails, CorrectedNumbers
from drills.web.fields import DayField, RowsField, UnitField
from drills.web.forms import Form

CONFIRM, CORRECT = "confirm", "correct"
_TELEPHONE = set("0123456789 +-.()/")


class CheckForm(Form):
    name = StringField(_l("Name of the check"), [InputRequired(), Length(max=NAME_MAX)])
    purpose = TextAreaField(
        _l("Occasion"),
        description=_l("For example the drill before which the numbers have to be right."),
    )
    unit_id = UnitField(
        _l("Unit"),
        [InputRequired()],
        description=_l("Without a team, every member of a team who works here or below is asked."),
    )
    team_ids = RowsField(_l("Teams"), source=TEAMS)
    last_day = DayField(_l("Last day to answer"), [InputRequired()])
    retry_days = IntegerField(
        _l("Days between two letters"), [InputRequired(), NumberRange(1, 60)], default=3
    )
    rounds = IntegerField(
        _l("Letters to each person at most"), [InputRequired(), NumberRange(1, 10)], default=3
    )

    def details(self, zone: ZoneInfo) -> CheckDetails:
        """The check closes when its last day is over in ``zone``."""
        assert self.last_day.data
        after = self.last_day.data + timedelta(days=1)
        return self.to(CheckDetails, closes_at=datetime.combine(after, time(), zone))


class AnswerForm(Form):
    """``act`` says whether everything is right or what is typed is."""

    act = HiddenField(validators=[AnyOf((CONFIRM, CORRECT))])
    mobile = StringField(_l("Mobile number now"), [Length(max=PHONE_MAX)])
    phone = StringField(_l("Fixed line now"), [Length(max=PHONE_MAX)])
    note = StringField(
        _l("Anything else"),
        [Length(max=TITLE_MAX)],
        description=_l("For example another e-mail address, or that you have left the team."),
    )

    def validate_mobile(self, field: StringField) -> None:
        if not _TELEPHONE.issuperset(field.data or ""):
            raise ValidationError(_("Write digits only, such as 0912 345 678."))

    validate_phone = validate_mobile

    def validate_note(self, field: StringField) -> None:
        if self.act.data == CORRECT and not (self.mobile.data or self.phone.data or field.data):
            raise ValidationError(_("Write what has changed."))

    def numbers(self) -> CorrectedNumbers:
        return CorrectedNumbers(
            mobile=self.mobile.data or "", phone=self.phone.data or "", note=self.note.data or ""
        )


class RhythmForm(Form):
    contact_check_months = IntegerField(
        _l("Months until numbers have to be confirmed again"),
        [Optional(), NumberRange(1, 60)],
        description=_l("Leave it empty for the usual 12 months of TCVN 14423:2026."),
    )
