"""Zips that an inspector can check without this program: an index, and sums of every file."""

import hashlib
import json
import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from drills.core.text import normal

INDEX, LIST, SUMS = "index.json", "index.txt", "SHA256SUMS"
_DAY = (1980, 1, 1, 0, 0, 0)
_STROKED = str.maketrans({"đ": "d", "Đ": "D"})
_KEPT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


@dataclass(frozen=True, slots=True)
class Row:
    """A file of the pack: ``path`` as it lies there, ``name`` as people know it."""

    path: str
    name: str
    size: int
    sha256: str


def zip_of(entries: Iterable[tuple[str, bytes | Path]], meta: Mapping[str, Any]) -> IO[bytes]:
    """An open, rewound temporary file that holds the zip; it is gone when closed.

    ``entries`` are (path inside, bytes or a file of the disk), taken one by one. The same
    entries and ``meta`` give the same bytes, whenever and wherever. Paths become ASCII; the
    index knows the names they had. ``sha256sum -c SHA256SUMS`` verifies it once unpacked.
    """
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the caller sends it, then closes it
    rows: list[Row] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as pack:
        taken = {INDEX.lower(), LIST.lower(), SUMS.lower()}
        for name, content in entries:
            rows.append(_put(pack, _free(ascii_path(name), taken), normal(name), content))
        for name, text in ((INDEX, _index(rows, meta)), (LIST, _list(rows, meta))):
            rows.append(_put(pack, name, name, text.encode()))
        sums = "".join(f"{row.sha256}  {row.path}\n" for row in rows)
        _put(pack, SUMS, SUMS, sums.encode())
    target.seek(0)
    return target


def ascii_path(path: str) -> str:
    """``Hồ sơ/Quyết định.pdf`` becomes ``Ho-so/Quyet-dinh.pdf``; it never leads out."""
    parts = PurePosixPath(normal(path).replace("\\", "/")).parts
    clean = [_ascii(part) for part in parts if part not in {"/", "..", "."}]
    return "/".join(part for part in clean if part) or "file"


def _ascii(part: str) -> str:
    bare = unicodedata.normalize("NFD", part.translate(_STROKED))
    plain = "".join(c for c in bare if not unicodedata.combining(c))
    safe = "".join(c if c in _KEPT else "-" for c in plain)
    return "-".join(word for word in safe.split("-") if word).strip(".")[:120]


def _free(path: str, taken: set[str]) -> str:
    """``path``, or with a number if it is taken, also on disks that ignore capitals."""
    stem, dot, ending = path.rpartition(".")
    stem, ending = (stem, dot + ending) if "/" not in ending and stem else (path, "")
    found, n = path, 1
    while found.lower() in taken:
        n += 1
        found = f"{stem}-{n}{ending}"
    taken.add(found.lower())
    return found


class _Summing:
    """Writes through to a file and sums up what went by."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target, self.size, self.digest = target, 0, hashlib.sha256()

    def write(self, chunk: bytes) -> int:
        self.size += len(chunk)
        self.digest.update(chunk)
        return self.target.write(chunk)


def _put(pack: zipfile.ZipFile, path: str, name: str, content: bytes | Path) -> Row:
    entry = zipfile.ZipInfo(path, _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    if isinstance(content, Path):
        entry.file_size = content.stat().st_size  # tells zipfile of files beyond 2 GB
    with pack.open(entry, "w") as target:
        summing = _Summing(target)
        if isinstance(content, Path):
            with content.open("rb") as source:
                shutil.copyfileobj(source, summing)
        else:
            summing.write(content)
    return Row(path, name, summing.size, summing.digest.hexdigest())


def _index(rows: list[Row], meta: Mapping[str, Any]) -> str:
    files = [
        {"path": row.path, "name": row.name, "size": row.size, "sha256": row.sha256} for row in rows
    ]
    content = {"about": dict(meta), "files": files}
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"


def _list(rows: list[Row], meta: Mapping[str, Any]) -> str:
    head = [f"{key}: {value}" for key, value in meta.items() if not isinstance(value, dict | list)]
    body = [
        f"{n:>4}  {row.size:>12}  {row.path}" + (f"  ({row.name})" if row.name != row.path else "")
        for n, row in enumerate(rows, 1)
    ]
    return "\n".join([*head, "", *body, "", "sha256sum -c SHA256SUMS", ""])
