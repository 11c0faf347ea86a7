"""The signed links by which people answer an invitation or a survey without signing in."""

from datetime import datetime

from sqlalchemy.orm import Session

from drills.exercises.models import Drill, Invitation, Status, SurveyInvitation
from drills.web import links

PURPOSE = "rsvp"


def address_of(invitation: Invitation, drill: Drill) -> str:
    """What the letter carries: good until the drill starts or the invitation is renewed."""
    subject = links.subject_of(invitation.id, invitation.nonce)
    token = links.sign(PURPOSE, subject, expires_at=drill.starts_at)
    return links.address("exercises.rsvp", token)


def invitation_of(session: Session, token: str, at: datetime) -> Invitation | None:
    """The invitation that ``token`` may answer now, if any."""
    subject = links.read(PURPOSE, token, at)
    if subject is None:
        return None
    number, nonce = links.parts_of(subject)
    invitation = session.get(Invitation, number)
    if invitation is None or not links.matches(nonce, invitation.nonce):
        return None
    drill = invitation.drill
    is_open = drill.status is Status.PLANNED and at < drill.starts_at
    return invitation if is_open and not invitation.is_revoked else None


def survey_address(invitation: SurveyInvitation) -> str:
    """Of this person's sheet of an open survey, good until it closes."""
    closes_at = invitation.survey.closes_at
    assert closes_at is not None
    subject = links.subject_of(invitation.id, invitation.nonce)
    token = links.sign("survey", subject, expires_at=closes_at)
    return links.address("exercises.survey_answer", token)
