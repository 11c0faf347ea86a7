"""Programmes and the library of scenarios."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from drills.core.orm import NAME_MAX, TITLE_MAX
from drills.exercises.fields import DRILLS
from drills.exercises.forms.versions import VersionField
from drills.exercises.kinds import KINDS
from drills.exercises.models import (
    PlannedDrill,
    PlannedDrillDetails,
    ProgrammeDetails,
    RecurrenceDetails,
    Scenario,
    ScenarioDetails,
)
from drills.web.fields import DayField, RowField, UnitField
from drills.web.forms import Form

_KINDS = [SelectChoice(kind.key, _l(kind.label)) for kind in KINDS.values()]
YEARS = NumberRange(1990, 2200)


class ProgrammeForm(Form):
    name = StringField(_l("Name of the programme"), [InputRequired(), Length(max=NAME_MAX)])
    unit_id = UnitField(_l("Unit in charge"), [InputRequired()])
    from_year = IntegerField(_l("First year"), [InputRequired(), YEARS])
    to_year = IntegerField(_l("Last year"), [InputRequired(), YEARS])
    aims = TextAreaField(_l("Aims"))
    version = VersionField()

    def validate_to_year(self, field: IntegerField) -> None:
        if self.from_year.data and field.data < self.from_year.data:
            raise ValidationError(_("The last year is before the first."))

    def details(self) -> ProgrammeDetails:
        return self.to(ProgrammeDetails)


class LineForm(Form):
    """When: ``m3`` is March, ``q2`` the second quarter, nothing the year as a whole."""

    title = StringField(_l("Drill foreseen"), [InputRequired(), Length(max=TITLE_MAX)])
    kind_key = SelectField(_l("Kind"), choices=_KINDS)
    year = IntegerField(_l("Year"), [InputRequired(), YEARS])
    when = SelectField(_l("Month or quarter"))
    unit_id = UnitField(_l("Unit in charge"), [InputRequired()])
    drill_id = RowField(_l("Drill held for it"), source=DRILLS, empty=_l("None yet"))
    note = TextAreaField(_l("Remarks"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        quarters = [(f"q{n}", _("Quarter %(number)s", number=n)) for n in range(1, 5)]
        months = [(f"m{n}", _("Month %(number)s", number=n)) for n in range(1, 13)]
        self.when.choices = [
            SelectChoice(key, label)
            for key, label in [("", _("Some time in the year")), *quarters, *months]
        ]

    def details(self) -> PlannedDrillDetails:
        when = self.when.data or ""
        number = int(when[1:]) if when else None
        return self.to(
            PlannedDrillDetails,
            quarter=number if when.startswith("q") else None,
            month=number if when.startswith("m") else None,
        )


def line_data(line: PlannedDrill) -> dict[str, Any]:
    when = f"m{line.month}" if line.month else f"q{line.quarter}" if line.quarter else ""
    names = ("title", "kind_key", "year", "unit_id", "drill_id", "note")
    return {name: getattr(line, name) for name in names} | {"when": when}


class RecurrenceForm(Form):
    name = StringField(_l("Title of the drills"), [InputRequired(), Length(max=TITLE_MAX)])
    kind_key = SelectField(_l("Kind"), choices=_KINDS)
    unit_id = UnitField(_l("Unit in charge"), [InputRequired()])
    every_months = IntegerField(
        _l("Every how many months"), [InputRequired(), NumberRange(1, 120)], default=12
    )
    first_on = DayField(_l("First day"), [InputRequired()])
    until = DayField(_l("Last day"), [Optional()])
    version = VersionField()

    def validate_until(self, field: DayField) -> None:
        if field.data and self.first_on.data and field.data < self.first_on.data:
            raise ValidationError(_("The last day is before the first."))

    def details(self) -> RecurrenceDetails:
        return self.to(RecurrenceDetails)


class ScenarioForm(Form):
    title = StringField(_l("Title"), [InputRequired(), Length(max=TITLE_MAX)])
    kind_key = SelectField(_l("For which kind of drill"))
    threat = StringField(
        _l("Threat"),
        [Length(max=TITLE_MAX)],
        description=_l("Ransomware, phishing, denial of service, supply chain, …"),
    )
    unit_id = UnitField(_l("Unit in charge"), [InputRequired()])
    summary = TextAreaField(_l("In two or three sentences"), [InputRequired()])
    story = TextAreaField(
        _l("The story"),
        [InputRequired()],
        description=_l("Background, course of events, what is true behind the scenes."),
    )
    assumptions = TextAreaField(_l("Assumptions and what is played only on paper"))
    change = StringField(_l("What is new in this version"), [Optional(), Length(max=TITLE_MAX)])
    version = VersionField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind_key.choices = [SelectChoice("", _("Any kind")), *_KINDS]

    def details(self) -> ScenarioDetails:
        return self.to(ScenarioDetails)


def scenario_data(scenario: Scenario) -> dict[str, Any]:
    newest = scenario.newest
    frame = ("title", "unit_id", "kind_key", "threat", "version")
    return {name: getattr(scenario, name) for name in frame} | {
        name: getattr(newest, name) for name in ("summary", "story", "assumptions")
    }


def programme_years(today: date) -> dict[str, int]:
    return {"from_year": today.year, "to_year": today.year + 2}
