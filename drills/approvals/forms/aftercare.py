"""What people type about measures, checks and conditions."""

from typing import Any

from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from drills.approvals.models import (
    CHECK_KINDS,
    MEASURE_STATES,
    CheckDetails,
    CheckKind,
    ConditionDetails,
    MeasureDetails,
    MeasureState,
)
from drills.core import clock
from drills.core.orm import TITLE_MAX
from drills.files.fields import AttachmentField
from drills.web.fields import DayField, PersonField
from drills.web.forms import Form

PROSE_MAX = 4000


def _named(labels: Any) -> list[SelectChoice]:
    return [SelectChoice(str(key), _(label)) for key, label in labels.items()]


class MeasureForm(Form):
    state = RadioField(_l("State"), choices=lambda: _named(MEASURE_STATES))
    note = TextAreaField(
        _l("Note"),
        [Length(max=PROSE_MAX)],
        description=_l("How it is met, or why it is not applicable."),
    )
    due_on = DayField(_l("Due"))
    evidence = AttachmentField(
        _l("Evidence"), description=_l("A file that shows it. A newer one takes its place.")
    )
    was = HiddenField()

    def validate_note(self, field: Any) -> None:
        if self.state.data == MeasureState.NOT_APPLICABLE and not field.data:
            raise ValidationError(_("Say why the measure is not applicable."))

    def details(self) -> MeasureDetails:
        return MeasureDetails(MeasureState(self.state.data), self.note.data, self.due_on.data)


class CheckForm(Form):
    kind = RadioField(_l("Kind of check"), [InputRequired()], choices=lambda: _named(CHECK_KINDS))
    done_on = DayField(_l("Made on"), [InputRequired()])
    done_by = StringField(
        _l("Body that checked"),
        [InputRequired(), Length(max=TITLE_MAX)],
        description=_l("From level 3 on it is a licensed or designated body."),
    )
    is_independent = BooleanField(_l("Independent of the operator, and licensed or designated"))
    is_before_use = BooleanField(_l("Made before the system went into use"))
    result = TextAreaField(_l("Result"), [Length(max=PROSE_MAX)])
    findings = IntegerField(
        _l("Number of findings"), [Optional(), NumberRange(0, 100_000)], default=0
    )
    report = AttachmentField(_l("Report"), description=_l("A newer one takes its place."))
    version = HiddenField()

    def validate_done_on(self, field: Any) -> None:
        if field.data and field.data > clock.today(get_timezone()):
            raise ValidationError(_("The check lies in the future."))

    def details(self) -> CheckDetails:
        return self.to(
            CheckDetails, kind=CheckKind(self.kind.data), findings=self.findings.data or 0
        )

    def known_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isdecimal() else 0


class ConditionForm(Form):
    text = TextAreaField(_l("What it asks for"), [InputRequired(), Length(max=PROSE_MAX)])
    owner_id = PersonField(_l("Who owes it"), empty=_l("nobody yet"))
    due_on = DayField(_l("Due"))
    version = HiddenField()

    def details(self) -> ConditionDetails:
        return self.to(ConditionDetails)

    def known_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isdecimal() else 0


class MeetForm(Form):
    note = TextAreaField(_l("What was done"), [Length(max=PROSE_MAX)])
    evidence = AttachmentField(_l("Evidence"), description=_l("A file that shows it."))

    def validate_note(self, field: Any) -> None:
        if not field.data and not self.evidence.data:
            raise ValidationError(_("Say what was done, or hand in the file that shows it."))


class ReopenForm(Form):
    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(max=PROSE_MAX)])
