"""Documents come out whole, laid out as Decree 30/2020/NĐ-CP asks, and run no code."""

import io
import re
import zipfile
from datetime import date, datetime

import pytest
from docx import Document
from docx.shared import Pt

from drills.core.errors import DomainError
from drills.documents import services, writing
from drills.documents.drafts import DRAFTS, saved
from drills.documents.kinds import KINDS, empty
from drills.documents.models import LetterheadDetails
from tests.conftest import NOW

EVERY = [(key, language) for key in KINDS for language in services.LANGUAGES]


def texts(content):
    """Every paragraph of a document, those of its tables in their place."""
    document = Document(io.BytesIO(content))
    tag = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    paragraphs = document.element.body.iter(f"{tag}p")
    return ["".join(node.text or "" for node in p.iter(f"{tag}t")) for p in paragraphs]


@pytest.fixture
def render(session, app):
    def run(key, context, language="vi", **more):
        return services.render(session, key, context, language, folder=app.config["FILES"], **more)

    return run


@pytest.mark.parametrize(("key", "language"), EVERY)
def test_the_built_in_templates_are_those_written_in_the_drafts(key, language):
    assert writing.built_in(key, language).read_bytes() == saved(key, language), (
        "run python -m drills.documents.drafts"
    )


def test_every_kind_has_a_draft():
    assert set(DRAFTS) == set(KINDS)


@pytest.mark.parametrize(("key", "language"), EVERY)
def test_a_full_document_says_all_that_it_was_given(render, key, language):
    sample = KINDS[key].sample
    said = "\n".join(texts(render(key, sample, language)))
    assert "{{" not in said
    assert "{%" not in said
    for value in ("UBND TỈNH LAM GIANG", "SỞ KHOA HỌC VÀ CÔNG NGHỆ", "15/QĐ-SKHCN"):
        assert value in said
    for name in ("PHÓ GIÁM ĐỐC", "Nguyễn Thu Lam"):
        assert name in said


@pytest.mark.parametrize(("key", "language"), EVERY)
def test_an_empty_document_still_comes_out_to_be_filled_by_hand(render, key, language):
    said = texts(render(key, {}, language))
    assert not [text for text in said if "None" in text or "{{" in text]
    assert any("……" in text for text in said)


@pytest.mark.parametrize("key", KINDS)
def test_a_template_uses_every_field_of_its_own(key):
    used = zipfile.ZipFile(io.BytesIO(saved(key, "vi"))).read("word/document.xml").decode()
    words = set(re.findall(r"\w+", re.sub(r"<[^>]+>", "", used)))
    assert {field.name for field in KINDS[key].own} <= words


def test_text_is_never_taken_for_markup(render):
    wild = "Báo cáo <A&B> {{ 7*7 }} {% raw %} ]]> \x0b\x00 \"q\" 'x' </w:t>"
    said = "\n".join(texts(render("approval_decision", {"system": {"name": wild}})))
    assert "Báo cáo <A&B> {{ 7*7 }} {% raw %} ]]>  \"q\" 'x' </w:t>" in said


def test_lines_and_lists_keep_their_order(render):
    names = [f"Nội dung {n}" for n in range(20)]
    said = texts(render("approval_plan_decision", {"parts": names}))
    found = [text for text in said if "Nội dung" in text]
    assert found[0] == "a) Nội dung 0;"
    assert found[4] == "đ) Nội dung 4;"
    assert found[-1].endswith("Nội dung 19.")


def test_a_longer_text_becomes_paragraphs(render):
    said = texts(render("approval_opinion", {"conclusion": "Một.\n\nHai.\r\nBa."}))
    assert [text for text in said if text in {"Một.", "Hai.", "Ba."}] == ["Một.", "Hai.", "Ba."]


def test_what_a_kind_does_not_know_is_an_error_of_ours(render):
    with pytest.raises(ValueError, match="sistem"):
        render("approval_decision", {"sistem": {}})


@pytest.mark.parametrize("value", [object(), NOW.tzinfo, {1, 2}, b"x"])
def test_only_plain_values_reach_a_template(render, value):
    with pytest.raises(TypeError, match="plain"):
        render("approval_decision", {"responsible": value})


