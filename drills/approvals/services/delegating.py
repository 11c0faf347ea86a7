"""Acting approvers, and exceptions to the separation of duties."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits
from drills.approvals.models import Act, Delegation, Dossier, Override
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow, Refused
from drills.core.text import N_
from drills.files.models import StoredFile

EXCEPTED = frozenset({Act.APPRAISE, Act.APPROVE})
"""The acts that an exception may be asked for."""
MAY_ASK = (Permission.DOSSIER_APPRAISE, Permission.DOSSIER_DECIDE)


@dataclass(frozen=True, slots=True)
class DelegationDetails:
    """What people write about a delegation; ids refer to people."""

    approver_id: int
    deputy_id: int
    starts_on: date
    ends_on: date
    document_number: str
    document_date: date


@dataclass(frozen=True, slots=True)
class OverrideDetails:
    act: Act
    person_id: int
    reason: str


def delegate(
    session: Session, details: DelegationDetails, *, file: StoredFile | None = None, by: Person
) -> Delegation:
    """Let one manager decide in the place of another. DomainError if it makes no sense."""
    if details.deputy_id == details.approver_id:
        raise DomainError(N_("Nobody is their own deputy. Choose another person."))
    if details.ends_on < details.starts_on:
        raise DomainError(N_("The last day lies before the first. Correct one of them."))
    if details.deputy_id == by.id:
        raise Refused(N_("You cannot make yourself a deputy. The approver or another does it."))
    for person in (
        session.get_one(Person, details.approver_id),
        session.get_one(Person, details.deputy_id),
    ):
        if not person.active or not permits(person, Permission.DOSSIER_DECIDE):
            raise DomainError(
                N_("%(person)s is no manager with an account. Choose somebody who is."),
                person=person.name,
            )
    delegation = Delegation(**asdict(details), file_id=file.id if file else None, made_by_id=by.id)
    session.add(delegation)
    audit.record(session, "delegation.made", delegation, by=by)
    return delegation


def revoke(session: Session, delegation: Delegation, *, by: Person, at: datetime) -> None:
    """End a delegation now; what was decided under it stands."""
    if delegation.revoked_at is not None:
        raise NotAllowedNow(N_("This delegation has been revoked already."))
    with audit.changing(session, "delegation.revoked", delegation, by=by):
        delegation.revoked_at = at
        session.flush()


def ask(session: Session, dossier: Dossier, details: OverrideDetails, *, by: Person) -> Override:
    """Ask that somebody may act although they had a part before; another has to grant it."""
    if not any(permits(by, one) for one in MAY_ASK):
        raise Refused(N_("Only those who appraise or decide ask for an exception."))
    if not dossier.is_open:
        raise NotAllowedNow(N_("This dossier is closed."))
    if details.act not in EXCEPTED:
        raise DomainError(N_("An exception is possible for the appraisal and for the decision."))
    if not details.reason:
        raise DomainError(N_("Say why nobody else can do it."))
    if details.person_id == by.id:
        raise Refused(N_("You cannot ask for an exception for yourself."))
    override = Override(dossier=dossier, asked_by_id=by.id, **asdict(details))
    session.add(override)
    audit.record(session, "override.asked", override, by=by, changes=_told(override))
    return override


def grant(session: Session, override: Override, *, by: Person, at: datetime) -> None:
    """The second of the two people who stand for an exception says yes."""
    if not permits(by, Permission.DOSSIER_DECIDE):
        raise Refused(N_("Your role does not allow this act."))
    if override.granted_at is not None:
        raise NotAllowedNow(N_("This exception has been granted already."))
    if by.id in {override.asked_by_id, override.person_id}:
        raise Refused(N_("An exception is granted by somebody who neither asked nor profits."))
    override.granted_by_id, override.granted_at = by.id, at
    audit.record(session, "override.granted", override, by=by, changes=_told(override))


def _told(override: Override) -> dict[str, list[str]]:
    return {"act": ["", override.act.value], "reason": ["", override.reason]}
