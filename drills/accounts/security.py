"""Sign-in by Flask-Security: its settings, its forms, its pages in our frame."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask, current_app, redirect, render_template, request
from flask_babel import gettext as _
from flask_security import FSQLALiteUserDatastore, PasswordUtil
from sqlalchemy.orm import joinedload

from drills.accounts import forms, letters, passwords, sessions
from drills.accounts.models import Grant, Person
from drills.core.text import N_, normal
from drills.extensions import babel, db, security
from drills.units.models import Unit
from drills.web.access import public
from drills.web.session import visitor
from drills.web.switches import own_path

View = Callable[..., Any]
MESSAGES = {
    "GENERIC_RECOVERY": N_("If %(email)s may sign in here, a link has been sent to it."),
    "PASSWORD_RESET_REQUEST": N_("If %(email)s may sign in here, a link has been sent to it."),
    "INVALID_RESET_PASSWORD_TOKEN": N_(
        "This link no longer works: it was used, or a newer one was sent. Ask for another."
    ),
    "PASSWORD_RESET_EXPIRED": N_("This link is too old: it works for %(within)s."),
    "PASSWORD_RESET_NO_LOGIN": N_("The new password is saved. Sign in with it."),
    "PASSWORD_CHANGE": N_("The new password is saved. Other devices have been signed out."),
    "UNAUTHENTICATED": N_("Sign in to see this page."),
    "INVALID_REDIRECT": N_("That address does not belong to this system."),
    "GENERIC_AUTHN_FAILED": N_("E-mail or password is not right."),
}

ASVS_RULE = N_("At least %(least)s characters. Several words are easy to remember.")
TCVN_RULE = N_("At least %(least)s characters: capitals, small letters, digits and other signs.")


def _settings(app: Flask) -> dict[str, Any]:
    return {
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_RESET_URL": "/password/forgotten",
        "SECURITY_CHANGE_URL": "/password/change",
        "SECURITY_POST_CHANGE_VIEW": "accounts.profile",
        "SECURITY_POST_LOGOUT_VIEW": "security.login",
        "SECURITY_FORGOT_PASSWORD_TEMPLATE": "security/forgotten.html",
        "SECURITY_LOGIN_USER_TEMPLATE": "security/sign_in.html",
        "SECURITY_RESET_PASSWORD_TEMPLATE": "security/reset.html",
        "SECURITY_CHANGE_PASSWORD_TEMPLATE": "security/change.html",
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_TRACKABLE": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_FRESHNESS": timedelta(seconds=-1),
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": True,
        "SECURITY_PASSWORD_LENGTH_MIN": passwords.length_min(app.config["PASSWORD_PROFILE"]),
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(days=1),
        "SECURITY_EMAIL_PLAINTEXT": False,
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_EMAIL_TEMPLATE_PASSWORD_RESET": "mail/reset_link",
        "SECURITY_EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "mail/reset_notice",
        "SECURITY_EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "mail/reset_notice",
    } | {f"SECURITY_MSG_{key}": (text, "info") for key, text in MESSAGES.items()}


class People(FSQLALiteUserDatastore):
    """Finds who is signed in with roles and scope in one statement, since every page asks."""

    def find_user(self, case_insensitive: bool = False, **given: Any) -> Person | None:  # noqa: FBT001, FBT002 - overridden
        if given.keys() != {"fs_uniquifier"}:
            return cast("Person | None", super().find_user(case_insensitive, **given))
        query = (
            sa.select(Person)
            .where(Person.fs_uniquifier == given["fs_uniquifier"])
            .options(
                joinedload(Person.grants),
                joinedload(Person.unit).lazyload(Unit.tier),
                joinedload(Person.own_scope).lazyload(Unit.tier),
            )
        )
        return db.session.scalars(query).unique().one_or_none()


class Passwords(PasswordUtil):
    """One normal form of passwords everywhere; the forms have checked them already."""

    def normalize(self, password: str) -> str:
        return normal(password)

    def validate(
        self,
        password: str,
        is_register: bool,  # noqa: ARG002, FBT001 - the library's shape
        **_given: Any,
    ) -> tuple[list[str] | None, str]:
        return None, normal(password)


def _finished(view: View) -> View:
    """Commit what a page of Flask-Security did, then hand its letters over."""

    @public
    def committed(**args: Any) -> Any:
        answer = view(**args)
        db.session.commit()
        letters.post()
        return answer

    return committed


def _then_to_our_own_page(view: View) -> View:
    """Sign in, then go where ``next`` says if it is a path of ours; the library is more lenient."""

    def led(**args: Any) -> Any:
        answer = view(**args)
        wanted = request.form.get("next") or request.args.get("next")
        return redirect(own_path(wanted)) if visitor() else answer

    return led


def _render(template: str, **context: Any) -> Any:
    """A page of Flask-Security: its only form is called ``form``; with mistakes it is 422."""
    found = next((v for k, v in context.items() if k.endswith("_form")), None)
    page = render_template(template, form=found, rule=password_rule(), **context)
    return (page, 422) if found is not None and found.errors else page


def password_rule() -> str:
    """What is asked of a new password, in a sentence."""
    profile = current_app.config["PASSWORD_PROFILE"]
    least = passwords.length_min(profile)
    if profile == passwords.Profile.TCVN:
        return str(_(TCVN_RULE, least=least))
    return str(_(ASVS_RULE, least=least))


def init_app(app: Flask) -> None:
    sessions.init_app(app)
    app.config.from_mapping(_settings(app))
    security.init_app(
        app,
        People(db, Person, Grant),
        login_form=forms.SignInForm,
        forgot_password_form=forms.ForgottenForm,
        reset_password_form=forms.ResetForm,
        change_password_form=forms.ChangePasswordForm,
        render_template=_render,
    )
    _adapt(app)


def _adapt(app: Flask) -> None:
    """What Flask-Security has no setting for."""
    security._mail_util, security._password_util = letters.Mails(app), Passwords(app)  # noqa: SLF001
    security.i18n_domain = babel.catalogue
    app.jinja_env.globals["_fsdomain"] = babel.catalogue.gettext
    security.want_json(lambda _request: False)
    security.login_manager.request_loader(lambda _request: None)
    security.principal.skip_static = True
    login = app.view_functions["security.login"]
    app.view_functions["security.login"] = _then_to_our_own_page(login)
    for name in ("login", "logout", "forgot_password", "reset_password", "change_password"):
        endpoint = f"security.{name}"
        app.view_functions[endpoint] = _finished(app.view_functions[endpoint])
