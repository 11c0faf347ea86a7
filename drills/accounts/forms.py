"""What people type about accounts, and the forms that Flask-Security's pages work with."""

from typing import Any
from zoneinfo import available_timezones

from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from drills.accounts import passwords, services, sign_in
from drills.accounts.models import ROLE_NAMES, Person, Role
from drills.core.errors import DomainError
from drills.core.orm import EMAIL_MAX, NAME_MAX, PHONE_MAX, TITLE_MAX
from drills.core.text import normal
from drills.extensions import db
from drills.units.models import Organisation
from drills.web.errors import explain
from drills.web.fields import DayField, UnitField
from drills.web.forms import Form
from drills.web.language import LANGUAGES

PASSWORD_TYPED_MAX = 400
"""What is typed before it is normalised; longer ones are not worth hashing."""


def language_choices() -> list[SelectChoice]:
    return [SelectChoice(key, name) for key, name in LANGUAGES.items()]


def zone_choices() -> list[SelectChoice]:
    names = (name for name in available_timezones() if "/" in name and not name.startswith("Etc"))
    return [SelectChoice(name, name.replace("_", " ")) for name in sorted(names)]


def role_choices() -> list[SelectChoice]:
    return [SelectChoice(role.value, _(name)) for role, name in ROLE_NAMES.items()]


def email_address(_form: Any, field: Any) -> None:
    """Refuse what cannot be an address; keep it the way it is stored."""
    try:
        field.data = services.normal_email(field.data)
    except DomainError as error:
        raise ValidationError(explain(error)) from None


def good_password(_form: Any, field: Any) -> None:
    try:
        passwords.check(field.data or "", current_app.config["PASSWORD_PROFILE"])
    except DomainError as error:
        raise ValidationError(explain(error)) from None


class RoleField(SelectMultipleField):  # type: ignore[misc]
    """Tick boxes, one for each role. Data: a list of role values."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NewPasswordField(PasswordField):  # type: ignore[misc]
    def __init__(self, label: Any, **more: Any) -> None:
        rules = [InputRequired(), Length(max=PASSWORD_TYPED_MAX), good_password]
        super().__init__(label, rules, render_kw={"autocomplete": "new-password"}, **more)


class AgainField(PasswordField):  # type: ignore[misc]
    def __init__(self, other: str, **more: Any) -> None:
        rules = [EqualTo(other, _l("The two passwords are not the same."))]
        render = {"autocomplete": "new-password"}
        super().__init__(_l("The same password again"), rules, render_kw=render, **more)


class SignInForm(Form):
    """Checks e-mail and password as Flask-Security's page expects: ``user`` is who it is."""

    email = EmailField(
        _l("E-mail"),
        [InputRequired(), Length(max=EMAIL_MAX)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(), Length(max=PASSWORD_TYPED_MAX)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()

    user: Person | None = None
    requires_confirmation = False

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if not self.next.data:
            self.next.data = request.args.get("next", "")

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        try:
            self.user = sign_in.check(
                db.session,
                self.email.data.lower(),
                self.password.data,
                sign_in.Circumstances.of_request(),
            )
        except DomainError as error:
            self.form_errors.append(explain(error))
        return self.user is not None


class ForgottenForm(Form):
    """``user`` is whom the link goes to; the page says the same when there is nobody."""

    email = EmailField(
        _l("E-mail"),
        [InputRequired(), Length(max=EMAIL_MAX)],
        render_kw={"autocomplete": "username"},
    )

    user: Person | None = None
    requires_confirmation = False

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        self.user = sign_in.to_be_reset(
            db.session, self.email.data.lower(), sign_in.Circumstances.of_request()
        )
        if self.user is None:
            self.email.errors = (_("No account has this address."),)
        return self.user is not None


class ResetForm(Form):
    password = NewPasswordField(_l("New password"))
    password_confirm = AgainField("password")

    user: Person | None = None


class ChangePasswordForm(Form):
    password = PasswordField(
        _l("Current password"),
        [Length(max=PASSWORD_TYPED_MAX)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = NewPasswordField(_l("New password"))
    new_password_confirm = AgainField("new_password")

    user: Person | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        try:
            sign_in.confirm(
                db.session, current_user, self.password.data, sign_in.Circumstances.of_request()
            )
        except DomainError as error:
            self.password.errors = (explain(error),)
            return False
        if normal(self.new_password.data) == normal(self.password.data or ""):
            self.new_password.errors = (_("This is the password you have now."),)
            return False
        return True


class PersonForm(Form):
    """What an account and a profile have in common."""

    name = StringField(_l("Full name"), [InputRequired(), Length(max=NAME_MAX)])
    phone = TelField(_l("Phone"), [Optional(), Length(max=PHONE_MAX)])
    mobile = TelField(_l("Mobile phone"), [Optional(), Length(max=PHONE_MAX)])
    language = SelectField(_l("Language"), choices=language_choices)
    time_zone = SelectField(_l("Time zone"), choices=zone_choices, render_kw={"data-pick": True})


class ProfileForm(PersonForm):
    def to_details(self) -> services.ProfileDetails:
        return self.to(services.ProfileDetails)


class AccountForm(PersonForm):
    email = EmailField(_l("E-mail"), [Optional(), Length(max=EMAIL_MAX), email_address])
    position = StringField(_l("Position"), [Optional(), Length(max=TITLE_MAX)])
    unit_id = UnitField(_l("Unit"), [InputRequired()], empty=_l("Choose a unit"))
    scope_id = UnitField(
        _l("Sees"), [Optional()], empty=_l("Their own unit and what lies under it")
    )
    roles = RoleField(_l("Roles"), choices=role_choices)
    active = BooleanField(_l("May sign in"), default=True)

    def to_details(self) -> services.AccountDetails:
        roles = frozenset(Role(value) for value in self.roles.data or ())
        return self.to(services.AccountDetails, roles=roles, email=self.email.data or None)


class SettingsForm(Form):
    name = StringField(_l("Name in Vietnamese"), [InputRequired(), Length(max=NAME_MAX)])
    name_en = StringField(_l("Name in English"), [Optional(), Length(max=NAME_MAX)])
    language = SelectField(
        _l("Language"),
        choices=language_choices,
        description=_l("For visitors who have not signed in, and for new accounts."),
    )
    time_zone = SelectField(_l("Time zone"), choices=zone_choices, render_kw={"data-pick": True})
    approvals_since = DayField(
        _l("Levels are approved here since"),
        [InputRequired()],
        description=_l("A decision signed before this day may be recorded without a dossier."),
    )

    @classmethod
    def of(cls, home: Organisation) -> "SettingsForm":
        return cls(
            name=home.root.name,
            name_en=home.root.name_en,
            language=home.language,
            time_zone=home.time_zone,
            approvals_since=home.approvals_since,
        )

    def to_details(self) -> services.OrganisationDetails:
        return self.to(services.OrganisationDetails)
