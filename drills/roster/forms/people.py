from datetime import date
from typing import Any

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from drills.accounts.models import Person
from drills.core.errors import DomainError
from drills.core.orm import EMAIL_MAX, NAME_MAX, PHONE_MAX, TITLE_MAX
from drills.roster import pgp
from drills.roster.columns import LANGUAGES
from drills.roster.models import (
    CHANNEL_KINDS,
    EXPERT_GROUPS,
    ChannelDetails,
    ChannelKind,
    ExpertGroup,
    Profile,
)
from drills.roster.months import read_month
from drills.roster.services.people import PersonDetails, ProfileDetails
from drills.web.errors import explain
from drills.web.fields import DayField, UnitField
from drills.web.forms import Form

_TICKS = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}


def language_name(code: str) -> str:
    return str((get_locale() or Locale("vi")).languages.get(code, code))


class MonthField(DayField):
    """A month, shown as ``06/2015``. Data: its first day, or None."""

    mistake = _l("This is not a month. Write it as 06/2015.")

    def understand(self, text: str) -> date | None:
        return read_month(text)

    def show(self, value: date) -> str:
        return value.strftime("%m/%Y")


class PersonForm(Form):
    """An account's address and unit are not asked for: administrators change them."""

    name = StringField(_l("Full name"), [InputRequired(), Length(max=NAME_MAX)])
    position = StringField(_l("Position"), [Length(max=TITLE_MAX)])
    unit_id = UnitField(_l("Works at"), [InputRequired()])
    email = StringField(_l("Work e-mail"), [Optional(), Email(), Length(max=EMAIL_MAX)])
    phone = StringField(_l("Fixed line"), [Length(max=PHONE_MAX)])
    mobile = StringField(_l("Mobile"), [Length(max=PHONE_MAX)])
    expert_groups = SelectMultipleField(
        _l("Expert groups"),
        choices=[SelectChoice(group.value, _l(label)) for group, label in EXPERT_GROUPS.items()],
        coerce=ExpertGroup,
        **_TICKS,
    )
    school = StringField(_l("School"), [Length(max=TITLE_MAX)])
    field = StringField(_l("Field trained in"), [Length(max=TITLE_MAX)])
    degree = StringField(_l("Degree"), [Length(max=TITLE_MAX)])
    graduated_on = MonthField(_l("Month of graduation"), [Optional()])
    languages = SelectMultipleField(_l("Languages"), validate_choice=False, **_TICKS)
    pgp_key = TextAreaField(
        _l("PGP public key"),
        [Length(max=pgp.KEY_MAX)],
        description=_l("The text from “-----BEGIN PGP PUBLIC KEY BLOCK-----” to its end."),
        render_kw={"rows": 4, "spellcheck": "false", "autocomplete": "off"},
    )

    def __init__(self, person: Person, **given: Any) -> None:
        super().__init__(obj=person, **given)
        names = sorted((language_name(code), code) for code in LANGUAGES)
        self.languages.choices = [SelectChoice(code, name) for name, code in names]
        if person.active:
            del self.unit_id, self.email

    @staticmethod
    def known(profile: Profile, groups: frozenset[ExpertGroup]) -> dict[str, Any]:
        """What stands in the form at first, besides what the person has."""
        names = ("school", "field", "degree", "graduated_on", "languages", "pgp_key")
        return {name: getattr(profile, name) for name in names} | {"expert_groups": list(groups)}

    def validate_languages(self, field: SelectMultipleField) -> None:
        if set(field.data or ()) - set(LANGUAGES):
            raise ValidationError(_("Choose from the list."))

    def validate_pgp_key(self, field: TextAreaField) -> None:
        try:
            if field.data:
                pgp.fingerprint(field.data)
        except DomainError as error:
            raise ValidationError(explain(error)) from None

    def details(self) -> PersonDetails:
        return self.to(PersonDetails)

    def profile(self) -> ProfileDetails:
        return self.to(
            ProfileDetails,
            languages=tuple(self.languages.data or ()),
            expert_groups=frozenset(self.expert_groups.data or ()),
        )


class ChannelForm(Form):
    kind = SelectField(
        _l("Kind"),
        choices=[SelectChoice(kind.value, _l(label)) for kind, label in CHANNEL_KINDS.items()],
        coerce=ChannelKind,
        default=ChannelKind.PRIVATE_EMAIL,
    )
    value = StringField(_l("Address or number"), [InputRequired(), Length(max=EMAIL_MAX)])
    note = StringField(_l("Note"), [Length(max=TITLE_MAX)])
    is_preferred = BooleanField(_l("The preferred way"))

    def details(self) -> ChannelDetails:
        return self.to(ChannelDetails)
