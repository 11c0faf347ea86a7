from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DecimalField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from drills.core.orm import TITLE_MAX
from drills.files.fields import AttachmentField
from drills.roster.models import (
    TRAINING_RESULTS,
    AttendanceDetails,
    TrainingDetails,
    TrainingResult,
)
from drills.web.fields import DayField, PersonField, UnitField
from drills.web.forms import Form


class TrainingForm(Form):
    title = StringField(_l("Title"), [InputRequired(), Length(max=TITLE_MAX)])
    unit_id = UnitField(_l("Unit in charge"), [InputRequired()])
    organiser = StringField(_l("Given by"), [Length(max=TITLE_MAX)])
    starts_on = DayField(_l("First day"), [InputRequired()])
    ends_on = DayField(_l("Last day"), [Optional()], description=_l("Empty: one day."))
    hours = DecimalField(_l("Hours"), [Optional(), NumberRange(0.5, 2000)], places=None)
    place = StringField(_l("Place"), [Length(max=TITLE_MAX)])
    topic = TextAreaField(_l("Topic"))
    upload = AttachmentField(
        _l("File"), description=_l("Programme, decision or list with signatures.")
    )

    def validate_ends_on(self, field: DayField) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day is before the first."))

    def details(self) -> TrainingDetails:
        first: date | Any = self.starts_on.data
        hours = float(self.hours.data) if self.hours.data is not None else None
        return self.to(TrainingDetails, ends_on=self.ends_on.data or first, hours=hours)


class AttendanceForm(Form):
    person_id = PersonField(_l("Person"), [InputRequired()])
    result = SelectField(
        _l("Result"),
        choices=[SelectChoice(one.value, _l(label)) for one, label in TRAINING_RESULTS.items()],
        coerce=TrainingResult,
        default=TrainingResult.ATTENDED,
    )
    note = StringField(_l("Note"), [Length(max=TITLE_MAX)], default="")

    def details(self) -> AttendanceDetails:
        return self.to(AttendanceDetails)
