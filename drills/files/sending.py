"""Handing files out: always to be saved, never to be shown by the browser.

There is no address for a file of its own: each feature has its route, with its own permission.
"""

import unicodedata
from pathlib import Path
from urllib.parse import quote

from flask import Response, send_file

from drills.files import services
from drills.files.models import StoredFile
from drills.files.receiving import folder

_STROKED = str.maketrans({"đ": "d", "Đ": "D"})


def send(stored: StoredFile) -> Response:
    """The bytes of ``stored`` as a download under the name it was handed in with."""
    path = services.path_of(stored, folder())
    return send_path(path, stored.name, stored.media_type)


def send_path(path: Path, name: str, media_type: str) -> Response:
    """A file of the disk as a download; streamed."""
    return _guarded(send_file(path, mimetype=media_type, conditional=False, etag=False), name)


def send_bytes(content: bytes, name: str, media_type: str) -> Response:
    """Bytes the program has just made as a download."""
    return _guarded(Response(content, mimetype=media_type), name)


def _guarded(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers.pop("Last-Modified", None)
    return response


def disposition(name: str) -> str:
    """``attachment`` with the name twice: folded to ASCII, and whole, as RFC 6266 asks."""
    parts = unicodedata.normalize("NFD", name.translate(_STROKED))
    plain = "".join(c for c in parts if c.isascii() and c.isprintable() and c not in '"\\;%')
    folded, whole = plain.strip() or "file", quote(name, safe="")
    return f"attachment; filename=\"{folded}\"; filename*=UTF-8''{whole}"
