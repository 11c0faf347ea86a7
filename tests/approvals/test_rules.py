"""Rule sets as data: their shape, their criteria, their files."""

import copy
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.approvals.kinds import (
    LEVELS,
    BadRules,
    Body,
    Rules,
    Unit,
    differences,
    json_text,
    parse,
    propose,
    toml_text,
)
from drills.approvals.services.regimes import shipped

DATA = {data["code"]: data for data in shipped()}
OLD, NEW = (Rules.of(DATA[code]) for code in ("nd-85-2016", "nd-331-2026"))
BOTH = pytest.mark.parametrize("rules", [OLD, NEW], ids=lambda rules: rules.code)

PUBLIC = {"kind": "public", "information": ["public"]}
INTERNAL = {"kind": "internal", "information": ["public"]}
SHARED = {"kind": "infrastructure", "information": ["public"]}
CONTROL = {"kind": "industrial_control", "information": ["public"]}
SECRET = {"kind": "other", "information": ["state_secrets"]}
DEFENCE = {"kind": "other", "defence": True}
OTHER = {"kind": "other", "information": ["public"]}
COMPONENTS = {f"{article}-{n}": OTHER | {"component": str(n)} for article in (5, 8) for n in LEVELS}

OF_THE_OLD = {
    "7": INTERNAL,
    "8-1": INTERNAL | {"information": ["public", "personal"]},
    "8-2-a": PUBLIC | {"services": ["online_low"]},
    "8-2-b": PUBLIC | {"services": ["unconditional"]},
    "8-2-c": PUBLIC | {"information": ["personal"], "users": 9_999},
    "8-3": SHARED | {"scope": "agency"},
    "9-1": SECRET,
    "9-2-a": PUBLIC | {"services": ["online_high"]},
    "9-2-b": PUBLIC | {"services": ["conditional"]},
    "9-2-c": PUBLIC | {"information": ["personal"], "users": 10_000},
    "9-3": SHARED | {"scope": "region"},
    "9-4": CONTROL | {"works": "lower"},
    "10-1": DEFENCE | {"harm": "serious"},
    "10-2": OTHER | {"national": True, "round_the_clock": True},
    "10-3": SHARED | {"scope": "national", "round_the_clock": True},
    "10-4": CONTROL | {"works": "first"},
    "11-1": SECRET | {"harm": "exceptional"},
    "11-2": OTHER | {"national_data": True},
    "11-3": SHARED | {"scope": "international"},
    "11-4": CONTROL | {"works": "special"},
    "11-5": OTHER | {"decided": True},
} | {key: answers for key, answers in COMPONENTS.items() if key.startswith("5-")}
OF_THE_NEW = {
    "11-1": INTERNAL,
    "11-2": OTHER | {"decided": "1"},
    "12-1": INTERNAL | {"information": ["private"]},
    "12-2-a": PUBLIC | {"services": ["unconditional"]},
    "12-2-b": PUBLIC | {"information": ["personal"], "basic_subjects": 99_999},
    "12-3": SHARED | {"scope": "agency"},
    "12-4": OTHER | {"decided": "2"},
    "13-1": DEFENCE | {"harm": "harm"},
    "13-2-a": PUBLIC | {"services": ["conditional"]},
    "13-2-b": PUBLIC | {"services": ["procedures"]},
    "13-2-c": PUBLIC | {"information": ["personal"], "sensitive_subjects": 10_000},
    "13-3": SHARED | {"scope": "region"},
    "13-4": CONTROL | {"works": "lower"},
    "13-5": OTHER | {"decided": "3"},
    "14-1": SECRET | {"harm": "serious"},
    "14-2": SHARED | {"scope": "national", "round_the_clock": True},
    "14-3": CONTROL | {"works": "first"},
    "14-4": OTHER | {"decided": "4"},
    "15-1": DEFENCE | {"harm": "exceptional"},
    "15-2": OTHER | {"national_data": True},
    "15-3": SHARED | {"scope": "international"},
    "15-4": CONTROL | {"works": "special"},
    "15-5": OTHER | {"decided": "5"},
} | {key: answers for key, answers in COMPONENTS.items() if key.startswith("8-")}
CASES = [(OLD, key, a) for key, a in OF_THE_OLD.items()]
CASES += [(NEW, key, a) for key, a in OF_THE_NEW.items()]


