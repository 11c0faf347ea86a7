"""The guided page: a form made of the questions of a rule set."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
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
RADIOS_MAX = 5
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

    def questions(self) -> list[tuple[str, Field]]:
        """The key and the field of each question."""
        asked = (field for field in self if field.name.startswith(PREFIX))
        return [(field.name.removeprefix(PREFIX), field) for field in asked]

    def answers(self) -> dict[str, Any]:
        return {key: field.data for key, field in self.questions()}

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
    if question.kind == "many":
        return TicksField(label, choices=choices, description=hint)
    field = RadioField if len(choices) <= RADIOS_MAX else SelectField
    return field(label, choices=choices, description=hint)


def kinds_asked(rules: Rules) -> dict[str, frozenset[str]]:
    """By the key of a question the kinds of systems that need it, for those not all kinds need.

    A kind needs a question where some criterion asks it without asking for another kind.
    """
    kind = rules.question("kind")
    every = kind.keys if kind else frozenset()
    asked: dict[str, set[str]] = {question.key: set() for question in rules.questions}
    for terms in (terms for criterion in rules.criteria for terms in criterion.when):
        kinds = next((term.values for term in terms if term.question == "kind"), every)
        for term in terms:
            asked[term.question].update(kinds)
    return {
        key: frozenset(kinds) for key, kinds in asked.items() if key != "kind" and every - kinds
    }


def sent_again(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The answers as hidden fields, for the form that records what was proposed from them."""
    return [
        (PREFIX + key, "y" if one is True else str(one))
        for key, value in answers.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not False
    ]
