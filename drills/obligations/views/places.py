"""Where things are read and done: the page of a subject, of a record, and where a duty is met."""

from typing import Any

from flask import url_for

from drills.accounts.permissions import Permission, permits
from drills.obligations.kinds.satisfaction import KINDS
from drills.obligations.models import ObligationRule, SubjectKind
from drills.web.session import current_person

_SUBJECTS = {
    SubjectKind.UNIT: ("obligations.of_unit", "unit_id"),
    SubjectKind.ORGANISATION: ("obligations.of_unit", "unit_id"),
    SubjectKind.TEAM: ("obligations.of_team", "team_id"),
    SubjectKind.PERSON: ("obligations.of_person", "person_id"),
    SubjectKind.SYSTEM: ("obligations.of_system", "system_id"),
    SubjectKind.DRILL: ("exercises.show", "drill_id"),
}
_RECORDS = {
    "drill": ("exercises.show", "drill_id"),
    "obligation_record": ("obligations.record", "obligation_record_id"),
}
_OF_SUBJECT = {
    "check_record": ("approvals.checks_of", "system_id"),
    "decision": ("approvals.decisions", "system_id"),
    "certificate": ("roster.skills_of", "person_id"),
    "contact_ask": ("roster.person", "person_id"),
    "contact_channel": ("roster.person", "person_id"),
}
"""Records that are read on a page of their subject."""
_MET_AT = {
    "periodic_check": ("approvals.checks_of", "system_id"),
    "technical_check": ("approvals.checks_of", "system_id"),
    "reappraisal": ("approvals.of_system", "system_id"),
    "certificate": ("roster.skills_of", "person_id"),
    "contact_check": ("roster.person", "person_id"),
    "aar": ("exercises.show", "drill_id"),
}
"""Where a duty can be met, by what meets it."""


def _page(endpoint: str, argument: str, identity: int) -> str:
    named: dict[str, Any] = {argument: identity}
    return url_for(endpoint, **named)


def subject(kind: SubjectKind, identity: int) -> str:
    endpoint, argument = _SUBJECTS[kind]
    return _page(endpoint, argument, identity)


def record(by_kind: str, by_id: int | None, subject_id: int) -> str | None:
    """The page of the record that met a duty."""
    if by_kind in _RECORDS and by_id is not None:
        endpoint, argument = _RECORDS[by_kind]
        return _page(endpoint, argument, by_id)
    if by_kind in _OF_SUBJECT:
        endpoint, argument = _OF_SUBJECT[by_kind]
        return _page(endpoint, argument, subject_id)
    return None


def met_at(rule: ObligationRule, obligation_id: int, subject_id: int) -> str:
    """The page where the person at hand can see to it; if they cannot, the page of the subject."""
    person = current_person()
    if KINDS[rule.met_by].by_hand and permits(person, Permission.OBLIGATION_NOTE):
        return url_for("obligations.note", obligation_id=obligation_id)
    if rule.met_by in _MET_AT:
        endpoint, argument = _MET_AT[rule.met_by]
        return _page(endpoint, argument, subject_id)
    if "drill" in rule.met_by and permits(person, Permission.DRILL_EDIT):
        return url_for("exercises.create")
    return subject(rule.subject_kind, subject_id)
