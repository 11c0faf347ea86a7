"""Sign-in by Flask-Security: its settings, its pages in our frame, sessions that end in time."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, flash, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_security import FSQLALiteUserDatastore, MailUtil, PasswordUtil
from flask_security.signals import password_changed, password_reset, user_authenticated
from werkzeug.exceptions import SecurityError

from drills.accounts import forms, passwords, services
from drills.accounts.models import Grant, Person
from drills.audit import services as audit
from drills.core import clock, mail
from drills.core.text import N_, normal
from drills.extensions import babel, db, security
from drills.web.access import public
from drills.web.session import visitor
from drills.web.switches import own_path

log = logging.getLogger("drills")
SEEN_SECONDS = 60
"""How exactly a session knows when it was last used; spares a cookie in every answer."""
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

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


class Passwords(PasswordUtil):  # type: ignore[misc]
    """One normal form of passwords everywhere; the forms have checked them already."""

    def normalize(self, password: str) -> str:
        return normal(password)

    def validate(
        self,
        password: str,
        is_register: bool,
        **_given: Any,  # noqa: FBT001 - the library's shape
    ) -> tuple[list[str] | None, str]:
        return None, normal(password)


class Mails(MailUtil):  # type: ignore[misc]
    """Letters in the reader's language; sent once the request has been answered for."""

    def send_mail(
        self, template: str, _subject: str, recipient: Any, *_rest: Any, **given: Any
    ) -> None:
        g.setdefault("letters", []).append(letter(template, recipient, **given))


def letter(template: str, recipient: str, *, user: Person, **given: Any) -> EmailMessage:
    """``<template>/subject.txt``, ``body.txt`` and ``body.html`` as one message to ``user``."""
    message = EmailMessage()
    link = public_link(given["reset_token"]) if "reset_token" in given else ""
    with force_locale(user.language):
        parts = {
            name: render_template(f"{template}/{name}", person=user, link=link)
            for name in ("subject.txt", "body.txt", "body.html")
        }
    message["Subject"] = " ".join(parts["subject.txt"].split())
    message["From"], message["To"] = current_app.config["MAIL_FROM"], recipient
    message["Date"] = clock.now()
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parts["body.txt"])
    message.add_alternative(parts["body.html"], subtype="html")
    return message


def public_link(token: str) -> str:
    """The address of the page that sets a new password, as people reach it from outside."""
    adapter = current_app.url_map.bind("")
    path = adapter.build("security.reset_password", {"token": token})
    return f"{current_app.config['PUBLIC_URL'].rstrip('/')}{path}"


def reset_link(person: Person) -> str:
    """A link, good once and for a day, with which ``person`` sets a password."""
    from flask_security.recoverable import generate_reset_password_token  # noqa: PLC0415

    return public_link(generate_reset_password_token(person))


def _send(config: dict[str, Any], letters: list[EmailMessage]) -> None:
    for message in letters:
        try:
            mail.send(config, message)
        except Exception:  # the top of a job: its failure is told to the log
            log.exception("a letter about a password could not be sent")


def _finished(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Commit what a page of Flask-Security did, then hand its letters over.

    A mail server's answer is not waited for: how long a page takes must not tell whether the
    address it was asked about has an account.
    """

    @public
    def committed(**args: Any) -> ResponseReturnValue:
        answer = view(**args)
        db.session.commit()
        if letters := g.pop("letters", None):
            config = dict(current_app.config)
            if config["MAIL_URL"]:
                threading.Thread(target=_send, args=(config, letters), daemon=True).start()
            else:
                _send(config, letters)
        return answer

    return committed


def _then_to_our_own_page(
    view: Callable[..., ResponseReturnValue],
) -> Callable[..., ResponseReturnValue]:
    """Sign in, then go where ``next`` says if that is a path of ours: only that, unlike the
    library, which also follows whatever a browser might take for one."""

    def led(**args: Any) -> ResponseReturnValue:
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


def _note_sign_in(_app: Flask, user: Person, authn_via: list[str], **_more: Any) -> None:
    now = clock.now()
    for name in ("csrf_token", "_flashes"):
        session.pop(name, None)
        g.pop(name, None)
    session["began"] = session["seen"] = int(now.timestamp())
    if "password" in authn_via:
        user.last_sign_in_at = now
        audit.record(db.session, "signed_in", user, by=user)


def _note_password(_app: Flask, user: Person, **_more: Any) -> None:
    services.note_password(db.session, user, by=user)
    if visitor():
        session["_user_id"] = user.fs_uniquifier


def _end_stale_session() -> None:
    """Over when unused for too long, and when too old."""
    if "_user_id" not in session or request.endpoint == "static":
        return
    now = int(clock.now().timestamp())
    began, seen = session.setdefault("began", now), session.setdefault("seen", now)
    is_idle = now - seen > current_app.config["SESSION_IDLE_MINUTES"] * 60
    if is_idle or now - began > current_app.config["SESSION_HOURS"] * 3600:
        session.clear()
        flash(_("You were signed out after a while, for safety. Sign in again."), "info")
    elif now - seen >= SEEN_SECONDS:
        session["seen"] = now


def _refuse_strange_host() -> ResponseReturnValue | None:
    """A page for a host that is not ours could not even make links: say it plainly."""
    if isinstance(request.routing_exception, SecurityError):
        return (
            "This address is not the one set as DRILLS_PUBLIC_URL.\n",
            400,
            {"Content-Type": "text/plain"},
        )
    return None


def _protect_cookies(app: Flask) -> None:
    is_tls = app.config["PUBLIC_URL"].startswith("https:")
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_tls,
        SESSION_COOKIE_NAME="__Host-session" if is_tls else "session",
    )


def _trust_hosts(app: Flask) -> None:
    own = urlsplit(app.config["PUBLIC_URL"]).hostname
    app.config["TRUSTED_HOSTS"] = [h for h in (own, app.config["HOST"], *LOCAL_HOSTS) if h]
    app.url_map.merge_slashes = False


def init_app(app: Flask) -> None:
    _protect_cookies(app)
    _trust_hosts(app)
    app.config.from_mapping(_settings(app))
    app.before_request(_refuse_strange_host)
    app.before_request(_end_stale_session)
    security.init_app(
        app,
        FSQLALiteUserDatastore(db, Person, Grant),
        login_form=forms.SignInForm,
        forgot_password_form=forms.ForgottenForm,
        reset_password_form=forms.ResetForm,
        change_password_form=forms.ChangePasswordForm,
        render_template=_render,
    )
    _adapt(app)


def _adapt(app: Flask) -> None:
    """What Flask-Security has no setting for."""
    security._mail_util, security._password_util = Mails(app), Passwords(app)  # noqa: SLF001
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
    user_authenticated.connect(_note_sign_in, app)
    password_changed.connect(_note_password, app)
    password_reset.connect(_note_password, app)
