"""From a request into the folder: what views call once their form is valid."""

from pathlib import Path

from flask import current_app
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from drills.accounts.models import Person
from drills.files import services
from drills.files.models import Marking, StoredFile


def folder() -> Path:
    """The folder of files that the settings name."""
    return Path(current_app.config["FILES"])


def limit() -> int:
    """The size in bytes that one file may have."""
    return int(current_app.config["FILE_LIMIT_MB"]) * services.MIB


def receive(
    session: Session,
    upload: FileStorage,
    *,
    by: Person | None,
    marking: Marking = Marking.INTERNAL,
) -> StoredFile:
    """Keep what a person chose in an ``AttachmentField``."""
    return services.keep(
        session,
        upload.stream,
        upload.filename or "",
        marking=marking,
        by=by,
        folder=folder(),
        limit=limit(),
    )
