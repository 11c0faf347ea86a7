"""When sessions begin and end, and how their cookies are kept."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, flash, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.signals import password_changed, password_reset, user_authenticated
from werkzeug.exceptions import SecurityError

from drills.accounts import services
from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core import clock
from drills.extensions import db
from drills.web.session import visitor

SEEN_SECONDS = 60
"""How exactly a session knows when it was last used; spares a cookie in every answer."""
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def init_app(app: Flask) -> None:
    """Before Flask-Security, so that a session is over before anybody is looked up by it."""
    _protect_cookies(app)
    _trust_hosts(app)
    app.before_request(_refuse_strange_host)
    app.before_request(_end_stale_session)
    user_authenticated.connect(_note_sign_in, app)
    password_changed.connect(_note_password, app)
    password_reset.connect(_note_password, app)


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


def _refuse_strange_host() -> ResponseReturnValue | None:
    """A page for a host that is not ours could not even make links: say it plainly."""
    if isinstance(request.routing_exception, SecurityError):
        return (
            "This address is not the one set as DRILLS_PUBLIC_URL.\n",
            400,
            {"Content-Type": "text/plain"},
        )
    return None


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
