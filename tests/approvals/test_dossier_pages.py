"""The procedure as its parties see it: task list, papers, desk, decision."""

import io

import pytest

from drills.approvals.models import Act, Dossier, PaperState, State
from drills.systems.models import Decision
from tests.browser import Browser

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def sign_in(app, office, person):
    return Browser(app, office.session, as_=person)


def text(page):
    return " ".join(page.get_text(" ").split())


def test_the_operator_opens_a_dossier_on_the_page_of_its_system(app, office):
    browser = sign_in(app, office, office.officer)
    page = browser.get(f"/systems/{office.system.id}/dossiers/")
    assert page.select_one(f"a[href='/systems/{office.system.id}/dossiers/new/']")
    form = browser.get(f"/systems/{office.system.id}/dossiers/new/")
    fields = {
        tag["name"]: tag.get("value", "")
        for tag in form.select("main input[name]")
        if tag["type"] not in {"checkbox", "radio"}
    }
    fields |= {
        tag["name"]: next((o["value"] for o in tag.select("option[selected]")), "")
        for tag in form.select("main select[name]")
    }
    assert fields["approving_unit_id"] == str(office.root.id)
    assert fields["appraising_unit_id"] == str(office.appraising.id)
    answer = browser.post(f"/systems/{office.system.id}/dossiers/new/", fields)
    dossier = office.session.query(Dossier).one()
    assert answer.location == f"/dossiers/{dossier.id}/"
    page = browser.get(answer.location)
    assert len(page.select("#papers .row")) == len(dossier.papers)


def test_a_paper_keeps_every_revision_of_its_file(app, office):
    dossier = office.dossier()
    paper = dossier.papers[0]
    browser = sign_in(app, office, office.officer)
    for number, ending in ((1, b""), (2, b"again")):
        data = {
            "file": (io.BytesIO(PDF + ending), f"thuyet-minh-{number}.pdf"),
            "marking": "internal",
            "state": "done",
            "note": "",
        }
        browser.post(f"/dossiers/papers/{paper.id}/", data, content_type="multipart/form-data")
    office.session.refresh(paper)
    assert [one.revision for one in paper.files] == [2, 1]
    page = browser.get(f"/dossiers/papers/{paper.id}/")
    assert "thuyet-minh-1.pdf" in text(page)
    sent = browser.raw(f"/dossiers/files/{paper.files[1].id}")
    assert sent.data == PDF
    assert sent.headers["Content-Disposition"].startswith("attachment")
    sent.close()


def test_a_state_secret_is_refused_with_the_reason(app, office):
    paper = office.dossier().papers[0]
    data = {
        "file": (io.BytesIO(PDF), "phuong-an.pdf"),
        "marking": "state_secret",
        "state": "done",
        "note": "",
    }
    page = sign_in(app, office, office.officer).post(
        f"/dossiers/papers/{paper.id}/", data, status=422, content_type="multipart/form-data"
    )
    assert page.select_one(".errors")
    office.session.refresh(paper)
    assert paper.files == []


def test_the_missing_paper_stands_out_before_sending(app, office):
    dossier = office.dossier()
    dossier.papers[2].state = PaperState.NOT_STARTED
    browser = sign_in(app, office, office.officer)
    page = browser.get(f"/dossiers/{dossier.id}/send/")
    assert dossier.papers[2].label in page.select_one(".note.bad").get_text()
    form = {"version": dossier.version, "text": ""}
    page = browser.post(f"/dossiers/{dossier.id}/send/", form, status=422)
    assert dossier.papers[2].label in page.select_one(".errors").get_text()


