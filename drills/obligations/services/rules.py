"""Rules: those that are shipped, those an agency adds, and their versions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from drills import resources
from drills.accounts.models import Person
from drills.approvals.kinds.reading import BadRules, Node
from drills.approvals.kinds.writing import parse, plain
from drills.audit import services as audit
from drills.core.errors import NotAllowedNow
from drills.core.orm import CODE_MAX, TITLE_MAX
from drills.core.text import N_
from drills.obligations.kinds.reading import CADENCE_KEYS, lead_days, read_cadence, read_scope
from drills.obligations.kinds.satisfaction import KINDS
from drills.obligations.models import (
    Obligation,
    ObligationRule,
    RuleDetails,
    RuleVersion,
    Standing,
    SubjectKind,
    VersionDetails,
)
from drills.obligations.services.recompute import rows_of

FOLDER = resources.DATA / "obligations"
GRACE_MAX = 366


def shipped() -> list[RuleDetails]:
    """The rules that come with the program."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.toml")))
    return [rule for text in texts for rule in read(text, is_json=False)]


def load_shipped(session: Session, on: date) -> int:
    """Take in the rules that come with the program; returns how many were added or renewed.

    What is asked for begins with the year of ``on``. A rule that an agency has changed stays.
    """
    known = {rule.key: rule for rule in all_rules(session)}
    return sum(_take_in(session, known.get(one.key), one, on) for one in shipped())


def _take_in(session: Session, rule: ObligationRule | None, details: RuleDetails, on: date) -> bool:
    if rule is None:
        rule = _new(details, date(on.year, 1, 1))
        rule.is_shipped = True
        session.add(rule)
        audit.record(session, "created", rule, by=None)
        return True
    if not rule.is_shipped or _is_same(rule, details):
        return False
    _fill(rule, details)
    audit.record(session, "revised", rule, by=None)
    return True


def _is_same(rule: ObligationRule, details: RuleDetails) -> bool:
    return details_of(rule).versions == details.versions and rule.title_vi == details.title_vi


def all_rules(session: Session) -> Sequence[ObligationRule]:
    query = sa.select(ObligationRule).options(selectinload(ObligationRule.versions))
    return session.scalars(query.order_by(ObligationRule.position, ObligationRule.id)).all()


def read(text: str, *, is_json: bool) -> list[RuleDetails]:
    """The rules of a TOML or JSON file. BadRules names every mistake with its path."""
    whole = Node(parse(text, is_json=is_json))
    found = [_rule(node, number) for number, node in enumerate(whole.tables("rules"), start=1)]
    if not found and not whole.faults:
        whole.wrong("rules", N_("This is missing."))
    if whole.faults:
        raise BadRules(whole.faults)
    return found


def _rule(node: Node, number: int) -> RuleDetails:
    subject = node.one_of("of", tuple(SubjectKind))
    met_by = node.one_of("met_by", tuple(KINDS))
    if subject not in KINDS[met_by].subjects:
        node.wrong(
            "of", N_("This must be one of: %(allowed)s."), allowed=", ".join(KINDS[met_by].subjects)
        )
    versions = tuple(_version(one, subject) for one in node.tables("versions", keyed=False))
    _check_versions(node, met_by, versions)
    return RuleDetails(
        key=node.key()[:CODE_MAX],
        title_vi=_title(node, "vi", required=True),
        title_en=_title(node, "en"),
        subject_kind=SubjectKind(subject),
        met_by=met_by,
        versions=versions,
        counted_from=node.day("counted_from"),
        ends_on=node.day("ends_on"),
        is_active=node.flag("is_active", default=True),
        reminds=node.flag("reminds", default=True),
        position=number,
    )


def _title(node: Node, name: str, *, required: bool = False) -> str:
    text = node.text(name, required=required)
    if len(text) > TITLE_MAX:
        node.wrong(name, N_("This is longer than %(max)s characters."), max=TITLE_MAX)
    return text


def _version(node: Node, subject: str) -> VersionDetails:
    cadence, scope = node.table("cadence", required=True), node.table("scope")
    read_cadence(cadence)
    read_scope(scope, subject)
    grace = node.value.get("grace_days", 0)
    if type(grace) is not int or not 0 <= grace <= GRACE_MAX:
        node.wrong("grace_days", N_("This must be a number of days, 0 to 366."))
    return VersionDetails(
        valid_from=node.day("valid_from", required=True) or date.min,
        cadence=plain(cadence.value),
        scope=plain(scope.value),
        legal_basis=node.text("legal_basis"),
        article=_title(node, "article"),
        source=node.text("source"),
        is_local_choice=node.flag("is_local_choice"),
        grace_days=grace,
        lead_days=lead_days(node),
    )


def _check_versions(node: Node, met_by: str, versions: Sequence[VersionDetails]) -> None:
    if not versions:
        node.wrong("versions", N_("This is missing."))
    if any(a.valid_from >= b.valid_from for a, b in pairwise(versions)):
        node.wrong("versions", N_("The versions must follow each other, the oldest first."))
    kinds = {str(one.cadence.get("kind")) for one in versions}
    if len(kinds) > 1:
        node.wrong(
            "versions",
            N_("All versions count in the same way. End this rule and add another one."),
        )
    allowed = [CADENCE_KEYS[one] for one in KINDS[met_by].cadences]
    if kinds - set(allowed):
        node.wrong(
            "versions",
            N_("What meets this rule is counted in this way: %(allowed)s."),
            allowed=", ".join(allowed),
        )


