"""People of a drill: parts, invitations and answers, attendance."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from drills.accounts.models import Person
from drills.core.orm import TITLE_MAX
from drills.exercises.models import (
    ANSWERS,
    PARTS,
    PRESENCES,
    Answer,
    DrillPerson,
    DrillTeam,
    DrillUnit,
    Part,
    Presence,
    Side,
)
from drills.exercises.services.people import Parts
from drills.web.fields import PeopleField
from drills.web.forms import Form


def _part(text: str) -> Part | None:
    return Part(text) if text else None


def _side(text: str) -> int | None:
    return int(text) if text else None


class PartsForm(Form):
    """Made by ``parts_form``: ``unit-<id>``, ``team-<id>``, ``person-<id>``, ``side-<id>``."""

    def parts(self) -> Parts:
        return Parts(*(self._of(prefix) for prefix in ("unit-", "team-", "person-", "side-")))

    def _of(self, prefix: str) -> dict[int, Any]:
        return {
            int(field.name.removeprefix(prefix)): field.data
            for field in self
            if field.name.startswith(prefix)
        }


def parts_form(
    units: Sequence[DrillUnit],
    teams: Sequence[DrillTeam],
    people: Sequence[DrillPerson],
    sides: Sequence[Side],
) -> PartsForm:
    parts = [SelectChoice(part.value, _(label)) for part, label in PARTS.items()]
    any_part = [SelectChoice("", _("Players")), *parts]
    playing = [SelectChoice("", _("No side")), *(SelectChoice(str(s.id), s.name) for s in sides)]
    fields: dict[str, Any] = {}
    for unit in units:
        fields[f"unit-{unit.unit_id}"] = SelectField(
            unit.unit.name, choices=any_part, coerce=_part, default=unit.part
        )
    for team in teams:
        fields[f"team-{team.team_id}"] = SelectField(
            team.team.name, choices=any_part, coerce=_part, default=team.part
        )
    for link in people:
        fields[f"person-{link.person_id}"] = SelectField(
            link.person.name, choices=parts, coerce=Part, default=link.part
        )
        if sides:
            label = _("Side of %(person)s", person=link.person.name)
            fields[f"side-{link.person_id}"] = SelectField(
                label, choices=playing, coerce=_side, default=link.side_id
            )
    made: type[PartsForm] = type("PartsForm", (PartsForm,), fields)
    return made()


class InviteForm(Form):
    person_ids = PeopleField(_l("People to invite"), [InputRequired()])


class AnswerForm(Form):
    """What an invited person says, or somebody notes for them."""

    answer = RadioField(
        _l("Do you take part?"),
        [InputRequired()],
        choices=[SelectChoice(answer.value, _l(label)) for answer, label in ANSWERS.items()],
        coerce=Answer,
    )
    note = StringField(
        _l("Remark"),
        [Optional(), Length(max=TITLE_MAX)],
        description=_l("For example who comes in your place."),
    )


class AttendanceForm(Form):
    """Made by ``attendance_form``: ``person-<id>`` for everybody who takes part."""

    def present(self) -> dict[int, Presence | None]:
        return {
            int(field.name.removeprefix("person-")): field.data
            for field in self
            if field.name.startswith("person-")
        }


def _presence(text: str) -> Presence | None:
    return Presence(text) if text else None


def attendance_form(people: Sequence[Person], noted: dict[int, Presence]) -> AttendanceForm:
    choices = [SelectChoice(p.value, _(label)) for p, label in PRESENCES.items()]
    choices.append(SelectChoice("", _("Not noted")))
    fields: dict[str, Any] = {
        f"person-{person.id}": RadioField(
            person.name, choices=choices, coerce=_presence, default=noted.get(person.id) or ""
        )
        for person in people
    }
    made: type[AttendanceForm] = type("AttendanceForm", (AttendanceForm,), fields)
    return made()
