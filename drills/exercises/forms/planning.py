"""The plan of a drill: objectives, scope, sides, documents, readiness."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from drills.core.orm import NAME_MAX, TITLE_MAX
from drills.exercises.fields import SCENARIOS
from drills.exercises.forms.versions import VersionField
from drills.exercises.models import (
    DOCUMENT_KINDS,
    GOES,
    PRIORITIES,
    READINESS,
    SIDE_KEY_MAX,
    DocumentKind,
    Go,
    ObjectiveDetails,
    PaperDetails,
    PlanDetails,
    Priority,
    Readiness,
)
from drills.exercises.services.copying import COPIES
from drills.exercises.services.readiness import Task
from drills.files.fields import AttachmentField
from drills.roster.fields import TEAMS
from drills.web.fields import DayField, RowField
from drills.web.forms import Form

MINUTES_MAX = 60 * 24 * 30


def _choices(labels: Mapping[Any, str]) -> list[SelectChoice]:
    return [SelectChoice(key.value, _l(label)) for key, label in labels.items()]


class PlanForm(Form):
    scope = TextAreaField(
        _l("Scope"), description=_l("What is exercised, and what is left out on purpose.")
    )
    rules = TextAreaField(_l("Rules of the drill"))
    detect_target_minutes = IntegerField(
        _l("Target: detected within, in minutes"), [Optional(), NumberRange(1, MINUTES_MAX)]
    )
    contain_target_minutes = IntegerField(
        _l("Target: contained within, in minutes"), [Optional(), NumberRange(1, MINUTES_MAX)]
    )
    version = VersionField()

    def details(self) -> PlanDetails:
        return self.to(PlanDetails)


class ObjectiveForm(Form):
    text = TextAreaField(
        _l("Objective"),
        [InputRequired()],
        description=_l("What those who play should be able to do, so that it can be seen."),
    )
    capability = StringField(
        _l("Capability"),
        [Length(max=TITLE_MAX)],
        description=_l("Detection, containment, reporting, communication, …"),
    )
    priority = SelectField(
        _l("Priority"), choices=_choices(PRIORITIES), coerce=Priority, default=Priority.MEDIUM
    )

    def details(self) -> ObjectiveDetails:
        return self.to(ObjectiveDetails)


class SideForm(Form):
    """A side of our own team takes its name and its people from there."""

    side_key = StringField(
        _l("Key of the side"),
        [
            InputRequired(),
            Length(max=SIDE_KEY_MAX),
            Regexp(r"^\S+$", message=_l("One word, without blanks.")),
        ],
        description=_l("One short word for the quick log: soc, blue, so-yte."),
    )
    side_name = StringField(_l("Name of the side"), [InputRequired(), Length(max=NAME_MAX)])
    side_team_id = RowField(_l("Our team, if it is one"), source=TEAMS)


class PaperForm(Form):
    kind = SelectField(
        _l("Kind of document"), choices=_choices(DOCUMENT_KINDS), coerce=DocumentKind
    )
    number = StringField(_l("Number"), [Length(max=TITLE_MAX)])
    dated = DayField(_l("Date"), [Optional()])
    title = StringField(_l("Subject"), [Length(max=TITLE_MAX)])
    file = AttachmentField(_l("File"))
    is_restricted = BooleanField(_l("Only for those who know the scenario"))

    def validate(self, extra_validators: Any = None) -> bool:
        is_right = bool(super().validate(extra_validators))
        if is_right and not (self.number.data or self.title.data or self.file.data):
            self.title.errors = [_("Give a number, a subject or a file.")]
            return False
        return is_right

    def details(self) -> PaperDetails:
        return self.to(PaperDetails)


class PinForm(Form):
    """Data of ``version_id``: the id of a scenario's version, or None for no scenario."""

    version_id = RowField(
        _l("Scenario and version"), source=SCENARIOS, empty=_l("No scenario from the library")
    )


class GoForm(Form):
    answer = RadioField(
        _l("Decision"), [InputRequired()], choices=_choices(GOES), coerce=Go, default=None
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l("Needed for no-go, and for go while something is missing."),
    )


class TaskForm(Form):
    text = StringField(_l("One more task"), [InputRequired(), Length(max=TITLE_MAX)])


class ReadinessForm(Form):
    """Made by ``readiness_form``: for each task ``state-<key>`` and ``note-<key>``."""

    def said(self, tasks: Iterable[Task]) -> dict[str, tuple[Readiness, str]]:
        return {
            task.key: (self[f"state-{task.key}"].data, self[f"note-{task.key}"].data or "")
            for task in tasks
            if f"state-{task.key}" in self
        }


def readiness_form(tasks: Sequence[Task]) -> ReadinessForm:
    """A line for each task that is ticked by hand."""
    fields: dict[str, Any] = {}
    for task in tasks:
        if task.is_told:
            continue
        label = task.label if task.is_own else _(task.label)
        fields[f"state-{task.key}"] = SelectField(
            label, choices=_choices(READINESS), coerce=Readiness, default=task.state
        )
        note = _("Remark on “%(task)s”", task=label)
        fields[f"note-{task.key}"] = StringField(
            note, [Length(max=TITLE_MAX)], default=task.note, render_kw={"placeholder": _("Remark")}
        )
    made: type[ReadinessForm] = type("ReadinessForm", (ReadinessForm,), fields)
    return made()


class CopyForm(Form):
    """What to take over from an earlier drill, besides what the form above shows."""

    what = SelectMultipleField(
        _l("Take over from it"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def offer(self, *, with_injects: bool) -> None:
        self.what.choices = [
            SelectChoice(key, _(label))
            for key, label in COPIES.items()
            if with_injects or key != "injects"
        ]
