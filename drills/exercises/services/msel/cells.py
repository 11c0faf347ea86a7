"""Texts of a row, whether of a sheet or of the table in the browser, read as an inject."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from drills.core.orm import TITLE_MAX
from drills.core.tabular import key as folded
from drills.core.text import N_, fold
from drills.exercises.models import INJECT_NUMBER_MAX, INJECT_STATUSES
from drills.exercises.services.msel import times
from drills.exercises.services.msel.columns import EVENT_TYPE, STATUS
from drills.exercises.services.msel.details import Fault, InjectDetails
from drills.exercises.services.msel.known import Known
from drills.exercises.services.msel.sides import Sides

MINUTES_MAX = 7 * 24 * 60
PROSE = frozenset({"content", "expected_action", "note"})
WRITTEN = {"number": INJECT_NUMBER_MAX, "title": TITLE_MAX, "depends_on": INJECT_NUMBER_MAX + 1}
WRITTEN |= dict.fromkeys(("phase", "situation_time", "sender", "channel"), TITLE_MAX)
WRITTEN |= dict.fromkeys(PROSE, 0)
"""Texts taken as they are, with the longest each may be; 0 is as long as one likes."""
YES = frozenset({"x", "co", "yes", "y", "1", "true", "du phong", "contingency", "on", "v", "✓"})
NO = frozenset({"", "khong", "no", "n", "0", "false", "-", "—"})
WHEN_NEEDED = frozenset({"du phong", "khi can", "contingency", "as needed", "on demand"})
"""What stands where a time is expected, and means that there is none."""
EVENT_TYPES = {True: "Contingency inject", False: "Inject"}
_NOT_SAID = frozenset({"tbd", "chua xac dinh", "n/a"})


class Reader:
    """Reads row after row. What it learns of sides and objectives stays with it.

    ``may_grow``: a side or an objective that the drill does not have yet is taken for a new
    one, as in a sheet of somebody else; without it, for a slip of the pen.
    """

    def __init__(self, known: Known, *, may_grow: bool) -> None:
        self.frame = known.frame
        self.sides = Sides(known.sides, may_grow=may_grow)
        self.may_grow = may_grow
        self.objectives = [objective.text for objective in known.objectives]
        self.new_objectives: list[str] = []

    def read(
        self, texts: Mapping[str, str], base: InjectDetails, day: date | None = None
    ) -> tuple[InjectDetails, list[Fault]]:
        """``base`` with what ``texts`` says, by key of a column or ``column:<key>``."""
        faults: list[Fault] = []
        values: dict[str, Any] = {}
        for key, text in texts.items():
            if not key.startswith("column:"):
                self._cell(key, text, values, faults, day)
        extra = dict(base.extra) | {
            key.removeprefix("column:"): text
            for key, text in texts.items()
            if key.startswith("column:")
        }
        self._specials(extra, texts, values)
        values["extra"] = {key: text for key, text in extra.items() if text}
        details = replace(base, **values)
        if not details.title:
            faults.append(_untitled())
        return details, faults

    def _cell(
        self,
        key: str,
        text: str,
        values: dict[str, Any],
        faults: list[Fault],
        day: date | None,
    ) -> None:
        if key == "time":
            self._time(text, values, faults, day)
        elif key == "message":
            values["title"], values["content"] = split_message(text)
        elif key == "foreign":
            values[key] = text
        elif key in WRITTEN:
            text = text.lstrip("#") if key == "depends_on" else text
            values[key] = text if key in PROSE else " ".join(text.split())
            faults += _written(key, values[key])
        else:
            self._chosen(key, text, values, faults)

    def _chosen(self, key: str, text: str, values: dict[str, Any], faults: list[Fault]) -> None:
        if key == "sides":
            values[key], unknown = self.sides.read(text)
            faults += [self.sides.fault(name) for name in unknown]
        elif key == "objective":
            values[key] = self._objective(text, faults)
        elif key == "is_contingency":
            is_yes = fold(text) in YES
            values[key] = values.get(key, False) or is_yes
            if not is_yes and fold(text) not in NO:
                faults.append(
                    Fault(key, text, N_("This is neither yes nor no."), N_("Write x, or nothing."))
                )
        elif key.endswith("_target_minutes"):
            values[key] = _minutes(key, text, faults)

    def _time(
        self, text: str, values: dict[str, Any], faults: list[Fault], day: date | None
    ) -> None:
        word = fold(text).strip(" .")
        due = times.Due()
        if word in WHEN_NEEDED:
            values["is_contingency"] = True
        elif word not in _NOT_SAID:
            try:
                due = times.read(text, self.frame, day)
            except times.BadTime:
                faults.append(
                    Fault(
                        "time",
                        text,
                        N_("This is not a time."),
                        N_("Write it as T+15, H+1:30, 09:05 or 08/12/2026 09:05."),
                    )
                )
        values["offset_seconds"], values["planned_at"] = due.offset, due.at

    def _objective(self, text: str, faults: list[Fault]) -> str:
        """The text of an objective, found by its text or by its number in the list."""
        there = [*self.objectives, *self.new_objectives]
        found = next((one for one in there if folded(one) == folded(text)), "")
        number = re.fullmatch(r"(?:mt|muc tieu|objective|obj)?\s*#?(\d{1,2})", fold(text))
        if not found and number and 0 < int(number[1]) <= len(self.objectives):
            found = self.objectives[int(number[1]) - 1]
        if not found and text and self.may_grow:
            self.new_objectives.append(text)
            found = text
        if not found and text:
            faults.append(
                Fault(
                    "objective",
                    text,
                    N_("The drill has no such objective."),
                    N_("Choose one of its objectives, or add it to the plan first."),
                )
            )
        return found

    def _specials(
        self, extra: dict[str, str], texts: Mapping[str, str], values: dict[str, Any]
    ) -> None:
        """A status or type of event that we write ourselves is not kept a second time."""
        if f"column:{EVENT_TYPE}" in texts:
            word = fold(extra[EVENT_TYPE])
            is_ours = word in {fold(name) for name in EVENT_TYPES.values()}
            is_spare = "contingency" in word or "du phong" in word
            if "is_contingency" not in texts and (is_ours or is_spare):
                values["is_contingency"] = is_spare or values.get("is_contingency", False)
            if is_ours:
                extra[EVENT_TYPE] = ""
        if f"column:{STATUS}" in texts and is_own_status(extra[STATUS]):
            extra[STATUS] = ""


def is_own_status(text: str) -> bool:
    return text in INJECT_STATUSES.values()


def split_message(text: str) -> tuple[str, str]:
    """Title and content of a message that has no title beside it.

    A first line of its own, set off by an empty one, is the title; of any other message its
    beginning is. ``join_message`` is the way back.
    """
    first, _, rest = text.partition("\n\n")
    if rest.strip() and "\n" not in first and len(first) <= TITLE_MAX:
        return " ".join(first.split()), rest.strip()
    if "\n" not in text and len(text) <= TITLE_MAX:
        return " ".join(text.split()), ""
    return _beginning(text), text


def join_message(title: str, content: str) -> str:
    if not content:
        return title
    return content if split_message(content) == (title, content) else f"{title}\n\n{content}"


def _beginning(text: str) -> str:
    line = text.partition("\n")[0]
    sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0]
    short = sentence if len(sentence) <= TITLE_MAX else sentence[: TITLE_MAX - 1].rpartition(" ")[0]
    return (short or line[: TITLE_MAX - 1]).strip()


def _minutes(key: str, text: str, faults: list[Fault]) -> int | None:
    found = re.fullmatch(r"(\d{1,5})\s*(?:'|p|ph|phut|min|minutes)?", fold(text))
    if found and 0 < int(found[1]) <= MINUTES_MAX:
        return int(found[1])
    if text:
        faults.append(
            Fault(
                key,
                text,
                N_("This is not a number of minutes."),
                N_("Write whole minutes from 1 to %(most)s, or leave it empty."),
                {"most": MINUTES_MAX},
            )
        )
    return None


def _written(key: str, text: str) -> list[Fault]:
    most = WRITTEN[key]
    if key == "number" and not text:
        return [Fault("number", "", N_("The inject has no number."), N_("Give it one of its own."))]
    if not most or len(text) <= most:
        return []
    return [
        Fault(
            key,
            text[:60] + "…",
            N_("This is longer than %(most)s characters."),
            N_("Shorten it, and move the rest to the content."),
            {"most": most},
        )
    ]


def _untitled() -> Fault:
    return Fault(
        "title",
        "",
        N_("The inject has neither title nor content."),
        N_("Say in a few words what happens, or take the row out."),
    )
