"""Settings pages: which templates are in use, and the letterheads."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.permissions import Permission, visible
from drills.documents import services, writing
from drills.documents.forms import LetterheadForm, TemplateForm
from drills.documents.kinds import KINDS, Kind
from drills.documents.models import Letterhead, Template
from drills.extensions import db
from drills.files.receiving import folder, receive
from drills.files.sending import send, send_bytes, send_path
from drills.units.models import Unit
from drills.web.access import requires
from drills.web.language import LANGUAGES
from drills.web.pages import form_page, paged
from drills.web.session import current_person

bp = Blueprint("documents", __name__)


@bp.get("/settings/documents/")
@requires(Permission.SETTINGS_EDIT)
def index() -> ResponseReturnValue:
    query = visible(Letterhead, current_person()).join(Letterhead.unit).order_by(Unit.path)
    own = db.session.scalars(sa.select(Template).where(Template.is_active))
    return render_template(
        "documents/index.html",
        kinds=KINDS.values(),
        languages=LANGUAGES,
        own={(template.key, template.language): template for template in own},
        page=paged(db.session, query.options(joinedload(Letterhead.unit))),
    )


def _kind(key: str, language: str) -> Kind:
    if key not in KINDS or language not in services.LANGUAGES:
        abort(404)
    return KINDS[key]


@bp.route("/settings/documents/<key>/<language>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_EDIT)
def template(key: str, language: str) -> ResponseReturnValue:
    kind, form = _kind(key, language), TemplateForm(key, language)
    if form.validate_on_submit():
        person = current_person()
        assert form.file.data
        stored = receive(db.session, form.file.data, by=person)
        services.adopt(db.session, stored, key, language, by=person)
        db.session.commit()
        flash(_("The template is in use."), "ok")
        return redirect(url_for("documents.template", key=key, language=language))
    return form_page("documents/template.html", form, kind=kind, **_shown(kind, language))


def _shown(kind: Kind, language: str) -> dict[str, Any]:
    return {
        "language": language,
        "language_name": LANGUAGES[language],
        "own": services.active(db.session, kind.key, language),
        "revisions": services.revisions(db.session, kind.key, language),
    }


@bp.get("/settings/documents/<key>/<language>/download")
@requires(Permission.SETTINGS_EDIT)
def download(key: str, language: str) -> Response:
    """The template in use."""
    _kind(key, language)
    own = services.active(db.session, key, language)
    if own:
        return send(own.file)
    path = writing.built_in(key, language)
    return send_path(path, path.name, services.MEDIA_TYPE)


@bp.get("/settings/documents/<key>/<language>/sample")
@requires(Permission.SETTINGS_EDIT)
def sample(key: str, language: str) -> Response:
    """A document out of the template in use, filled with the sample."""
    kind = _kind(key, language)
    content = services.render(db.session, key, kind.sample, language, folder=folder())
    return send_bytes(content, f"{key}.{language}.sample.docx", services.MEDIA_TYPE)


@bp.post("/settings/documents/<key>/<language>/built-in")
@requires(Permission.SETTINGS_EDIT)
def built_in(key: str, language: str) -> ResponseReturnValue:
    _kind(key, language)
    if own := services.active(db.session, key, language):
        services.go_back(db.session, own, by=current_person())
        db.session.commit()
        flash(_("The built-in template is in use again."), "ok")
    return redirect(url_for("documents.template", key=key, language=language))


@bp.route("/settings/letterheads/new", methods=["GET", "POST"])
@requires(Permission.SETTINGS_EDIT)
def add_letterhead() -> ResponseReturnValue:
    return _letterhead(None)


@bp.route("/settings/letterheads/<int:letterhead_id>/", methods=["GET", "POST"])
@requires(Permission.SETTINGS_EDIT, on=Letterhead)
def letterhead(letterhead: Letterhead) -> ResponseReturnValue:
    return _letterhead(letterhead)


def _letterhead(own: Letterhead | None) -> ResponseReturnValue:
    form = LetterheadForm.of(own)
    if own:
        del form.unit_id
    if form.validate_on_submit():
        details = form.to_details(own.unit_id if own else form.unit_id.data or 0)
        services.keep_letterhead(db.session, details, by=current_person())
        db.session.commit()
        flash(_("The letterhead has been saved."), "ok")
        return redirect(url_for("documents.index"))
    return form_page("documents/letterhead.html", form, letterhead=own)


@bp.post("/settings/letterheads/<int:letterhead_id>/remove")
@requires(Permission.SETTINGS_EDIT, on=Letterhead)
def remove_letterhead(letterhead: Letterhead) -> ResponseReturnValue:
    services.remove_letterhead(db.session, letterhead, by=current_person())
    db.session.commit()
    flash(_("The letterhead is removed; the unit goes by its name."), "ok")
    return redirect(url_for("documents.index"))
