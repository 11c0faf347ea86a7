"""What views call: documents and packs of the application at hand."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_babel import get_locale

from drills.documents import services
from drills.extensions import db
from drills.files.receiving import folder
from drills.files.sending import send_bytes
from drills.units.models import Unit


def made(
    key: str, context: Mapping[str, Any], *, unit: Unit | None = None, language: str = ""
) -> bytes:
    """The document ``key`` in ``language``, that of the page at hand if none is named."""
    spoken = language or str(getattr(get_locale(), "language", "vi"))
    return services.render(db.session, key, context, spoken, folder=folder(), unit=unit)


def send_document(content: bytes, name: str) -> Response:
    """A document as a download; ``name`` without its ending."""
    return send_bytes(content, f"{name}.docx", services.MEDIA_TYPE)
