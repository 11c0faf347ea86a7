"""A folder that keeps letters while no mail server is set."""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

from drills.core.mail.letters import Fault, Letter, Undelivered, go


class OutboxTransport:
    """Keeps letters as files. A letter handed over twice has one file: its Message-ID's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, letter: Letter, may_go: Callable[[], bool] = go) -> bool:
        if not may_go():
            return False
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(self.folder / f"{file_key(letter.message_id)}.eml", letter.data)
        except OSError as error:
            raise Undelivered(Fault.ROAD, "write", str(error)) from error
        return True

    def close(self) -> None:
        """Nothing is kept open."""


def file_key(message_id: str) -> str:
    """A file name that only this Message-ID has."""
    local = re.sub(r"[^A-Za-z0-9.-]", "", message_id.strip("<>").partition("@")[0])
    return f"{local[:60].strip('.')}-{hashlib.sha256(message_id.encode()).hexdigest()[:8]}"


def _write_whole(path: Path, data: bytes) -> None:
    """The file is there whole or not at all, whenever the power goes."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
