"""The letters kept here while no mail server is set."""

from pathlib import Path

from flask import abort, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue

from drills.accounts.permissions import Permission
from drills.reminders import outbox as letters
from drills.reminders.views.blueprint import bp
from drills.web.access import requires
from drills.web.pages import PAGE_SIZE, Page


def _data() -> Path:
    return Path(current_app.config["DATA"])


@bp.get("/outbox/")
@requires(Permission.OUTBOX_VIEW)
def outbox() -> ResponseReturnValue:
    names = letters.names(_data())
    pages = max(1, -(-len(names) // PAGE_SIZE))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    first = (number - 1) * PAGE_SIZE
    rows = [letters.kept(_data(), name) for name in names[first : first + PAGE_SIZE]]
    page = Page(rows, len(names), number, query=request.args.to_dict(flat=False))
    return render_template("reminders/outbox.html", page=page)


@bp.get("/outbox/<name>/")
@requires(Permission.OUTBOX_VIEW)
def outbox_letter(name: str) -> ResponseReturnValue:
    path = letters.find(_data(), name) or abort(404)
    kept = letters.kept(_data(), name)
    return render_template("reminders/letter.html", letter=kept, text=letters.text_of(path))


@bp.get("/outbox/<name>.eml")
@requires(Permission.OUTBOX_VIEW)
def outbox_file(name: str) -> ResponseReturnValue:
    path = letters.find(_data(), name) or abort(404)
    return send_file(path, mimetype="message/rfc822", as_attachment=True)
