"""What people type to note that something was done, and to ask for an exemption."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from drills.core.orm import TITLE_MAX
from drills.files.fields import AttachmentField
from drills.obligations.models import ExemptionDetails, RecordDetails
from drills.web.fields import DayField
from drills.web.forms import Form

TEXT_MAX = 4000


class RecordForm(Form):
    done_on = DayField(_l("Done on"), [InputRequired()])
    period = SelectField(_l("Period it is for"), choices=[])
    document = StringField(_l("Number and day of the document"), [Length(max=TITLE_MAX)])
    note = TextAreaField(_l("Note"), [Length(max=TEXT_MAX)])
    file = AttachmentField(_l("File that shows it"))

    def offer(self, periods: Iterable[tuple[str, Any]], current: str) -> None:
        """The periods it may be for; without any the field goes."""
        rows = list(periods)
        if not rows:
            del self.period
            return
        self.period.choices = [SelectChoice(key, text) for key, text in rows]
        if not self.period.data:
            keys = [key for key, _text in rows]
            self.period.data = current if current in keys else keys[len(keys) // 2]

    def details(self) -> RecordDetails:
        assert self.done_on.data
        return RecordDetails(
            done_on=self.done_on.data,
            period=self.period.data if "period" in self else "",
            document=self.document.data or "",
            note=self.note.data or "",
        )


class ExemptionForm(Form):
    from_on = DayField(_l("From"), [InputRequired()])
    to_on = DayField(
        _l("Up to and with"),
        [InputRequired()],
        description=_l("What falls due between the two days is not asked for."),
    )
    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(max=TEXT_MAX)])
    document = StringField(_l("Number and day of the document"), [Length(max=TITLE_MAX)])

    def details(self) -> ExemptionDetails:
        assert self.from_on.data
        assert self.to_on.data
        return ExemptionDetails(
            self.from_on.data, self.to_on.data, self.reason.data or "", self.document.data or ""
        )


APPROVE, REFUSE = "approve", "refuse"


class DecisionForm(Form):
    decision = RadioField(
        _l("Decision"),
        [InputRequired()],
        choices=[SelectChoice(APPROVE, _l("Approve")), SelectChoice(REFUSE, _l("Refuse"))],
    )
    note = TextAreaField(_l("Note"), [Length(max=TEXT_MAX)])

    @property
    def is_approved(self) -> bool:
        return bool(self.decision.data == APPROVE)


class EndForm(Form):
    note = TextAreaField(_l("Reason"), [InputRequired(), Length(max=TEXT_MAX)])
