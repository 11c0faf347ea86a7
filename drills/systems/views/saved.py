"""Saving the list at hand under a name."""

from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core.orm import NAME_MAX
from drills.core.text import normal
from drills.extensions import db
from drills.systems import services
from drills.systems.models import SavedView
from drills.systems.views import address
from drills.systems.views.blueprint import bp
from drills.web.access import requires
from drills.web.session import current_person

KEPT = frozenset({*address.KEYS, "sort", "size", "columns"})


@bp.post("/views/")
@requires(Permission.SYSTEM_VIEW)
def save_view() -> ResponseReturnValue:
    """``query`` is that of the list; what no list understands is left out of it."""
    pairs = parse_qsl(request.form.get("query", ""), keep_blank_values=False)
    query = urlencode([(key, value) for key, value in pairs if key in KEPT])
    view = services.save_view(
        db.session,
        normal(request.form.get("name", ""))[:NAME_MAX],
        query,
        by=current_person(),
        is_shared="is_shared" in request.form,
        is_default="is_default" in request.form,
    )
    db.session.commit()
    flash(_("The view “%(name)s” has been saved.", name=view.name), "success")
    return redirect(f"{url_for('systems.index')}?{view.query or 'sort=due'}")


@bp.post("/views/<int:saved_view_id>/delete/")
@requires(Permission.SYSTEM_VIEW, on=SavedView)
def delete_view(saved_view: SavedView) -> ResponseReturnValue:
    services.delete_view(db.session, saved_view, by=current_person())
    db.session.commit()
    flash(_("The view “%(name)s” has been deleted.", name=saved_view.name), "success")
    return redirect(f"{url_for('systems.index')}?sort=due")
