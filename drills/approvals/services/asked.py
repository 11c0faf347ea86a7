"""What the rule set of a dossier asks of it: papers, bodies, decisions, intervals."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Grant, Person, Role
from drills.approvals.kinds import Authority, Body, Rules
from drills.approvals.models import Dossier, Regime
from drills.core.days import add_months
from drills.systems.models import DecisionKind, InformationSystem
from drills.units.models import Unit

_READ: WeakKeyDictionary[Regime, Rules] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class PaperAsked:
    key: str
    label: str
    label_en: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Route:
    """Who appraises and who decides; a body outside goes by its name."""

    appraising_unit_id: int | None = None
    appraising_body: str = ""
    approving_unit_id: int | None = None
    approving_body: str = ""


def rules_of(regime: Regime) -> Rules:
    """The rule set as it is; read once, since a version never changes."""
    found = _READ.get(regime)
    if found is None:
        found = _READ[regime] = _parsed(json.dumps(regime.rules))
    return found


@lru_cache(maxsize=16)
def _parsed(text: str) -> Rules:
    """The same few rule sets are read by every request; reading one takes milliseconds."""
    return Rules.of(json.loads(text))


def authority_of(dossier: Dossier) -> Authority:
    return rules_of(dossier.regime).authorities[dossier.level]


def allows_one_person(dossier: Dossier) -> bool:
    """Whether one person may appraise and approve: never above level 2."""
    switches = rules_of(dossier.regime).one_person_may_appraise_and_approve
    return dossier.level <= 2 and switches.get(dossier.level, False)


def papers_of(regime: Regime, level: int) -> list[PaperAsked]:
    rules = rules_of(regime)
    return [
        PaperAsked(paper.key, paper.text.vi, paper.text.en, paper.is_required)
        for paper in rules.papers_for(level)
    ]


def kinds_of(dossier: Dossier) -> tuple[DecisionKind, ...]:
    """The decisions that stand for themselves.

    The plan is a form of the same approval but at level 5, where another body decides on the list.
    """
    asked = authority_of(dossier).decisions
    if len({one.by for one in asked}) == 1:
        return (DecisionKind.LEVEL,)
    return tuple(DecisionKind(one.kind) for one in asked)


def review_due(dossier: Dossier, signed_on: date) -> date | None:
    """When the level is looked at again by the rule set; None where it sets no interval."""
    months = rules_of(dossier.regime).interval("review", dossier.level).months
    return add_months(signed_on, months) if months else None


def route(session: Session, system: InformationSystem, regime: Regime, level: int) -> Route:
    """Who appraises and approves ``system`` at ``level``, as the rule set says."""
    rules = rules_of(regime)
    authority = rules.authorities[level]
    unit_id = specialised_unit(session, system)
    outside = {
        Body.MINISTRY: authority.appraiser_name.vi or rules.word("ministry"),
        Body.PRIME_MINISTER: "Thủ tướng Chính phủ",
    }
    inside = {Body.SPECIALISED_UNIT: unit_id, Body.OWNER: system.owner_id}
    approvers = [one.by for one in authority.decisions]
    return Route(
        appraising_unit_id=inside.get(authority.appraiser),
        appraising_body=outside.get(authority.appraiser, ""),
        approving_unit_id=next((inside[b] for b in approvers if b in inside), None),
        approving_body=next((outside[b] for b in approvers if b in outside), ""),
    )


def specialised_unit(session: Session, system: InformationSystem) -> int | None:
    """The unit that appraised for this owner last; else where most of the security team work."""
    last = (
        sa.select(Dossier.appraising_unit_id)
        .join(InformationSystem, Dossier.system_id == InformationSystem.id)
        .where(
            InformationSystem.owner_id == system.owner_id,
            Dossier.appraising_unit_id.is_not(None),
        )
        .order_by(Dossier.id.desc())
        .limit(1)
    )
    if found := session.scalar(last):
        return found
    most = (
        sa.select(Person.unit_id)
        .join(Grant, Grant.person_id == Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(Grant.role == Role.SECURITY_TEAM, Person.active)
        .group_by(Person.unit_id)
        .order_by(sa.func.count().desc(), Person.unit_id)
        .limit(1)
    )
    return session.scalar(most)
