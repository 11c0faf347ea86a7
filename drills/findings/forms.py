"""What people type about findings, lessons and corrective actions."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from drills.exercises.models import SEVERITIES, Severity
from drills.files.fields import AttachmentField
from drills.findings.models import RETESTS, ActionDetails, FindingDetails, LessonDetails, Retest
from drills.web.fields import DayField, PersonField, UnitField
from drills.web.forms import Form

TEXT_MAX = 4000


def _number(text: str) -> int | None:
    return int(text) if text and str(text).isdigit() else None


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


class _OfDrillField(SelectField):  # type: ignore[misc]
    """One of the rows of the drill, or none: the view gives the choices."""

    def __init__(self, label: Any, empty: Any, **more: Any) -> None:
        super().__init__(label, coerce=_as_text, choices=[], default="", **more)
        self.empty = empty

    def offer(self, rows: Iterable[tuple[int, str]]) -> None:
        choices = [SelectChoice(str(identity), text) for identity, text in rows]
        self.choices = [SelectChoice("", self.empty), *choices]

    @property
    def identity(self) -> int | None:
        return _number(self.data or "")


class FindingForm(Form):
    text = TextAreaField(
        _l("What was found"),
        [InputRequired(), Length(max=TEXT_MAX)],
        description=_l("One finding in one or two sentences: what happened, and what was missing."),
    )
    severity = SelectField(
        _l("Severity"),
        choices=[SelectChoice(s.value, _l(label)) for s, label in SEVERITIES.items()],
        coerce=Severity,
        default=Severity.MEDIUM,
    )
    analysis = TextAreaField(_l("Why it happened"), [Length(max=TEXT_MAX)])
    objective_id = _OfDrillField(_l("Objective"), _l("None"))
    inject_id = _OfDrillField(_l("Inject"), _l("None"))
    system_id = _OfDrillField(_l("System"), _l("None"))
    vulnerability_id = _OfDrillField(_l("Vulnerability"), _l("None"))
    is_restricted = BooleanField(
        _l("Restricted"),
        default=True,
        description=_l(
            "Only those who control the drill and whoever has to act on it read it; it stays out of"
            " letters and of the report unless somebody asks for it."
        ),
    )
    version = HiddenField()

    def details(self) -> FindingDetails:
        ids = ("objective_id", "inject_id", "system_id", "vulnerability_id")
        return FindingDetails(
            text=self.text.data or "",
            severity=self.severity.data,
            analysis=self.analysis.data or "",
            is_restricted=bool(self.is_restricted.data),
            **{name: self[name].identity for name in ids},
        )


STRENGTH, CHANGE = "strength", "change"


class LessonForm(Form):
    kind = RadioField(
        _l("What it is"),
        choices=[
            SelectChoice(STRENGTH, _l("Something to keep doing")),
            SelectChoice(CHANGE, _l("Something to do otherwise")),
        ],
        default=CHANGE,
    )
    text = TextAreaField(_l("What was learned"), [InputRequired(), Length(max=TEXT_MAX)])
    recommendation = TextAreaField(_l("Recommendation"), [Length(max=TEXT_MAX)])
    finding_id = _OfDrillField(_l("Finding it follows from"), _l("None"))
    version = HiddenField()

    def details(self) -> LessonDetails:
        return LessonDetails(
            text=self.text.data or "",
            recommendation=self.recommendation.data or "",
            is_strength=self.kind.data == STRENGTH,
            finding_id=self.finding_id.identity,
        )


class ActionForm(Form):
    text = TextAreaField(
        _l("What is to be done"),
        [InputRequired(), Length(max=TEXT_MAX)],
        description=_l("Begin with a verb, so that one can tell when it is done."),
    )
    owner_id = PersonField(_l("Who does it"), [InputRequired()])
    unit_id = UnitField(_l("Unit that answers for it"), [InputRequired()])
    due_on = DayField(_l("Due on"), [InputRequired()])
    finding_id = _OfDrillField(_l("Finding it follows from"), _l("None"))
    version = HiddenField()

    def details(self) -> ActionDetails:
        owner, unit, day = self.owner_id.data, self.unit_id.data, self.due_on.data
        assert owner
        assert unit
        assert day
        return ActionDetails(
            text=self.text.data or "",
            owner_id=owner,
            unit_id=unit,
            due_on=day,
            finding_id=self.finding_id.identity,
        )


class DoneForm(Form):
    evidence = TextAreaField(
        _l("What was done"),
        [Length(max=TEXT_MAX)],
        description=_l("How somebody else can see that it was done."),
    )
    file = AttachmentField(_l("File that shows it"))

    def validate_evidence(self, field: TextAreaField) -> None:
        if not field.data and not self.file.data:
            raise ValidationError(_("Say what was done, or attach a file that shows it."))


class NoteForm(Form):
    note = TextAreaField(_l("Note"), [Length(max=TEXT_MAX)])


class ReasonForm(Form):
    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(), Length(max=TEXT_MAX)],
        description=_l("It is kept in the history and told to the owner."),
    )


class RetestForm(Form):
    result = RadioField(
        _l("What the drill has shown"),
        [InputRequired()],
        choices=[SelectChoice(r.value, _l(label)) for r, label in RETESTS.items()],
        coerce=lambda text: Retest(text) if text in set(Retest) else None,
    )
    note = TextAreaField(_l("Note"), [Length(max=TEXT_MAX)])


class DueForm(Form):
    due_on = DayField(_l("Due on"), [InputRequired()])


class WholeForm(Form):
    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l("XLSX, as the template is."),
        render_kw={"accept": ".xlsx"},
    )
