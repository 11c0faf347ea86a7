"""The documents of a dossier and of a decision, and the whole dossier as one file."""

from flask import abort, send_file
from flask.typing import ResponseReturnValue

from drills.accounts.permissions import Permission
from drills.approvals.models import Dossier
from drills.approvals.services import letters, packs
from drills.approvals.views.blueprint import bp
from drills.core import clock
from drills.documents.making import made, send_document
from drills.extensions import db
from drills.files.receiving import folder
from drills.systems.models import Decision
from drills.web.access import requires
from drills.web.session import current_person


@bp.get("/dossiers/<int:dossier_id>/documents/<any(proposal,opinion,decision,plan):word>.docx")
@requires(Permission.DOSSIER_VIEW, on=Dossier)
def document(dossier: Dossier, word: str) -> ResponseReturnValue:
    """A document of the dossier: of a decision, that which was taken, else a draft to be signed."""
    if word != "proposal" and dossier.verdict is None:
        abort(404)
    taken = letters.taken_on(db.session, dossier).get(word)
    letter = letters.write(dossier, word, taken)
    return _sent(letter)


@bp.get("/decisions/<int:decision_id>/decision.docx")
@requires(Permission.DOSSIER_VIEW, on=Decision)
def decision_document(decision: Decision) -> ResponseReturnValue:
    return _sent(letters.of_decision(db.session, decision) or abort(404))


def _sent(letter: letters.Letter) -> ResponseReturnValue:
    """Official documents are Vietnamese, whatever the reader's language."""
    letter = letters.addressed(db.session, letter)
    content = made(letter.key, letter.context, unit=letter.unit, language="vi")
    return send_document(content, letter.name)


@bp.get("/dossiers/<int:dossier_id>/dossier.zip")
@requires(Permission.DOSSIER_VIEW, on=Dossier)
def pack(dossier: Dossier) -> ResponseReturnValue:
    content = packs.pack(db.session, dossier, folder=folder(), at=clock.now(), by=current_person())
    return send_file(
        content, "application/zip", as_attachment=True, download_name=f"{dossier.code}.zip"
    )
