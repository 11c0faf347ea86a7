"""What a supervisor asks: is the process alive, and can it do its work."""

import hmac

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from drills import migrations
from drills.extensions import db
from drills.health.reminders import exposition, figures, limit
from drills.web.access import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    return {"alive": True}


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """503 unless the database answers at the version this program was written for."""
    try:
        found, newest = migrations.current(db.engine)
        since = figures(db.engine).oldest_age if found == newest else None
    except SQLAlchemyError:
        return {"ready": False, "database": "unreachable"}, 503
    waited = int(since.total_seconds()) if since else 0
    is_ready = found == newest
    answer = {"ready": is_ready, "version": found, "oldest_due_seconds": waited}
    return answer, 200 if is_ready else 503


@bp.get("/healthz/reminders")
@public
def reminders() -> ResponseReturnValue:
    """503 while a message has waited for longer than REMINDERS_LATE_MINUTES.

    Apart from ``/readyz``: pages need not go when the mail server does.
    """
    try:
        found = figures(db.engine)
    except SQLAlchemyError:
        return {"on_time": False, "database": "unreachable"}, 503
    on_time = not found.is_late(limit(current_app.config))
    waited = int(found.oldest_age.total_seconds())
    answer = {"on_time": on_time, "oldest_due_seconds": waited, "paused": bool(found.paused_at)}
    return answer, 200 if on_time else 503


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Nothing is here unless METRICS_TOKEN is set, and then for its bearer alone."""
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(404)
    return Response(exposition(figures(db.engine)), mimetype="text/plain; version=0.0.4")
