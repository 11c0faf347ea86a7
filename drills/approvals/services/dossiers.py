"""Preparing a dossier: opening it, its papers with their files, and what is still missing."""

import re
from dataclasses import asdict
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import permits, visible
from drills.approvals.models import (
    Act,
    Determination,
    Dossier,
    DossierEvent,
    DossierPaper,
    PaperFile,
    PaperState,
    Regime,
    State,
)
from drills.approvals.models.details import DossierDetails, PaperDetails
from drills.approvals.models.parties import NEEDED, Party, parts
from drills.approvals.services.asked import allows_one_person, papers_of
from drills.approvals.services.duties import Barred, refuse_conflict
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError, NotAllowedNow, Refused
from drills.core.text import N_
from drills.files.models import StoredFile
from drills.systems.models import Approval, InformationSystem, SystemStatus
from drills.systems.services.decisions import set_stage

STALE = N_(
    "Somebody else has changed this since you opened it. Open it again and repeat your change."
)
PREFIX = "HSCD"
_SERIAL = re.compile(r"-(\d{1,6})$")


def day_of(at: datetime, by: Person) -> date:
    """The day that counts for an act done at ``at``."""
    return at.astimezone(by.zone).date()


def open_dossier(
    session: Session,
    system: InformationSystem,
    details: DossierDetails,
    *,
    by: Person,
    at: datetime,
) -> Dossier:
    """Begin a dossier with the papers its rule set asks for at its level."""
    on = day_of(at, by)
    _refuse_stranger(session, system, by)
    _refuse_second(session, system)
    dossier = Dossier(code=_code(session, on.year), system=system, state=State.DRAFT)
    regime = _write(session, dossier, details, on)
    try:
        session.add(dossier)
        _copy_papers(dossier, regime)
        session.flush()
    except IntegrityError as error:
        raise Conflict(N_("Another dossier of this system has just been opened.")) from error
    _refuse_repointing(session, dossier, by)
    event = DossierEvent(act=Act.CREATE, at=at, on=on, by_id=by.id, state_after=State.DRAFT)
    dossier.events.append(event)
    audit.record(session, "dossier.opened", dossier, by=by, changes=_first(dossier))
    set_stage(session, system, Approval.DRAFTING)
    return dossier


def revise(
    session: Session,
    dossier: Dossier,
    details: DossierDetails,
    *,
    by: Person,
    at: datetime,
    version: int,
) -> None:
    """Change a dossier that is being prepared; papers follow its level and rule set."""
    _enter(session, dossier, by=by, at=at, version=version)
    with audit.changing(session, "revised", dossier, by=by):
        regime = _write(session, dossier, details, day_of(at, by))
        _copy_papers(dossier, regime)
        _refuse_repointing(session, dossier, by)
        session.flush()
    _worked(dossier, by=by, at=at)
    session.flush()


def set_paper(
    session: Session,
    paper: DossierPaper,
    details: PaperDetails,
    *,
    by: Person,
    at: datetime,
    file: StoredFile | None = None,
) -> None:
    """Say how far a paper is, and hand in a new revision of its file."""
    _enter(session, paper.dossier, by=by, at=at)
    if file is not None:
        _add_revision(session, paper, file, by=by)
    if details.state is PaperState.DONE and not paper.files and not details.note:
        raise DomainError(
            N_("“%(paper)s” has no file. Hand it in, or say in the note where the paper is kept."),
            paper=paper.label,
        )
    with audit.changing(session, "paper.revised", paper, by=by):
        paper.state, paper.note = details.state, details.note
        session.flush()
    _worked(paper.dossier, by=by, at=at)
    session.flush()


def _add_revision(session: Session, paper: DossierPaper, file: StoredFile, *, by: Person) -> None:
    revision = paper.files[0].revision + 1 if paper.files else 1
    paper.files.insert(0, PaperFile(file=file, revision=revision))
    changes = {"file": ["", file.name], "sha256": ["", file.sha256], "revision": ["", revision]}
    audit.record(session, "paper.handed_in", paper, by=by, changes=changes)


def missing(dossier: Dossier) -> list[DossierPaper]:
    """The papers without which the dossier cannot be sent."""
    return [p for p in dossier.papers if p.is_required and p.state is not PaperState.DONE]


def _enter(
    session: Session,
    dossier: Dossier,
    *,
    by: Person,
    at: datetime,
    version: int | None = None,
) -> None:
    """Let ``by`` work on the dossier: it is theirs to prepare, and it is with them."""
    refuse_conflict(session, dossier, Act.EDIT, by=by, on=day_of(at, by))
    if not dossier.is_editable:
        raise NotAllowedNow(
            N_("The dossier is “%(state)s” and cannot be changed now. Ask for it to be returned."),
            state=dossier.state_label,
        )
    if version is not None and dossier.version != version:
        raise Conflict(STALE)


