"""Taking somebody's personal data out at their request, while the record of drills stays.

What goes: every row the database would delete with the person, the texts marked as personal,
the account. What stays: who took part, led, decided and did, under a pseudonym. Entries of the
trail that name them are withheld from every page and export; their text cannot be changed.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts import services as accounts
from drills.accounts.models import Person, SignInAttempt
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.orm import Base
from drills.core.text import N_
from drills.roster.models import ContactAsk, ContactCorrection, EndDetails, Member
from drills.roster.services.channels import ways_of
from drills.roster.services.handover import estate
from drills.roster.services.teams import end_member

PSEUDONYM = "Thành viên {:04}"
SEARCHED_MIN = 4
"""A shorter text stands in too many entries that are about something else."""


@dataclass(frozen=True, slots=True)
class RemovalDetails:
    """``asked_by`` and ``reason`` stay in the trail: neither may name the person."""

    asked_by: str
    reason: str


def remove_personal_data(
    session: Session, person: Person, details: RemovalDetails, *, by: Person
) -> None:
    """NotAllowedNow while something open is in the person's name."""
    texts = _texts(session, person)
    members = _checked(session, person, details, texts, by)
    if person.active:
        accounts.disable(session, person, by=by)
    _leave_teams(session, members, by)
    _delete_rows(session, person)
    _empty(person)
    session.flush()
    withheld = audit.withhold(session, person, texts)
    changes = {"asked_by": ["", details.asked_by], "reason": ["", details.reason]}
    changes["entries withheld"] = ["", str(withheld)]
    audit.record(session, "personal data removed", person, by=by, changes=changes)


def _checked(
    session: Session, person: Person, details: RemovalDetails, texts: set[str], by: Person
) -> tuple[Member, ...]:
    """The times in teams that are to end."""
    if person.removed_at:
        raise NotAllowedNow(N_("The personal data of this person were removed already."))
    if person.id == by.id:
        raise DomainError(N_("Ask somebody else to remove your data."))
    whole = estate(session, person, by=None)
    if whole.items:
        raise NotAllowedNow(
            N_("%(count)s things are still open in this name. Hand them over first."),
            count=len(whole.items),
        )
    if any(text in f"{details.asked_by} {details.reason}" for text in texts):
        raise DomainError(N_("What stands in the trail may not name the person. Write it anew."))
    return whole.members


def _texts(session: Session, person: Person) -> set[str]:
    """What would tell who it was."""
    known = {person.name, *(way.value for way in ways_of(session, person))}
    return {text for text in known if len(text) >= SEARCHED_MIN}


def _leave_teams(session: Session, members: tuple[Member, ...], by: Person) -> None:
    today = clock.today(by.zone)
    for member in members:
        end_member(session, member, EndDetails(max(today, member.starts_on)), by=by)


def _delete_rows(session: Session, person: Person) -> None:
    asks = sa.select(ContactAsk.id).where(ContactAsk.person_id == person.id)
    session.execute(sa.delete(ContactCorrection).where(ContactCorrection.ask_id.in_(asks)))
    keys = {f"{kind}:{person.email}" for kind in ("account", "reset")}
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.key.in_(keys)))
    for table in reversed(Base.metadata.sorted_tables):
        for column in table.columns:
            if _goes_with_the_person(column):
                session.execute(sa.delete(table).where(column == person.id))
            elif column.info.get("personal"):
                theirs = table.c.person_id == person.id
                session.execute(sa.update(table).where(theirs).values({column.name: ""}))
    session.flush()
    session.expire_all()


def _goes_with_the_person(column: sa.Column[Any]) -> bool:
    """Whether the database would delete the row with the person."""
    return any(
        key.ondelete == "CASCADE" and key.column.table.name == Person.__tablename__
        for key in column.foreign_keys
    )


def _empty(person: Person) -> None:
    person.name, person.email = PSEUDONYM.format(person.id), None
    person.position = person.phone = person.mobile = ""
    person.active, person.password, person.last_sign_in_at = False, None, None
    person.tf_primary_method = person.tf_totp_secret = person.mf_recovery_codes = None
    person.fs_uniquifier, person.scope_id = uuid.uuid4().hex, None
    person.removed_at = clock.now()
