"""An after-action report in words: the record and what people wrote, in one language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from drills.exercises.models import LogEntry
from drills.exercises.models.results import Summary
from drills.findings import played
from drills.findings.models import ReportDraft
from drills.findings.played import minutes, share
from drills.findings.services.report import TIMELINE_MAX, Record
from drills.web.filters import moment, number


def context(record: Record, drafts: Mapping[str, ReportDraft], language: str) -> dict[str, Any]:
    """The fields of the document kind ``after_action_report``."""
    written = {part: draft.text for part, draft in drafts.items() if draft.text}
    with force_locale(language):
        return {
            "drill": _drill(record, language),
            "purpose": written.get("purpose") or record.drill.summary,
            "units": [unit.title(language) for unit in record.drill.units],
            "teams": [team.name for team in record.drill.teams],
            "people": record.came,
            "systems": [
                {"code": s.code, "name": s.name, "level": s.level or ""}
                for s in record.drill.systems
            ],
            "objectives": [
                {
                    "name": objective.text,
                    "capability": objective.capability,
                    "rating": _(objective.rating_label),
                    "remark": _remark(objective),
                }
                for objective in record.objectives
            ],
            "figures": figures(record),
            "timeline": _timeline(record, written.get("course", "")),
            "strengths": _strengths(record, written.get("strengths", "")),
            "improvements": [
                {
                    "title": finding.text,
                    "severity": _(finding.severity_label),
                    "analysis": finding.analysis,
                    "recommendation": "; ".join(action.title for action in finding.actions),
                }
                for finding in record.findings
            ],
            "actions": [
                {
                    "title": f"{action.code}: {action.title}",
                    "owner": f"{action.owner.name}, {action.unit.title(language)}",
                    "due": action.due_on,
                    "status": _(action.state_label),
                }
                for action in record.actions
            ],
            "lessons": _lessons(record),
            **played.context(record),
            "conclusion": written.get("conclusion") or record.drill.result,
        }


def _drill(record: Record, language: str) -> dict[str, Any]:
    drill = record.drill
    return {
        "code": drill.code,
        "title": drill.title,
        "kind": _(drill.kind.label),
        "place": drill.place or (_("Online") if drill.is_online else ""),
        "starts": moment(record.clock.started_at or drill.starts_at, drill.zone),
        "ends": moment(record.clock.ended_at or drill.ends_at, drill.zone),
        "unit": drill.unit.title(language),
        "lead": drill.lead.name if drill.lead else "",
    }


def _remark(objective: Any) -> str:
    score = ""
    if objective.score is not None:
        score = _(
            "%(score)s of %(whole)s",
            score=number(objective.score),
            whole=number(objective.score_of),
        )
    return ". ".join(part for part in (score, objective.rating_note) if part)


def figures(record: Record) -> list[dict[str, str]]:
    """What was measured, in words; what was not measured is left out, never zero."""
    whole = record.results.whole
    released = sum(1 for inject in record.injects if inject.released_at)
    rows = [
        (_("Injects released"), number(released) if released else ""),
        (_("Detected"), share(whole.detected, whole.injects) if whole.injects else ""),
        (_("Contained"), share(whole.contained, whole.injects) if whole.injects else ""),
        (_("Mean time to detect (MTTD)"), minutes(whole.mttd, whole.detect_target)),
        (_("Mean time to contain (MTTR)"), minutes(whole.mttr, whole.contain_target)),
        (_("As expected"), _judged(whole)),
        (
            _("Vulnerabilities found"),
            number(len(record.vulnerabilities)) if record.vulnerabilities else "",
        ),
    ]
    return [{"label": str(label), "value": str(value)} for label, value in rows if value]


def _judged(whole: Summary) -> str:
    return share(whole.met, whole.judged) if whole.judged else ""


def _timeline(record: Record, course: str) -> list[dict[str, str]]:
    rows = [{"at": "", "text": line} for line in course.splitlines() if line.strip()]
    zone = record.drill.zone
    return rows + [
        {"at": f"{entry.at.astimezone(zone):%H:%M}", "text": line_of(entry)}
        for entry in record.log[:TIMELINE_MAX]
    ]


def line_of(entry: LogEntry) -> str:
    """One line of the log in words."""
    inject = _("Inject %(number)s", number=entry.inject.number) if entry.inject else ""
    side = entry.side.name if entry.side else ""
    head = ", ".join(str(part) for part in (inject, side) if part)
    words = f"{_(entry.kind_label)}. {entry.text}".strip().rstrip(".") + "."
    return f"{head}: {words}" if head else words


def _strengths(record: Record, written: str) -> list[str]:
    if written:
        return [line.strip("-• ").strip() for line in written.splitlines() if line.strip()]
    lessons = [lesson.text for lesson in record.lessons if lesson.is_strength]
    return lessons + [seen.text for seen in record.observations if seen.is_strength]


def _lessons(record: Record) -> list[str]:
    """What to do otherwise; in somebody else's drill also what we wrote of our part in it."""
    told = [
        f"{lesson.text} {lesson.recommendation}".strip()
        for lesson in record.lessons
        if not lesson.is_strength
    ]
    part = record.drill.participation
    return told + [line for line in (part.lessons if part else "").splitlines() if line.strip()]