@pytest.mark.parametrize(
    ("day", "vietnamese", "english"),
    [
        (date(2026, 1, 5), "ngày 05 tháng 01 năm 2026", "5 January 2026"),
        (date(2026, 2, 15), "ngày 15 tháng 02 năm 2026", "15 February 2026"),
        (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026", "9 March 2026"),
        (date(2026, 11, 23), "ngày 23 tháng 11 năm 2026", "23 November 2026"),
        (None, "ngày …… tháng …… năm ……", "……………"),
    ],
)
def test_days_are_written_as_the_decree_asks(day, vietnamese, english):
    assert writing.long_day(day, "vi") == vietnamese
    assert writing.long_day(day, "en") == english


def test_a_moment_counts_as_its_day(render):
    given = {"on": datetime(2026, 11, 5, 9, 30), "place": "Lam Giang"}
    assert "Lam Giang, ngày 05 tháng 11 năm 2026" in texts(render("approval_decision", given))


@pytest.mark.parametrize(("key", "language"), EVERY)
def test_the_page_is_that_of_the_decree(key, language):
    document = Document(str(writing.built_in(key, language)))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert 20 <= round(section.top_margin.mm) <= 25
    assert 20 <= round(section.bottom_margin.mm) <= 25
    assert 30 <= round(section.left_margin.mm) <= 35
    assert 15 <= round(section.right_margin.mm) <= 20
    assert document.styles["Normal"].font.name == "Times New Roman"
    assert document.styles["Normal"].font.size == Pt(14)
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    assert section.first_page_header.paragraphs[0].text == ""


def test_the_head_and_the_signature_have_their_sizes():
    document = Document(str(writing.built_in("approval_decision", "vi")))
    head, foot = document.tables[0], document.tables[-1]
    look = {
        run.text: (run.font.size.pt, bool(run.bold), bool(run.italic))
        for table in (head, foot)
        for row in table.rows
        for cell in row.cells
        for paragraph in cell.paragraphs
        for run in paragraph.runs
        if not run.text.startswith("{%")
    }
    assert look["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"] == (12, True, False)
    assert look["Độc lập - Tự do - Hạnh phúc"] == (13, True, False)
    assert look["{{ superior }}"] == (12, False, False)
    assert look["{{ agency }}"] == (12, True, False)
    assert look["{{ place or '……' }}, {{ on|long_day }}"] == (13, False, True)
    assert look["Nơi nhận:"] == (12, True, True)
    assert look["{{ signer_title }}"] == (14, True, False)
    assert next(size for text, size in look.items() if text.startswith("- {{ item }}"))[0] == 11
    assert not document.inline_shapes, "no seal is drawn"


def test_an_empty_value_has_the_shape_of_its_sample():
    assert empty({"a": "x", "b": [1], "c": 3, "d": True, "e": date(2026, 1, 1)}) == {
        "a": "",
        "b": [],
        "c": None,
        "d": False,
        "e": None,
    }


def test_a_unit_without_a_letterhead_goes_by_its_name_and_that_above(render, make):
    make.organisation()
    unit = make.unit(name="Sở Y tế")
    said = texts(render("approval_decision", {}, unit=unit))
    assert said[:2] == ["UBND TỈNH THỬ", "SỞ Y TẾ"]


def test_a_letterhead_fills_head_place_and_signature_unless_the_document_says_otherwise(
    render, make, session
):
    make.organisation()
    unit = make.unit(name="Sở Y tế")
    details = LetterheadDetails(
        unit_id=unit.id,
        superior="Bộ Thử nghiệm",
        place="Lam Giang",
        signer_for="KT. GIÁM ĐỐC",
        signer_name="Đặng Quốc Việt",
        recipients="- Như trên;\n\nLưu: VT.",
    )
    services.keep_letterhead(session, details, by=None)
    said = texts(render("approval_decision", {"signer_name": "Người khác"}, unit=unit))
    assert said[:2] == ["BỘ THỬ NGHIỆM", "SỞ Y TẾ"]
    assert any(text.startswith("Lam Giang, ngày") for text in said)
    assert {"- Như trên;", "- Lưu: VT.", "KT. GIÁM ĐỐC", "Người khác"} <= set(said)
    assert "Đặng Quốc Việt" not in said


def test_the_place_of_the_organisation_serves_its_units(render, make, session):
    home = make.organisation()
    details = LetterheadDetails(unit_id=home.root_id, place="Lam Giang")
    services.keep_letterhead(session, details, by=None)
    said = texts(render("approval_decision", {}, unit=make.unit()))
    assert any(text.startswith("Lam Giang, ngày") for text in said)


EVIL = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ system.__class__ }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ grounds.append('x') }}",
    "{% for n in range(99999999) %}x{% endfor %}",
    "{{ system.name.format.__globals__ }}",
    "{{ no_such_field }}",
    "{{ system.no_such_part }}",
    "{% if %}",
    "{{ (1/0) }}",
    "{% include 'x' %}",
]


@pytest.mark.parametrize("code", EVIL)
def test_a_template_that_does_what_it_may_not_is_refused(code):
    document = Document()
    document.add_paragraph(code)
    target = io.BytesIO()
    document.save(target)
    with pytest.raises(DomainError):
        services.try_out(target.getvalue(), "approval_decision", "vi")


def test_the_refusal_names_the_field_that_does_not_exist():
    for code, field in (("{{ nguoi_ky }}", "nguoi_ky"), ("{{ system.ten }}", "ten")):
        document = Document()
        document.add_paragraph(code)
        target = io.BytesIO()
        document.save(target)
        with pytest.raises(DomainError, match=field):
            services.try_out(target.getvalue(), "approval_decision", "vi")
