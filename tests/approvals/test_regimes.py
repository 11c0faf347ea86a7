"""Rule sets in the database: shipped, revised, offered on a day; their pages and commands."""

import copy
import json
from datetime import date
from io import BytesIO

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.approvals.kinds import BadRules, json_text, toml_text
from drills.approvals.models import Regime
from drills.approvals.services import regimes
from drills.approvals.services.asked import rules_of
from drills.audit.models import Entry
from drills.core.errors import Conflict, DomainError
from drills.setup.services import SetUpDetails, set_up
from tests.browser import Browser

NEW, OLD = "nd-331-2026", "nd-85-2016"


@pytest.fixture
def rules(make):
    return make.regimes()


def changed(regime, days=10):
    data = copy.deepcopy(regime.rules)
    data["limits"]["appraisal"]["3"]["number"] = days
    return data


def test_both_rule_sets_are_taken_in_once(session, make):
    assert regimes.load_shipped(session) == 2
    assert regimes.load_shipped(session) == 0
    found = regimes.current(session)
    assert [(one.code, one.version, one.is_shipped) for one in found] == [
        (NEW, 1, True),
        (OLD, 1, True),
    ]
    assert found[0].legal_basis.startswith("Luật An ninh mạng")


def test_an_untouched_rule_set_follows_the_program(session, make, rules):
    rules[NEW].rules = changed(rules[NEW])
    session.flush()
    assert regimes.load_shipped(session) == 1
    assert regimes.newest(session, NEW).version == 2
    assert regimes.newest(session, NEW).is_shipped


def test_an_agencys_own_version_is_not_overtaken_by_the_program(session, make, rules):
    regimes.revise(session, rules[NEW], changed(rules[NEW]), "Thông tư mới", by=make.person())
    assert regimes.load_shipped(session) == 0
    assert regimes.newest(session, NEW).note == "Thông tư mới"


@pytest.mark.parametrize(
    ("day", "codes", "needs_basis"),
    [
        (date(2016, 6, 30), [], False),
        (date(2020, 1, 1), [OLD], False),
        (date(2026, 6, 30), [OLD], False),
        (date(2026, 7, 1), [OLD], True),
        (date(2026, 8, 18), [OLD], True),
        (date(2026, 8, 19), [NEW, OLD], False),
        (date(2026, 12, 31), [NEW, OLD], False),
        (date(2027, 1, 1), [NEW], False),
    ],
)
def test_what_is_lawful_depends_on_the_day(session, rules, day, codes, needs_basis):
    offers = regimes.for_new(session, day)
    assert [offer.regime.code for offer in offers] == codes
    assert any(offer.needs_basis for offer in offers) == needs_basis


def test_in_the_transition_the_old_law_says_for_whom_it_still_is(session, rules):
    new, old = regimes.for_new(session, date(2026, 11, 23))
    assert new.cautions == ()
    assert "đang xây dựng trước 01/07/2026" in old.cautions[0].text.vi


def test_a_new_version_leaves_the_old_one_as_it_was(session, make, rules):
    before = copy.deepcopy(rules[NEW].rules)
    second = regimes.revise(session, rules[NEW], changed(rules[NEW]), "Sửa", by=make.person())
    session.commit()
    session.refresh(rules[NEW])
    assert rules[NEW].rules == before
    assert (second.version, rules_of(second).appraisal[3].number) == (2, 10)
    assert regimes.current(session)[0].id == second.id
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "regime.revised")).one()
    assert entry.changes == {"note": ["", "Sửa"]}


def test_of_two_who_revise_at_once_the_second_is_told(session, make, rules):
    regimes.revise(session, rules[NEW], changed(rules[NEW]), "Sửa", by=None)
    with pytest.raises(Conflict):
        regimes.revise(session, rules[NEW], changed(rules[NEW], 9), "Sửa", by=None)


def test_a_version_needs_a_reason_a_difference_and_its_own_code(session, rules):
    regime = rules[NEW]
    with pytest.raises(DomainError, match="Say why"):
        regimes.revise(session, regime, changed(regime), "", by=None)
    with pytest.raises(DomainError, match="Nothing differs"):
        regimes.revise(session, regime, copy.deepcopy(regime.rules), "Sửa", by=None)
    with pytest.raises(DomainError, match="code"):
        regimes.revise(session, regime, changed(regime) | {"code": "x"}, "Sửa", by=None)