def test_from_submission_to_decision_in_the_browser(app, office):
    dossier = office.dossier()
    address = f"/dossiers/{dossier.id}"

    def version():
        office.session.refresh(dossier)
        return dossier.version

    sign_in(app, office, office.officer).post(
        f"{address}/send/", {"version": version(), "text": "Kính gửi"}
    )
    appraiser = sign_in(app, office, office.appraiser)
    assert dossier.title in text(appraiser.get("/approvals/"))
    appraiser.post(f"{address}/receive/", {"version": version(), "on": "23/11/2026"})
    opinion = {"verdict": "for", "opinion": "Phù hợp", "number": "12/TĐ", "on": "23/11/2026"}
    appraiser.post(f"{address}/appraise/", opinion | {"version": version()})
    manager = sign_in(app, office, office.chairman)
    desk = manager.get("/approvals/")
    link = desk.select_one("th.name a")
    assert link["href"] == f"{address}/decide/"
    page = manager.get(link["href"])
    fields = {t["name"]: t.get("value", "") for t in page.select("#decision input[name]")}
    assert fields["signed_on"] == "23/11/2026"
    assert fields["signer"] == "Đỗ Chủ Tịch"
    assert "data-focus" in str(page.select_one("#number"))
    fields |= {"number": "55/QĐ-UBND", "conditions-0-text": "Bổ sung giám sát"}
    check = manager.post(f"{address}/decide/", fields, status=200)
    assert "55/QĐ-UBND" in text(check)
    assert office.session.query(Decision).count() == 0
    carried = {t["name"]: t.get("value", "") for t in check.select("main input[name]")}
    answer = manager.post(f"{address}/decide/", carried | {"step": "record"})
    decision = office.session.query(Decision).one()
    assert decision.number == "55/QĐ-UBND"
    assert decision.conditions == "Bổ sung giám sát"
    page = manager.get(answer.location)
    assert "Bổ sung giám sát" in text(page)
    office.session.refresh(dossier)
    assert dossier.state is State.APPROVED
    listed = manager.get(f"/systems/{office.system.id}/decisions/")
    assert "55/QĐ-UBND" in text(listed)


def test_after_a_decision_the_next_one_is_offered(app, office):
    first = office.dossier(State.APPRAISED)
    other = office.make.system(owner=office.root, operator=office.operator, name="Cổng thứ hai")
    second = office.dossier(State.APPRAISED, system=other)
    decision = office.do(first, Act.APPROVE)
    browser = sign_in(app, office, office.chairman)
    page = browser.get(f"/decisions/{decision.id}/?done=1")
    assert page.select_one(f"a.pri[href='/dossiers/{second.id}/decide/']")
    answer = browser.client.get(f"/approvals/next/{first.id}/")
    assert answer.location == f"/dossiers/{second.id}/decide/"


def test_returning_asks_for_a_reason_and_quotes_it(app, office):
    dossier = office.dossier(State.APPRAISED)
    browser = sign_in(app, office, office.chairman)
    path = f"/dossiers/{dossier.id}/decide/return/"
    browser.post(path, {"version": dossier.version, "reason": ""}, status=422)
    browser.post(path, {"version": dossier.version, "reason": "Thiếu sơ đồ vùng mạng"})
    page = sign_in(app, office, office.officer).get(f"/dossiers/{dossier.id}/")
    quotes = [one.get_text() for one in page.select("#history blockquote")]
    assert "Thiếu sơ đồ vùng mạng" in quotes
    assert "Thiếu sơ đồ vùng mạng" in page.select_one(".note.warn").get_text()


def test_several_dossiers_are_decided_on_by_one_document_each_for_itself(app, office):
    systems = [office.make.system(owner=office.root, operator=office.operator) for _ in range(4)]
    dossiers = [office.dossier(State.APPRAISED, system=one) for one in systems]
    spoilt = dossiers[1]
    _prepare_by(office, spoilt, office.chairman)
    browser = sign_in(app, office, office.chairman)
    ids = {"id": [one.id for one in dossiers]}
    page = browser.post("/approvals/batch/", ids, status=200)
    ticked = [t["value"] for t in page.select("input[name=keep][checked]")]
    assert ticked == [str(one.id) for one in dossiers if one is not spoilt]
    form = ids | {f"version-{one.id}": one.version for one in dossiers}
    form |= {
        "keep": [dossiers[0].id, spoilt.id, dossiers[2].id],
        "number": "77/QĐ-UBND",
        "signed_on": "23/11/2026",
        "authority": "UBND tỉnh",
        "signer": "Đỗ Chủ Tịch",
    }
    page = browser.post("/approvals/batch/", form, status=200)
    assert len(page.select("#done .row")) == 2
    assert len(page.select("#failed .row")) == 1
    assert len(page.select("#left-out .row")) == 1
    found = office.session.query(Decision).all()
    assert {one.dossier_id for one in found} == {dossiers[0].id, dossiers[2].id}
    assert {one.number for one in found} == {"77/QĐ-UBND"}