@BOTH
def test_every_criterion_has_a_case(rules):
    cases = OF_THE_OLD if rules is OLD else OF_THE_NEW
    assert {criterion.key for criterion in rules.criteria} == set(cases)


@pytest.mark.parametrize(("rules", "key", "answers"), CASES, ids=lambda part: str(part)[:20])
def test_each_criterion_alone_decides(rules, key, answers):
    proposal = propose(rules, answers)
    criterion = next(one for one in rules.criteria if one.key == key)
    assert proposal.level == criterion.level
    assert [one.key for one in proposal.deciding] == [key]


@pytest.mark.parametrize(("users", "level"), [(9_999, 2), (10_000, 3), (100_000, 3)])
def test_the_old_line_is_ten_thousand_users(users, level):
    answers = PUBLIC | {"information": ["private"], "users": users}
    assert propose(OLD, answers).level == level


@pytest.mark.parametrize(
    ("basic", "sensitive", "level"),
    [
        (9_999, 9_999, 2),
        (10_000, 0, 2),
        (99_999, 9_999, 2),
        (100_000, 0, 3),
        (0, 10_000, 3),
        (100_000, 10_000, 3),
    ],
)
def test_the_new_lines_are_a_hundred_thousand_basic_and_ten_thousand_sensitive(
    basic, sensitive, level
):
    answers = PUBLIC | {
        "information": ["personal"],
        "basic_subjects": basic,
        "sensitive_subjects": sensitive,
    }
    assert propose(NEW, answers).level == level


def test_administrative_procedures_are_level_3_under_the_new_law_only():
    answers = PUBLIC | {"services": ["procedures"]}
    assert propose(NEW, answers).level == 3
    assert propose(OLD, answers).level == 1


def test_lower_criteria_that_hold_are_told_beside_those_that_decide():
    proposal = propose(OLD, PUBLIC | {"services": ["online_high", "online_low"]})
    assert [one.key for one in proposal.deciding] == ["9-2-a"]
    assert [one.key for one in proposal.others] == ["8-2-a"]


def test_without_any_criterion_the_level_is_1_and_nothing_decides():
    assert propose(NEW, OTHER) == propose(NEW, {})
    assert propose(NEW, OTHER).deciding == ()
    assert propose(NEW, OTHER).level == 1


ORDERED = {
    "harm": ["none", "harm", "serious", "exceptional"],
    "scope": ["none", "agency", "region", "national", "international"],
    "works": ["none", "lower", "first", "special"],
    "component": ["none", "1", "2", "3", "4", "5"],
}
NUMBERS = ("users", "basic_subjects", "sensitive_subjects")
SWITCHES = ("defence", "national", "round_the_clock", "national_data")
SETS = {
    "information": ["public", "private", "personal", "state_secrets"],
    "services": ["online_low", "online_high", "unconditional", "conditional", "procedures"],
}
KINDS = ("internal", "public", "infrastructure", "industrial_control", "other")


@st.composite
def harm(draw, least=None):
    """Answers; with ``least`` answers that are nowhere less harmful than those."""
    least = least or {}
    answers = {"kind": least.get("kind") or draw(st.sampled_from(KINDS))}
    for key, steps in ORDERED.items():
        first = steps.index(least[key]) if key in least else 0
        answers[key] = steps[draw(st.integers(first, len(steps) - 1))]
    for key in NUMBERS:
        answers[key] = draw(st.integers(least.get(key, 0), 200_000))
    for key in SWITCHES:
        answers[key] = least.get(key, False) or draw(st.booleans())
    for key, options in SETS.items():
        more = draw(st.sets(st.sampled_from(options)))
        answers[key] = sorted(set(least.get(key, ())) | more)
    return answers


