"""What came of the injects: a pure function of releases and of what stands in the log.

All times are seconds of exercise time, so a pause costs nobody anything. What was not noted is
None and counts nowhere; it is never zero.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import TypeVar

from drills.exercises.models.conduct import LogKind
from drills.exercises.models.evaluation import Verdict

MINUTE = 60
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Sent:
    """An inject that has been released; ``side_ids`` are those it went to, None for nobody known.

    The targets are minutes: the inject's own, else those of its drill.
    """

    inject_id: int
    drill_id: int
    released: int
    side_ids: tuple[int | None, ...]
    detect_target: int | None = None
    contain_target: int | None = None
    number: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The first entry of its kind that stands for an inject and a side."""

    inject_id: int
    side_id: int | None
    kind: LogKind
    at: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one side made of one inject; seconds after its release."""

    sent: Sent
    side_id: int | None
    detected_after: int | None
    contained_after: int | None
    verdict: Verdict | None = None
    note: str = ""

    @property
    def detected_in_time(self) -> bool | None:
        return _within(self.detected_after, self.sent.detect_target)

    @property
    def contained_in_time(self) -> bool | None:
        return _within(self.contained_after, self.sent.contain_target)


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of a drill, a side or a year. ``mttd`` and ``mttr`` are means of what was noted.

    ``injects`` counts pairs of an inject and a side, ``detected`` and ``contained`` those with a
    time. ``detect_target`` is the mean target of the injects that have one, in minutes.
    """

    injects: int = 0
    detected: int = 0
    contained: int = 0
    mttd: float | None = None
    mttr: float | None = None
    median_detected: float | None = None
    median_contained: float | None = None
    detect_target: float | None = None
    contain_target: float | None = None
    met: int = 0
    partly: int = 0
    missed: int = 0

    @property
    def detected_in_time(self) -> bool | None:
        return _within(self.mttd, self.detect_target)

    @property
    def contained_in_time(self) -> bool | None:
        return _within(self.mttr, self.contain_target)

    @property
    def judged(self) -> int:
        return self.met + self.partly + self.missed


def outcomes(
    sent: Iterable[Sent],
    stamps: Iterable[Stamp],
    verdicts: Mapping[tuple[int, int | None], tuple[Verdict, str]] | None = None,
) -> list[Outcome]:
    """One for each inject and side; what is noted without a side holds where a side has none."""
    earliest: dict[tuple[int, int | None, LogKind], int] = {}
    for stamp in stamps:
        key = (stamp.inject_id, stamp.side_id, stamp.kind)
        earliest[key] = min(stamp.at, earliest.get(key, stamp.at))
    judged = verdicts or {}

    def after(one: Sent, side: int | None, kind: LogKind) -> int | None:
        of_all = earliest.get((one.inject_id, None, kind))
        at = earliest.get((one.inject_id, side, kind), of_all)
        return None if at is None else max(at - one.released, 0)

    def outcome(one: Sent, side: int | None) -> Outcome:
        judgement = judged.get((one.inject_id, side)) or judged.get((one.inject_id, None))
        verdict, note = judgement or (None, "")
        detected, contained = (
            after(one, side, kind) for kind in (LogKind.DETECTED, LogKind.CONTAINED)
        )
        return Outcome(one, side, detected, contained, verdict, note)

    return [outcome(one, side) for one in sent for side in one.side_ids]


def summary(rows: Sequence[Outcome]) -> Summary:
    detected = [row.detected_after for row in rows if row.detected_after is not None]
    contained = [row.contained_after for row in rows if row.contained_after is not None]
    verdicts = [row.verdict for row in rows]
    return Summary(
        injects=len(rows),
        detected=len(detected),
        contained=len(contained),
        mttd=fmean(detected) if detected else None,
        mttr=fmean(contained) if contained else None,
        median_detected=median(detected) if detected else None,
        median_contained=median(contained) if contained else None,
        detect_target=_mean(row.sent.detect_target for row in rows),
        contain_target=_mean(row.sent.contain_target for row in rows),
        met=verdicts.count(Verdict.MET),
        partly=verdicts.count(Verdict.PARTLY),
        missed=verdicts.count(Verdict.MISSED),
    )


def grouped(rows: Iterable[Outcome], key: Callable[[Outcome], K]) -> dict[K, Summary]:
    """Figures by what ``key`` tells of an outcome, in the order in which the groups appear."""
    groups: dict[K, list[Outcome]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: summary(group) for name, group in groups.items()}


def by_drill(rows: Iterable[Outcome]) -> dict[int, Summary]:
    return grouped(rows, lambda row: row.sent.drill_id)


def by_side(rows: Iterable[Outcome]) -> dict[int | None, Summary]:
    return grouped(rows, lambda row: row.side_id)


def _within(seconds: float | None, minutes: float | None) -> bool | None:
    return None if seconds is None or minutes is None else seconds <= minutes * MINUTE


def _mean(values: Iterable[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