def details_of(rule: ObligationRule) -> RuleDetails:
    return RuleDetails(
        key=rule.key,
        title_vi=rule.title_vi,
        title_en=rule.title_en,
        subject_kind=rule.subject_kind,
        met_by=rule.met_by,
        versions=tuple(_details(one) for one in rule.versions),
        counted_from=rule.counted_from,
        ends_on=rule.ends_on,
        is_active=rule.is_active,
        reminds=rule.reminds,
        position=rule.position,
    )


def _details(one: RuleVersion) -> VersionDetails:
    return VersionDetails(
        valid_from=one.valid_from,
        cadence=one.cadence,
        scope=one.scope,
        legal_basis=one.legal_basis,
        article=one.article,
        source=one.source,
        is_local_choice=one.is_local_choice,
        grace_days=one.grace_days,
        lead_days=tuple(one.lead_days),
    )


def written(rules: Iterable[RuleDetails]) -> dict[str, Any]:
    """The same as data, in the shape ``read`` takes."""
    return plain({"rules": [_written(rule) for rule in rules]})  # type: ignore[no-any-return]


def _written(rule: RuleDetails) -> Mapping[str, Any]:
    return {
        "key": rule.key,
        "vi": rule.title_vi,
        "en": rule.title_en,
        "of": rule.subject_kind.value,
        "met_by": rule.met_by,
        "counted_from": rule.counted_from,
        "ends_on": rule.ends_on,
        "is_active": rule.is_active,
        "reminds": rule.reminds,
        "versions": [
            {name: getattr(one, name) for name in VersionDetails.__dataclass_fields__}
            for one in rule.versions
        ],
    }


def save(
    session: Session, rules: Sequence[RuleDetails], on: date, *, by: Person | None
) -> list[ObligationRule]:
    """Add rules, or revise those whose keys are known; all of them, or none.

    Of whom a rule asks and what meets it cannot change: the record would mean something else.
    What is added stands after those there are.
    """
    known = {rule.key: rule for rule in all_rules(session)}
    last = max((rule.position for rule in known.values()), default=0)
    placed = (replace(one, position=last + one.position) for one in rules)
    return [_save(session, known.get(one.key), one, on, by) for one in placed]


def _save(
    session: Session,
    rule: ObligationRule | None,
    details: RuleDetails,
    on: date,
    by: Person | None,
) -> ObligationRule:
    if rule is None:
        rule = _new(details, date(on.year, 1, 1), by)
        session.add(rule)
        audit.record(session, "created", rule, by=by)
        return rule
    _refuse_another(rule, details)
    before = written([details_of(rule)])["rules"][0]
    _fill(rule, details, by)
    rule.is_shipped = False
    after = written([details_of(rule)])["rules"][0]
    names = [name for name in after if before.get(name) != after[name]]
    changes = {name: [str(before.get(name, "")), str(after[name])] for name in names}
    if changes:
        audit.record(session, "revised", rule, by=by, changes=changes)
    return rule


def _refuse_another(rule: ObligationRule, details: RuleDetails) -> None:
    if (rule.subject_kind, rule.met_by) != (details.subject_kind, details.met_by):
        raise NotAllowedNow(
            N_("“%(key)s” asks something else of somebody else. End it and add another rule."),
            key=rule.key,
        )


def _new(details: RuleDetails, counted_from: date, by: Person | None = None) -> ObligationRule:
    rule = ObligationRule(
        key=details.key,
        subject_kind=details.subject_kind,
        met_by=details.met_by,
        counted_from=counted_from,
        position=details.position,
    )
    _fill(rule, details, by)
    return rule


def _fill(rule: ObligationRule, details: RuleDetails, by: Person | None = None) -> None:
    rule.title_vi, rule.title_en = details.title_vi, details.title_en
    rule.counted_from = details.counted_from or rule.counted_from
    rule.ends_on, rule.is_active, rule.reminds = details.ends_on, details.is_active, details.reminds
    known = {one.valid_from: one for one in rule.versions}
    for one in details.versions:
        version = known.pop(one.valid_from, None)
        if version is None:
            version = RuleVersion(valid_from=one.valid_from, made_by_id=by.id if by else None)
            rule.versions.append(version)
        _fill_version(version, one)
    for gone in known.values():
        rule.versions.remove(gone)
    rule.versions.sort(key=lambda version: version.valid_from)


def _fill_version(version: RuleVersion, details: VersionDetails) -> None:
    for name in VersionDetails.__dataclass_fields__:
        value = getattr(details, name)
        value = list(value) if name == "lead_days" else value
        if getattr(version, name) != value:
            setattr(version, name, value)


@dataclass(frozen=True, slots=True)
class Effect:
    """How many subjects stand where today, and how many would by the rule as proposed."""

    title: str
    before: Mapping[Standing, int]
    after: Mapping[Standing, int]

    @property
    def more_overdue(self) -> int:
        return self.after.get(Standing.OVERDUE, 0) - self.before.get(Standing.OVERDUE, 0)


def preview(session: Session, details: RuleDetails, at: datetime, zone: tzinfo) -> Effect:
    """What saving the rule would do; nothing is written."""
    query = sa.select(ObligationRule).where(ObligationRule.key == details.key)
    known = session.scalars(query).one_or_none()
    if known is not None:
        _refuse_another(known, details)
    on = at.astimezone(zone).date()
    proposed = _new(details, known.counted_from if known else date(on.year, 1, 1))
    proposed.id = known.id if known else 0
    rows = rows_of(session, proposed, at, zone) if proposed.holds_on(on) else ()
    state = Obligation.state
    now = sa.select(state, sa.func.count()).where(Obligation.rule_id == proposed.id).group_by(state)
    before = {row[0]: row[1] for row in session.execute(now)}
    return Effect(details.title_vi, before, Counter(Standing(row[-1]) for row in rows))