@BOTH
@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_more_harm_never_lowers_the_level(rules, data):
    some = data.draw(harm())
    more = data.draw(harm(least=some))
    assert propose(rules, some).level <= propose(rules, more).level


def test_the_law_names_who_appraises_and_who_decides():
    for rules in (OLD, NEW):
        found = {n: (a.appraiser, a.approver) for n, a in rules.authorities.items()}
        unit, owner, ministry = Body.SPECIALISED_UNIT, Body.OWNER, Body.MINISTRY
        assert found == {
            1: (unit, unit),
            2: (unit, unit),
            3: (unit, owner),
            4: (ministry, owner),
            5: (ministry, Body.PRIME_MINISTER),
        }
        assert [one.kind for one in rules.authorities[5].decisions] == ["list", "plan"]
        assert [n for n in LEVELS if rules.authorities[n].needs_opinion] == [4, 5]
        assert not any(rules.one_person_may_appraise_and_approve.values())


def test_days_are_calendar_days_under_one_law_and_working_days_under_the_other():
    def told(limit):
        return (limit.number, limit.unit)

    assert told(OLD.appraisal[3]) == (15, Unit.CALENDAR)
    assert told(NEW.appraisal[3]) == (15, Unit.WORKING)
    assert [told(OLD.appraisal[n]) for n in (4, 5)] == [(30, Unit.CALENDAR)] * 2
    assert [told(NEW.appraisal[n]) for n in (4, 5)] == [(25, Unit.WORKING)] * 2
    for rules in (OLD, NEW):
        assert [rules.appraisal[n].number for n in (1, 2)] == [None, None]
        assert told(rules.validity) == (5, Unit.WORKING)
        assert told(rules.approval) == (7, Unit.WORKING)


def test_check_intervals_are_law_under_the_old_and_a_choice_under_the_new():
    assert [OLD.interval("check", n).months for n in LEVELS] == [24, 24, 12, 12, 6]
    assert not any(OLD.interval("check", n).is_local_choice for n in LEVELS)
    assert [NEW.interval("check", n).months for n in LEVELS] == [24, 24, 12, 12, 6]
    assert all(NEW.interval("check", n).is_local_choice for n in LEVELS)


@BOTH
def test_every_interval_has_its_source(rules):
    assert all(one.source for by in rules.intervals.values() for one in by.values())
    assert all(one.article for one in rules.criteria + rules.papers)
    assert all(one.article for one in rules.authorities.values())


@BOTH
def test_the_opinion_of_the_specialised_unit_is_a_paper_of_levels_4_and_5(rules):
    assert [len(rules.papers_for(n)) for n in LEVELS] == [4, 4, 4, 5, 5]
    assert rules.papers_for(5)[-1].key == "opinion"


def test_measures_grow_with_the_level_and_keep_their_keys_between_the_laws():
    assert [len(OLD.measures[n]) for n in LEVELS] == [28, 35, 43, 43, 43]
    for level in LEVELS:
        assert [m.key for m in OLD.measures[level]] == [m.key for m in NEW.measures[level]]
        assert all(m.is_verified and m.clause for m in OLD.measures[level])
        assert not any(m.is_verified for m in NEW.measures[level])
    clauses = {m.key: m.clause for m in OLD.measures[3]}
    assert clauses["run-incidents"] == "7.1.5.8"
    assert {m.key: m.clause for m in OLD.measures[2]}["run-incidents"] == "6.1.5.4"


def test_words_follow_the_law():
    assert OLD.word("security") == "an toàn thông tin"
    assert NEW.word("security") == "an ninh mạng"
    assert NEW.word("security", "en") == "cybersecurity"


