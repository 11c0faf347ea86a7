"""What a supervisor asks: is the process alive, and can it do its work."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from drills import migrations
from drills.core import clock
from drills.extensions import db
from drills.health.checks import oldest_due
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
        since = oldest_due(db.engine) if found == newest else None
    except SQLAlchemyError:
        return {"ready": False, "database": "unreachable"}, 503
    waited = int((clock.now() - since).total_seconds()) if since else 0
    is_ready = found == newest
    answer = {"ready": is_ready, "version": found, "oldest_due_seconds": waited}
    return answer, 200 if is_ready else 503
