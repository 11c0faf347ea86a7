"""The two switches anybody may turn: language and theme."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from drills.extensions import db
from drills.web.access import public
from drills.web.language import COOKIE, LANGUAGES
from drills.web.pages import THEME_COOKIE
from drills.web.session import visitor

bp = Blueprint("web", __name__)
YEAR = 365 * 24 * 3600


def own_path(target: str | None) -> str:
    """``target`` if it is a path of this application, else the first page."""
    is_own = target and target.startswith("/") and target[1:2] not in {"/", "\\"}
    is_plain = target is not None and not any(letter < " " or letter == "\\" for letter in target)
    return target if target and is_own and is_plain else "/"


def _back_with(cookie: str, value: str) -> ResponseReturnValue:
    response = redirect(own_path(request.form.get("next")))
    response.set_cookie(
        cookie, value, max_age=YEAR, samesite="Lax", httponly=False, secure=request.is_secure
    )
    return response


@bp.post("/language")
@public
def switch_language() -> ResponseReturnValue:
    wanted = request.form.get("language", "")
    chosen = wanted if wanted in LANGUAGES else "vi"
    if person := visitor():
        person.language = chosen
        db.session.commit()
    return _back_with(COOKIE, chosen)


@bp.post("/theme")
@public
def switch_theme() -> ResponseReturnValue:
    wanted = request.form.get("theme", "")
    return _back_with(THEME_COOKIE, wanted if wanted in {"light", "dark"} else "")
