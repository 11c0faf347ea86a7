"""Rule sets as files, and what differs between two of them."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from drills.approvals.kinds.reading import BadRules, Fault
from drills.core.text import N_

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs; ``path`` as in ``limits.appraisal.3.number``."""

    path: str
    old: str
    new: str


def parse(text: str, *, is_json: bool) -> dict[str, Any]:
    """The data of a TOML or JSON file. BadRules if it is neither."""
    try:
        data = json.loads(text) if is_json else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = N_("The file cannot be read: %(error)s")
        raise BadRules([Fault("", reason, {"error": str(error)})]) from None
    if not isinstance(data, dict):
        raise BadRules([Fault("", N_("This must be a table."))])
    found: dict[str, Any] = plain(data)
    return found


def plain(data: Any) -> Any:
    """``data`` as JSON can hold them: days as 2026-08-19, nothing that says nothing."""
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items() if value is not None}
    if isinstance(data, list | tuple):
        return [plain(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data


def json_text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def toml_text(data: Mapping[str, Any]) -> str:
    """``data`` as TOML, a part of the rule set under each heading."""
    head = [line for key, value in data.items() if _is_plain(value) for line in [_line(key, value)]]
    parts = [
        part for key, value in data.items() if not _is_plain(value) for part in _part(key, value)
    ]
    return "\n\n".join(["\n".join(head), *parts]) + "\n"


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return False
    return not isinstance(value, list) or not any(isinstance(one, Mapping) for one in value)


def _part(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield "\n".join([f"[{_key(key)}]", *(_line(k, v) for k, v in value.items())])
        return
    for one in value:
        yield "\n".join([f"[[{_key(key)}]]", *(_line(k, v) for k, v in one.items())])


def _line(key: str, value: Any) -> str:
    return f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inside = ", ".join(_line(key, one) for key, one in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        items = [_value(one) for one in value]
        if sum(len(item) for item in items) > 80:
            return "[\n" + "".join(f"  {item},\n" for item in items) + "]"
        return f"[{', '.join(items)}]"
    return json.dumps(value, ensure_ascii=False)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What changed, in the order of the newer one; things of a list are known by their keys."""
    before, after = dict(_flat(old)), dict(_flat(new))
    paths = [*after, *(path for path in before if path not in after)]
    return [
        Change(path, before.get(path, ""), after.get(path, ""))
        for path in paths
        if before.get(path, "") != after.get(path, "")
    ]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _flat(one, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value, start=1):
            key = one.get("key", number) if isinstance(one, Mapping) else number
            yield from _flat(one, f"{path}.{key}")
    else:
        yield path, _told(value)


def _told(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
