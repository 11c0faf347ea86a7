"""Files waiting between the preview of an import and the decision to carry it out."""

import io
import json
import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import IO

from flask import current_app
from werkzeug.datastructures import FileStorage

from drills.core import clock
from drills.core.errors import DomainError
from drills.core.text import N_, normal
from drills.web.session import current_person

KEPT = timedelta(hours=2)
_TOKEN = re.compile(r"[\w-]{20,64}")


def keep(upload: FileStorage) -> str:
    """Put ``upload`` aside for the person at hand; the token by which they get it back."""
    folder = _folder()
    _forget_old(folder)
    token = secrets.token_urlsafe(24)
    name = normal(Path(upload.filename or "").name) or "file"
    path = folder / token
    path.touch(mode=0o600)
    head = json.dumps({"person": current_person().id, "name": name})
    path.write_bytes(head.encode() + b"\n" + upload.stream.read())
    return token


def fetch(token: str) -> tuple[IO[bytes], str]:
    """The file kept under ``token`` and its name. DomainError if it is not theirs or gone."""
    path = _folder() / token
    if _TOKEN.fullmatch(token) and path.is_file():
        head, _, data = path.read_bytes().partition(b"\n")
        about = json.loads(head)
        if about["person"] == current_person().id:
            return io.BytesIO(data), about["name"]
    raise DomainError(N_("The file is no longer kept here. Choose it again."))


def forget(token: str) -> None:
    if _TOKEN.fullmatch(token):
        (_folder() / token).unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(current_app.config["DATA"]) / "imports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _forget_old(folder: Path) -> None:
    limit = (clock.now() - KEPT).timestamp()
    for path in folder.iterdir():
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
