"""What a report still lacks, each with the page on which to add it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.exercises.models import InjectStatus
from drills.findings.models import ReportDraft
from drills.findings.services.report import Record


@dataclass(frozen=True, slots=True)
class Gap:
    text: str
    href: str


def gaps(record: Record, drafts: Mapping[str, ReportDraft]) -> list[Gap]:
    """In the order in which a report tells them; empty when nothing is missing."""
    drill = record.drill.id
    return [
        Gap(text, url_for(endpoint, drill_id=drill))
        for text, endpoint in _texts(record, drafts)
        if endpoint in current_app.view_functions
    ]


def _texts(record: Record, drafts: Mapping[str, ReportDraft]) -> Iterator[tuple[str, str]]:
    """(text, endpoint) of everything that is missing."""
    yield from _of_plan(record)
    yield from _of_play(record)
    yield from _of_lessons(record)
    if not any(draft.text for draft in drafts.values()):
        yield _("No part of the report has been written by anybody."), "findings.report"


def _of_plan(record: Record) -> Iterator[tuple[str, str]]:
    if not record.objectives:
        yield _("No objective is written down."), "exercises.plan_of"
    if count := sum(1 for one in record.objectives if not one.rating):
        words = ngettext(
            "%(num)s objective is not rated.", "%(num)s objectives are not rated.", count
        )
        yield words, "exercises.evaluation"
    if not record.attendance:
        yield _("Nobody's attendance is noted."), "exercises.plan_attendance"


def _of_play(record: Record) -> Iterator[tuple[str, str]]:
    rows = record.results.outcomes
    if count := len({row.sent.inject_id for row in rows if row.detected_after is None}):
        words = ngettext(
            "%(num)s inject has no time of detection.",
            "%(num)s injects have no time of detection.",
            count,
        )
        yield words, "exercises.evaluation"
    if count := len({row.sent.inject_id for row in rows if row.verdict is None}):
        words = ngettext(
            "%(num)s inject has no verdict.", "%(num)s injects have no verdict.", count
        )
        yield words, "exercises.evaluation"
    planned = [one for one in record.injects if one.status is InjectStatus.PLANNED]
    if record.drill.is_done and planned:
        words = ngettext(
            "%(num)s inject was neither released nor left out.",
            "%(num)s injects were neither released nor left out.",
            len(planned),
        )
        yield words, "exercises.msel"


def _of_lessons(record: Record) -> Iterator[tuple[str, str]]:
    if not record.findings:
        yield _("There is no finding that the report may show."), "findings.of_drill"
    if count := sum(1 for finding in record.findings if not finding.actions):
        words = ngettext(
            "%(num)s finding has no action.", "%(num)s findings have no action.", count
        )
        yield words, "findings.of_drill"
