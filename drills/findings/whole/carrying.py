"""Writing what a workbook says: a new drill with all that came of it, in one transaction."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.errors import Conflict
from drills.core.text import N_
from drills.exercises import services as exercises
from drills.exercises.models import (
    Attendance,
    ClockAct,
    ClockEvent,
    Drill,
    ExerciseClock,
    Inject,
    InjectStatus,
    LogEntry,
    LogKind,
    MselColumn,
)
from drills.exercises.services import msel, people, planning
from drills.exercises.services.conduct.releasing import release_line
from drills.exercises.services.evaluation import judge, rate
from drills.exercises.services.msel import trail
from drills.exercises.services.people import Parts
from drills.findings.models import ActionDetails, Finding, FindingDetails
from drills.findings.services import actions, findings, recording
from drills.findings.whole.plans import (
    ActionRow,
    FindingRow,
    LogRow,
    ResultRow,
    WholePlan,
)


def carry_out(
    session: Session, plan: WholePlan, *, by: Person | None, at: datetime, source: str = ""
) -> Drill:
    """Record the drill; Conflict if a cell is wrong. ``source`` is the file's name."""
    if plan.problems or plan.details is None:
        raise Conflict(N_("Nothing can be imported until every cell is right."))
    drill = exercises.log(session, plan.details, by=by, at=at)
    _Writer(session, drill, plan, by, at).write(source)
    return drill


