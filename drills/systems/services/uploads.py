"""Files read but not yet imported: kept on the server between the preview and the decision."""

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drills.accounts.models import Person
from drills.core.tabular import Row, Sheet

LIFETIME = timedelta(hours=4)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,60}")


@dataclass(frozen=True)
class Upload:
    """What ``person_id`` sent in as ``filename``; ``result`` counts what became of it."""

    token: str
    person_id: int
    filename: str
    at: datetime
    sheet: Sheet
    result: Mapping[str, int] = field(default_factory=dict)


def keep(folder: Path, person: Person, filename: str, sheet: Sheet, *, at: datetime) -> Upload:
    """Store a sheet under a random name, and throw away what nobody came back for."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(folder, at)
    upload = Upload(secrets.token_urlsafe(24), person.id, filename[:200], at, sheet)
    _write(folder, upload)
    return upload


def find(folder: Path, token: str, person: Person, *, at: datetime) -> Upload | None:
    """The upload of this name if ``person`` sent it and it has not expired."""
    path = folder / f"{token}.json"
    if not _TOKEN.fullmatch(token) or not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    rows = [Row(number, tuple(cells)) for number, cells in kept["rows"]]
    upload = Upload(
        token,
        kept["person_id"],
        kept["filename"],
        datetime.fromisoformat(kept["at"]),
        Sheet(kept["headers"], rows),
        kept["result"],
    )
    is_own = upload.person_id == person.id and at - upload.at <= LIFETIME
    return upload if is_own else None


def finish(folder: Path, upload: Upload, result: Mapping[str, int]) -> None:
    """Keep what became of the upload, and its rows no longer."""
    empty = Sheet(upload.sheet.headers, [])
    _write(
        folder, Upload(upload.token, upload.person_id, upload.filename, upload.at, empty, result)
    )


def sweep(folder: Path, at: datetime) -> None:
    for path in folder.glob("*.json"):
        if at.timestamp() - path.stat().st_mtime > LIFETIME.total_seconds():
            path.unlink(missing_ok=True)


def _write(folder: Path, upload: Upload) -> None:
    kept: dict[str, Any] = {
        "person_id": upload.person_id,
        "filename": upload.filename,
        "at": upload.at.isoformat(),
        "headers": upload.sheet.headers,
        "rows": [list(asdict(row).values()) for row in upload.sheet.rows],
        "result": dict(upload.result),
    }
    path = folder / f"{upload.token}.json"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(kept, file, ensure_ascii=False)
