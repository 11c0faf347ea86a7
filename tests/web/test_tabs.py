from drills.accounts.models import Role
from drills.accounts.permissions import Permission
from drills.web import tabs
from drills.web.tabs import TABS, Tab
from tests.browser import Browser


def labels(page):
    return [link.text.split()[0] for link in page.select("nav.tabs a")]


def test_a_tab_whose_page_does_not_exist_is_not_shown(browser, make, monkeypatch):
    real = Tab("show", "Overview", "exercises.show", Permission.DRILL_VIEW)
    other = Tab("edit", "Edit", "exercises.edit", Permission.DRILL_VIEW)
    absent = Tab("none", "None", "exercises.no_such_page", Permission.DRILL_VIEW)
    monkeypatch.setattr(tabs, "TABS", {"drill": (real, absent, other)})
    assert labels(browser.get(f"/drills/{make.drill().id}/")) == ["Overview", "Edit"]


def test_a_tab_is_shown_to_those_who_may_use_it(app, make, session, monkeypatch):
    make.organisation()
    drill = make.drill()
    real = Tab("show", "Overview", "exercises.show", Permission.DRILL_VIEW)
    other = Tab("list", "List", "exercises.ics", Permission.DRILL_VIEW)
    edit = Tab("edit", "Edit", "exercises.edit", Permission.DRILL_EDIT)
    monkeypatch.setattr(tabs, "TABS", {"drill": (real, other, edit)})
    auditor = Browser(app, session, as_=make.person(role=Role.AUDITOR))
    assert labels(auditor.get(f"/drills/{drill.id}/")) == ["Overview", "List"]
    keeper = Browser(app, session, as_=make.person(role=Role.SECURITY_TEAM))
    assert labels(keeper.get(f"/drills/{drill.id}/")) == ["Overview", "List", "Edit"]


def test_the_tab_at_hand_is_marked_and_a_count_stands_beside_its_label(browser, make, monkeypatch):
    drill = make.drill()
    monkeypatch.setattr(
        tabs,
        "TABS",
        {
            "drill": (
                Tab("edit", "Edit", "exercises.edit", Permission.DRILL_VIEW, count=lambda d: d.id),
                Tab("x", "Here", "exercises.ics", Permission.DRILL_VIEW, owns=("exercises.show",)),
            )
        },
    )
    page = browser.get(f"/drills/{drill.id}/")
    assert [link.text for link in page.select("nav.tabs a[aria-current=page]")] == ["Here"]
    assert page.select_one("nav.tabs .n").text == str(drill.id)


def test_one_tab_alone_is_none(browser, make, monkeypatch):
    only = Tab("show", "Overview", "exercises.show", Permission.DRILL_VIEW)
    monkeypatch.setattr(tabs, "TABS", {"drill": (only,)})
    assert labels(browser.get(f"/drills/{make.drill().id}/")) == []


def test_every_tab_that_exists_takes_the_id_of_its_thing(app):
    for kind, entries in TABS.items():
        for tab in entries:
            for rule in app.url_map.iter_rules():
                if rule.endpoint == tab.endpoint and "GET" in rule.methods:
                    assert f"{kind}_id" in rule.arguments, tab
