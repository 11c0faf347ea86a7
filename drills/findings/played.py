"""What was played, as rows of words: results, our part in somebody else's drill, the hot wash."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from drills.exercises.models import SEVERITIES, VERDICTS, Participation, QuestionKind
from drills.exercises.models.results import MINUTE, Outcome, Summary
from drills.exercises.services.safety import by_severity
from drills.exercises.services.surveys import Told
from drills.findings.services.report import Record
from drills.web.filters import clock, number

Row = dict[str, Any]
PART = (
    "edition", "theme", "round", "entered", "rank", "scope", "score", "prize", "source", "feedback",
)  # fmt: skip
WORDS_MAX = 20
"""How many answers in people's own words a report quotes to one question."""


def context(record: Record) -> Row:
    """The fields of the report that tell what was played; in the language at hand."""
    part = record.drill.participation
    return {
        "results": _results(record),
        "sides": _sides(record),
        "vulnerabilities": [
            {"severity": str(_(SEVERITIES[severity])), "count": count, "open": still_open}
            for severity, count, still_open in by_severity(record.vulnerabilities)
            if count
        ],
        "participation": _part(part) if part else dict.fromkeys(PART, ""),
        "received": _received(record, part) if part else [],
        "hot_wash": hot_wash(record),
    }


def minutes(seconds: float | None, target: float | None = None) -> str:
    """``12 min (target 15 min)``; empty where nothing was noted."""
    if seconds is None:
        return ""
    taken = _("%(num)s min", num=number(round(seconds / MINUTE, 1)))
    if target is None:
        return str(taken)
    return str(_("%(taken)s (target %(target)s min)", taken=taken, target=number(target)))


def share(part: float, whole: float) -> str:
    return str(_("%(part)s of %(whole)s", part=number(part), whole=number(whole)))


def _results(record: Record) -> list[Row]:
    name = side_names(record)
    return [
        {
            "inject": f"{row.sent.number}. {row.sent.title}",
            "side": name(row.side_id),
            "detected": minutes(row.detected_after),
            "contained": minutes(row.contained_after),
            "verdict": verdict(row),
            "note": row.note,
        }
        for row in record.results.outcomes
    ]


def verdict(row: Outcome) -> str:
    return str(_(VERDICTS[row.verdict])) if row.verdict else ""


def _sides(record: Record) -> list[Row]:
    """Side by side; empty where only one played."""
    name, sides = side_names(record), record.results.sides
    return [_side(name(key), whole) for key, whole in sides.items()] if len(sides) > 1 else []


def _side(name: str, whole: Summary) -> Row:
    return {
        "name": name,
        "mttd": minutes(whole.mttd),
        "mttr": minutes(whole.mttr),
        "detected": share(whole.detected, whole.injects),
        "contained": share(whole.contained, whole.injects),
        "met": share(whole.met, whole.judged) if whole.judged else "",
    }


def side_names(record: Record) -> Callable[[int | None], str]:
    names = {side.id: side.name for side in record.drill.sides}
    return lambda key: names.get(key or 0) or str(_("Everybody"))


def _part(part: Participation) -> Row:
    """Everything is text; empty what is not known."""
    rank = share(part.rank, part.rank_of) if part.rank and part.rank_of else number(part.rank)
    score = "" if part.score is None else number(part.score)
    if score and part.score_of is not None:
        score = str(_("%(score)s of %(whole)s", score=score, whole=number(part.score_of)))
    return {
        "edition": part.edition.title,
        "theme": part.edition.subject,
        "round": str(_(part.round.title)) if part.round else "",
        "entered": str(_(part.entered_label)) if part.entered else "",
        "rank": rank,
        "scope": part.rank_scope,
        "score": score,
        "prize": part.prize,
        "source": part.source,
        "feedback": part.feedback,
    }


def _received(record: Record, part: Participation) -> list[Row]:
    zone = record.drill.zone
    return [
        {
            "number": one.number,
            "summary": one.summary,
            "received": clock(one.received_at, zone) if one.received_at else "",
            "answered": clock(one.answered_at, zone) if one.answered_at else "",
            "after": _after(one.answered_after_minutes),
            "who": one.assigned_to,
            "answer": one.answer,
            "feedback": one.feedback,
        }
        for one in part.received
    ]


def _after(taken: int | None) -> str:
    return "" if taken is None else minutes(taken * MINUTE)


def hot_wash(record: Record) -> list[Row]:
    return [_answered(one) for one in record.hot_wash.told] if record.hot_wash else []


def _answered(one: Told) -> Row:
    """A question of the hot wash and, in one line or several, what people said to it."""
    told = "\n".join(one.texts[:WORDS_MAX])
    if one.question.kind is QuestionKind.SCALE:
        mean = number(round(one.mean, 1)) if one.mean is not None else "–"
        told = str(
            ngettext(
                "%(mean)s of 5 on average, %(num)s answer",
                "%(mean)s of 5 on average, %(num)s answers",
                one.answered,
                mean=mean,
            )
        )
    elif one.question.kind is QuestionKind.YES_NO:
        told = f"{share(one.counts.get(1, 0), one.answered)} {_('yes')}"
    return {"question": one.question.text, "answer": told}
