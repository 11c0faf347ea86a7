"""The approval of a level, walked in Vietnamese: the operator sends, the unit appraises, the owner
decides, on a desk's screen and with a phone in hand."""

import re
import subprocess

import pytest

from tests.e2e.conftest import PASSWORD, sign_in

pytestmark = pytest.mark.browser
PEOPLE = {
    "officer": ("Lê Thị Soạn", "unit_officer"),
    "appraiser": ("Trần Văn Thẩm", "security_team"),
    "chairman": ("Đỗ Văn Chủ", "manager"),
}
SYSTEMS = ("Hồ sơ sức khỏe điện tử", "Đặt lịch khám bệnh")
SETTING = """
from drills import create_app
from drills.accounts.models import Grant, Person
from drills.accounts.passwords import hashed
from drills.approvals.models import PaperState
from drills.approvals.models.details import DossierDetails, PaperDetails
from drills.approvals.services import dossiers
from drills.approvals.services.regimes import for_new
from drills.core import clock
from drills.extensions import db
from drills.systems.models import InformationSystem
from drills.units.models import Organisation, Tier, Unit

app = create_app()
with app.app_context():
    session = db.session
    home = session.get(Organisation, 1)
    root, tier = home.root, session.query(Tier).first()
    units = {"chairman": root}
    for key, name in (("officer", "Sở Y tế"), ("appraiser", "Công an tỉnh")):
        unit = Unit(code=key, name=name, tier=tier, parent_id=root.id)
        session.add(unit)
        session.flush()
        unit.path = f"{root.path}{unit.id}."
        units[key] = unit
    for key, name, role in PEOPLE:
        person = Person(name=name, email=f"{key}@lamgiang.example", unit=units[key], active=True)
        person.scope_id = root.id if key == "appraiser" else None
        person.password = hashed(PASSWORD)
        person.grants = [Grant(role=role)]
        session.add(person)
    for name in SYSTEMS:
        session.add(
            InformationSystem(
                code=f"HT-{len(name):04}", name=name, owner=root, operator=units["officer"], level=3
            )
        )
    session.commit()
    officer = session.query(Person).filter_by(email="officer@lamgiang.example").one()
    system = session.query(InformationSystem).filter_by(name=SYSTEMS[1]).one()
    regime = for_new(session, clock.now().date())[0].regime
    details = DossierDetails(
        regime.id, 3, appraising_unit_id=units["appraiser"].id, approving_unit_id=root.id
    )
    at = clock.now()
    dossier = dossiers.open_dossier(session, system, details, by=officer, at=at)
    for paper in dossier.papers:
        kept = PaperDetails(PaperState.DONE, "Bản giấy, tủ 3")
        dossiers.set_paper(session, paper, kept, by=officer, at=at)
    session.commit()
"""


@pytest.fixture
def office(installation):
    """A province with an operator, a unit that appraises, a chairman, and two systems."""
    installation.set_up()
    people = [(key, *rest) for key, rest in PEOPLE.items()]
    script = f"SYSTEMS = {SYSTEMS!r}\nPEOPLE = {people!r}\nPASSWORD = {PASSWORD!r}\n{SETTING}"
    done = subprocess.run(
        [installation.python, "-c", script],
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    installation.start()
    return installation


def test_a_level_is_approved_from_the_draft_to_the_decision(office, page):
    """At a desk from the first paper; on a phone from the sending on."""
    draft(page, office, SYSTEMS[0])
    walk(page, office, SYSTEMS[0], "1440/QĐ-UBND")
    page.set_viewport_size({"width": 390, "height": 844})
    enter(page, office, "officer")
    page.click(f"#desk-finish >> text={SYSTEMS[1]}")
    walk(page, office, SYSTEMS[1], "390/QĐ-UBND")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def walk(page, office, system, number):
    """From the page of a complete draft to the decision that is recorded."""
    page.wait_for_selector("#papers")
    dossier = page.url.partition("#")[0]
    page.click("a[href$='/send/']")
    page.click("main form.form button[type=submit]")
    page.wait_for_url(dossier)
    assert "Đã gửi" in page.inner_text("main")
    appraise(page, office, dossier)
    decide(page, office, system, number)


def enter(page, office, who):
    page.context.clear_cookies()
    sign_in(page, office.address, f"{who}@lamgiang.example")
    assert page.locator("html").get_attribute("lang") == "vi"


def draft(page, office, system):
    """Open a dossier and hand in its papers."""
    enter(page, office, "officer")
    page.goto(f"{office.address}/systems/")
    page.click(f"#register >> text={system}")
    page.click("nav.tabs a[href$='/dossiers/']")
    page.click("a[href$='/dossiers/new/'] >> nth=0")
    page.click("main form.form button[type=submit]")
    page.wait_for_selector("#papers")
    for paper in [one.get_attribute("href") for one in page.locator("#papers a.go").all()]:
        page.goto(f"{office.address}{paper}")
        page.set_input_files(
            "#file",
            {"name": "tai-lieu.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"},
        )
        page.check("input[name=state][value=done]")
        page.click("#work button[type=submit]")
        page.wait_for_url(re.compile(r"/dossiers/\d+/(#papers)?$"))


def appraise(page, office, dossier):
    enter(page, office, "appraiser")
    page.goto(dossier)
    page.click("a[href$='/receive/']")
    page.click("main form.form button[type=submit]")
    page.wait_for_url(dossier)
    page.click("a[href$='/appraise/']")
    page.check("input[name=verdict][value=for]")
    page.fill("#opinion", "Hồ sơ phù hợp với cấp độ 3.")
    page.fill("#number", "12/CAT-ANM")
    page.click("main form.form button[type=submit]")
    page.wait_for_url(dossier)


def decide(page, office, system, number):
    """From the home page: the row, the check, the record."""
    enter(page, office, "chairman")
    page.click(f"#desk-decide >> text={system}")
    page.locator("#number:focus").wait_for()
    page.fill("#number", number)
    page.click("text=Kiểm tra trước khi ghi")
    page.click("button:has-text('Ghi quyết định')")
    page.wait_for_url(re.compile(r"/decisions/\d+/"))
    said = page.inner_text("main")
    assert number in said
    assert "Bản chụp còn nguyên" in said
