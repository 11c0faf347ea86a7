import io

import pytest
import sqlalchemy as sa
from docx import Document

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.documents import services, writing
from drills.documents.kinds import KINDS
from drills.documents.models import Letterhead, Template
from tests.browser import Browser
from tests.documents.test_rendering import texts

PAGE = "/settings/documents/approval_decision/vi"


def words(page):
    return " ".join(page.main.text.split())


def template(*lines):
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def download(browser, address):
    with browser.raw(address) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        return answer.data


def upload(browser, content, name="Quyết định.docx", **options):
    return browser.post(PAGE, {"file": (io.BytesIO(content), name)}, **options)


@pytest.mark.parametrize("key", KINDS)
def test_each_document_has_its_page_with_every_field(browser, key):
    assert f"/settings/documents/{key}/en" in str(browser.get("/settings/documents/"))
    page = browser.get(f"/settings/documents/{key}/vi")
    named = {code.text for code in page.select("#fields code")}
    assert {path for field in KINDS[key].fields for path, _value in field.paths()} == named


def test_what_does_not_exist_is_not_found(browser):
    browser.get("/settings/documents/nothing/vi", status=404)
    browser.get("/settings/documents/approval_decision/fr", status=404)
    browser.get("/settings/documents/nothing/vi/download", status=404)


def test_the_template_in_use_and_a_sample_can_be_downloaded(browser):
    built_in = writing.built_in("approval_decision", "vi").read_bytes()
    assert download(browser, f"{PAGE}/download") == built_in
    assert "Nguyễn Thu Lam" in texts(download(browser, f"{PAGE}/sample"))


def test_a_template_of_ones_own_is_used_from_then_on_and_left_again(browser, session, app):
    upload(browser, template("Quyết định về {{ system.name }}", "{{ on|long_day }}"))
    content = services.render(
        session,
        "approval_decision",
        {"system": {"name": "Cổng <A&B>"}},
        folder=app.config["FILES"],
    )
    assert texts(content)[0] == "Quyết định về Cổng <A&B>"
    assert "Quyết định.docx" in words(browser.get(PAGE))
    assert texts(download(browser, f"{PAGE}/download"))[0] == "Quyết định về {{ system.name }}"

    upload(browser, template("Bản hai"), "ban-hai.docx")
    browser.post(f"{PAGE}/built-in")
    page = browser.get(PAGE)
    assert (
        download(browser, f"{PAGE}/download")
        == writing.built_in("approval_decision", "vi").read_bytes()
    )
    assert [b.text for b in page.select("#revisions b")] == ["ban-hai.docx", "Quyết định.docx"]
    verbs = session.scalars(
        sa.select(Entry.verb).where(Entry.subject_kind == "document_template").order_by(Entry.id)
    )
    assert verbs.all() == ["template_adopted", "template_adopted", "template_dropped"]


def test_a_template_with_an_unknown_field_is_refused_by_its_name(browser, session):
    page = upload(browser, template("{{ nguoi_ky }}"), status=422)
    assert "nguoi_ky" in page.select_one("#file-error").text
    assert session.scalars(sa.select(Template)).all() == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.docx", b"%PDF-1.7\n"),
        ("a.docx", b""),
        ("a.docx", template("{% if %}")),
        ("TỐI MẬT.docx", template("x")),
    ],
    ids=["pdf", "renamed", "empty", "broken", "secret"],
)
def test_what_is_no_template_is_refused(browser, session, name, content):
    page = upload(browser, content, name, status=422)
    assert page.select_one("#file-error")
    assert session.scalars(sa.select(Template)).all() == []


def test_a_letterhead_is_added_changed_and_removed(browser, make, session):
    unit = make.unit(name="Sở Y tế")
    data = {"unit_id": unit.id, "place": "Lam Giang", "signer_name": "Đặng Quốc Việt"}
    browser.post("/settings/letterheads/new", data)
    own = session.scalars(sa.select(Letterhead)).one()
    assert (own.unit_id, own.place) == (unit.id, "Lam Giang")
    assert "Đặng Quốc Việt" in words(browser.get("/settings/documents/"))
    address = f"/settings/letterheads/{own.id}/"
    assert browser.get(address).select_one("#place")["value"] == "Lam Giang"
    browser.post(address, {"place": "Quảng Ngãi", "signer_name": ""})
    session.refresh(own)
    assert (own.unit_id, own.place, own.signer_name) == (unit.id, "Quảng Ngãi", "")
    browser.post(f"{address}remove")
    assert session.scalars(sa.select(Letterhead)).all() == []
    verbs = session.scalars(sa.select(Entry.verb).where(Entry.subject_kind == "letterhead"))
    assert verbs.all() == ["created", "revised", "deleted"]


def test_adding_a_letterhead_that_exists_changes_it(browser, make, session):
    unit = make.unit()
    for place in ("Một", "Hai"):
        browser.post("/settings/letterheads/new", {"unit_id": unit.id, "place": place})
    assert [own.place for own in session.scalars(sa.select(Letterhead))] == ["Hai"]


def test_the_list_of_letterheads_asks_the_database_a_fixed_number_of_times(browser, make, queries):
    def asked():
        with queries() as seen:
            browser.get("/settings/documents/")
        return len(seen)

    make.save(Letterhead(unit=make.unit()))
    asked()
    before = asked()
    for _ in range(8):
        make.save(Letterhead(unit=make.unit()))
    assert asked() == before


def test_only_the_administrator_changes_how_the_agency_writes(app, make, session):
    make.organisation()
    keeper = Browser(app, session, as_=make.person(role=Role.SECURITY_TEAM))
    keeper.get("/settings/documents/", status=403)
    upload(keeper, template("x"), status=403)
    keeper.get(f"{PAGE}/download", status=403)
