"""From data to a rule set, part by part."""

from collections.abc import Mapping
from typing import Any

from drills.approvals.kinds import conditions
from drills.approvals.kinds.reading import BadRules, Node
from drills.approvals.kinds.rules import (
    BODIES,
    DECISIONS,
    INTERVALS,
    LEVELS,
    QUESTION_KINDS,
    RECORD,
    STARTS,
    UNITS,
    WORDS,
    Asked,
    Authority,
    Body,
    Criterion,
    Dated,
    Interval,
    Limit,
    Measure,
    Option,
    Paper,
    Question,
    Report,
    Rules,
    Start,
    Text,
    Unit,
)
from drills.core.text import N_

_MONTH_DAY_MAX = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def shape(data: Mapping[str, Any]) -> Rules:
    """The rule set in ``data``. BadRules if anything in them is wrong."""
    whole = Node(data)
    questions = tuple(_question(node) for node in whole.tables("questions"))
    parts = _head(whole) | {
        "questions": questions,
        "criteria": _criteria(whole, questions),
        "authorities": {n: _authority(n, node) for n, node in whole.by_level("authorities")},
        "papers": tuple(_paper(node) for node in whole.tables("papers")),
        "intervals": _intervals(whole.table("intervals", required=True)),
        "measures": _measures(whole),
        "one_person_may_appraise_and_approve": _switches(whole),
        **_limits(whole.table("limits", required=True)),
        **_remarks(whole),
    }
    if whole.faults:
        raise BadRules(whole.faults)
    return Rules(**parts)


def _text(node: Node, prefix: str = "", *, required: bool = True) -> Text:
    return Text(node.text(f"{prefix}vi", required=required), node.text(f"{prefix}en"))


def _head(whole: Node) -> dict[str, Any]:
    words = whole.table("words", required=True)
    starts, ends = whole.day("valid_from", required=True), whole.day("valid_to")
    if starts and ends and ends < starts:
        whole.wrong("valid_to", N_("This day lies before the first one."))
    basis = whole.lines("legal_basis")
    if not any(basis):
        whole.wrong("legal_basis", N_("This is missing."))
    return {
        "code": whole.key("code"),
        "name": Text(whole.text("name", required=True), whole.text("name_en")),
        "legal_basis": basis,
        "valid_from": starts,
        "valid_to": ends,
        "standard": whole.text("standard"),
        "words": {key: _text(words.table(key, required=True)) for key in WORDS},
    }


def _question(node: Node) -> Question:
    question = Question(
        key=node.key(),
        kind=node.one_of("kind", QUESTION_KINDS),
        text=_text(node),
        hint=_text(node, "hint_", required=False),
        options=tuple(Option(one.key(), _text(one)) for one in node.tables("options")),
        record=node.text("record"),
    )
    if question.kind in {"one", "many"} and not question.options:
        node.wrong("options", N_("This is missing."))
    if question.record and question.record not in RECORD:
        node.wrong("record", N_("This must be one of: %(allowed)s."), allowed=", ".join(RECORD))
    return question


def _criteria(whole: Node, questions: tuple[Question, ...]) -> tuple[Criterion, ...]:
    known = {question.key: question for question in questions}
    found = tuple(_criterion(node, known) for node in whole.tables("criteria"))
    if not found:
        whole.wrong("criteria", N_("This is missing."))
    return found


def _criterion(node: Node, known: Mapping[str, Question]) -> Criterion:
    level = node.number("level") or 0
    if level not in LEVELS:
        node.wrong("level", N_("A level is a number from 1 to 5."))
    return Criterion(
        key=node.key(),
        level=level,
        article=node.text("article", required=True),
        text=_text(node),
        when=_condition(node, known),
    )


def _condition(node: Node, known: Mapping[str, Question]) -> tuple[conditions.Alternative, ...]:
    lines = [line for line in node.lines("when") if line]
    if not lines:
        node.wrong("when", N_("This is missing."))
    found = []
    for line in lines:
        try:
            found.append(conditions.read(line))
        except ValueError as error:
            node.wrong("when", N_("“%(part)s” is no condition."), part=str(error))
    for terms in found:
        _ask(node, terms, known)
    return tuple(found)


def _ask(node: Node, terms: conditions.Alternative, known: Mapping[str, Question]) -> None:
    """Refuse what no question of this rule set answers."""
    for term in terms:
        question = known.get(term.question)
        if question is None:
            node.wrong("when", N_("There is no question “%(key)s”."), key=term.question)
        elif not conditions.fits(term, question):
            node.wrong("when", N_("“%(part)s” does not fit its question."), part=str(term))