def test_a_broken_version_is_refused_with_the_path(session, rules):
    with pytest.raises(BadRules) as caught:
        regimes.revise(session, rules[NEW], changed(rules[NEW], -1), "Sửa", by=None)
    assert [fault.path for fault in caught.value.faults] == ["limits.appraisal.3.number"]


def test_everybody_at_the_desk_reads_the_rule_sets(app, session, make, rules):
    make.organisation()
    officer = Browser(app, session, as_=make.person(role=Role.UNIT_OFFICER))
    page = officer.get("/regimes/")
    assert "Nghị định 331/2026/NĐ-CP" in page.text
    assert "đang xây dựng trước 01/07/2026" in page.text
    page = officer.get(f"/regimes/{rules[NEW].id}/")
    for words in ("Điều 13 khoản 2 điểm c", "15 ngày làm việc", "Bộ Công an", "tự chọn"):
        assert words in page.text
    assert page.select_one(f'a[href^="/regimes/{rules[NEW].id}/edit/"]') is None
    officer.get(f"/regimes/{rules[NEW].id}/edit/limits/", status=403)
    officer.get("/regimes/upload/", status=403)


def test_the_pages_speak_english_too(browser, rules):
    browser.person.language = "en"
    page = browser.get(f"/regimes/{rules[OLD].id}/")
    assert "Serves internal operations and processes public information only" in page.text


@pytest.mark.parametrize(
    "part", ["head", "criteria", "authorities", "papers", "limits", "intervals"]
)
def test_a_part_sent_back_untouched_changes_nothing(browser, session, rules, part):
    address = f"/regimes/{rules[OLD].id}/edit/{part}/"
    sent = filled(browser.get(address)) | {"note": "Thử"}
    page = browser.post(address, sent, status=422)
    assert "Không có gì khác phiên bản trước" in page.text
    assert session.scalar(sa.select(sa.func.count(Regime.id))) == 2


def filled(page):
    """What the form of ``page`` would send."""
    sent = {}
    for field in page.select("main form.form [name]"):
        name, kind = field["name"], field.get("type", "")
        if kind in {"checkbox", "radio"}:
            if field.has_attr("checked"):
                sent.setdefault(name, []).append(field.get("value", "y"))
        elif field.name == "select":
            sent[name] = [one["value"] for one in field.select("option[selected]")]
        elif field.name == "textarea":
            sent[name] = field.text.removeprefix("\r\n").removeprefix("\n")
        else:
            sent[name] = field.get("value", "")
    return sent


def edit(browser, regime, part, **given):
    address = f"/regimes/{regime.id}/edit/{part}/"
    return filled(browser.get(address)) | {"note": "Văn bản mới"} | given, address


def test_an_administrator_changes_a_time_limit_on_the_page(browser, session, rules):
    sent, address = edit(
        browser,
        rules[NEW],
        "limits",
        **{"limits.appraisal.3.number": "10", "limits.approval.number": ""},
    )
    answer = browser.post(address, sent)
    new = regimes.newest(session, NEW)
    assert answer.location.endswith(f"/regimes/{new.id}/changes/")
    assert rules_of(new).appraisal[3].number == 10
    assert rules_of(new).approval.number is None
    page = browser.get(answer.location)
    assert "Thời hạn xử lý › Thẩm định › Cấp 3 › Số" in page.text
    assert [cell.text for cell in page.select("del")] == ["15", "7"]


def test_the_one_person_switch_and_the_authorities_are_changed_on_a_page(browser, session, rules):
    sent, address = edit(
        browser,
        rules[NEW],
        "authorities",
        **{
            "one_person_may_appraise_and_approve.1": "y",
            "authorities.3.decisions.1.by": "specialised_unit",
        },
    )
    browser.post(address, sent)
    law = rules_of(regimes.newest(session, NEW))
    assert law.one_person_may_appraise_and_approve == {
        1: True,
        2: False,
        3: False,
        4: False,
        5: False,
    }
    assert law.authorities[3].approver == "specialised_unit"


def test_the_text_and_the_threshold_of_a_criterion_are_changed_on_a_page(browser, session, rules):
    sent, address = edit(
        browser,
        rules[NEW],
        "criteria",
        **{
            "criteria.13-2-c.vi": "Từ 50.000 chủ thể dữ liệu",
            "criteria.13-2-c.when": "kind is public; basic_subjects at least 50000\r\n",
        },
    )
    browser.post(address, sent)
    criterion = next(
        one for one in rules_of(regimes.newest(session, NEW)).criteria if one.key == "13-2-c"
    )
    assert criterion.text.vi == "Từ 50.000 chủ thể dữ liệu"
    assert criterion.holds({"kind": "public", "basic_subjects": 50_000})
    assert not criterion.holds({"kind": "public", "basic_subjects": 49_999})


