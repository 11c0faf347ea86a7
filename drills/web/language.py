"""The language and time zone of the person at hand."""

from flask import g, request
from flask_babel import get_locale
from sqlalchemy.exc import SQLAlchemyError

from drills.extensions import db
from drills.units.models import Organisation
from drills.web.session import visitor

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
COOKIE = "language"


def language() -> str:
    """Chosen on the profile, else by cookie, else by the browser, else the organisation's."""
    person, cookie = visitor(), request.cookies.get(COOKIE)
    if person:
        return person.language
    if cookie in LANGUAGES:
        return cookie
    home = organisation()
    return home.language if home else request.accept_languages.best_match(LANGUAGES, "vi") or "vi"


def zone() -> str:
    person, home = visitor(), organisation()
    return person.time_zone if person else home.time_zone if home else "Asia/Ho_Chi_Minh"


def organisation() -> Organisation | None:
    """Whose installation this is; None before the first run. Read once per request."""
    if "organisation" not in g:
        try:
            g.organisation = db.session.get(Organisation, 1)
        except SQLAlchemyError:
            db.session.rollback()
            g.organisation = None
    found: Organisation | None = g.organisation
    return found


def spoken() -> str:
    """``vi`` or ``en``, as the page at hand is written."""
    return str(getattr(get_locale(), "language", "vi"))
