"""The Common Exercise Format (CEXF): one JSON document for an exercise and its injects."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from drills.core.errors import DomainError
from drills.core.tabular import Page, Row
from drills.core.text import N_, normal
from drills.exercises.models import Drill, Inject, MselColumn
from drills.exercises.services.msel import foreign
from drills.exercises.services.msel.details import details_of, written_sides
from drills.exercises.services.msel.known import Known
from drills.exercises.services.msel.layout import Layout
from drills.exercises.services.msel.sheets import text_of
from drills.exercises.services.msel.times import write

FORMAT = "cexf"
OWN = ("uuid", "target_tool", "inject_evaluation")
"""What CEXF says of an inject and we have no field for; kept as columns ``cexf_…``."""
LIMIT = 20_000
_FIELDS = (
    "phase", "time", "situation_time", "sender", "sides", "channel", "expected_action", "note",
    "objective", "is_contingency", "depends_on", "detect_target_minutes", "contain_target_minutes",
)  # fmt: skip
_OURS = frozenset({*_FIELDS, "number", "extra"})
_SPACE = uuid.UUID("5f0b6f1e-8f0c-5c3b-9d55-6a1c4f0a2b77")
_BAD = N_("“%(file)s” is not a CEXF document: %(what)s. Choose the JSON file of an exercise.")


def dump(
    known: Known,
    injects: Sequence[Inject],
    columns: Sequence[MselColumn],
    *,
    with_foreign: bool = True,
) -> dict[str, Any]:
    """The document. What CEXF has no place for stands under ``meta`` of each inject.

    ``with_foreign``: with what other programs said, of which nobody knows who may read it.
    """
    seen = {column.key for column in columns}
    names = {inject.id: _uuid(known.drill, inject) for inject in injects}
    document = {
        "exercise": _exercise(known.drill),
        "inject_flow": [
            _step(known, inject, names, after)
            for inject, after in zip(injects, [*injects[1:], None], strict=True)
        ],
        "inject_payloads": [],
        "injects": [_inject(known, inject, names, seen) for inject in injects],
    }
    return foreign.returned(document, injects) if with_foreign else document


def _exercise(drill: Drill) -> dict[str, Any]:
    duration = int((drill.ends_at - drill.starts_at).total_seconds())
    return {
        "uuid": str(uuid.uuid5(_SPACE, drill.code)),
        "name": drill.title,
        "description": drill.summary or drill.title,
        "expanded": drill.scope,
        "namespace": "drills",
        "tags": [f'exercise:kind="{drill.kind_key}"'],
        "meta": {"code": drill.code, "starts_at": drill.starts_at.isoformat()},
        "total_duration": str(duration),
        "valid_until": f"{drill.ends_at:%Y%m%d}",
        "version": f"{drill.updated_at:%Y%m%d}",
    }


def _uuid(drill: Drill, inject: Inject) -> str:
    kept = (inject.extra or {}).get("cexf_uuid")
    return str(kept or uuid.uuid5(_SPACE, f"{drill.code}/{inject.id}"))


def _step(
    known: Known, inject: Inject, names: dict[int, str], after: Inject | None
) -> dict[str, Any]:
    waits = names.get(inject.depends_on_id or 0)
    seconds = inject.offset_seconds
    if inject.planned_at is not None:
        seconds = int((inject.planned_at - known.drill.starts_at).total_seconds())
    return {
        "description": inject.content,
        "inject_uuid": names[inject.id],
        "reporting_callback": [],
        "requirements": (
            {"inject_uuid": waits, "resolution_requirement": "Completion"} if waits else {}
        ),
        "sequence": {
            "completion_trigger": ["time_expiration", "completion"],
            "followed_by": [names[after.id]] if after else [],
            "trigger": ["startex"] if seconds == 0 else [],
        },
        "timing": {"triggered_at": seconds},
    }


def _inject(known: Known, inject: Inject, names: dict[int, str], seen: set[str]) -> dict[str, Any]:
    details = details_of(inject)
    shown = {key: text for key, text in details.extra.items() if key in seen}
    own = {name: shown.pop(f"cexf_{name}", "") for name in OWN}
    evaluation = _evaluation(own["inject_evaluation"], details.expected_action)
    sides = written_sides(inject.sides)
    meta = {key: text_of(details, key, known.frame, sides) for key in _FIELDS}
    return {
        "uuid": names[inject.id],
        "name": details.title,
        "action": details.channel,
        "target_tool": own["target_tool"],
        "inject_evaluation": evaluation,
        "meta": {"number": details.number, **{k: v for k, v in meta.items() if v}, "extra": shown},
    }


def _evaluation(kept: str, expected: str) -> list[Any]:
    """As it came with the inject, or one result made of the action we expect."""
    try:
        found = json.loads(kept) if kept else None
    except ValueError:  # somebody has edited the column by hand
        found = None
    if isinstance(found, list):
        return found
    result = {"result": expected, "parameters": [], "score_range": [0, 10]}
    return [result] if expected else []


def load(data: bytes, filename: str, known: Known) -> tuple[list[Page], Layout]:
    """The injects of a document as a page with its layout, to be planned like any sheet.

    A row's number is the place of the inject in ``injects``, from 1. DomainError if the
    document is none.
    """
    document = _document(data, filename)
    steps = {str(s.get("inject_uuid", "")): s for s in _objects(document, "inject_flow", filename)}
    injects = _objects(document, "injects", filename)
    if len(injects) > LIMIT:
        raise DomainError(_BAD, file=filename, what=f"> {LIMIT} injects")
    numbers = _numbers(injects, known)
    rows = []
    for inject in injects:
        step = steps.get(str(inject.get("uuid")), {})
        more = foreign.kept(document, inject, step, _OURS)
        rows.append(_texts(inject, step, numbers) | {"foreign": more})
    keys = list(dict.fromkeys(key for row in rows for key in row))
    headers = tuple(key.removeprefix("column:") for key in keys)
    lines = [
        Row(place, tuple(row.get(key, "") for key in keys))
        for place, row in enumerate(rows, start=1)
    ]
    return [Page(FORMAT, lines)], Layout(0, 0, headers, tuple(keys))


def _document(data: bytes, filename: str) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise DomainError(_BAD, file=filename, what="JSON?") from error
    if not isinstance(document, dict) or "injects" not in document:
        raise DomainError(_BAD, file=filename, what="“injects”?")
    return document


def _objects(document: dict[str, Any], key: str, filename: str) -> list[dict[str, Any]]:
    found = document.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise DomainError(_BAD, file=filename, what=f"“{key}”?")
    return found


def _numbers(injects: list[dict[str, Any]], known: Known) -> dict[str, str]:
    """The number of each inject by its UUID: ours if we know it, else its own, else the next."""
    ours = {_uuid(known.drill, inject): inject.number for inject in known.injects}
    taken = {inject.number for inject in known.injects}
    numbers: dict[str, str] = {}
    free = 1
    for place, inject in enumerate(injects):
        name = str(inject.get("uuid") or f"#{place}")
        inject["uuid"] = name
        own = _object(inject, "meta").get("number")
        number = ours.get(name) or (str(own) if own else "")
        while not number:
            number, free = ("" if str(free) in taken else str(free)), free + 1
        taken.add(number)
        numbers[name] = number
    return numbers


def _texts(inject: dict[str, Any], step: dict[str, Any], numbers: dict[str, str]) -> dict[str, str]:
    meta = _object(inject, "meta")
    row = {"number": numbers[inject["uuid"]], "title": _text(inject.get("name"))}
    row["content"] = _text(step.get("description"))
    row |= {key: _text(meta.get(key, "")) for key in _FIELDS} if meta.get("number") else {}
    if not meta.get("number"):
        row |= _foreign(inject, step, numbers)
    row |= {f"column:{key}": _text(text) for key, text in _object(meta, "extra").items()}
    return row


def _foreign(
    inject: dict[str, Any], step: dict[str, Any], numbers: dict[str, str]
) -> dict[str, str]:
    """What another program's inject says, as far as we have a place for it."""
    seconds = _object(step, "timing").get("triggered_at")
    is_first = "startex" in (_object(step, "sequence").get("trigger") or [])
    evaluation = [e for e in inject.get("inject_evaluation") or [] if isinstance(e, dict)]
    waits = _object(step, "requirements").get("inject_uuid")
    return {
        "time": _due(seconds, is_first=is_first),
        "channel": _text(inject.get("action")),
        "expected_action": "\n".join(_text(e.get("result")) for e in evaluation),
        "depends_on": numbers.get(str(waits), _text(waits)),
        "column:cexf_uuid": _text(inject["uuid"]),
        "column:cexf_target_tool": _text(inject.get("target_tool")),
        "column:cexf_inject_evaluation": _json(evaluation),
    }


def _due(seconds: Any, *, is_first: bool) -> str:
    if isinstance(seconds, int | float):
        return write(int(seconds))
    return "T+0" if is_first else ""


def _json(value: list[dict[str, Any]]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def _object(where: dict[str, Any], key: str) -> dict[str, Any]:
    found = where.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    return normal(value if isinstance(value, str) else "" if value is None else str(value))
