"""The library of scenarios: writing one, and writing it anew."""

from datetime import datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import Conflict, NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import FRAME, STORY, Scenario, ScenarioDetails, ScenarioVersion


def write_scenario(
    session: Session, details: ScenarioDetails, *, by: Person | None, at: datetime
) -> Scenario:
    scenario = Scenario(**{name: getattr(details, name) for name in FRAME})
    scenario.versions = [_version(1, details, by, at)]
    session.add(scenario)
    audit.record(session, "created", scenario, by=by)
    return scenario


def revise_scenario(
    session: Session,
    scenario: Scenario,
    details: ScenarioDetails,
    *,
    version: int,
    by: Person | None,
    at: datetime,
) -> None:
    """Change what the scenario is called; a changed story becomes a version of its own.

    The trail says which fields changed and never what the story tells: it is read by people
    who may be players.
    """
    if scenario.version != version:
        raise Conflict(N_("Somebody else has changed this scenario since you opened it."))
    with audit.changing(session, "revised", scenario, by=by):
        for name in FRAME:
            setattr(scenario, name, getattr(details, name))
    newest = scenario.newest
    if any(getattr(newest, name) != getattr(details, name) for name in STORY):
        written = _version(newest.number + 1, details, by, at)
        scenario.versions.insert(0, written)
        flag_modified(scenario, "title")
        changes = {"number": [str(newest.number), str(written.number)]}
        audit.record(session, "version_written", scenario, by=by, changes=changes)


def retire_scenario(
    session: Session, scenario: Scenario, *, is_retired: bool, by: Person | None, at: datetime
) -> None:
    """Take a scenario out of the library, or put it back. Drills keep what they pinned."""
    if is_retired == (scenario.retired_at is not None):
        raise NotAllowedNow(N_("That has been done already."))
    with audit.changing(session, "retired" if is_retired else "restored", scenario, by=by):
        scenario.retired_at = at if is_retired else None


def _version(
    number: int, details: ScenarioDetails, by: Person | None, at: datetime
) -> ScenarioVersion:
    told = {name: getattr(details, name) for name in (*STORY, "change")}
    return ScenarioVersion(
        number=number, written_at=at, written_by_id=by.id if by else None, **told
    )
