"""What a decision pins, its digest, and what has changed of it since."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from drills.files.models import StoredFile
from drills.systems.models import PINNED, Decision, InformationSystem


class RuleSet(Protocol):
    """What a snapshot says of the rule set."""

    @property
    def code(self) -> str: ...
    @property
    def version(self) -> int: ...


def snapshot_of(
    system: InformationSystem, papers: Sequence[StoredFile], regime: RuleSet | None
) -> dict[str, Any]:
    """What a decision pins: the columns of the system as text, the files, the rule set."""
    return {
        "system": pinned(system),
        "papers": [
            {"name": file.name, "sha256": file.sha256, "size": file.size} for file in papers
        ],
        "rules": {"code": regime.code, "version": regime.version} if regime else {},
    }


def pinned(system: InformationSystem) -> dict[str, str]:
    """The columns that decisions pin, as text; units by name."""
    units = {"owner_id": system.owner.name, "operator_id": system.operator.name}
    return {name: units.get(name) or _text(getattr(system, name)) for name in PINNED}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def sha256_of(snapshot: Mapping[str, Any]) -> str:
    """The digest of the canonical form: sorted keys, no blanks, UTF-8."""
    text = json.dumps(snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def is_intact(decision: Decision) -> bool:
    """Whether the snapshot is the one that was recorded."""
    return sha256_of(decision.snapshot) == decision.snapshot_sha256


def differences(decision: Decision) -> list[tuple[str, str, str]]:
    """(column, as it was decided on, as it is now) of what has changed since."""
    then = decision.snapshot.get("system", {})
    now = pinned(decision.system)
    return [(key, then[key], now.get(key, "")) for key in then if then[key] != now.get(key, "")]
