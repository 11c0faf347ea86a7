"""Errors as people read them: what happened, and what to do next."""

import logging
import secrets
from dataclasses import dataclass

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.web.session import visitor

log = logging.getLogger("drills")
PAGES = frozenset({403, 404, 409, 422, 500})
STALE = N_(
    "Somebody else has changed this since you opened it. Open it again and repeat your change."
)


@dataclass(frozen=True, slots=True)
class Error:
    """What an error page shows: ``message`` is translated; ``reference`` finds the log line."""

    status: int
    message: str = ""
    reference: str = ""


def _page(error: Error) -> ResponseReturnValue:
    layout = "base.html" if visitor() else "layouts/plain.html"
    name = error.status if error.status in PAGES else 422 if error.status < 500 else 500
    return render_template(f"errors/{name}.html", error=error, layout=layout), error.status


def answer(error: DomainError) -> ResponseReturnValue:
    """The page that says what the domain forbids; what was begun is undone."""
    db.session.rollback()
    return _page(Error(error.status, explain(error)))


def explain(error: DomainError) -> str:
    """The error in the reader's language; values that are messages themselves are translated."""
    values = {k: _(v) if isinstance(v, str) and v else v for k, v in error.values.items()}
    return str(_(error.message, **values))


def _stale(_error: StaleDataError) -> ResponseReturnValue:
    db.session.rollback()
    return _page(Error(409, _(STALE)))


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return _page(
        Error(422, _("This page was open for too long. Load it again and repeat your last step."))
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    db.session.rollback()
    if error.code == 401:
        return redirect(url_for("security.login", next=_own_path()))
    if error.code is None or error.code < 400:
        return error.get_response()
    page = _page(Error(error.code))
    if error.code == 405 and isinstance(page, tuple):
        methods = ", ".join(getattr(error, "valid_methods", None) or ())
        return page[0], 405, {"Allow": methods}
    return page


def _own_path() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None


def _crash(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    reference = secrets.token_hex(4)
    log.error("unexpected error %s at %s", reference, _where(), exc_info=error)
    return _page(Error(500, reference=reference))


def _where() -> str:
    """The address for the log, without the secret of a signed or private one."""
    return str(request.url_rule) if "token" in (request.view_args or {}) else request.path


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, answer)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    if not app.testing:
        app.register_error_handler(Exception, _crash)
