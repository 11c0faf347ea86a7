from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from drills.accounts.forms import (
    AgainField,
    NewPasswordField,
    email_address,
    language_choices,
    zone_choices,
)
from drills.core.orm import EMAIL_MAX, NAME_MAX
from drills.setup import services
from drills.web.forms import Form
from drills.web.language import spoken


def tier_choices() -> list[SelectChoice]:
    key = f"name_{spoken()}"
    return [SelectChoice(tier["code"], tier[key]) for tier in services.tiers()]


class FirstRunForm(Form):
    organisation = StringField(
        _l("Name of the organisation"), [InputRequired(), Length(max=NAME_MAX)]
    )
    organisation_en = StringField(_l("Name in English"), [Optional(), Length(max=NAME_MAX)])
    tier = SelectField(_l("Tier"), choices=tier_choices, default="province")
    language = SelectField(_l("Language"), choices=language_choices)
    time_zone = SelectField(_l("Time zone"), choices=zone_choices, render_kw={"data-pick": True})
    name = StringField(
        _l("Full name"),
        [InputRequired(), Length(max=NAME_MAX)],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("E-mail"),
        [InputRequired(), Length(max=EMAIL_MAX), email_address],
        render_kw={"autocomplete": "username"},
    )
    password = NewPasswordField(_l("Password"))
    password_again = AgainField("password")
    demo = BooleanField(_l("Load the demonstration year"))
    token = HiddenField()

    def to_details(self) -> services.SetUpDetails:
        return self.to(services.SetUpDetails)

    @classmethod
    def fresh(cls, token: str, zone: str) -> "FirstRunForm":
        given: dict[str, Any] = {"token": token, "language": spoken(), "time_zone": zone}
        return cls(data=given)
