"""A whole dossier as an inspector gets it: every revision, documents, snapshots, history."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from drills.accounts.models import Person
from drills.approvals.models import (
    ACTS,
    Condition,
    Dossier,
    DossierEvent,
    DossierPaper,
)
from drills.approvals.services import letters
from drills.approvals.services.letters import Letter
from drills.documents import services as documents
from drills.documents.packs import zip_of
from drills.files import services as files
from drills.systems.models import Decision

Entry = tuple[str, bytes | Path]


def pack(
    session: Session, dossier: Dossier, *, folder: Path, at: datetime, by: Person
) -> IO[bytes]:
    """The zip of ``dossier``; see ``documents.packs.zip_of`` for its index and sums."""
    meta = {
        "dossier": dossier.code,
        "system": f"{dossier.system.code} {dossier.system.name}",
        "level": dossier.level,
        "rule_set": dossier.regime.title,
        "state": dossier.state.value,
        "made_at": at.isoformat(timespec="seconds"),
        "made_by": by.name,
    }
    return zip_of(entries(session, dossier, folder=folder), meta)


def entries(session: Session, dossier: Dossier, *, folder: Path) -> Iterator[Entry]:
    yield from _papers(session, dossier, folder)
    yield from _documents(session, dossier, folder)
    decisions = _decisions(session, dossier)
    for taken in decisions:
        yield f"quyet-dinh/{taken.number.replace('/', '-')}.json", canonical(taken.snapshot)
    yield "dien-bien.json", _json(_told(session, dossier, decisions))
    yield "dien-bien.txt", _history(dossier).encode()


def _papers(session: Session, dossier: Dossier, folder: Path) -> Iterator[Entry]:
    """Every revision of every paper, the earlier ones beside the newest."""
    query = (
        sa.select(DossierPaper)
        .where(DossierPaper.dossier_id == dossier.id)
        .order_by(DossierPaper.position)
        .options(selectinload(DossierPaper.files))
    )
    for paper in session.scalars(query):
        for revision in paper.files:
            name = f"thanh-phan/{paper.position:02}-{paper.key}"
            path = f"{name}/{revision.revision:02}-{revision.file.name}"
            yield path, files.path_of(revision.file, folder)


def _documents(session: Session, dossier: Dossier, folder: Path) -> Iterator[Entry]:
    for bare in available(session, dossier):
        letter = letters.addressed(session, bare)
        content = documents.render(
            session, letter.key, letter.context, "vi", folder=folder, unit=letter.unit
        )
        yield f"van-ban/{letter.name}.docx", content


def available(session: Session, dossier: Dossier) -> list[Letter]:
    """The documents there are at this stage: a decision only once it was taken."""
    taken = letters.taken_on(session, dossier)
    words = ["proposal", *(["opinion"] if dossier.verdict else []), *taken]
    return [letters.write(dossier, word, taken.get(word)) for word in words]


def _decisions(session: Session, dossier: Dossier) -> Sequence[Decision]:
    query = sa.select(Decision).where(Decision.dossier_id == dossier.id).order_by(Decision.id)
    return session.scalars(query).all()


def canonical(snapshot: Mapping[str, Any]) -> bytes:
    """The bytes whose SHA-256 a decision keeps: sorted keys, no spaces (RFC 8785)."""
    return json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _told(session: Session, dossier: Dossier, decisions: Sequence[Decision]) -> dict[str, Any]:
    found = dossier.determination
    return {
        "dossier": dossier.code,
        "system": {"code": dossier.system.code, "name": dossier.system.name},
        "determination": {
            "level": found.level,
            "proposed_level": found.proposed_level,
            "override_reason": found.override_reason,
            "answers": found.answers,
            "reasons": found.reasons,
        }
        if found
        else None,
        "opinion": {
            "verdict": dossier.verdict,
            "number": dossier.opinion_number,
            "on": dossier.opinion_date,
            "text": dossier.opinion,
        },
        "events": [_event(event) for event in dossier.events],
        "decisions": [_decision(session, taken) for taken in decisions],
    }


def _event(event: DossierEvent) -> dict[str, Any]:
    return {
        "act": event.act.value,
        "at": event.at,
        "on": event.on,
        "by": event.by.name if event.by else "",
        "for": event.on_behalf_of.name if event.on_behalf_of else "",
        "text": event.text,
        "state_after": event.state_after.value,
    }


def _decision(session: Session, taken: Decision) -> dict[str, Any]:
    owed = (
        sa.select(Condition)
        .where(Condition.decision_id == taken.id)
        .order_by(Condition.id)
        .options(joinedload(Condition.owner).lazyload(Person.grants))
    )
    return {
        "kind": taken.kind.value,
        "number": taken.number,
        "signed_on": taken.signed_on,
        "authority": taken.authority,
        "signer": taken.signer,
        "level": taken.level,
        "state": taken.state.value,
        "snapshot_sha256": taken.snapshot_sha256,
        "conditions": [
            {"text": one.text, "due_on": one.due_on, "met_at": one.met_at, "note": one.note}
            for one in session.scalars(owed).unique()
        ],
    }


def _json(content: Any) -> bytes:
    text = json.dumps(content, ensure_ascii=False, indent=1, default=_plain)
    return f"{text}\n".encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _history(dossier: Dossier) -> str:
    """The events as lines anybody can read without a program."""
    lines = [f"{dossier.code}  {dossier.system.code} {dossier.system.name}", ""]
    for event in dossier.events:
        who = event.by.name if event.by else ""
        if event.on_behalf_of:
            who = f"{who} (thay {event.on_behalf_of.name})"
        lines.append(f"{event.on:%d/%m/%Y}  {who}  {ACTS[event.act]}  {event.text}".rstrip())
    return "\n".join([*lines, ""])