def _worked(dossier: Dossier, *, by: Person, at: datetime) -> None:
    """Make ``by`` a preparer: one event for each stretch of work, the trail has the rest."""
    last = dossier.events[-1] if dossier.events else None
    if last and last.act in {Act.EDIT, Act.CREATE} and last.by_id == by.id:
        return
    on = day_of(at, by)
    dossier.events.append(
        DossierEvent(act=Act.EDIT, at=at, on=on, by_id=by.id, state_after=dossier.state)
    )


def _write(session: Session, dossier: Dossier, details: DossierDetails, on: date) -> Regime:
    regime = session.get(Regime, details.regime_id)
    if regime is None or not (regime.is_valid(on) or regime.id == dossier.regime_id):
        raise DomainError(N_("This rule set is not in force. Choose one that is."))
    if details.determination_id is not None:
        found = session.get(Determination, details.determination_id)
        if found is None or found.system_id != dossier.system.id or found.level != details.level:
            raise DomainError(
                N_("The level is not the one that was determined. Determine it again.")
            )
    for name, value in asdict(details).items():
        if getattr(dossier, name) != value:
            setattr(dossier, name, value)
    dossier.regime = regime
    return regime


def _copy_papers(dossier: Dossier, regime: Regime) -> None:
    """Give the dossier the papers asked for; one begun that is no longer asked stays, optional."""
    asked = papers_of(regime, dossier.level)
    keys = {one.key for one in asked}
    for paper in list(dossier.papers):
        if paper.key not in keys and not paper.files and not paper.note:
            dossier.papers.remove(paper)
        elif paper.key not in keys:
            paper.is_required = False
    known = {paper.key: paper for paper in dossier.papers}
    for position, one in enumerate(asked, start=1):
        mine = known.get(one.key)
        if mine is None:
            mine = DossierPaper(key=one.key, state=PaperState.NOT_STARTED, note="")
            dossier.papers.append(mine)
        mine.label, mine.label_en = one.label, one.label_en
        mine.position, mine.is_required = position, one.is_required


def _refuse_repointing(session: Session, dossier: Dossier, by: Person) -> None:
    """Nobody who prepares may be named to appraise or to decide, and the two are two people."""
    preparers = parts(dossier).of[Party.PREPARER] | {by.id}
    for identity, party in (
        (dossier.appraiser_id, Party.APPRAISER),
        (dossier.approver_id, Party.APPROVER),
    ):
        if identity is None:
            continue
        act = Act.APPRAISE if party is Party.APPRAISER else Act.APPROVE
        if identity in preparers:
            raise Barred(
                N_("Who prepares a dossier neither appraises it nor decides. Name another person."),
                dossier,
                act,
                by,
            )
        person = session.get(Person, identity)
        if person is None or not permits(person, NEEDED[party], dossier):
            raise DomainError(N_("The person named has no right to this act. Name another."))
    both = dossier.appraiser_id is not None and dossier.appraiser_id == dossier.approver_id
    if both and not allows_one_person(dossier):
        raise Barred(
            N_("The one who appraises cannot decide as well. Name two people."),
            dossier,
            Act.APPROVE,
            by,
        )


def _refuse_stranger(session: Session, system: InformationSystem, by: Person) -> None:
    if not by.active or not permits(by, NEEDED[Party.PREPARER], system):
        raise Refused(N_("Your role does not allow this act."))
    query = visible(InformationSystem, by).where(InformationSystem.id == system.id)
    if session.scalars(query).first() is None:
        raise Refused(N_("This system belongs to another unit."))
    if system.status is SystemStatus.DECOMMISSIONED:
        raise NotAllowedNow(N_("This system has been decommissioned already."))


def _refuse_second(session: Session, system: InformationSystem) -> None:
    query = sa.select(Dossier).where(Dossier.system_id == system.id)
    for dossier in session.scalars(query):
        if dossier.is_open:
            raise NotAllowedNow(
                N_("The dossier %(code)s of this system is open. Finish or withdraw it first."),
                code=dossier.code,
            )


def _code(session: Session, year: int) -> str:
    """The next of ``HSCD-2026-001``."""
    prefix = f"{PREFIX}-{year}-"
    query = sa.select(Dossier.code).where(Dossier.code.startswith(prefix, autoescape=True))
    order = query.order_by(sa.func.length(Dossier.code).desc(), Dossier.code.desc()).limit(1)
    last = session.scalar(order)
    serial = _SERIAL.search(last) if last else None
    return f"{prefix}{int(serial[1]) + 1 if serial else 1:03}"


def _first(dossier: Dossier) -> dict[str, list[str]]:
    return {"level": ["", str(dossier.level)], "occasion": ["", dossier.occasion.value]}
