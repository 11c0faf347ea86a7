"""Checking who is at the door. Refusals look alike and take alike, account or no account.

Unlike other services these commit: a try must be counted for everybody before its password
is looked at, and the slow look must not hold the database's write lock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, request
from sqlalchemy.orm import Session

from drills.accounts import attempts, passwords
from drills.accounts.models import Person, SignInAttempt
from drills.accounts.services import by_email
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import DomainError
from drills.core.text import N_, normal


@dataclass(frozen=True, slots=True)
class Circumstances:
    """From where, when, and under which limit somebody tries."""

    address: str
    at: datetime
    limit: attempts.Limit

    @classmethod
    def of_request(cls) -> "Circumstances":
        config = current_app.config
        limit = attempts.Limit(
            config["SIGN_IN_ATTEMPTS"], timedelta(minutes=config["SIGN_IN_WAIT_MINUTES"])
        )
        return cls(request.remote_addr or "", clock.now(), limit)


class Wrong(DomainError):
    """E-mail or password do not fit; which of them is not said."""

    def __init__(self) -> None:
        super().__init__(N_("E-mail or password is not right."))


class TooMany(DomainError):
    """Too many wrong passwords for this account or from this address."""

    def __init__(self, limit: attempts.Limit) -> None:
        minutes = int(limit.wait.total_seconds() // 60)
        super().__init__(
            N_("Too many wrong passwords. Wait %(minutes)s minutes, then try again."),
            minutes=minutes,
        )


def check(session: Session, email: str, password: str, seen: Circumstances) -> Person:
    """The active person whose e-mail and password these are; raises ``Wrong``, ``TooMany``."""
    email = normal(email).lower()
    keys = (attempts.account_key(email), attempts.address_key(seen.address))
    attempts.count(session, keys, seen.at)
    session.commit()
    person = by_email(session, email)
    if any(attempts.is_over(session, key, seen.limit, seen.at) for key in keys):
        _turn_away(session, keys, person, seen)
        raise TooMany(seen.limit)
    stored = person.password if person and person.active else None
    session.commit()
    if not passwords.fits(password, stored):
        _note(session, "sign_in_refused", person, seen)
        session.commit()
        raise Wrong
    attempts.forget(session, keys[0])
    attempts.take_back(session, keys[1], seen.at)
    assert person is not None
    return person


def confirm(session: Session, person: Person, password: str, seen: Circumstances) -> None:
    """Make sure once more that it is ``person``: the same count, the same refusals."""
    if person.email is None or check(session, person.email, password or "", seen).id != person.id:
        raise Wrong


def to_be_reset(session: Session, email: str, seen: Circumstances) -> Person | None:
    """Whom to send a link for a new password: nobody, if too many have been asked for."""
    email = normal(email).lower()
    keys = (attempts.reset_key(email), attempts.address_key(seen.address))
    attempts.count(session, keys, seen.at)
    session.commit()
    if any(attempts.is_over(session, key, seen.limit, seen.at) for key in keys):
        return None
    person = by_email(session, email)
    return person if person and person.active else None


def _turn_away(
    session: Session, keys: tuple[str, ...], person: Person | None, seen: Circumstances
) -> None:
    for key in keys:
        attempts.take_back(session, key, seen.at)
    _note(session, "sign_in_locked", person, seen)
    session.commit()


def _note(session: Session, verb: str, person: Person | None, seen: Circumstances) -> None:
    """On the account if there is one, else on the address: what was typed is not kept."""
    changes = {"address": ["", seen.address]}
    if person:
        audit.record(session, verb, person, by=None, changes=changes)
        return
    nobody = SignInAttempt(id=0, key=attempts.address_key(seen.address), at=seen.at)
    session.add(audit.entry(verb, nobody, by=None, changes=changes))
    session.flush()
