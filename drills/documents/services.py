"""Documents out of templates; letterheads; templates put in place of the built-in ones."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.audit.services import changing, record
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.documents import writing
from drills.documents.kinds import KINDS, empty
from drills.documents.models import Letterhead, LetterheadDetails, Template
from drills.files import services as files
from drills.files.models import Marking, StoredFile
from drills.units.models import Organisation, Unit

LANGUAGES = ("vi", "en")
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PARTS = ("superior", "agency", "place", "authority")
_SIGNER = ("signer_on_behalf", "signer_for", "signer_title", "signer_name")


def render(
    session: Session,
    key: str,
    context: Mapping[str, Any],
    language: str = "vi",
    *,
    folder: Path,
    unit: Unit | None = None,
) -> bytes:
    """The ``.docx`` of kind ``key`` (see ``kinds.KINDS``) as the agency of ``unit`` writes it.

    ``context`` holds plain values only: text, numbers, days, lists, mappings. What it leaves
    out is taken from the letterhead of ``unit`` (the organisation's without one), else left
    empty; ValueError for what the kind does not know. ``folder`` is that of the files.
    """
    filled = _filled(key, context) | {}
    for name, value in letterhead_of(session, unit).items():
        if name not in context:
            filled[name] = value
    return writing.write(template_path(session, key, language, folder=folder), filled, language)


def _filled(key: str, context: Mapping[str, Any]) -> dict[str, Any]:
    shapes = {field.name: field.sample for field in KINDS[key].fields}
    if unknown := context.keys() - shapes.keys():
        raise ValueError(f"{key} has no {', '.join(sorted(unknown))}")
    return {
        name: _complete(context[name], sample) if name in context else empty(sample)
        for name, sample in shapes.items()
    }


def _complete(value: Any, sample: Any) -> Any:
    """``value`` with the parts that ``sample`` has and it lacks, empty."""
    if isinstance(sample, dict):
        return empty(sample) | dict(value or {})
    if isinstance(sample, list) and sample and isinstance(sample[0], dict):
        return [_complete(row, sample[0]) for row in value or ()]
    return value


def template_path(session: Session, key: str, language: str, *, folder: Path) -> Path:
    """The template in use: the agency's own, else the built-in one."""
    own = active(session, key, language)
    return files.path_of(own.file, folder) if own else writing.built_in(key, language)


def active(session: Session, key: str, language: str) -> Template | None:
    query = sa.select(Template).where(
        Template.key == key, Template.language == language, Template.is_active
    )
    return session.scalars(query).one_or_none()


def revisions(session: Session, key: str, language: str) -> list[Template]:
    """Every template that was ever put in place of this built-in one, newest first."""
    query = sa.select(Template).where(Template.key == key, Template.language == language)
    uploader = joinedload(Template.file).joinedload(StoredFile.uploaded_by)
    return list(session.scalars(query.order_by(Template.id.desc()).options(uploader)))


def letterhead_of(session: Session, unit: Unit | None = None) -> dict[str, Any]:
    """The fields of a letter that the settings give, for ``unit`` or the organisation.

    A unit without a letterhead of its own goes by its name, that of the unit above it, and
    the place of the organisation.
    """
    home = session.get(Organisation, 1)
    root = home.root if home else None
    unit = unit or root
    if unit is None:
        return {}
    own = letterhead(session, unit)
    top = letterhead(session, root) if root else None
    given = _values(own) if own else {}
    derived = {
        "superior": (unit.parent.name if unit.parent else "").upper(),
        "agency": unit.name.upper(),
        "agency_name": unit.name,
        "place": top.place if top else "",
    }
    return derived | {name: value for name, value in given.items() if value}


def letterhead(session: Session, unit: Unit) -> Letterhead | None:
    return session.scalars(sa.select(Letterhead).where(Letterhead.unit_id == unit.id)).one_or_none()


def _values(own: Letterhead) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(own, name) for name in (*_PARTS, *_SIGNER)}
    values["agency_name"] = "" if own.agency.isupper() else own.agency
    for name in ("superior", "agency", "authority"):
        values[name] = values[name].upper()
    values["recipients"] = [line.strip("-; .") for line in own.recipients.splitlines() if line]
    return values


def keep_letterhead(
    session: Session, details: LetterheadDetails, *, by: Person | None
) -> Letterhead:
    """Write down the letterhead of a unit, whether or not it had one."""
    unit = session.get_one(Unit, details.unit_id)
    own = letterhead(session, unit)
    if own is None:
        own = Letterhead(unit=unit)
        _take(own, details)
        session.add(own)
        record(session, "created", own, by=by)
        return own
    with changing(session, "revised", own, by=by):
        _take(own, details)
    session.flush()
    return own


def _take(own: Letterhead, details: LetterheadDetails) -> None:
    for name in (*_PARTS, *_SIGNER, "recipients"):
        setattr(own, name, getattr(details, name))


def remove_letterhead(session: Session, own: Letterhead, *, by: Person | None) -> None:
    record(session, "deleted", own, by=by)
    session.delete(own)
    session.flush()


def try_out(content: bytes, key: str, language: str) -> None:
    """Fill ``content``, a template for ``key``, with the sample; DomainError if that fails."""
    try:
        writing.write(io.BytesIO(content), KINDS[key].sample, language)
    except (KeyError, OSError) as error:
        raise DomainError(
            N_("The template cannot be filled in: %(reason)s"), reason=str(error)
        ) from None


def adopt(
    session: Session, stored: StoredFile, key: str, language: str, *, by: Person | None
) -> Template:
    """Use ``stored``, which has been tried out, in place of the template in use."""
    before = active(session, key, language)
    if before:
        before.is_active = False
        session.flush()
    template = Template(key=key, language=language, file=stored)
    session.add(template)
    record(session, "template_adopted", template, by=by, changes=_names(before, stored))
    return template


def _names(before: Template | None, stored: StoredFile | None) -> dict[str, Any]:
    return {"file": [before.file.name if before else "", stored.name if stored else ""]}


def go_back(session: Session, template: Template, *, by: Person | None) -> None:
    """Use the built-in template again; the revision stays."""
    template.is_active = False
    record(session, "template_dropped", template, by=by, changes=_names(template, None))


def keep_rendered(
    session: Session,
    content: bytes,
    name: str,
    *,
    by: Person | None,
    folder: Path,
    marking: Marking = Marking.INTERNAL,
) -> StoredFile:
    """Keep a document just rendered, so that what was made on that day stays as it was."""
    return files.keep(
        session,
        io.BytesIO(content),
        name,
        marking=marking,
        by=by,
        folder=folder,
        limit=max(len(content), 1),
    )
