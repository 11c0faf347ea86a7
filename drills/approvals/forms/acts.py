"""What people type when they act on a dossier."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from drills.accounts.models import Person, Role
from drills.approvals.forms.dossiers import PROSE_MAX, Versioned, choices
from drills.approvals.models import VERDICTS, Act, Verdict
from drills.approvals.models.details import Opinion, Receipt
from drills.approvals.services.delegating import DelegationDetails, OverrideDetails
from drills.core.orm import TITLE_MAX
from drills.files.fields import AttachmentField
from drills.units.models import Unit
from drills.web.fields import DayField, PersonField
from drills.web.forms import Form
from drills.web.pick import Source

_HAS_ACCOUNT = Person.active
MANAGERS = Source(
    "",
    Person,
    Person.name,
    Unit.name,
    Person.sort,
    Person.search,
    Person.email,
    offered=lambda _on: Person.grants.any(role=Role.MANAGER) & _HAS_ACCOUNT,
    joins=Person.unit,
)


class SendForm(Versioned):
    text = TextAreaField(_l("Covering note"), [Length(max=PROSE_MAX)], render_kw={"rows": 3})


class ReceiptForm(Versioned):
    on = DayField(
        _l("Complete on"),
        [InputRequired()],
        description=_l("The clock of the appraisal runs from this day."),
    )
    independent_body = StringField(
        _l("Independent council or unit"),
        [Length(max=TITLE_MAX)],
        description=_l("Needed when the unit that appraises also operates the system."),
    )

    def details(self) -> Receipt:
        return self.to(Receipt)


class ReasonForm(Versioned):
    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(), Length(max=PROSE_MAX)],
        description=_l("It is quoted in the history and read by the other party."),
        render_kw={"rows": 5},
    )


class OpinionForm(Versioned):
    verdict = RadioField(_l("Outcome of the appraisal"), [InputRequired()], coerce=Verdict)
    opinion = TextAreaField(
        _l("Opinion"), [InputRequired(), Length(max=PROSE_MAX)], render_kw={"rows": 6}
    )
    number = StringField(_l("Number of the opinion"), [InputRequired(), Length(max=TITLE_MAX)])
    on = DayField(_l("Date of the opinion"), [InputRequired()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.verdict.choices = choices(VERDICTS)

    def details(self) -> Opinion:
        return self.to(Opinion, verdict=Verdict(self.verdict.data), text=self.opinion.data)


class OverrideForm(Form):
    act = SelectField(_l("What is asked for"), coerce=Act)
    person_id = PersonField(_l("Who should be allowed"), [InputRequired()], empty=_l("Choose"))
    reason = TextAreaField(
        _l("Why nobody else can do it"),
        [InputRequired(), Length(max=PROSE_MAX)],
        render_kw={"rows": 4},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.act.choices = [
            SelectChoice(Act.APPRAISE.value, _l("Appraise although they prepared")),
            SelectChoice(Act.APPROVE.value, _l("Decide although they prepared or appraised")),
        ]

    def details(self) -> OverrideDetails:
        return self.to(OverrideDetails, act=Act(self.act.data))


class DelegationForm(Form):
    approver_id = PersonField(
        _l("Approver"), [InputRequired()], source=MANAGERS, empty=_l("Choose")
    )
    deputy_id = PersonField(
        _l("Deputy"),
        [InputRequired()],
        source=MANAGERS,
        empty=_l("Choose"),
        description=_l("A manager with an account of their own."),
    )
    starts_on = DayField(_l("First day"), [InputRequired()])
    ends_on = DayField(_l("Last day"), [InputRequired()])
    document_number = StringField(
        _l("Number of the document"), [InputRequired(), Length(max=TITLE_MAX)]
    )
    document_date = DayField(_l("Date of the document"), [InputRequired()])
    file = AttachmentField(_l("The document"))

    def details(self) -> DelegationDetails:
        return self.to(DelegationDetails)


class BatchForm(Form):
    """Common to all rows; the rows are ``id`` and ``version-<id>`` beside it."""

    step = HiddenField()
