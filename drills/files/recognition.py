"""Telling what a file is from its bytes. Its name must agree; it is never believed alone."""

import re
import zipfile
from pathlib import PurePosixPath
from typing import IO

from drills.core.errors import DomainError
from drills.core.text import N_
from drills.files import names
from drills.files.kinds import ENDINGS, KINDS, PROGRAMS, Kind

HEAD = 65_536
ENTRIES_MAX = 5_000
UNPACKED_MAX = 400 * 1024 * 1024
RATIO_MAX = 150
RATIO_FROM = 5 * 1024 * 1024
PART_MAX = 8 * 1024 * 1024
"""How much of one part of an archive is read."""

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_SIGNED_DATA = bytes.fromhex("06092A864886F70D010702")
_HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]?.*\r?\n")
_MAIL_HEADERS = re.compile(
    rb"^(from|date|received|message-id|return-path):", re.IGNORECASE | re.MULTILINE
)
_MAIN_PART = re.compile(r'PartName="/(word|xl|ppt)/')
_OFFICE = {"word": "docx", "xl": "xlsx", "ppt": "pptx"}
_PARAGRAPH = re.compile(r"</(?:w:p|text:p|text:h)>")
_TAG = re.compile(r"<[^>]+>")
_START = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}

MACROS = N_("This file holds macros. Save it without macros and hand it in again.")
LOCKED = N_("This file is protected by a password. Take the protection off and hand it in again.")
BROKEN = N_("This file cannot be read to its end. Save it anew and hand it in again.")
BOMB = N_("This archive unpacks to far more than an archive of its size should.")
TWO_IN_ONE = N_(
    "This file holds a second file behind the first. Save it anew and hand it in again."
)


def recognise(file: IO[bytes], name: str) -> Kind:
    """What ``file`` is. DomainError if it may not be kept, or is not what ``name`` says."""
    ending = PurePosixPath(name).suffix.lower()
    if ending not in ENDINGS:
        raise DomainError(
            N_("Files ending in “%(ending)s” are not kept here. These are: %(known)s."),
            ending=ending or name,
            known=" ".join(ENDINGS),
        )
    kind = _by_content(file, ending)
    if kind is None or ending not in kind.endings:
        raise DomainError(
            N_("The content of this file is not what “%(ending)s” says. Hand in the original."),
            ending=ending,
        )
    return kind


def _by_content(file: IO[bytes], ending: str) -> Kind | None:
    file.seek(0)
    head = file.read(HEAD)
    key = next((key for start, key in _START.items() if head.startswith(start)), "")
    if key:
        _refuse_second(file)
    elif head.startswith(b"PK\x03\x04"):
        key = _archive(file)
    elif head.startswith(_OLE):
        key = _compound(file)
    else:
        key = _plain(file, head, ending)
    return KINDS.get(key)


def _refuse_second(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.infolist():
                raise DomainError(TWO_IN_ONE)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return


def _archive(file: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            _refuse_bomb(archive, file)
            _refuse_entries(archive)
            return _of_parts(archive)
    except (zipfile.BadZipFile, ValueError, KeyError, NotImplementedError, OSError, EOFError):
        raise DomainError(BROKEN) from None


def _refuse_bomb(archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    packed = file.seek(0, 2)
    if len(entries) > ENTRIES_MAX or total > UNPACKED_MAX:
        raise DomainError(BOMB)
    if total > RATIO_FROM and total > packed * RATIO_MAX:
        raise DomainError(BOMB)


def _refuse_entries(archive: zipfile.ZipFile) -> None:
    for entry in archive.infolist():
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[:1]:
            raise DomainError(N_("This archive holds names that lead out of it."))
        if entry.flag_bits & 0x1:
            raise DomainError(LOCKED)
        if path.name.lower() in {"vbaproject.bin", "vbadata.xml"}:
            raise DomainError(MACROS)
        if path.suffix.lower() in PROGRAMS:
            raise DomainError(
                N_("This archive holds a program: %(name)s. Take it out and hand it in again."),
                name=path.name,
            )
        names.refuse_secret(path.name)


def _part(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as part:
        return part.read(PART_MAX).decode("utf-8", "replace")


def _of_parts(archive: zipfile.ZipFile) -> str:
    entries = archive.namelist()
    if "[Content_Types].xml" in entries:
        return _office(archive, _part(archive, "[Content_Types].xml"))
    if "mimetype" in entries:
        return _open_document(archive, _part(archive, "mimetype").strip())
    return "zip"


def _office(archive: zipfile.ZipFile, types: str) -> str:
    if "macroEnabled" in types or "vbaProject" in types:
        raise DomainError(MACROS)
    found = _MAIN_PART.search(types)
    key = _OFFICE[found[1]] if found else ""
    if key and KINDS[key].media_type not in types:
        return ""
    if key == "docx":
        _refuse_marked(_part(archive, "word/document.xml"))
    return key


def _open_document(archive: zipfile.ZipFile, media_type: str) -> str:
    if any(name.startswith(("Basic/", "Scripts/")) for name in archive.namelist()):
        raise DomainError(MACROS)
    key = next((k for k, kind in KINDS.items() if kind.media_type == media_type), "")
    if key == "odt":
        _refuse_marked(_part(archive, "content.xml"))
    return key


def _refuse_marked(xml: str) -> None:
    """Raise StateSecret if a paragraph of a document is nothing but MẬT or a higher mark."""
    if any(names.is_mark(_TAG.sub("", paragraph)) for paragraph in _PARAGRAPH.split(xml)):
        raise names.StateSecret(names.REFUSAL)


def _compound(file: IO[bytes]) -> str:
    """Which of the old Office formats it is: the names of its streams stand in UTF-16."""
    file.seek(0)
    content = file.read()

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if holds("EncryptedPackage"):
        raise DomainError(LOCKED)
    if holds("_VBA_PROJECT") or holds("Macros\0"):
        raise DomainError(MACROS)
    if holds("WordDocument"):
        return "doc"
    return "xls" if holds("Workbook\0") or holds("Book\0") else ""


def _plain(file: IO[bytes], head: bytes, ending: str) -> str:
    if _SIGNED_DATA in head[:64] or head.startswith((b"-----BEGIN PKCS7", b"-----BEGIN CMS")):
        return "p7s"
    if not _is_text(file):
        return ""
    if ending == ".eml":
        return "eml" if _HEADER_LINE.match(head) and _MAIL_HEADERS.search(head) else ""
    return "text"


def _is_text(file: IO[bytes]) -> bool:
    file.seek(0)
    content = file.read()
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        # lists exported by older programs: any bytes, but no control characters
        text = content.decode("latin-1")
    return not re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text)
