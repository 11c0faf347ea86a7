"""The documents of a procedure and the pack of a whole dossier."""

import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from docx import Document

from drills.approvals.models import Act, PaperState, State
from drills.approvals.models.aftercare import ConditionDetails
from drills.approvals.models.details import PaperDetails
from drills.approvals.services import dossiers, packs
from drills.files import services as files
from drills.files.models import Marking
from tests.browser import Browser


def told(content):
    """Everything a document says, in one text."""
    document = Document(io.BytesIO(content))
    texts = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        texts += [cell.text for row in table.rows for cell in row.cells]
    return "\n".join(texts)


@pytest.fixture
def browser(app, session, office):
    return Browser(app, session, as_=office.officer)


def downloaded(browser, address):
    with browser.raw(address) as answer:
        assert answer.status_code == 200, answer.text[:500]
        return answer.data


def test_the_request_names_system_level_papers_and_whom_it_goes_to(browser, office):
    dossier = office.dossier(State.SUBMITTED)
    text = told(downloaded(browser, f"/dossiers/{dossier.id}/documents/proposal.docx"))
    assert "TỜ TRÌNH" in text
    assert "Kính gửi: Công an tỉnh" in text
    assert office.system.name in text
    assert "cấp độ 3" in text
    assert all(paper.label in text for paper in dossier.papers if paper.is_required)


@pytest.mark.parametrize(
    ("code", "word", "other"),
    [
        ("nd-331-2026", "an ninh mạng", "an toàn thông tin"),
        ("nd-85-2016", "an toàn thông tin", "an ninh mạng"),
    ],
)
def test_a_decision_speaks_the_words_of_its_law(browser, office, code, word, other):
    dossier = office.dossier(State.APPRAISED, code=code)
    text = told(downloaded(browser, f"/dossiers/{dossier.id}/documents/decision.docx"))
    article = text[text.index("Điều 1.") :]
    assert f"phương án bảo đảm {word}" in article
    assert other not in article


def test_the_decision_that_was_taken_carries_its_number_day_and_signer(browser, office, session):
    dossier = office.dossier(State.APPRAISED)
    draft = told(downloaded(browser, f"/dossiers/{dossier.id}/documents/decision.docx"))
    assert "……/QĐ" in draft
    taken = office.do(dossier, Act.APPROVE, number="45/QĐ-UBND", signer_title="Chủ tịch")
    session.commit()
    text = told(downloaded(browser, f"/decisions/{taken.id}/decision.docx"))
    for part in ("45/QĐ-UBND", "ngày 23 tháng 11 năm 2026", "Đỗ Chủ Tịch", "CHỦ TỊCH"):
        assert part in text
    plan = told(downloaded(browser, f"/dossiers/{dossier.id}/documents/plan.docx"))
    assert "Phê duyệt phương án bảo đảm an ninh mạng" in plan


def test_the_opinion_has_its_number_and_each_paper(browser, office):
    dossier = office.dossier(State.APPRAISED)
    text = told(downloaded(browser, f"/dossiers/{dossier.id}/documents/opinion.docx"))
    assert "12/TĐ" in text
    assert "Phù hợp" in text
    assert text.count("Đầy đủ") >= len(dossier.papers)


def test_there_is_no_opinion_or_decision_before_the_appraisal(browser, office):
    dossier = office.dossier(State.SUBMITTED)
    for word in ("opinion", "decision", "plan"):
        browser.get(f"/dossiers/{dossier.id}/documents/{word}.docx", status=404)


def test_a_stranger_gets_neither_documents_nor_the_pack(app, session, make, office):
    dossier = office.dossier(State.APPRAISED)
    stranger = Browser(app, session, as_=make.person(role="unit_officer", unit=make.unit()))
    stranger.get(f"/dossiers/{dossier.id}/documents/proposal.docx", status=404)
    stranger.get(f"/dossiers/{dossier.id}/dossier.zip", status=404)


def hand_in(app, office, paper, name, content):
    with app.app_context():
        file = files.keep(
            office.session,
            io.BytesIO(content),
            name,
            marking=Marking.INTERNAL,
            by=office.officer,
            folder=Path(app.config["FILES"]),
            limit=files.MIB,
        )
    dossiers.set_paper(
        office.session,
        paper,
        PaperDetails(PaperState.DONE),
        by=office.officer,
        at=office.now,
        file=file,
    )


def test_the_pack_holds_every_revision_and_verifies_without_our_code(
    app, browser, office, session, tmp_path
):
    dossier = office.dossier()
    paper = dossier.papers[0]
    hand_in(app, office, paper, "Mô tả.txt", "bản thứ nhất".encode())
    hand_in(app, office, paper, "Mô tả.txt", "bản thứ hai".encode())
    for act in (Act.SUBMIT, Act.RECEIVE, Act.APPRAISE):
        office.do(dossier, act)
    owed = (ConditionDetails("Bổ sung sao lưu ngoại tuyến"),)
    taken = office.do(dossier, Act.APPROVE, number="46/QĐ-UBND", conditions=owed)
    session.commit()
    target = tmp_path / "pack"
    content = downloaded(browser, f"/dossiers/{dossier.id}/dossier.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        pack.extractall(target)
    revisions = sorted(p.read_text("utf-8") for p in (target / "thanh-phan").rglob("*.txt"))
    assert revisions == ["bản thứ hai", "bản thứ nhất"]
    assert len(list((target / "van-ban").glob("*.docx"))) == 3
    snapshot = next((target / "quyet-dinh").iterdir()).read_bytes()
    assert hashlib.sha256(snapshot).hexdigest() == taken.snapshot_sha256
    history = json.loads((target / "dien-bien.json").read_text("utf-8"))
    acts = [event["act"] for event in history["events"]]
    assert acts[0] == "create"
    assert acts[-1] == "approve"
    assert history["decisions"][0]["conditions"][0]["text"] == "Bổ sung sao lưu ngoại tuyến"
    index = json.loads((target / "index.json").read_text("utf-8"))
    assert index["about"]["dossier"] == dossier.code
    assert any(row["name"].endswith("Mô tả.txt") for row in index["files"])
    checker = shutil.which("sha256sum") or pytest.skip("no sha256sum here")
    ran = subprocess.run(
        [checker, "-c", "SHA256SUMS"], cwd=target, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_the_snapshot_in_the_pack_is_the_one_that_was_pinned(office, session):
    dossier = office.dossier(State.APPRAISED)
    taken = office.do(dossier, Act.APPROVE)
    office.system.name = "Đổi tên sau quyết định"
    session.commit()
    digest = hashlib.sha256(packs.canonical(taken.snapshot)).hexdigest()
    assert digest == taken.snapshot_sha256


def test_the_page_of_a_dossier_offers_its_documents(browser, office):
    dossier = office.dossier(State.APPRAISED)
    links = [a["href"] for a in browser.get(f"/dossiers/{dossier.id}/").select("#documents a")]
    assert [link.rsplit("/", 1)[1] for link in links] == [
        "proposal.docx",
        "opinion.docx",
        "decision.docx",
        "plan.docx",
        "dossier.zip",
    ]