def test_papers_intervals_and_the_head_are_changed_on_pages(browser, session, rules):
    for part, given in {
        "papers": {"papers.opinion.levels": ["3", "4", "5"]},
        "intervals": {"intervals.check.2.months": "12", "intervals.check.2.is_local_choice": "y"},
        "head": {"valid_to": "31/12/2030", "legal_basis": "Luật A\r\nNghị định B"},
    }.items():
        sent, address = edit(browser, regimes.newest(session, NEW), part, **given)
        browser.post(address, sent)
    new = regimes.newest(session, NEW)
    law = rules_of(new)
    assert new.version == 4
    assert len(law.papers_for(3)) == 5
    assert (law.interval("check", 2).months, law.interval("check", 2).is_local_choice) == (12, True)
    assert (new.valid_to, new.legal_basis) == (date(2030, 12, 31), "Luật A\nNghị định B")


def test_a_wrong_condition_is_told_beside_its_field_and_nothing_is_made(browser, session, rules):
    sent, address = edit(browser, rules[NEW], "criteria", **{"criteria.11-1.when": "kind is kind"})
    page = browser.post(address, sent, status=422)
    assert "không khớp với câu hỏi" in page.select_one('[id="criteria.11-1.when-error"]').text
    assert regimes.newest(session, NEW).version == 1


@pytest.mark.parametrize(("kind", "write"), [("toml", toml_text), ("json", json_text)])
def test_a_rule_set_goes_out_as_a_file_and_comes_back_as_a_version(
    browser, session, rules, kind, write
):
    answer = browser.raw(f"/regimes/{rules[NEW].id}/file.{kind}")
    assert answer.text == write(rules[NEW].rules)
    assert f'filename="{NEW}-1.{kind}"' in answer.headers["Content-Disposition"]
    content = write(changed(rules[NEW])).encode()
    browser.post(
        "/regimes/upload/",
        {"note": "Tải lên", "file": (BytesIO(content), f"luat.{kind}")},
        content_type="multipart/form-data",
    )
    assert rules_of(regimes.newest(session, NEW)).appraisal[3].number == 10


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"code = ", "Không đọc được tệp"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'code = "nd-331-2026"', "limits: Còn thiếu."),
    ],
)
def test_a_bad_file_is_told_why(browser, session, rules, content, words):
    page = browser.post(
        "/regimes/upload/",
        {"note": "Tải lên", "file": (BytesIO(content), "luat.toml")},
        content_type="multipart/form-data",
        status=422,
    )
    assert words in page.text
    assert session.scalar(sa.select(sa.func.count(Regime.id))) == 2


def test_rule_sets_from_the_command_line(cli, session, rules, tmp_path):
    listed = json.loads(cli("regimes", "list", "--json").output)
    assert [(one["code"], one["lawful_today"]) for one in listed] == [(NEW, True), (OLD, True)]
    assert "15 working" in cli("regimes", "show", NEW).output
    path = tmp_path / "luat.toml"
    assert cli("regimes", "export", NEW, path).exit_code == 0
    path.write_text(toml_text(changed(rules[NEW])), encoding="utf-8")
    assert cli("regimes", "import", path, "--note", "Thông tư").exit_code == 0
    assert regimes.newest(session, NEW).version == 2
    path.write_text(toml_text(changed(rules[NEW], -1)), encoding="utf-8")
    refused = cli("regimes", "import", path, "--note", "Thông tư")
    assert refused.exit_code == 1
    assert "limits.appraisal.3.number" in refused.output
    assert cli("regimes", "show", "nothing").exit_code == 1


def test_an_upgrade_takes_in_the_rule_sets(cli, session):
    assert cli("db", "upgrade").exit_code == 0
    assert [one.code for one in regimes.current(session)] == [NEW, OLD]


def test_the_first_run_takes_in_the_rule_sets(session):
    details = SetUpDetails(
        name="Quản trị",
        email="admin@lamgiang.example",
        password="Một mật khẩu đủ dài 2026",
        language="vi",
        organisation="UBND tỉnh Thử",
    )
    set_up(session, details, as_of=date(2026, 11, 23))
    assert [one.code for one in regimes.current(session)] == [NEW, OLD]