def _prepare_by(office, dossier, person):
    from drills.approvals.models import DossierEvent

    office.session.add(
        DossierEvent(
            dossier_id=dossier.id,
            act=Act.EDIT,
            at=office.now,
            on=office.now.date(),
            by_id=person.id,
            state_after=State.APPRAISED,
        )
    )
    office.session.commit()


def test_dossiers_of_two_levels_are_not_decided_on_together(app, office):
    other = office.make.system(owner=office.root, operator=office.operator)
    dossiers = [
        office.dossier(State.APPRAISED, level=3),
        office.dossier(State.APPRAISED, level=4, system=other),
    ]
    browser = sign_in(app, office, office.chairman)
    form = {"id": [one.id for one in dossiers], "keep": [one.id for one in dossiers]}
    form |= {"number": "1/QĐ", "signed_on": "23/11/2026", "authority": "UBND", "signer": "Đỗ"}
    browser.post("/approvals/batch/", form, status=422)
    assert office.session.query(Decision).count() == 0


def test_the_second_to_decide_is_shown_what_the_first_has_done(app, office):
    dossier = office.dossier(State.APPRAISED)
    seen = dossier.version
    office.do(dossier, Act.APPROVE, number="1/QĐ-UBND")
    form = {
        "version": seen,
        "kind": "level",
        "number": "2/QĐ-UBND",
        "signed_on": "23/11/2026",
        "authority": "UBND tỉnh",
        "signer": "Đỗ Chủ Tịch",
        "step": "record",
    }
    page = sign_in(app, office, office.chairman).post(
        f"/dossiers/{dossier.id}/decide/", form, status=409
    )
    assert "1/QĐ-UBND" in page.select_one("#now").get_text()
    assert "2/QĐ-UBND" in page.select_one("#mine").get_text()
    assert office.session.query(Decision).count() == 1


@pytest.mark.parametrize("path", ["", "decide/", "appraise/", "send/", "exceptions/"])
def test_the_pages_of_a_dossier_open_in_every_state(app, office, path):
    grown = office.make.person(
        roles=["administrator", "security_team", "manager", "unit_officer"], unit=office.root
    )
    browser = sign_in(app, office, grown)
    for state in State:
        system = office.make.system(owner=office.root, operator=office.operator)
        dossier = office.dossier(state, system=system)
        browser.get(f"/dossiers/{dossier.id}/{path}")


def test_the_other_pages_open(app, office):
    decision = office.do(office.dossier(State.APPRAISED), Act.APPROVE)
    browser = sign_in(app, office, office.chairman)
    for path in (
        "/approvals/?view=all",
        "/approvals/delegations/",
        f"/decisions/{decision.id}/",
        f"/decisions/{decision.id}/withdraw/",
    ):
        browser.get(path)
    sign_in(app, office, office.appraiser).get(f"/systems/{office.system.id}/decisions/new/")


def test_a_delegation_keeps_its_document(app, office):
    browser = sign_in(app, office, office.chairman)
    data = {
        "approver_id": office.chairman.id,
        "deputy_id": office.manager.id,
        "starts_on": "23/11/2026",
        "ends_on": "30/11/2026",
        "document_number": "3/GUQ",
        "document_date": "20/11/2026",
        "file": (io.BytesIO(PDF), "uy-quyen.pdf"),
    }
    browser.post("/approvals/delegations/", data, content_type="multipart/form-data")
    page = browser.get("/approvals/delegations/")
    with browser.raw(page.select_one("table a")["href"]) as sent:
        assert sent.data == PDF
    browser.post(page.select_one("table form")["action"])
    page = browser.get("/approvals/delegations/")
    assert not page.select("table form")


def test_the_desk_and_the_dossier_cost_the_same_for_many_as_for_few(app, office, queries):
    def cost(path):
        browser = sign_in(app, office, office.chairman)
        browser.get(path)
        with queries() as seen:
            browser.get(path)
        return len(seen)

    dossier = office.dossier(State.APPRAISED)
    few = cost("/approvals/?view=decide"), cost(f"/dossiers/{dossier.id}/")
    for _ in range(6):
        system = office.make.system(owner=office.root, operator=office.operator)
        office.dossier(State.APPRAISED, system=system)
    for act in (Act.RETURN, Act.RESUBMIT, Act.RECEIVE, Act.APPRAISE) * 2:
        office.do(dossier, act)
    many = cost("/approvals/?view=decide"), cost(f"/dossiers/{dossier.id}/")
    assert many == few
    assert few[0] <= 16
    assert few[1] <= 24
