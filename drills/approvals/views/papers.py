"""One paper of a dossier: how far it is, its file, and the revisions before."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.approvals.forms.dossiers import PaperForm
from drills.approvals.models import PAPER_STATES, Act, DossierPaper, PaperFile
from drills.approvals.services import dossiers, duties
from drills.approvals.views.blueprint import bp
from drills.approvals.views.shown import PAPER_KINDS, mend, today
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.files.receiving import receive
from drills.files.sending import send
from drills.web.access import requires
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.get("/dossiers/papers/<int:dossier_paper_id>/")
@requires(Permission.DOSSIER_VIEW, on=DossierPaper)
def paper(dossier_paper: DossierPaper) -> ResponseReturnValue:
    form = PaperForm(
        formdata=None, obj=dossier_paper, data={"marking": dossier_paper.dossier.marking}
    )
    return _page(dossier_paper, form)


@bp.post("/dossiers/papers/<int:dossier_paper_id>/")
@requires(Permission.DOSSIER_EDIT, on=DossierPaper)
def set_paper(dossier_paper: DossierPaper) -> ResponseReturnValue:
    form, dossier = PaperForm(), dossier_paper.dossier
    if form.validate_on_submit():
        try:
            _save(dossier_paper, form)
        except DomainError as error:
            mend(form, error)
        else:
            flash(_("“%(paper)s” has been saved.", paper=dossier_paper.label), "success")
            return redirect(url_for("approvals.dossier", dossier_id=dossier.id, _anchor="papers"))
    return _page(dossier_paper, form)


def _save(paper: DossierPaper, form: PaperForm) -> None:
    by, sent = current_person(), form.file.data
    file = receive(db.session, sent, by=by, marking=form.marking.marking) if sent else None
    dossiers.set_paper(db.session, paper, form.details(), by=by, at=clock.now(), file=file)
    db.session.commit()


def _page(paper: DossierPaper, form: PaperForm) -> ResponseReturnValue:
    dossier = paper.dossier
    barrier = duties.barrier(db.session, dossier, Act.EDIT, by=current_person(), on=today())
    return form_page(
        "approvals/paper.html",
        form,
        paper=paper,
        dossier=dossier,
        may_work=barrier is None and dossier.is_editable,
        states=PAPER_STATES,
        kinds=PAPER_KINDS,
    )


@bp.get("/dossiers/files/<int:paper_file_id>")
@requires(Permission.DOSSIER_VIEW, on=PaperFile)
def paper_file(paper_file: PaperFile) -> ResponseReturnValue:
    return send(paper_file.file)
