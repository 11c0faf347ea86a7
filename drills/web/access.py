"""Every view says who may reach it: ``@requires(permission)`` or ``@public``."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue

from drills.accounts.permissions import Permission, permits, visible
from drills.core.orm import Base
from drills.extensions import db
from drills.web.session import current_person

View = Callable[..., ResponseReturnValue]


def public(view: View) -> View:
    """Admit anybody, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def requires(permission: Permission, *, on: Any = None) -> Callable[[View], View]:
    """Admit those with ``permission``; with ``on``, load the subject first and pass it.

    ``/<int:drill_id>/`` with ``on=Drill`` calls the view with ``drill=<Drill 7>``. A subject
    outside the person's scope does not exist for them: 404. One they may see but not treat
    like this: 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**args: Any) -> ResponseReturnValue:
            person, subject = current_person(), None
            if on is not None:
                name = on.__tablename__
                subject = args[name] = load(on, args.pop(f"{name}_id"))
            if not permits(person, permission, subject):
                abort(403)
            return view(**args)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def load(model: type[Base], identity: int) -> Base:
    """The row of ``model`` with this id if the person at hand may see it, else 404."""
    rows: Any = model
    query = visible(model, current_person()).where(rows.id == identity)
    return db.session.scalars(query).unique().one_or_none() or abort(404)


def refuse_undeclared() -> None:
    """A route that forgot to say who may reach it is reached by nobody."""
    if request.endpoint and request.endpoint != "static":
        view = current_app.view_functions[request.endpoint]
        if not hasattr(view, "access"):
            abort(404)


def init_app(app: Flask) -> None:
    app.before_request(refuse_undeclared)
