"""The throttle on passwords, kept in the database so that all processes count together.

A try is counted before it is checked and taken back when it was right: of any number of
guesses made at once, no more than allowed are looked at.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import SignInAttempt

ADDRESS_FACTOR = 10
"""An address may stand for a whole agency, so it may miss this many times as often."""
KEEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries within so long."""

    attempts: int
    wait: timedelta


def account_key(email: str) -> str:
    return f"account:{email}"


def address_key(address: str) -> str:
    return f"address:{address}"


def reset_key(email: str) -> str:
    return f"reset:{email}"


def count(session: Session, keys: tuple[str, ...], at: datetime) -> None:
    """Note a try against each key; the caller commits before it asks ``is_over``."""
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.at < at - KEEP))
    session.add_all(SignInAttempt(key=key, at=at) for key in keys)
    session.flush()


def is_over(session: Session, key: str, limit: Limit, at: datetime) -> bool:
    """Whether more tries than allowed, this one included, fall in the time of waiting."""
    factor = ADDRESS_FACTOR if key.startswith("address:") else 1
    seen = session.scalar(
        sa.select(sa.func.count())
        .select_from(SignInAttempt)
        .where(SignInAttempt.key == key, SignInAttempt.at > at - limit.wait)
    )
    return (seen or 0) > limit.attempts * factor


def take_back(session: Session, key: str, at: datetime) -> None:
    """Forget one try of this moment: a refused one must not make the wait longer."""
    newest = (
        sa.select(SignInAttempt.id)
        .where(SignInAttempt.key == key, SignInAttempt.at == at)
        .order_by(SignInAttempt.id.desc())
        .limit(1)
    )
    session.execute(
        sa.delete(SignInAttempt).where(SignInAttempt.id == newest.scalar_subquery()),
        execution_options={"synchronize_session": False},
    )


def forget(session: Session, key: str) -> None:
    """Forget every try against ``key``: the right password was given."""
    session.execute(
        sa.delete(SignInAttempt).where(SignInAttempt.key == key),
        execution_options={"synchronize_session": False},
    )
