"""What every page is given, and lists cut into pages."""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from sqlalchemy.orm import Session

from drills.accounts.permissions import Permission, permits
from drills.core import clock
from drills.extensions import db
from drills.web import navigation
from drills.web.forms import Form
from drills.web.language import organisation, spoken
from drills.web.session import visitor

R = TypeVar("R")
PAGE_SIZE = 50
PAGE_SIZE_MAX = 200
THEME_COOKIE = "theme"


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page of a list; ``items`` are its rows, ``total`` counts all pages."""

    items: list[R]
    total: int
    number: int
    size: int = PAGE_SIZE
    query: dict[str, list[str]] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    def href(self, number: int) -> str:
        """The address of the list with everything kept but the page number."""
        assert request.endpoint
        kept: dict[str, Any] = self.query | (request.view_args or {})
        return url_for(request.endpoint, **kept | {"page": [str(number)]})


def paged(session: Session, query: sa.Select[Any], total: int | None = None) -> Page[Any]:
    """The page of ``query`` the address asks for; ``?page=`` out of range gives the nearest."""
    if total is None:
        count = sa.select(sa.func.count()).select_from(query.order_by(None).subquery())
        total = session.scalar(count) or 0
    size = min(max(request.args.get("size", PAGE_SIZE, type=int), 1), PAGE_SIZE_MAX)
    number = min(max(request.args.get("page", 1, type=int), 1), max(1, -(-total // size)))
    rows = session.execute(query.limit(size).offset((number - 1) * size)).unique()
    items = [row[0] if len(row) == 1 else row for row in rows]
    return Page(items, total, number, size, request.args.to_dict(flat=False))


def saved(to: str, text: str) -> ResponseReturnValue:
    """Commit, say ``text`` and go on to the address ``to``: the answer to a form that was right."""
    db.session.commit()
    flash(text, "success")
    return redirect(to)


def form_page(template: str, form: Form, **context: Any) -> ResponseReturnValue:
    """Render a page built around ``form``: 422 if it came back with mistakes, else 200."""
    return render_template(template, form=form, **context), 422 if form.errors else 200


def shell() -> dict[str, Any]:
    """What ``base.html`` shows around every page."""
    person, home, language = visitor(), organisation(), spoken()
    theme = request.cookies.get(THEME_COOKIE, "")
    groups = navigation.groups(person) if person else []
    may_see_reminders = person and permits(person, Permission.REMINDER_VIEW)
    return {
        "product": "Thao Trường",
        "organisation": home.root.title(language) if home else "",
        "language": language,
        "other_language": "en" if language == "vi" else "vi",
        "theme": theme if theme in {"light", "dark"} else "",
        "person": person,
        "groups": groups,
        "tabs": navigation.tabs(groups),
        "commands": navigation.commands(person) if person else [],
        "mail_is_held": bool(person) and not current_app.config["MAIL_URL"],
        "reminders_href": navigation.address("reminders.index") if may_see_reminders else None,
        "now": clock.now().astimezone(get_timezone()),
        "exercise_stamp": False,
    }


def _context() -> dict[str, Any]:
    person = visitor()

    def may(permission: str, subject: object = None) -> bool:
        return person is not None and permits(person, Permission(permission), subject)

    path = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return {"shell": shell(), "may": may, "current_path": path}


def init_app(app: Flask) -> None:
    app.context_processor(_context)
