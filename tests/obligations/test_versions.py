"""Whom a new version of a rule is for."""

from tests.obligations.conftest import YEARLY


def words(page):
    return " ".join(page.main.text.split())


def version_of(rule, **more):
    version = {"valid_from": "1/1/2027", "months": "12", "grace_days": "0", "lead": "30, 7"}
    return f"/obligations/rules/{rule.id}/version", version | more


def ticked(page):
    """What the form says of its scope, as it would be sent."""
    boxes = {box["name"]: box.get("value") for box in page.select("[type=checkbox][checked]")}
    chosen = {
        select["name"]: option["value"]
        for select in page.select("select")
        for option in select.select("option[selected]")
    }
    return {name: value for name, value in (boxes | chosen).items() if value}


def test_a_new_version_keeps_whom_the_rule_is_for_until_one_changes_it(
    browser, make, add_rule, session
):
    make.tier(), make.tier("commune", 50)
    unit, other = make.unit(), make.unit()
    scope = {"tiers": ["commune"], "units": [unit.code], "has_systems": True}
    rule = add_rule(scope=scope)
    to, sent = version_of(rule)
    filled = ticked(browser.get(to))
    assert filled == {"tiers": "commune", "units": str(unit.id), "has_systems": "y"}
    browser.post(to, sent | filled)
    session.expire_all()
    assert [one.scope for one in rule.versions] == [scope, scope]
    browser.post(to, sent | {"units": [str(other.id)], "has_team": "y"})
    session.expire_all()
    assert rule.versions[0].scope == scope
    assert rule.versions[1].scope == {"units": [other.code], "has_team": True}


def test_a_new_version_of_a_rule_of_systems_may_begin_with_another_level(
    browser, add_rule, session
):
    cadence = {"kind": "rolling", "months": 12}
    rule = add_rule("s", "system", "drill_of_system", cadence=cadence, scope={"level_from": 3})
    to, sent = version_of(rule, level_from="4", is_approved="y")
    assert ticked(browser.get(to)) == {"level_from": "3"}
    browser.post(to, sent)
    session.expire_all()
    assert rule.versions[1].scope == {"level_from": 4, "is_approved": True}


def test_a_new_version_says_which_units_of_the_rule_are_not_there(browser, make, add_rule, session):
    unit = make.unit()
    rule = add_rule(scope={"units": [unit.code, "STTTT"], "tiers": ["old"]}, cadence=YEARLY)
    page = browser.get(f"/obligations/rules/{rule.id}/version")
    assert "không có trong hệ thống: STTTT." in words(page)
    assert ticked(page) == {"tiers": "old", "units": str(unit.id)}, "a tier that went is kept"
