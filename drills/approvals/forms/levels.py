"""The guided page: a form made of the questions of a rule set."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    RadioField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from drills.approvals.kinds import LEVELS, Question, Rules
from drills.approvals.services.determinations import REASON_MAX, DeterminationDetails
from drills.web.forms import Form

PREFIX = "q-"
PEOPLE_MAX = 2_000_000_000


class CountField(IntegerField):  # type: ignore[misc]
    """How many, typed as people write it: 12000, 12.000 or 12 000. Nothing is 0."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        bare = text.replace(".", "").replace(",", "").replace(" ", "")
        if bare and not (bare.isascii() and bare.isdecimal()):
            self.data = None
            raise ValueError(_("Write a whole number such as 12000."))
        self.data = int(bare) if bare else 0

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return str(self.data) if self.data else ""


class TicksField(SelectMultipleField):  # type: ignore[misc]
    """Several of a few, each with its own tick box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class LevelForm(Form):
    """``level`` 0 means the one that follows from the answers."""

    level = RadioField(_l("The level to propose"), coerce=int, default=0)
    override_reason = TextAreaField(
        _l("Reason for another level"),
        [Length(max=REASON_MAX)],
        description=_l("Only needed where it is not the level that follows from the answers."),
        render_kw={"rows": 3},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        levels = [SelectChoice(str(n), _("Level %(number)s", number=n)) for n in LEVELS]
        self.level.choices = [SelectChoice("0", _("The one that follows")), *levels]

    def questions(self, keys: Iterable[str]) -> list[Field]:
        return [self[PREFIX + key] for key in keys]

    def answers(self) -> dict[str, Any]:
        asked = (field for field in self if field.name.startswith(PREFIX))
        return {field.name.removeprefix(PREFIX): field.data for field in asked}

    def details(self, proposed: int) -> DeterminationDetails:
        return DeterminationDetails(
            answers=self.answers(),
            level=self.level.data or proposed,
            override_reason=self.override_reason.data or "",
        )


def level_form(rules: Rules, known: Mapping[str, Any], language: str) -> LevelForm:
    """The form of ``rules``, filled with what is ``known`` already."""
    fields = {PREFIX + one.key: _field(one, language) for one in rules.questions}
    shape: type[LevelForm] = type("GuidedForm", (LevelForm,), fields)
    return shape(data={PREFIX + key: value for key, value in known.items()})


def _field(question: Question, language: str) -> Any:
    label, hint = question.text.said(language), question.hint.said(language)
    if question.kind == "yes":
        return BooleanField(label, description=hint)
    if question.kind == "number":
        limits = [Optional(), NumberRange(0, PEOPLE_MAX)]
        kw = {"inputmode": "numeric", "autocomplete": "off"}
        return CountField(label, limits, description=hint, render_kw=kw)
    choices = [SelectChoice(one.key, one.text.said(language)) for one in question.options]
    field = TicksField if question.kind == "many" else RadioField
    return field(label, choices=choices, description=hint)


def relevant(rules: Rules, kind: str) -> tuple[list[str], list[str]]:
    """The questions that a system of ``kind`` needs, and those only other kinds need.

    A question is needed where some criterion asks it without asking for another kind.
    """
    needed = {"kind"} | {
        term.question
        for criterion in rules.criteria
        for terms in criterion.when
        if all(kind in term.values for term in terms if term.question == "kind")
        for term in terms
    }
    keys = [question.key for question in rules.questions]
    return [key for key in keys if key in needed], [key for key in keys if key not in needed]
