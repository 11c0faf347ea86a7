"""Who may do what: the whole policy, in one table, and the one way to read what one may see."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from drills.accounts.models import Person, Role
from drills.core.orm import Base

Rule = Callable[[Person, object], bool]
M = TypeVar("M", bound=Base)


class Permission(StrEnum):
    """Named ``<thing>:<act>``."""

    HOME_VIEW = "home:view"
    SEARCH = "search:use"
    PROFILE_EDIT = "profile:edit"
    UNIT_VIEW = "unit:view"
    UNIT_EDIT = "unit:edit"
    ACCOUNT_VIEW = "account:view"
    ACCOUNT_EDIT = "account:edit"
    SETTINGS_EDIT = "settings:edit"
    WORKDAY_VIEW = "workday:view"
    SYSTEM_VIEW = "system:view"
    SYSTEM_EDIT = "system:edit"
    SYSTEM_IMPORT = "system:import"
    DOSSIER_VIEW = "dossier:view"
    DOSSIER_EDIT = "dossier:edit"
    DOSSIER_APPRAISE = "dossier:appraise"
    DOSSIER_DECIDE = "dossier:decide"
    REGIME_EDIT = "regime:edit"
    DELEGATION_EDIT = "delegation:edit"
    TEAM_VIEW = "team:view"
    TEAM_EDIT = "team:edit"
    PERSON_EDIT = "person:edit"
    PERSON_REMOVE = "person:remove"
    CONTACT_VIEW = "contact:view"
    CONTACT_EDIT = "contact:edit"
    DUTY_VIEW = "duty:view"
    DUTY_EDIT = "duty:edit"
    SKILL_VIEW = "skill:view"
    SKILL_EDIT = "skill:edit"
    DRILL_VIEW = "drill:view"
    DRILL_EDIT = "drill:edit"
    DRILL_SECRETS = "drill:secrets"
    DRILL_CONTROL = "drill:control"
    DRILL_LOG = "drill:log"
    DRILL_EVALUATE = "drill:evaluate"
    PROGRAMME_VIEW = "programme:view"
    PROGRAMME_EDIT = "programme:edit"
    SCENARIO_VIEW = "scenario:view"
    SCENARIO_EDIT = "scenario:edit"
    FINDING_EDIT = "finding:edit"
    ACTION_VIEW = "action:view"
    ACTION_WORK = "action:work"
    ACTION_VERIFY = "action:verify"
    SERIES_VIEW = "series:view"
    SERIES_EDIT = "series:edit"
    OBLIGATION_VIEW = "obligation:view"
    OBLIGATION_NOTE = "obligation:note"
    OBLIGATION_RULES = "obligation:rules"
    EXEMPTION_DECIDE = "exemption:decide"
    REMINDER_VIEW = "reminder:view"
    REMINDER_EDIT = "reminder:edit"
    OUTBOX_VIEW = "outbox:view"
    AUDIT_VIEW = "audit:view"
    DESIGN_VIEW = "design:view"


def has_role(*roles: Role) -> Rule:
    return lambda person, _subject: not person.roles.isdisjoint(roles)


def takes_part(person: Person, subject: object) -> bool:
    """Whether ``subject`` is a drill this person leads, or belongs to one."""
    return getattr(_drill(subject), "lead_id", None) == person.id


def of_drill(question: str) -> Rule:
    """What the drill itself says of a person, such as ``is_controlled_by``.

    ``subject`` is the drill or something that has one; without a drill the answer is no.
    """

    def answer(person: Person, subject: object) -> bool:
        asked = getattr(_drill(subject), question, None)
        return bool(asked(person)) if asked else False

    return answer


def _drill(subject: object) -> object:
    return getattr(subject, "drill", subject)


def owns(person: Person, subject: object) -> bool:
    """Whether ``subject`` is an action this person has to carry out."""
    return getattr(subject, "owner_id", None) == person.id


def may_verify(person: Person, subject: object) -> bool:
    """Whether the person oversees actions, and neither owns this one nor did it."""
    doers = {getattr(subject, name, None) for name in ("owner_id", "done_by_id")}
    return verifiers(person, subject) and person.id not in doers


def is_self(person: Person, subject: object) -> bool:
    """Whether ``subject`` is this person, or something kept of them."""
    own = subject.id if isinstance(subject, Person) else getattr(subject, "person_id", None)
    return own == person.id


anyone = has_role(*Role)
administrator = has_role(Role.ADMINISTRATOR)
security = has_role(Role.ADMINISTRATOR, Role.SECURITY_TEAM)
overseers = has_role(Role.ADMINISTRATOR, Role.SECURITY_TEAM, Role.MANAGER, Role.AUDITOR)
desk = has_role(
    Role.ADMINISTRATOR, Role.SECURITY_TEAM, Role.MANAGER, Role.AUDITOR, Role.UNIT_OFFICER
)
editors = has_role(Role.ADMINISTRATOR, Role.SECURITY_TEAM, Role.UNIT_OFFICER)
verifiers = has_role(Role.ADMINISTRATOR, Role.SECURITY_TEAM, Role.MANAGER)
knows_secrets = of_drill("is_controlled_by")
conducts = of_drill("is_conducted_by")
plays = of_drill("is_played_by")

GRANTED_IF_ANY: Mapping[Permission, tuple[Rule, ...]] = {
    Permission.HOME_VIEW: (anyone,),
    Permission.SEARCH: (anyone,),
    Permission.PROFILE_EDIT: (anyone,),
    Permission.UNIT_VIEW: (desk,),
    Permission.UNIT_EDIT: (administrator,),
    Permission.ACCOUNT_VIEW: (has_role(Role.ADMINISTRATOR, Role.AUDITOR),),
    Permission.ACCOUNT_EDIT: (administrator,),
    Permission.SETTINGS_EDIT: (administrator,),
    Permission.WORKDAY_VIEW: (anyone,),
    Permission.SYSTEM_VIEW: (desk,),
    Permission.SYSTEM_EDIT: (editors,),
    Permission.SYSTEM_IMPORT: (security,),
    Permission.DOSSIER_VIEW: (desk,),
    Permission.DOSSIER_EDIT: (has_role(Role.SECURITY_TEAM, Role.UNIT_OFFICER),),
    Permission.DOSSIER_APPRAISE: (has_role(Role.SECURITY_TEAM),),
    Permission.DOSSIER_DECIDE: (has_role(Role.MANAGER),),
    Permission.REGIME_EDIT: (administrator,),
    Permission.DELEGATION_EDIT: (has_role(Role.ADMINISTRATOR, Role.MANAGER),),
    Permission.TEAM_VIEW: (anyone,),
    Permission.TEAM_EDIT: (security,),
    Permission.PERSON_EDIT: (security, is_self),
    Permission.PERSON_REMOVE: (security,),
    Permission.CONTACT_VIEW: (overseers,),
    Permission.CONTACT_EDIT: (security,),
    Permission.DUTY_VIEW: (anyone,),
    Permission.DUTY_EDIT: (security,),
    Permission.SKILL_VIEW: (desk, is_self),
    Permission.SKILL_EDIT: (editors,),
    Permission.DRILL_VIEW: (anyone,),
    Permission.DRILL_EDIT: (security, takes_part),
    Permission.DRILL_SECRETS: (knows_secrets,),
    Permission.DRILL_CONTROL: (conducts,),
    Permission.DRILL_LOG: (conducts, knows_secrets, plays),
    Permission.DRILL_EVALUATE: (knows_secrets,),
    Permission.PROGRAMME_VIEW: (desk,),
    Permission.PROGRAMME_EDIT: (security,),
    Permission.SCENARIO_VIEW: (security, knows_secrets),
    Permission.SCENARIO_EDIT: (security,),
    Permission.FINDING_EDIT: (knows_secrets,),
    Permission.ACTION_VIEW: (anyone,),
    Permission.ACTION_WORK: (owns, security),
    Permission.ACTION_VERIFY: (may_verify,),
    Permission.SERIES_VIEW: (anyone,),
    Permission.SERIES_EDIT: (security,),
    Permission.OBLIGATION_VIEW: (anyone,),
    Permission.OBLIGATION_NOTE: (editors,),
    Permission.OBLIGATION_RULES: (security,),
    Permission.EXEMPTION_DECIDE: (verifiers,),
    Permission.REMINDER_VIEW: (overseers,),
    Permission.REMINDER_EDIT: (security,),
    Permission.OUTBOX_VIEW: (administrator,),
    Permission.AUDIT_VIEW: (has_role(Role.ADMINISTRATOR, Role.AUDITOR),),
    Permission.DESIGN_VIEW: (administrator,),
}


def permits(person: Person, permission: Permission, subject: object = None) -> bool:
    return any(rule(person, subject) for rule in GRANTED_IF_ANY[permission])


class Scoped(Protocol):
    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]: ...


def visible(model: type[M], person: Person) -> sa.Select[M]:
    """The rows of ``model`` that ``person`` may see: every read goes through here.

    The model answers with ``visible_to(person)``, a condition on its own columns.
    """
    scoped: Any = model
    return sa.select(model).where(scoped.visible_to(person))
