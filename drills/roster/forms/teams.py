import io
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from drills.core.orm import EMAIL_MAX, NAME_MAX, PHONE_MAX, TITLE_MAX
from drills.core.tabular import Column, Sheet, read, write_csv
from drills.roster.models import (
    TEAM_ROLES,
    EndDetails,
    Member,
    MemberDetails,
    NewPerson,
    Reforming,
    TeamRole,
)
from drills.web.fields import DayField, PersonField, UnitField
from drills.web.forms import Form


class TeamForm(Form):
    name = StringField(_l("Name of the team"), [InputRequired(), Length(max=NAME_MAX)])
    unit_id = UnitField(_l("Unit it belongs to"), [InputRequired()])
    decision_number = StringField(
        _l("Decision number"),
        [Length(max=TITLE_MAX)],
        description=_l("As printed on the decision that set the team up."),
    )
    decision_date = DayField(_l("Decision date"), [Optional()])
    mandate = TextAreaField(
        _l("Mandate"), description=_l("What the team may do, and for whom, by the decision.")
    )
    active_from = DayField(_l("Active from"), [Optional()])
    active_to = DayField(_l("Active until"), [Optional()])
    superior = StringField(_l("Agency above"), [Length(max=TITLE_MAX)])
    leader = StringField(
        _l("Leader in charge"), [Length(max=TITLE_MAX)], description=_l("Name and title.")
    )
    website = StringField(_l("Website"), [Length(max=TITLE_MAX)])
    receiving_phone = StringField(_l("Fixed line for incidents"), [Length(max=PHONE_MAX)])
    receiving_mobile = StringField(_l("Mobile for incidents"), [Length(max=PHONE_MAX)])
    receiving_fax = StringField(_l("Fax for incidents"), [Length(max=PHONE_MAX)])
    receiving_email = StringField(
        _l("E-mail for incidents"), [Optional(), Email(), Length(max=TITLE_MAX)]
    )
    capability = TextAreaField(
        _l("Capability"), description=_l("People, technology, experience, and who is served.")
    )
    description = TextAreaField(_l("Remarks"))

    def validate_active_to(self, field: DayField) -> None:
        if field.data and self.active_from.data and field.data < self.active_from.data:
            raise ValidationError(_("The last day is before the first."))


KNOWN, NEW = "known", "new"


class MemberForm(Form):
    """Somebody known, or somebody new: then name and unit are needed."""

    who = RadioField(
        _l("Person"),
        choices=[
            SelectChoice(KNOWN, _l("Already known here")),
            SelectChoice(NEW, _l("Somebody new")),
        ],
        default=KNOWN,
    )
    person_id = PersonField(_l("Known person"))
    name = StringField(_l("Name"), [Length(max=NAME_MAX)])
    unit_id = UnitField(_l("Works at"))
    position = StringField(_l("Position"), [Length(max=TITLE_MAX)])
    email = StringField(_l("E-mail"), [Optional(), Email(), Length(max=EMAIL_MAX)])
    phone = StringField(_l("Telephone"), [Length(max=PHONE_MAX)])
    mobile = StringField(_l("Mobile"), [Length(max=PHONE_MAX)])
    role = SelectField(
        _l("Role in the team"),
        choices=[SelectChoice(role.value, _l(label)) for role, label in TEAM_ROLES.items()],
        coerce=TeamRole,
        default=TeamRole.MEMBER,
    )
    is_core = BooleanField(_l("Core member"))
    is_full_time = BooleanField(_l("Full-time"))
    starts_on = DayField(_l("In the team from"), [InputRequired()])
    decision_number = StringField(_l("Decision number"), [Length(max=TITLE_MAX)], default="")
    decision_date = DayField(_l("Decision date"), [Optional()])

    @property
    def is_new(self) -> bool:
        return bool(self.who.data == NEW)

    def validate(self, extra_validators: Any = None) -> bool:
        is_right = bool(super().validate(extra_validators))
        needed = (self.name, self.unit_id) if self.is_new else (self.person_id,)
        for field in needed:
            if not field.data and not field.errors:
                field.errors = [*field.errors, _("This field is required.")]
                is_right = False
        return is_right

    def details(self) -> MemberDetails:
        return self.to(MemberDetails)

    def newcomer(self) -> NewPerson:
        return self.to(NewPerson)


class TimeForm(Form):
    """A person's time in a team, when it is corrected later."""

    role = SelectField(
        _l("Role in the team"),
        choices=[SelectChoice(role.value, _l(label)) for role, label in TEAM_ROLES.items()],
        coerce=TeamRole,
    )
    is_core = BooleanField(_l("Core member"))
    is_full_time = BooleanField(_l("Full-time"))
    starts_on = DayField(_l("In the team from"), [InputRequired()])
    ends_on = DayField(_l("Last day in the team"), [Optional()])
    decision_number = StringField(_l("Decision number"), [Length(max=TITLE_MAX)], default="")
    decision_date = DayField(_l("Decision date"), [Optional()])

    def details(self) -> MemberDetails:
        return self.to(MemberDetails)


class EndForm(Form):
    ends_on = DayField(_l("Last day in the team"), [InputRequired()])
    end_decision_number = StringField(_l("Decision number"), [Length(max=TITLE_MAX)], default="")
    end_decision_date = DayField(_l("Decision date"), [Optional()])

    def details(self) -> EndDetails:
        return self.to(EndDetails)


class ReformForm(Form):
    """A new decision on the team; who is ticked stays."""

    decision_number = StringField(_l("Decision number"), [InputRequired(), Length(max=TITLE_MAX)])
    decision_date = DayField(_l("Decision date"), [InputRequired()])
    on = DayField(_l("In force from"), [InputRequired()])
    name = StringField(
        _l("Name of the team that follows"),
        [Length(max=NAME_MAX)],
        description=_l("Leave it empty if the team stays the same one."),
    )
    kept = SelectMultipleField(
        _l("Members who stay"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def offer(self, members: Sequence[Member]) -> None:
        """All of them stay unless unticked."""
        self.kept.choices = [
            SelectChoice(member.id, f"{member.name}, {_(TEAM_ROLES[member.role])}")
            for member in members
        ]
        if not self.is_submitted():
            self.kept.data = [member.id for member in members]

    def terms(self) -> Reforming:
        return self.to(Reforming, kept=frozenset(self.kept.data or ()))


class ImportForm(Form):
    """A file to look at; then, from the preview, its text again and the word to carry it out."""

    file = FileField(_l("File"), description=_l("XLSX or CSV."), render_kw={"accept": ".xlsx,.csv"})
    text = HiddenField()

    def validate_file(self, field: FileField) -> None:
        if not field.data and not self.text.data:
            raise ValidationError(_("Choose a file."))

    def sheet(self, limit: int, columns: Sequence[Column] = ()) -> Sheet:
        """DomainError if it cannot be read. A title may stand above the line of ``columns``."""
        if self.text.data:
            return read(io.BytesIO(self.text.data.encode()), "members.csv", limit=limit)
        name = self.file.data.filename or ""
        return read(self.file.data.stream, name, limit=limit, columns=columns)


def as_text(sheet: Sheet) -> str:
    """The sheet once more, to be sent back by the preview's button."""
    target = io.BytesIO()
    write_csv(target, sheet.headers, [row.cells for row in sheet.rows])
    return target.getvalue().decode("utf-8-sig")
