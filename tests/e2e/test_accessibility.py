"""axe finds nothing on the main pages: dark on a phone in Vietnamese, light at a desk in English."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import Installation, sign_in

pytestmark = pytest.mark.browser
PAGES = (
    "/",
    "/drills/",
    "/drills/new",
    "/drills/calendar",
    "/series/1/",
    "/drills/2/plan/",
    "/drills/2/evaluation/",
    "/drills/2/findings/",
    "/drills/2/report/",
    "/drills/3/participation/",
    "/drills/6/msel/",
    "/drills/6/msel/edit",
    "/drills/6/conduct/",
    "/drills/6/readiness",
    "/drills/6/play/",
    "/drills/6/survey/",
    "/drills/2/log/",
    "/drills/calendar/month",
    "/drills/coverage/",
    "/drills/idle/",
    "/programmes/1/",
    "/scenarios/1/",
    "/scenarios/",
    "/actions/",
    "/actions/1/",
    "/approvals/",
    "/dossiers/1/",
    "/dossiers/11/",
    "/decisions/1/",
    "/systems/1/protection-plan/",
    "/regimes/",
    "/reports/levels/",
    "/systems/",
    "/systems/new",
    "/systems/import/",
    "/teams/",
    "/teams/1/duty/",
    "/teams/1/duty/month",
    "/teams/1/duty/plan",
    "/duty/",
    "/people/",
    "/people/7/",
    "/people/7/edit",
    "/people/7/skills/edit",
    "/contact-checks/1/",
    "/contact-checks/1/unanswered",
    "/skills/",
    "/certificates/",
    "/training/1/",
    "/obligations/",
    "/obligations/list",
    "/obligations/rules/1/",
    "/obligations/rules/new",
    "/obligations/rules/new?step=2&met_by=noted&subject=unit&way=period",
    "/obligations/exemptions/",
    "/reminders/",
    "/reminders/rules/",
    "/reminders/rules/1/edit",
    "/profile/reminders",
    "/units/",
    "/audit/",
    "/profile",
    "/settings",
    "/search?q=lam",
)
ONLY = {"resultTypes": ["violations"]}
"""What passes is not written down: half of the time goes into its addresses."""
LOOKS = (("vi", "dark", 390), ("en", "light", 1440))


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    data = tmp_path_factory.mktemp("demonstration")
    installation = Installation(data)
    installation.set_up("--demo")
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture
def look(page, demonstration, request):
    language, theme, width = request.param
    sign_in(page, demonstration.address)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": demonstration.address}])
    page.goto(demonstration.address)
    if page.locator("html").get_attribute("lang") != language:
        page.locator("form[action$='/language'] button >> visible=true").first.click()
        page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("data-theme") == theme
    page.set_viewport_size({"width": width, "height": 900})
    return page


def of_details(page, address):
    """One record of each kind, and a letter that has not left, found by its link in the list."""
    for path in ("/drills/", "/systems/", "/teams/", "/units/"):
        page.goto(address + path)
        pattern = re.compile(rf"^{path}\d+/$")
        links = page.locator("main a[href]").evaluate_all("all => all.map(a => a.pathname)")
        yield from [link for link in links if pattern.match(link)][:1]
    page.goto(f"{address}/reminders/")
    yield page.locator("main a[href^='/reminders/ahead/']").first.get_attribute("href")


@pytest.mark.parametrize("look", LOOKS, indirect=True, ids=lambda look: "-".join(map(str, look)))
def test_axe_finds_nothing(look, demonstration):
    address, found, axe = demonstration.address, {}, Axe()
    for path in (*PAGES, *of_details(look, address)):
        answer = look.goto(address + path)
        assert answer.status == 200, path
        for violation in axe.run(look, options=ONLY).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            found.setdefault(violation["id"], []).append((path, nodes))
        wide = look.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{path} scrolls sideways"
    assert found == {}
