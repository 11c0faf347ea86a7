"""What people type about days off."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from drills.core.orm import NAME_MAX, TITLE_MAX
from drills.web.fields import DayField
from drills.web.forms import Form
from drills.workdays.models import HolidayDetails, is_weekend

OFF, WORKED = "off", "worked"


def weekend_day(_form: Any, field: Any) -> None:
    if field.data and not is_weekend(field.data):
        raise ValidationError(_("Only a Saturday or Sunday can be made a working day."))


class DayForm(Form):
    """One day: off, or a weekend day that is worked."""

    day = DayField(_l("Day"), [InputRequired()], description=_l("Day/month/year."))
    name = StringField(_l("Name"), [InputRequired(), Length(max=NAME_MAX)])
    what = RadioField(
        _l("What it is"),
        choices=[
            SelectChoice(OFF, _l("Day off")),
            SelectChoice(WORKED, _l("Weekend day that is worked")),
        ],
        default=OFF,
    )
    source = StringField(
        _l("Source"),
        [Length(max=TITLE_MAX)],
        description=_l("The law or notice that says so, such as “Notice 6150/TB-BNV”."),
    )

    def validate_day(self, field: DayField) -> None:
        if self.what.data == WORKED:
            weekend_day(self, field)

    def to_details(self) -> HolidayDetails:
        return self.to(HolidayDetails, is_working=self.what.data == WORKED)


class SwapForm(Form):
    """A working day made free, and the weekend day worked for it."""

    off = DayField(_l("Day made free"), [InputRequired()], description=_l("Day/month/year."))
    worked = DayField(
        _l("Worked in its place"),
        [InputRequired(), weekend_day],
        description=_l("A Saturday or Sunday."),
    )
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=NAME_MAX)])
    swap_source = StringField(_l("Source"), [Length(max=TITLE_MAX)])

    def to_details(self) -> HolidayDetails:
        assert self.off.data
        source = self.swap_source.data or ""
        return HolidayDetails(self.off.data, self.reason.data, source=source)
