"""What a CEXF document of another program says beyond what we have a place for.

It is kept whole beside the inject, shown nowhere, and comes out again with the document; what
speaks of no inject stays with the first. Should a list be edited, what we know overrules it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from drills.exercises.models import Inject

Json = dict[str, Any]
TOP = frozenset({"exercise", "inject_flow", "inject_payloads", "injects"})
EXERCISE = frozenset(
    {
        "uuid", "name", "description", "expanded", "namespace", "tags", "meta", "total_duration",
        "valid_until", "version",
    }
)  # fmt: skip
INJECT = frozenset({"uuid", "name", "action", "target_tool", "inject_evaluation", "meta"})
STEP = frozenset({"inject_uuid", "description", "reporting_callback", "requirements"})
STEP |= {"sequence", "timing"}


def kept(document: Json, inject: Json, step: Json, known_meta: frozenset[str]) -> str:
    """What to keep of one inject, as JSON; empty where we have a place for everything."""
    found: Json = {
        "inject": _rest(inject, INJECT),
        "meta": _rest(_object(inject, "meta"), known_meta),
        "step": _rest(step, STEP) | {k: step[k] for k in _telling(step)},
        "payloads": _payloads(document, inject),
    }
    if document["injects"][0] is inject:
        found["document"] = _rest(document, TOP)
        found["exercise"] = _rest(_object(document, "exercise"), EXERCISE)
    found = {key: value for key, value in found.items() if value}
    return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else ""


def _telling(step: Json) -> list[str]:
    """The parts of a step that say more than the plain one we would write."""
    plain: Json = {
        "reporting_callback": [[], None],
        "requirements": [{}, None],
        "sequence": [{}, None],
        "timing": [{}, None],
    }
    sequence, timing = _object(step, "sequence"), _object(step, "timing")
    own = {"sequence": _is_plain(sequence), "timing": set(timing) <= {"triggered_at"}}
    needed = _object(step, "requirements")
    own["requirements"] = needed.get("resolution_requirement") in {None, "Completion"} and (
        set(needed) <= {"inject_uuid", "resolution_requirement"}
    )
    return [
        key
        for key, empty in plain.items()
        if key in step and step[key] not in empty and not own.get(key, False)
    ]


def _is_plain(sequence: Json) -> bool:
    return (
        set(sequence) <= {"completion_trigger", "followed_by", "trigger"}
        and sequence.get("completion_trigger") in (None, ["time_expiration", "completion"])
        and sequence.get("trigger") in (None, [], ["startex"])
        and len(sequence.get("followed_by") or []) < 2
    )


def _payloads(document: Json, inject: Json) -> list[Json]:
    """The payloads of this inject with their places; the first has those of none as well."""
    names = {str(one.get("uuid")) for one in document["injects"]}
    is_first = document["injects"][0] is inject
    return [
        {"at": place, "payload": payload}
        for place, payload in enumerate(document.get("inject_payloads") or [])
        if (owner := _owner(payload, names)) == inject.get("uuid") or (is_first and not owner)
    ]


def _owner(payload: Any, names: set[str]) -> str:
    said = payload.get("inject_uuid") if isinstance(payload, dict) else None
    return str(said) if str(said) in names else ""


def returned(document: Json, injects: Sequence[Inject]) -> Json:
    """``document``, as we write it, with what was kept of each of ``injects`` in its place."""
    names = {step["inject_uuid"] for step in document["inject_flow"]}
    payloads: list[Json] = []
    for place, inject in enumerate(injects):
        own: Mapping[str, Any] = inject.foreign or {}
        ours = document["injects"][place]
        meta = own.get("meta", {}) | ours["meta"]
        document["injects"][place] = own.get("inject", {}) | ours | {"meta": meta}
        document["inject_flow"][place] |= _step(
            own.get("step", {}), document["inject_flow"][place], names
        )
        payloads += own.get("payloads", [])
        document = own.get("document", {}) | document
        document["exercise"] = own.get("exercise", {}) | document["exercise"]
    payloads.sort(key=lambda one: int(one["at"]))
    document["inject_payloads"] = [one["payload"] for one in payloads]
    return document


def _step(own: Json, ours: Json, names: set[str]) -> Json:
    """The step as it came, but for what has been planned otherwise since."""
    step = dict(own)
    if "timing" in step:
        step["timing"] = step["timing"] | ours["timing"]
    if _object(step, "requirements").get("inject_uuid") != ours["requirements"].get("inject_uuid"):
        step.pop("requirements", None)
    if "sequence" in step:
        after = [one for one in step["sequence"].get("followed_by") or [] if one in names]
        step["sequence"] = step["sequence"] | {"followed_by": after}
    return step


def _rest(where: Json, known: frozenset[str]) -> Json:
    return {key: value for key, value in where.items() if key not in known}


def _object(where: Mapping[str, Any], key: str) -> Json:
    found = where.get(key)
    return found if isinstance(found, dict) else {}
