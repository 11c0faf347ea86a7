"""Names of files: made safe to keep, and read for the marks of a state secret."""

import re
from pathlib import PurePosixPath

from drills.core.errors import DomainError
from drills.core.text import N_, fold, normal

LENGTH_MAX = 150
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_WORD = re.compile(r"[^\W\d_]+")
_IN_BRACKETS = re.compile(r"[(\[{]\s*(mat|toi mat|tuyet mat)\s*[)\]}]")
_SET_OFF = re.compile(r"(^|[_\-.])MAT([_\-]|$)")
_HIGH = re.compile(r"\b(toi|tuyet)[\s_\-]+mat\b")
_OTHER_WORDS = re.compile(r"[\s_\-]+(khau|ma|danh|do)\b")
_BEFORE = frozenset({"bao", "bi", "can", "khoa", "hoa", "chu", "than", "nuoc", "va", "be"})
_AFTER = frozenset({"khau", "ma", "danh", "do", "thiet", "nuoc", "vien", "hieu", "pho"})
MARKS = ("mat", "toi mat", "tuyet mat")
"""The three grades of the law on the protection of state secrets, folded."""


class StateSecret(DomainError):
    """The file says of itself that it is a state secret."""


REFUSAL = N_(
    "This file is marked as a state secret. This system may not hold state secrets: keep it on"
    " the equipment approved for them, and name here only its number and date."
)


def safe(name: str) -> str:
    """The last part of ``name`` in NFC, without what a file system or a header cannot take."""
    last = PurePosixPath(normal(name).replace("\\", "/")).name
    clean = " ".join(_UNSAFE.sub(" ", last).split()).strip(". ")
    ending = PurePosixPath(clean).suffix
    stem = clean.removesuffix(ending)
    return stem[: LENGTH_MAX - len(ending)].rstrip() + ending if stem else clean


def refuse_secret(name: str) -> None:
    """Raise StateSecret if ``name`` carries MẬT, TỐI MẬT or TUYỆT MẬT as a mark.

    “Mật khẩu”, “bảo mật” and the like are words, not marks.
    """
    stem = normal(name).rpartition(".")[0] or normal(name)
    if _says_high(stem) or _IN_BRACKETS.search(fold(stem)) or _stands_alone(stem):
        raise StateSecret(REFUSAL)


def is_mark(line: str) -> bool:
    """Whether a line of a document is nothing but one of the three marks, in capitals."""
    text = normal(line).strip(" .:()[]")
    return text.isupper() and fold(text) in MARKS and text not in {"MÁT", "MẮT", "MẤT", "MẶT"}


def _says_high(stem: str) -> bool:
    """``TỐI MẬT`` or ``toi_mat``; with marks of tone they have to be the right ones."""
    text = stem.casefold()
    if re.search(r"\b(tối|tuyệt)[\s_\-]+mật\b", text.replace("_", " ")):
        return True
    found = _HIGH.search(text.replace("_", " "))
    return found is not None and not _OTHER_WORDS.match(text.replace("_", " "), found.end())


def _stands_alone(stem: str) -> bool:
    """``MẬT`` between other words, or ``MAT`` set off by ``_`` or ``-``."""
    words = _WORD.findall(stem)
    if not words:
        return False
    around = [("", "")] if len(words) == 1 else zip(["", *words], [*words[1:], ""], strict=False)
    for word, (before, after) in zip(words, around, strict=False):
        marked = word == "MẬT" or (word == "MAT" and bool(_SET_OFF.search(stem)))
        if marked and fold(before) not in _BEFORE and fold(after) not in _AFTER:
            return True
    return False