@BOTH
def test_a_rule_set_comes_back_unchanged_from_both_kinds_of_file(rules):
    data = DATA[rules.code]
    assert parse(toml_text(data), is_json=False) == data
    assert parse(json_text(data), is_json=True) == data
    assert Rules.of(tomllib.loads(toml_text(data))) == rules


def broken(change):
    data = copy.deepcopy(DATA["nd-331-2026"])
    change(data)
    with pytest.raises(BadRules) as caught:
        Rules.of(data)
    return {fault.path for fault in caught.value.faults}


def _criterion(data):
    return next(one for one in data["criteria"] if one["key"] == "13-1")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d["limits"]["appraisal"]["3"].update(number=0), "limits.appraisal.3.number"),
        (lambda d: d["limits"]["appraisal"]["3"].update(number=True), "limits.appraisal.3.number"),
        (lambda d: d["limits"]["approval"].update(unit="week"), "limits.approval.unit"),
        (lambda d: d["limits"].pop("validity"), "limits.validity"),
        (lambda d: d["limits"].update(appraisal=[]), "limits.appraisal"),
        (lambda d: d["authorities"].pop("4"), "authorities.4"),
        (lambda d: d["authorities"].update({"6": {}}), "authorities.6"),
        (lambda d: d["authorities"]["4"].update(appraiser="x"), "authorities.4.appraiser"),
        (lambda d: d["intervals"]["check"]["2"].update(months="12"), "intervals.check.2.months"),
        (lambda d: d["words"].pop("security"), "words.security"),
        (lambda d: _criterion(d).update(when=["harm has none"]), "criteria.13-1.when"),
        (lambda d: _criterion(d).update(when=["harm is awful"]), "criteria.13-1.when"),
        (lambda d: _criterion(d).update(when=["mood is bad"]), "criteria.13-1.when"),
        (lambda d: _criterion(d).update(when=["whatever"]), "criteria.13-1.when"),
        (lambda d: _criterion(d).update(when=[]), "criteria.13-1.when"),
        (lambda d: _criterion(d).update(level=6), "criteria.13-1.level"),
        (lambda d: _criterion(d).update(vi=""), "criteria.13-1.vi"),
        (lambda d: d["papers"][0].update(levels=[0]), "papers.overview.levels"),
        (lambda d: d["papers"].append(d["papers"][0]), "papers.overview.key"),
        (lambda d: d.update(valid_from="soon"), "valid_from"),
        (lambda d: d.update(valid_to="2020-01-01"), "valid_to"),
        (lambda d: d.update(legal_basis=[]), "legal_basis"),
        (lambda d: d["reports"][0].update(before="13-40"), "reports.unit.before"),
        (
            lambda d: d["one_person_may_appraise_and_approve"].update({"1": "yes"}),
            "one_person_may_appraise_and_approve.1",
        ),
    ],
)
def test_a_mistake_is_told_with_its_path(change, path):
    assert path in broken(change)


def test_all_mistakes_are_told_at_once():
    def spoil(data):
        data["valid_from"] = ""
        data["limits"]["approval"]["number"] = -1

    assert broken(spoil) == {"valid_from", "limits.approval.number"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(sorted(DATA["nd-331-2026"])), inner)
        ),
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_handed_in_is_a_rule_set_or_has_mistakes_with_paths(value):
    data = value if isinstance(value, dict) else {"code": value}
    with pytest.raises(BadRules):
        Rules.of(data)


def test_differences_name_the_thing_that_changed():
    new = copy.deepcopy(DATA["nd-331-2026"])
    new["limits"]["appraisal"]["3"]["number"] = 10
    del new["papers"][0]
    changes = {
        change.path: (change.old, change.new) for change in differences(DATA["nd-331-2026"], new)
    }
    assert changes["limits.appraisal.3.number"] == ("15", "10")
    assert changes["papers.overview.article"] == ("Điều 21 khoản 1", "")
    assert all(path.startswith(("limits.appraisal.3", "papers.overview")) for path in changes)
