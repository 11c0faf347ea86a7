"""Passwords: one normal form on every path, one way to hash, the rules of the two profiles."""

from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from drills.core.errors import DomainError
from drills.core.text import N_, fold, normal

LENGTH_MAX = 128
_HASHER = PasswordHasher()


class Profile(StrEnum):
    ASVS = "asvs"
    TCVN = "tcvn14423"


_LENGTHS = {Profile.ASVS: 12, Profile.TCVN: 14}
_CLASSES = (str.isupper, str.islower, str.isdigit, lambda letter: not letter.isalnum())
_TOO_KNOWN = ("password", "matkhau", "123456", "qwerty", "abc123", "admin", "dientap", "thaotruong")


class BadPassword(DomainError):
    """The password does not satisfy the profile."""


def length_min(profile: str) -> int:
    return _LENGTHS[Profile(profile)]


def hashed(password: str) -> str:
    """The argon2id hash of the password's normal form, as it is stored."""
    return _HASHER.hash(normal(password))


@cache
def _decoy() -> str:
    """Checked for accounts that do not exist, so that they take as long as those that do."""
    return _HASHER.hash("nobody has this password")


def fits(password: str, stored: str | None) -> bool:
    """Whether ``password`` is the one hashed; takes as long when nothing is stored."""
    try:
        _HASHER.verify(stored or _decoy(), normal(password))
    except VerificationError:
        return False
    return stored is not None


def check(password: str, profile: str) -> None:
    """Raise ``BadPassword`` with what is wrong first, if anything is."""
    text, least = normal(password), length_min(profile)
    if len(text) < least:
        raise BadPassword(N_("The password needs at least %(least)s characters."), least=least)
    if len(text) > LENGTH_MAX:
        raise BadPassword(N_("The password is longer than %(most)s characters."), most=LENGTH_MAX)
    if is_guessable(text):
        raise BadPassword(N_("This password is among the first to be guessed. Choose another."))
    if Profile(profile) is Profile.TCVN and not all(any(map(is_in, text)) for is_in in _CLASSES):
        raise BadPassword(
            N_("The password needs a capital, a small letter, a digit and another sign.")
        )


def is_guessable(text: str) -> bool:
    """Few different letters, or little besides a word that every guesser begins with."""
    bare = fold(text).replace(" ", "")
    rest = bare
    for known in _TOO_KNOWN:
        rest = rest.replace(known, "")
    return len(set(bare)) < 4 or len(rest) < len(bare) - len(rest)
