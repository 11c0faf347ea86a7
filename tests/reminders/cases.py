"""For each kind a subject that is due at ``NOW``, whom it concerns, and what ends or moves it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from drills.accounts.models import Person, Role
from drills.approvals.models import Act, Condition, Dossier, DossierEvent
from drills.approvals.models import State as DossierState
from drills.exercises.models import (
    Edition,
    Invitation,
    Round,
    Series,
    Status,
    Survey,
    SurveyInvitation,
)
from drills.exercises.models.series import RoundLevel
from drills.findings.models import ActionState
from drills.obligations.models import Obligation, Standing, SubjectKind
from drills.reminders.models import Delivery, State
from drills.systems.models import Decision, DecisionState
from tests.conftest import NOW
from tests.reminders.matters import _rule

TODAY = NOW.date()
DAY = timedelta(days=1)


@dataclass
class Case:
    """``end`` ends the subject, ``move`` moves its anchor (None: it has none that moves)."""

    subject: Any
    person: Person
    end: Callable[[], Any]
    move: Callable[[], Any] | None = None


def setting(thing, **values):
    def act():
        for name, value in values.items():
            setattr(thing, name, value)

    return act


def _drill(make):
    lead = make.person()
    drill = make.drill(starts_at=NOW + 7 * DAY, lead=lead)
    later = {"starts_at": NOW + 7 * DAY + timedelta(hours=5), "ends_at": NOW + 9 * DAY}
    return Case(drill, lead, setting(drill, status=Status.CANCELLED), setting(drill, **later))


def sent(make, drill, person, anchor=None, kind="drill"):
    """That somebody was told of a drill."""
    at = anchor or drill.starts_at
    return make.save(
        Delivery(
            delivery_key=f"{kind}:{drill.id}:1:{person.id}:{at.timestamp()}",
            kind=kind,
            subject_id=drill.id,
            person=person,
            anchor_at=at,
            due_at=NOW - DAY,
            next_at=NOW - DAY,
            sent_at=NOW - DAY,
            state=State.SENT,
        )
    )


def _changed(make):
    case = _drill(make)
    case.subject.starts_at = NOW + 7 * DAY + timedelta(hours=1)
    sent(make, case.subject, case.person, NOW + 9 * DAY)
    return case


def _off(make):
    case = _drill(make)
    sent(make, case.subject, case.person)
    case.subject.status = Status.POSTPONED
    return Case(case.subject, case.person, setting(case.subject, status=Status.PLANNED))


def _left(make):
    drill, person = _drill(make).subject, make.person()
    sent(make, drill, person)
    return Case(drill, person, lambda: make.named(drill, person, "player"))


def _invitation(make, *, asked=NOW):
    drill = make.drill(starts_at=NOW + 7 * DAY)
    invitation = make.save(Invitation(drill=drill, person=make.person(), invited_at=asked))
    later = {"starts_at": NOW + 7 * DAY - timedelta(hours=2)}
    return Case(
        invitation, invitation.person, setting(invitation, revoked_at=NOW), setting(drill, **later)
    )


def _unanswered(make):
    return _invitation(make, asked=NOW - 3 * DAY)


def _edition(make):
    series = make.save(Series(code=f"ACID-{next(make._serial)}", name="Diễn tập ASEAN"))
    return make.save(Edition(series=series, year=2027))


def _registration(make):
    edition, person = _edition(make), make.person(role=Role.SECURITY_TEAM)
    edition.registration_by = TODAY + 14 * DAY
    moved = setting(edition, registration_by=TODAY + 13 * DAY)
    return Case(edition, person, setting(edition, registration_by=None), moved)


def _round(make):
    found = make.save(
        Round(
            edition_id=_edition(make).id,
            level=RoundLevel.NATIONAL,
            registration_by=TODAY + 14 * DAY,
        )
    )
    moved = setting(found, registration_by=TODAY + 13 * DAY)
    person = make.person(role=Role.SECURITY_TEAM)
    return Case(found, person, setting(found, registration_by=None), moved)


def _survey(make):
    survey = Survey(drill=make.drill(), opened_at=NOW, closes_at=NOW + 14 * DAY, introduction="")
    asked = make.save(SurveyInvitation(survey=survey, person=make.person(), invited_at=NOW))
    return Case(asked, asked.person, setting(asked, has_answered=True))


def _decision(make, **days):
    person = make.person()
    made = Decision(
        system=make.system(responsible=person),
        number="12/QĐ-UBND",
        signed_on=date(2024, 12, 3),
        authority="UBND tỉnh",
        level=3,
        recorded_at=NOW,
        **days,
    )
    over = setting(made, state=DecisionState.WITHDRAWN, ended_on=TODAY)
    return Case(make.save(made), person, over)


def _dossier(make):
    """Received eight days ago; the appraiser has some working days left."""
    person = make.person()
    dossier = Dossier(
        code="HS-1",
        system=make.system(),
        regime=make.regimes()["nd-331-2026"],
        level=3,
        state=DossierState.SUBMITTED,
        appraiser=person,
    )
    event = DossierEvent(act=Act.SUBMIT, at=NOW, on=TODAY, state_after=DossierState.SUBMITTED)
    dossier.events = [event]
    return Case(make.save(dossier), person, setting(dossier, state=DossierState.WITHDRAWN))


def _condition(make):
    decision, person = _decision(make).subject, make.person()
    found = make.save(
        Condition(decision=decision, text="Sao lưu", owner=person, due_on=TODAY + 3 * DAY)
    )
    return Case(found, person, setting(found, met_at=NOW), setting(found, due_on=TODAY + 2 * DAY))


def _action(make):
    person = make.person()
    action = make.action(owner=person, due_on=TODAY + 7 * DAY)
    moved = setting(action, due_on=TODAY + 6 * DAY)
    return Case(action, person, setting(action, state=ActionState.DONE), moved)


def _obligation(make, kind, subject, person, days):
    rule = _rule(make, kind.value, "Nghĩa vụ", "Duty", kind)
    owed = Obligation(
        rule=rule,
        subject_kind=kind,
        subject_id=subject.id,
        unit=make.root(),
        state=Standing.DUE_SOON,
        next_due_on=TODAY + days * DAY,
        updated_at=NOW,
    )
    moved = setting(owed, next_due_on=TODAY + (days - 1) * DAY)
    return Case(make.save(owed), person, setting(owed, state=Standing.MET), moved)


def _duty(make):
    return _obligation(make, SubjectKind.UNIT, make.root(), make.person(role=Role.UNIT_OFFICER), 30)


def _report(make):
    lead = make.person()
    drill = make.drill(lead=lead, status=Status.COMPLETED)
    return _obligation(make, SubjectKind.DRILL, drill, lead, 5)


def _certificate(make):
    found = make.certificate(expires_on=TODAY + 14 * DAY)
    moved = setting(found, expires_on=TODAY + 13 * DAY)
    return Case(found, found.person, setting(found, expires_on=None), moved)


def _ask(make):
    ask = make.ask()
    return Case(ask, ask.person, setting(ask.check, closed_at=NOW))


def _shift(make):
    shift, other = make.shift(starts_at=NOW + DAY, ends_at=NOW + 2 * DAY), make.person()
    moved = setting(shift, starts_at=NOW + DAY + timedelta(hours=3))
    return Case(shift, shift.person, setting(shift, person=other), moved)


def _undelivered(make):
    person, administrator = make.person(), make.person(role=Role.ADMINISTRATOR)
    failed = sent(make, make.drill(), person)
    failed.state, failed.sent_at, failed.updated_at = State.FAILED, None, NOW
    return Case(person, administrator, setting(failed, state=State.PENDING))


CASES = {
    "drill": _drill,
    "drill_changed": _changed,
    "drill_off": _off,
    "drill_left": _left,
    "invitation": _invitation,
    "rsvp_missing": _unanswered,
    "registration_deadline": _registration,
    "round_deadline": _round,
    "survey": _survey,
    "decision_expiring": lambda make: _decision(make, valid_until=TODAY + 30 * DAY),
    "decision_review": lambda make: _decision(make, review_due_on=TODAY + 14 * DAY),
    "dossier_clock": _dossier,
    "condition_due": _condition,
    "action_due": _action,
    "obligation_due": _duty,
    "aar_due": _report,
    "certificate_expiring": _certificate,
    "contact_ask": _ask,
    "shift": _shift,
    "delivery_failed": _undelivered,
}
