"""What can go wrong in the domain, in words a person may be shown."""

from typing import Any


class DomainError(Exception):
    """A rule of the domain forbids this.

    ``message`` is an English msgid with ``%(name)s`` places; ``values`` fills them. The edge
    that shows it (a page, the command line) translates it first.
    """

    status = 422

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


class NotAllowedNow(DomainError):
    """The object is in a state that does not permit the change."""

    status = 409


class Conflict(DomainError):
    """Somebody else changed the object since this person opened it."""

    status = 409


class Refused(DomainError):
    """The person may not do this, whatever page or command they came by."""

    status = 403
