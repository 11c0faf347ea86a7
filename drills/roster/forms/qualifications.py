"""Skills, certificates and how far people have come, as people type them."""

from collections.abc import Sequence
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
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from drills.core.orm import CODE_MAX, NAME_MAX, TITLE_MAX
from drills.files.fields import AttachmentField
from drills.roster.models import (
    CERTIFICATE_KINDS,
    EXPERT_GROUPS,
    FRAMEWORKS,
    LEVELS,
    CertificateDetails,
    CertificateKind,
    CompetenceDetails,
    ExpertGroup,
    Skill,
    SkillDetails,
    WorkRole,
)
from drills.web.fields import DayField
from drills.web.forms import Form
from drills.web.language import spoken

_PICK = {"data-pick": ""}


def _levels() -> list[SelectChoice]:
    return [SelectChoice(str(level), f"{level}: {_(text)}") for level, text in LEVELS.items()]


class CompetenceForm(Form):
    level = RadioField(_l("Level of the skill"), [InputRequired()], choices=_levels, coerce=int)
    assessed_on = DayField(_l("Assessed on"), [InputRequired()])
    expires_on = DayField(
        _l("Holds until"), [Optional()], description=_l("Empty: until it is assessed anew.")
    )
    evidence = TextAreaField(
        _l("What shows it"),
        description=_l("A drill, an incident, a certificate, an examination."),
    )
    upload = AttachmentField(_l("File"))

    def details(self) -> CompetenceDetails:
        return self.to(CompetenceDetails)


def levels_form(skills: Sequence[Skill], levels: dict[int, int]) -> type[Form]:
    """A form with one choice of a level for each of ``skills``; a field is named by its id."""
    fields: dict[str, Any] = {}
    for skill in skills:
        fields[f"skill_{skill.id}"] = SelectField(
            skill.title(spoken()),
            choices=lambda: [SelectChoice("", _("not assessed")), *_levels()],
            coerce=_level,
            default=levels.get(skill.id),
        )
    return type("LevelsForm", (Form,), fields)


def _level(text: Any) -> int | None:
    return int(text) if text not in {"", None, "None"} else None


class SkillForm(Form):
    code = StringField(_l("Code"), [InputRequired(), Length(max=CODE_MAX)])
    name_vi = StringField(_l("Vietnamese name"), [InputRequired(), Length(max=TITLE_MAX)])
    name_en = StringField(_l("English name"), [InputRequired(), Length(max=TITLE_MAX)])
    expert_group = SelectField(
        _l("Expert group"),
        choices=[SelectChoice(group.value, _l(label)) for group, label in EXPERT_GROUPS.items()],
        coerce=ExpertGroup,
    )
    work_role_ids = SelectMultipleField(
        _l("Work roles (NICE, ECSF)"), coerce=int, render_kw=_PICK, validators=[Optional()]
    )
    valid_months = IntegerField(
        _l("Assessed anew after how many months"),
        [Optional(), NumberRange(1, 120)],
        description=_l("Empty: an assessment holds for good."),
    )
    is_active = BooleanField(_l("Is assessed"), default=True)

    def __init__(self, roles: Sequence[WorkRole], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.work_role_ids.choices = [
            SelectChoice(role.id, f"{FRAMEWORKS[role.framework]}: {role.title(spoken())}")
            for role in roles
        ]

    def details(self) -> SkillDetails:
        return self.to(SkillDetails, work_role_ids=tuple(self.work_role_ids.data or ()))


class CertificateForm(Form):
    name = StringField(_l("Certificate"), [InputRequired(), Length(max=NAME_MAX)])
    kind = SelectField(
        _l("Kind"),
        choices=[SelectChoice(kind.value, _l(label)) for kind, label in CERTIFICATE_KINDS.items()],
        coerce=CertificateKind,
        default=CertificateKind.PROFESSIONAL,
    )
    issuer = StringField(_l("Issued by"), [Length(max=TITLE_MAX)])
    number = StringField(_l("Number"), [Length(max=TITLE_MAX)])
    issued_on = DayField(_l("Issued on"), [Optional()])
    expires_on = DayField(
        _l("Valid until"), [Optional()], description=_l("Empty: it is valid for good.")
    )
    skill_ids = SelectMultipleField(
        _l("Skills it shows"), coerce=int, render_kw=_PICK, validators=[Optional()]
    )
    upload = AttachmentField(_l("File"))

    def __init__(self, skills: Sequence[Skill], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.skill_ids.choices = [SelectChoice(one.id, one.title(spoken())) for one in skills]

    def details(self) -> CertificateDetails:
        return self.to(CertificateDetails, skill_ids=tuple(self.skill_ids.data or ()))