def _authority(level: int, node: Node) -> Authority:
    asked = tuple(_asked(one) for one in node.tables("decisions", keyed=False))
    if node.value and not asked:
        node.wrong("decisions", N_("This is missing."))
    forms = node.table("forms")
    return Authority(
        level=level,
        appraiser=Body(node.one_of("appraiser", tuple(BODIES))),
        appraiser_name=_text(node, "appraiser_", required=False),
        decisions=asked or (Asked("level", Body.OWNER, ()),),
        needs_opinion=node.flag("needs_opinion"),
        article=node.text("article"),
        forms={name: forms.text(name) for name in forms.value},
    )


def _asked(node: Node) -> Asked:
    return Asked(
        node.one_of("kind", tuple(DECISIONS)),
        Body(node.one_of("by", tuple(BODIES))),
        node.lines("forms"),
    )


def _paper(node: Node) -> Paper:
    return Paper(
        key=node.key(),
        text=_text(node),
        article=node.text("article"),
        levels=node.levels(),
        is_required=node.flag("is_required", default=True),
    )


def _limits(node: Node) -> dict[str, Any]:
    return {
        "validity": _limit(node.table("validity", required=True)),
        "appraisal": {level: _limit(one) for level, one in node.by_level("appraisal")},
        "approval": _limit(node.table("approval", required=True)),
    }


def _limit(node: Node) -> Limit:
    return Limit(
        number=node.number("number"),
        unit=Unit(node.one_of("unit", tuple(UNITS)) if node.value else Unit.WORKING),
        start=Start(node.one_of("start", tuple(STARTS)) if node.value else Start.COMPLETE),
        article=node.text("article"),
    )


def _intervals(node: Node) -> dict[str, dict[int, Interval]]:
    return {
        what: {level: _interval(one) for level, one in node.by_level(what)} for what in INTERVALS
    }


def _interval(node: Node) -> Interval:
    return Interval(node.number("months"), node.flag("is_local_choice"), node.text("source"))


def _measures(whole: Node) -> dict[int, tuple[Measure, ...]]:
    found: dict[int, list[Measure]] = {level: [] for level in LEVELS}
    seen: set[str] = set()
    for group in whole.tables("measures"):
        key, title = group.key(), _text(group)
        for node in group.tables("items"):
            if (item := node.key()) in seen:
                node.wrong("key", N_("There are two of this key."))
            seen.add(item)
            text, is_verified = _text(node), node.flag("is_verified")
            for level, clause in _clauses(node):
                found[level].append(Measure(item, key, title, text, clause, is_verified))
    return {level: tuple(items) for level, items in found.items()}


def _clauses(node: Node) -> list[tuple[int, str]]:
    """The levels that ask for a measure, each with its clause."""
    clauses = node.table("clauses")
    asked = {str(level): "" for level in node.levels()} | {
        level: clauses.text(str(level)) for level in clauses.value
    }
    if strange := asked.keys() - {str(level) for level in LEVELS}:
        clauses.wrong(min(strange), N_("Levels go from 1 to 5."))
    return [(level, asked[str(level)]) for level in LEVELS if str(level) in asked]


def _switches(whole: Node) -> dict[int, bool]:
    node = whole.table("one_person_may_appraise_and_approve", required=True)
    return {level: node.flag(str(level)) for level in LEVELS}


def _remarks(whole: Node) -> dict[str, Any]:
    return {
        "transitions": tuple(_dated(node) for node in whole.tables("transitions")),
        "cautions": tuple(_dated(node) for node in whole.tables("cautions")),
        "reports": tuple(_report(node) for node in whole.tables("reports")),
        "notes": tuple(_text(node) for node in whole.tables("notes", keyed=False)),
    }


def _dated(node: Node) -> Dated:
    return Dated(
        node.key(), _text(node), node.day("from"), node.day("to"), node.flag("needs_basis")
    )


def _report(node: Node) -> Report:
    days = {name: _month_day(node, name) for name in ("data_from", "data_to", "before")}
    return Report(key=node.key(), text=_text(node), article=node.text("article"), **days)


def _month_day(node: Node, name: str) -> str:
    value = node.text(name, required=True)
    month, _, day = value.partition("-")
    is_day = (
        month.isdecimal()
        and day.isdecimal()
        and 1 <= int(month) <= 12
        and 1 <= int(day) <= _MONTH_DAY_MAX.get(int(month), 31)
    )
    if value and not is_day:
        node.wrong(name, N_("This must be a month and a day such as 12-20."))
    return value
