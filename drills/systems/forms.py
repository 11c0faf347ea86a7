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
    PLAN_STATES,
    SYSTEM_KINDS,
    SYSTEM_STATUSES,
    Approval,
    InformationSystem,
    PlanState,
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


def _plan_state(text: Any) -> PlanState | None:
    return PlanState(text) if text not in (None, "", "None") else None


_DECIDED = ("level", "approval")
"""What a decision settles: the form of an approved system has no such fields."""


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
    approval_expected_on = DayField(_l("Approval expected"))
    review_due_on = DayField(_l("Review due"))
    plan_state = SelectField(_l("Security plan"), coerce=_plan_state)
    plan_expected_on = DayField(_l("Plan expected to be done"))
    regulation_number = StringField(
        _l("Number of the security regulation"), [Length(max=TITLE_MAX)]
    )
    regulation_date = DayField(_l("Date of the security regulation"))
    regulation_authority = StringField(
        _l("Who issued the security regulation"), [Length(max=TITLE_MAX)]
    )
    version = HiddenField()

    def __init__(
        self,
        *args: Any,
        system: InformationSystem | None = None,
        has_fixed_review: bool = False,
        **more: Any,
    ) -> None:
        """``has_fixed_review``: the decision in force says when the level is reviewed."""
        super().__init__(*args, obj=system, **more)
        self.system, self.has_fixed_review = system, has_fixed_review
        is_approved = system is not None and system.is_approved
        self.kept = _DECIDED if is_approved else ()
        for name in (*self.kept, *(("review_due_on",) if has_fixed_review else ())):
            del self[name]
        self.kind.choices = _choices(SYSTEM_KINDS)
        self.status.choices = _choices(SYSTEM_STATUSES)
        plans = [SelectChoice(str(key), _(label)) for key, label in PLAN_STATES.items()]
        self.plan_state.choices = [SelectChoice("", _("not told")), *plans]
        if is_approved:
            return
        self.approval.choices = [
            choice for choice in _choices(APPROVALS) if choice.value != Approval.APPROVED
        ]
        levels = [SelectChoice(str(n), _("Level %(number)s", number=n)) for n in LEVELS]
        self.level.choices = [SelectChoice("", _("not determined")), *levels]

    def details(self) -> SystemDetails:
        """What the person wrote; what a decision has settled is as the register has it."""
        held = {
            name: getattr(self.system, name)
            for name in (*_DECIDED, "review_due_on")
            if name not in self
        }
        if "approval" in self:
            held["approval"] = Approval(self.approval.data)
        kind, status = SystemKind(self.kind.data), SystemStatus(self.status.data)
        return self.to(SystemDetails, kind=kind, status=status, **held)

    def known_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isdecimal() else 0

    def holds(self) -> bool:
        """Whether the fields are right one by one, and together."""
        if not self.validate_on_submit():
            return False
        for fault in faults(self.details(), self.system, has_fixed_review=self.has_fixed_review):
            field = self[fault.field if fault.field in self else "has_state_secrets"]
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
