from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from drills.core.orm import CODE_MAX, NAME_MAX, TITLE_MAX
from drills.systems.models import (
    APPROVALS,
    LEVELS,
    SYSTEM_KINDS,
    SYSTEM_STATUSES,
    Approval,
    SystemDetails,
    SystemKind,
    SystemStatus,
    faults,
)
from drills.web.fields import DayField, PersonField, UnitField
from drills.web.forms import Form

FIRST = {
    "kind": SystemKind.INTERNAL,
    "status": SystemStatus.OPERATING,
    "approval": Approval.NONE,
}


def _level(text: Any) -> int | None:
    return int(text) if text not in (None, "") else None


class SystemForm(Form):
    """``version`` is the one the person had before them when they began to write."""

    name = StringField(_l("Name of the system"), [InputRequired(), Length(max=NAME_MAX)])
    code = StringField(
        _l("Code"),
        [Length(max=CODE_MAX)],
        description=_l("Left empty, it gets the next number, such as HT-0001."),
    )
    kind = SelectField(_l("Type"), coerce=SystemKind)
    description = TextAreaField(_l("Description"), [Length(max=5000)], render_kw={"rows": 3})
    owner_id = UnitField(_l("Owner"), [InputRequired()], empty=_l("Choose a unit"))
    operator_id = UnitField(_l("Operator"), [InputRequired()], empty=_l("Choose a unit"))
    responsible_id = PersonField(_l("Responsible"), empty=_l("Nobody yet"))
    status = SelectField(_l("Operating status"), coerce=SystemStatus, id="operating-status")
    has_public_information = BooleanField(_l("Public information"))
    has_private_information = BooleanField(_l("Private information"))
    has_personal_data = BooleanField(_l("Personal data"))
    has_state_secrets = BooleanField(_l("State secrets"))
    level = SelectField(_l("Level"), coerce=_level)
    approval = SelectField(_l("Approval of the level"), coerce=Approval)
    decision_number = StringField(_l("Decision number"), [Length(max=TITLE_MAX)])
    decision_date = DayField(_l("Date of the decision"))
    decision_authority = StringField(_l("Authority that decided"), [Length(max=TITLE_MAX)])
    review_due_on = DayField(_l("Review due"))
    version = HiddenField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind.choices = _choices(SYSTEM_KINDS)
        self.status.choices = _choices(SYSTEM_STATUSES)
        self.approval.choices = _choices(APPROVALS)
        levels = [SelectChoice(str(n), _("Level %(number)s", number=n)) for n in LEVELS]
        self.level.choices = [SelectChoice("", _("not determined")), *levels]

    def details(self) -> SystemDetails:
        return self.to(
            SystemDetails,
            kind=SystemKind(self.kind.data),
            status=SystemStatus(self.status.data),
            approval=Approval(self.approval.data),
        )

    def known_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isdecimal() else 0

    def holds(self, on: date) -> bool:
        """Whether the fields are right one by one, and together as of ``on``."""
        if not self.validate_on_submit():
            return False
        for fault in faults(self.details(), on):
            field = self[fault.field]
            field.errors = [*field.errors, f"{_(fault.reason)} {_(fault.remedy)}"]
        return not self.errors


def _choices(labels: Any) -> list[SelectChoice]:
    return [SelectChoice(str(key), _(label)) for key, label in labels.items()]


class UploadForm(Form):
    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l("XLSX or CSV."),
        render_kw={"accept": ".xlsx,.csv"},
    )
