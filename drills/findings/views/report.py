"""The after-action report of a drill: read, written, downloaded; and the evidence pack."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from drills.accounts.permissions import Permission
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import Conflict
from drills.documents import packs
from drills.documents import services as documents
from drills.exercises.models import Drill
from drills.exercises.services import planning
from drills.extensions import db
from drills.files.receiving import folder
from drills.files.sending import disposition, send_bytes
from drills.findings import missing, pack, writing
from drills.findings.forms import TEXT_MAX
from drills.findings.services import report as services
from drills.findings.views.blueprint import bp
from drills.web.access import requires
from drills.web.forms import Form
from drills.web.language import spoken
from drills.web.pages import form_page, saved
from drills.web.session import current_person

KIND = "after_action_report"
LANGUAGES = ("vi", "en")


class PartForm(Form):
    text = TextAreaField(validators=[Length(max=TEXT_MAX * 4)])
    version = HiddenField(default="0")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the report that people write, in one language."""

    key: str
    label: str
    text: str
    version: int


def _language() -> str:
    asked = request.args.get("language", "")
    return asked if asked in LANGUAGES else spoken()


def _restricted() -> bool:
    return request.args.get("restricted") == "1"


@bp.get("/drills/<int:drill_id>/report/")
@requires(Permission.DRILL_SECRETS, on=Drill)
def report(drill: Drill) -> ResponseReturnValue:
    language, person = _language(), current_person()
    record = services.gather(db.session, drill, person, restricted=_restricted())
    drafts = services.drafts(db.session, drill, language)
    return render_template(
        "findings/report.html",
        drill=drill,
        record=record,
        written=writing.context(record, drafts, language),
        parts=[_part(key, drafts) for key in services.PARTS],
        gaps=missing.gaps(record, drafts),
        language=language,
        restricted=_restricted(),
    )


def _part(key: str, drafts: dict[str, Any]) -> Part:
    draft = drafts.get(key)
    text, version = (draft.text, draft.version) if draft else ("", 0)
    return Part(key, str(_(services.PARTS[key])), text, version)


@bp.route("/drills/<int:drill_id>/report/<part>", methods=["GET", "POST"])
@requires(Permission.DRILL_SECRETS, on=Drill)
def report_part(drill: Drill, part: str) -> ResponseReturnValue:
    """Write one part in the language of ``?language=``; 409 with both if two wrote at once."""
    language = _language()
    drafts = services.drafts(db.session, drill, language)
    before = _part(part, drafts) if part in services.PARTS else None
    form = PartForm(data={"text": before.text, "version": before.version} if before else {})
    form.text.label.text = before.label if before else part
    shown: dict[str, Any] = {"drill": drill, "part": part, "language": language}
    if not form.validate_on_submit():
        return form_page("findings/report_part.html", form, differences=[], **shown)
    version = int(form.version.data) if str(form.version.data).isdigit() else 0
    try:
        services.write(
            db.session,
            drill,
            language,
            part,
            form.text.data or "",
            version=version,
            by=current_person(),
        )
    except Conflict:
        return _both(form, drill, part, language)
    return saved(url_for(".report", drill_id=drill.id, language=language), _("It has been saved."))


def _both(form: PartForm, drill: Drill, part: str, language: str) -> ResponseReturnValue:
    theirs = services.drafts(db.session, drill, language)[part]
    form.version.data = form.version.raw_data = str(theirs.version)
    rows = [(form.text.label.text, theirs.text, form.text.data)]
    shown: dict[str, Any] = {"drill": drill, "part": part, "language": language}
    page = render_template("findings/report_part.html", form=form, differences=rows, **shown)
    return page, 409


@bp.get("/drills/<int:drill_id>/report.docx")
@requires(Permission.DRILL_SECRETS, on=Drill)
def report_document(drill: Drill) -> ResponseReturnValue:
    language = _language()
    return send_bytes(
        _document(drill, language), f"AAR-{drill.code}-{language}.docx", documents.MEDIA_TYPE
    )


def _document(drill: Drill, language: str) -> bytes:
    record = services.gather(db.session, drill, current_person(), restricted=_restricted())
    drafts = services.drafts(db.session, drill, language)
    return documents.render(
        db.session,
        KIND,
        writing.context(record, drafts, language),
        language,
        folder=folder(),
        unit=drill.unit,
    )


@bp.post("/drills/<int:drill_id>/evidence.zip")
@requires(Permission.DRILL_SECRETS, on=Drill)
def evidence(drill: Drill) -> ResponseReturnValue:
    """Everything in one zip; who took it is in the trail."""
    person = current_person()
    record = services.gather(db.session, drill, person, restricted=True)
    papers = planning.documents(db.session, drill, person)
    reports: list[pack.Entry] = []
    for language in LANGUAGES:
        with force_locale(language):
            reports.append((f"00 AAR/AAR-{drill.code}-{language}.docx", _document(drill, language)))
    meta = {
        "drill": drill.code,
        "title": drill.title,
        "made_at": clock.now().isoformat(timespec="seconds"),
        "made_by": person.name,
        "from": current_app.config["PUBLIC_URL"],
    }
    content = packs.zip_of(pack.entries(db.session, record, papers, reports, folder()), meta)
    audit.record(db.session, "packed", drill, by=person)
    db.session.commit()
    answer = send_file(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = disposition(f"{drill.code}.zip")
    answer.headers["Cache-Control"] = "no-store"
    return answer
