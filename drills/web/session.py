"""Who is at the other end of this request."""

from flask import abort
from flask_security import current_user

from drills.accounts.models import Person


def visitor() -> Person | None:
    """The person signed in, if anybody is."""
    person = current_user
    return person._get_current_object() if person and person.is_authenticated else None  # noqa: SLF001


def current_person() -> Person:
    """The person signed in; one who is not is sent to sign in."""
    return visitor() or abort(401)
