"""Keeping files: streamed, measured, recognised, and on the disk before anybody is told."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit.services import record
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.files import names
from drills.files.kinds import Kind
from drills.files.models import Marking, StoredFile
from drills.files.recognition import recognise

CHUNK = 256 * 1024
MIB = 1024 * 1024
PART = ".part"
ORPHAN_AGE = timedelta(hours=2)
"""A transaction that is still open may own a file that no row names yet."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not on the disk as it was handed in."""

    file: StoredFile
    is_missing: bool


def keep(  # noqa: PLR0913 - where and how much are settings, which services do not read
    session: Session,
    stream: IO[bytes],
    name: str,
    *,
    marking: Marking = Marking.INTERNAL,
    by: Person | None,
    folder: Path,
    limit: int,
) -> StoredFile:
    """Store ``stream`` in ``folder``; at most ``limit`` bytes of it.

    DomainError if it is empty, too large, of a kind that is not kept, or a state secret.
    """
    name = _checked_name(name)
    stored_name = secrets.token_hex(16)
    part = folder / f"{stored_name}{PART}"
    try:
        size, digest, kind = _write(part, stream, name, limit)
        part.rename(folder / stored_name)
    finally:
        part.unlink(missing_ok=True)
    _sync(folder)
    stored = StoredFile(
        name=name,
        stored_name=stored_name,
        media_type=kind.media_type,
        size=size,
        sha256=digest,
        marking=marking,
        uploaded_by=by,
    )
    session.add(stored)
    record(session, "uploaded", stored, by=by, changes={"sha256": ["", digest]})
    return stored


def examine(stream: IO[bytes], name: str, *, limit: int) -> Kind:
    """Everything ``keep`` would refuse, without keeping; ``stream`` is rewound after."""
    name = _checked_name(name)
    size = stream.seek(0, os.SEEK_END)
    if not size:
        raise _empty()
    if size > limit:
        raise _too_large(limit)
    kind = recognise(stream, name)
    stream.seek(0)
    return kind


def path_of(stored: StoredFile, folder: Path) -> Path:
    """Where the bytes are. DomainError if they are gone from the disk."""
    path = folder / stored.stored_name
    if not path.is_file():
        raise DomainError(
            N_("“%(name)s” is missing from the folder of files. Tell the administrator."),
            name=stored.name,
        )
    return path


def sweep(session: Session, folder: Path, *, at: datetime) -> int:
    """Delete what no row names: halves of broken uploads, files of undone transactions."""
    known = set(session.scalars(sa.select(StoredFile.stored_name)))
    limit = (at - ORPHAN_AGE).timestamp()
    orphans = [
        path for path in folder.iterdir() if path.name not in known and path.stat().st_mtime < limit
    ]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def missing(session: Session, folder: Path) -> list[StoredFile]:
    """The files whose bytes are gone or have another length: a look, not a reading."""
    return [
        file
        for file in session.scalars(sa.select(StoredFile).order_by(StoredFile.id))
        if _size(folder / file.stored_name) != file.size
    ]


def damages(session: Session, folder: Path) -> Iterator[Damage]:
    """Read every file anew and compare; yields those missing or changed."""
    for file in session.scalars(sa.select(StoredFile).order_by(StoredFile.id)):
        path = folder / file.stored_name
        if not path.is_file():
            yield Damage(file, is_missing=True)
        elif _digest(path) != file.sha256:
            yield Damage(file, is_missing=False)


def _checked_name(name: str) -> str:
    names.refuse_secret(name)
    if not (clean := names.safe(name)):
        raise DomainError(N_("The file has no name. Give it one and hand it in again."))
    return clean


def _write(part: Path, stream: IO[bytes], name: str, limit: int) -> tuple[int, str, Kind]:
    size, digest = 0, hashlib.sha256()
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "w+b") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            digest.update(chunk)
            file.write(chunk)
        if not size:
            raise _empty()
        kind = recognise(file, name)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest(), kind


def _empty() -> DomainError:
    return DomainError(N_("The file is empty. Choose the one you meant."))


def _too_large(limit: int) -> DomainError:
    message = N_("The file is larger than %(size)s MB. Hand in a smaller one.")
    return DomainError(message, size=limit // MIB)


def _sync(folder: Path) -> None:
    """Make the rename last through a power cut; Windows offers no such call for folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