class _Writer:
    def __init__(
        self, session: Session, drill: Drill, plan: WholePlan, by: Person | None, at: datetime
    ) -> None:
        self.session, self.drill, self.plan = session, drill, plan
        self.by, self.by_id, self.at = by, by.id if by else None, at
        self.injects: Mapping[str, Inject] = {}
        self.sides: Mapping[str, int] = {}

    def write(self, source: str) -> None:
        self._plan()
        self._people()
        self._injects(source)
        clock = self._clock()
        self._releases(clock)
        self._stamps(clock)
        self._lines(clock)
        self._verdicts()
        self._follow_up()
        counts = {key: ["", str(count)] for key, count in self.plan.counts.items() if count}
        changes: dict[str, Any] = {"file": ["", source], **counts}
        trail.note(self.session, "recorded_afterwards", self.drill, changes, by=self.by)
        if self.plan.status:
            self.drill.status = self.plan.status
            self.drill.status_reason = self.plan.status_reason
            self.session.flush()

    def _plan(self) -> None:
        drill, by = self.drill, self.by
        planning.write_plan(self.session, drill, self.plan.more, by=by, version=drill.version)
        rated = {}
        for details, rating in self.plan.objectives:
            objective = planning.add_objective(self.session, drill, details, by=by)
            rated[objective.id] = rating
        rate(self.session, drill, rated, by=by, at=self.at)
        for side in self.plan.sides:
            planning.add_side(
                self.session, drill, key=side.key, name=side.name, team_id=side.team_id, by=by
            )
        self.session.flush()

    def _people(self) -> None:
        plan, keys = self.plan, {side.key: side.id for side in self.drill.sides}
        parts = Parts(
            plan.unit_parts,
            plan.team_parts,
            {key: row.part for key, row in plan.people.items()},
            {key: keys.get(row.side_key) for key, row in plan.people.items()},
        )
        people.give_parts(self.session, self.drill, parts, by=self.by)
        self.session.add_all(
            Attendance(
                drill_id=self.drill.id,
                person_id=key,
                presence=presence,
                noted_at=self.at,
                noted_by_id=self.by_id,
            )
            for key, presence in plan.presences.items()
        )

    def _injects(self, source: str) -> None:
        known = msel.known(self.session, self.drill)
        if self.plan.injects:
            msel.carry_out(self.session, known, self.plan.injects, by=self.by, source=source)
        own = sa.select(MselColumn).where(MselColumn.drill_id == self.drill.id)
        for column in self.session.scalars(own):
            column.audience = self.plan.audiences.get(column.label, column.audience)
        self.injects = {inject.number: inject for inject in known.injects}
        self.sides = {side.key: side.id for side in known.sides}

    def _clock(self) -> ExerciseClock:
        """The clock as the log has it; else one from the beginning to the end, if it was held."""
        turns = [(turn.act, turn.at, turn.by_id) for turn in self.plan.turns]
        moments = [moment for row in self.plan.results for moment in _moments(row)]
        if moments and not turns:
            begin = min(self.drill.starts_at, *moments)
            end = max(self.drill.ends_at, *moments)
            turns = [(ClockAct.START, begin, self.by_id), (ClockAct.END, end, self.by_id)]
        events = [
            ClockEvent(drill_id=self.drill.id, number=number, act=act, at=at, by_id=by_id)
            for number, (act, at, by_id) in enumerate(turns, start=1)
        ]
        self.session.add_all(events)
        self.session.flush()
        return ExerciseClock.of(self.drill, events)

    def _releases(self, clock: ExerciseClock) -> None:
        first: dict[str, datetime] = {}
        for row in self.plan.results:
            inject = self.injects[row.number]
            if row.is_left_out:
                inject.status = InjectStatus.SKIPPED
            elif row.released_at:
                first[row.number] = min(row.released_at, first.get(row.number, row.released_at))
        for number, moment in first.items():
            inject = self.injects[number]
            inject.status, inject.released_at = InjectStatus.RELEASED, moment
            inject.released_exercise_seconds = clock.exercise_seconds(moment)
            inject.released_by_id = self.by_id
            line = release_line(
                inject, by=self.by, at=moment, recorded_at=self.at, is_afterwards=True
            )
            self.session.add(line)
        self.session.flush()

    def _stamps(self, clock: ExerciseClock) -> None:
        """What the log says with words at the same moment is not written a second time."""
        told = {
            (line.number, line.side_key, line.kind, line.at)
            for line in self.plan.lines
            if line.text
        }
        for row in self.plan.results:
            for kind, at in (
                (LogKind.DETECTED, row.detected_at),
                (LogKind.CONTAINED, row.contained_at),
            ):
                if at and (row.number, row.side_key, kind, at) not in told:
                    self._log(clock, LogRow(at, kind, row.number, row.side_key, "", None))
        self.session.flush()

    def _lines(self, clock: ExerciseClock) -> None:
        for line in self.plan.lines:
            self._log(clock, line)
        self.session.flush()

    def _log(self, clock: ExerciseClock, line: LogRow) -> None:
        self.session.add(
            LogEntry(
                drill_id=self.drill.id,
                inject_id=self.injects[line.number].id if line.number else None,
                side_id=self.sides.get(line.side_key),
                kind=line.kind,
                text=line.text,
                at=line.at,
                exercise_seconds=clock.exercise_seconds(line.at),
                is_afterwards=True,
                recorded_at=self.at,
                by_id=line.by_id or self.by_id,
            )
        )

    def _verdicts(self) -> None:
        verdicts = {
            (self.injects[row.number].id, self.sides.get(row.side_key)): (row.verdict, row.note)
            for row in self.plan.results
            if row.verdict
        }
        judge(self.session, self.drill, verdicts, by=self.by)

    def _follow_up(self) -> None:
        made = {row.number: self._finding(row) for row in self.plan.findings}
        for row in self.plan.actions:
            self._action(row, made.get(row.finding))

    def _finding(self, row: FindingRow) -> Finding:
        aims = {aim.text: aim.id for aim in planning.objectives(self.session, self.drill)}
        details = FindingDetails(
            text=row.text,
            severity=row.severity,
            analysis=row.analysis,
            is_restricted=row.is_restricted,
            objective_id=aims.get(row.objective),
            inject_id=self.injects[row.inject].id if row.inject else None,
            system_id=row.system_id,
        )
        return findings.find(self.session, self.drill, details, by=self.by)

    def _action(self, row: ActionRow, finding: Finding | None) -> None:
        details = ActionDetails(
            text=row.text,
            owner_id=row.owner_id,
            unit_id=row.unit_id,
            due_on=row.due_on,
            finding_id=finding.id if finding else None,
        )
        action = actions.ask(self.session, self.drill, details, by=self.by, at=self.at)
        state = recording.State(
            row.state,
            row.reason,
            row.evidence,
            row.done_by_id,
            _noon(row.done_on, self.drill),
            row.verified_by_id,
            _noon(row.verified_on, self.drill),
        )
        recording.record_state(self.session, action, state, by=self.by, at=self.at)


def _noon(day: date | None, drill: Drill) -> datetime | None:
    """A moment of a day of which no more is known."""
    return datetime.combine(day, time(12), drill.zone) if day else None


def _moments(row: ResultRow) -> list[datetime]:
    return [m for m in (row.released_at, row.detected_at, row.contained_at) if m]
