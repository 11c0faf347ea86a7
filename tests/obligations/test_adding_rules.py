"""Adding a rule on its pages."""

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.obligations.forms.choosing import WAYS
from drills.obligations.kinds.reading import ASKED, CADENCE_KEYS
from drills.obligations.kinds.satisfaction import KINDS
from drills.obligations.models import Obligation, ObligationRule
from drills.obligations.services.keys import free_key
from drills.web import pick

NEW = "/obligations/rules/new"
NAME = "Báo cáo giám sát quý"


def words(page):
    return " ".join(page.main.text.split())


def address(met_by="noted", subject="unit", way="period"):
    return f"{NEW}?step=2&met_by={met_by}&subject={subject}&way={way}"


def typed(**more):
    """What one sends with a rule: its names, its days, its first version."""
    rule = {"title_vi": NAME, "counted_from": "1/1/2026", "is_active": "y", "reminds": "y"}
    version = {"valid_from": "1/1/2026", "months": "12", "grace_days": "0", "lead": "30, 7"}
    given = rule | version | more
    return {name: value for name, value in given.items() if value is not None}


def rules(session):
    session.expire_all()
    return session.scalars(sa.select(ObligationRule).order_by(ObligationRule.id)).all()


def names(page):
    """The names of the fields one can fill in."""
    found = page.select("form.form [name]")
    return {field["name"] for field in found if field.get("type") != "hidden"} - {"preview"}


def mistakes(page):
    return [line.text for line in page.select(".errors li")]


def test_a_button_on_the_list_of_rules_leads_to_the_choice_and_on(browser, make):
    page = browser.get("/obligations/rules/")
    assert page.select_one(f"a.btn.pri[href='{NEW}']").text.strip() == "Thêm quy tắc"
    page = browser.get(NEW)
    assert page.select_one("form.form")["method"] == "get"
    assert len(page.select("[name=met_by] option")) == len(KINDS) + 1
    page = browser.get(address())
    assert "Ghi nhận tại đây" in words(page)
    assert "Mỗi kỳ một lần" in words(page)
    again = browser.get(page.select_one("#about a")["href"])
    assert again.select_one("[name=met_by] option[selected]")["value"] == "noted"
    assert again.select_one("[name=way][checked]")["value"] == "period"


def test_a_rule_of_units_is_added_with_tiers_and_asks_them_alone(browser, make, session):
    commune, department = make.tier("commune", 50), make.tier()
    asked, other = make.unit(tier=commune), make.unit(tier=department)
    sent = typed(title_en="Quarterly", months="3", tiers="commune", legal_basis="NĐ 331")
    answer = browser.post(address(), sent)
    rule = rules(session)[0]
    assert answer.location == f"/obligations/rules/{rule.id}/"
    page = browser.get(answer.location)
    assert "Đã ghi." in page.text
    assert "cấp hành chính commune" in words(page)
    assert (rule.key, rule.title_en) == ("bao-cao-giam-sat-quy", "Quarterly")
    assert (rule.is_active, rule.reminds, rule.is_shipped) == (True, True, False)
    version = rule.versions[0]
    assert version.cadence == {"kind": "period", "months": 3}
    assert version.scope == {"tiers": ["commune"]}
    assert (version.legal_basis, version.lead_days) == ("NĐ 331", [30, 7])
    assert version.made_by_id == browser.person.id
    owed = session.scalars(sa.select(Obligation.subject_id)).all()
    assert asked.id in owed
    assert other.id not in owed


def test_a_rule_of_systems_is_added_with_levels(browser, make, session):
    inside, outside = make.system(level=3), make.system(level=5)
    levels = {"level_from": "3", "level_to": "4"}
    browser.post(address("drill_of_system", "", "rolling"), typed(**levels))
    rule = rules(session)[0]
    assert rule.subject_kind == "system"
    assert rule.versions[0].cadence == {"kind": "rolling", "months": 12}
    assert rule.versions[0].scope == {"level_from": 3, "level_to": 4}
    said = words(browser.get(f"/obligations/rules/{rule.id}/"))
    assert inside.name in said
    assert outside.name not in said


def test_the_trail_says_who_added_a_rule(browser, session):
    browser.post(address(), typed())
    entry = session.scalars(sa.select(Entry).where(Entry.subject_kind == "obligation_rule")).one()
    assert (entry.verb, entry.subject_name, entry.actor_id) == ("created", NAME, browser.person.id)
    assert entry.origin == "web"


def test_a_new_rule_stands_after_those_there_are(browser, add_rule):
    add_rule(position=7), add_rule("second", position=8)
    browser.post(address(), typed())
    page = browser.get("/obligations/rules/")
    keys = [row["id"] for row in page.select("tbody tr")]
    assert keys == ["drill", "second", "bao-cao-giam-sat-quy"]


@pytest.mark.parametrize(
    ("met_by", "subject", "possible"),
    [
        ("aar", "unit", "Cuộc diễn tập đã tổ chức"),
        ("threat_hunting", "team", "Đơn vị, Hệ thống, Toàn tổ chức"),
        ("noted", "", "Toàn tổ chức, Đơn vị, Đội, Nhân sự, Hệ thống"),
        ("drill_of_unit", "nonsense", "Đơn vị"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_does(browser, met_by, subject, possible):
    page = browser.get(address(met_by, subject), status=422)
    assert mistakes(page) == [f"Đối tượng: Nghĩa vụ này chỉ áp dụng được cho: {possible}."]
    assert page.select_one("[name=met_by] option[selected]")["value"] == met_by
    browser.post(address(met_by, subject), typed(), status=422)


def test_how_time_is_counted_is_asked_only_where_there_is_a_choice(browser):
    page = browser.get(address("noted", "unit", ""), status=422)
    assert "Mấy tháng một lần, tính từ lần gần nhất, Mỗi kỳ một lần" in mistakes(page)[0]
    browser.get(address("noted", "unit", "given"), status=422)
    assert "first_due" in names(browser.get(address("certificate", "", "")))
    assert "first_due" in names(browser.get(address("certificate", "person", "rolling")))
    assert {"days", "hours"} <= names(browser.get(address("aar", "", "")))


def test_nothing_goes_on_without_what_meets_the_duty(browser):
    assert len(mistakes(browser.get(f"{NEW}?step=2", status=422))) == 1
    assert len(mistakes(browser.get(address("nonsense"), status=422))) == 1
    assert mistakes(browser.get(f"{NEW}?met_by=aar&subject=unit")) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
def test_every_kind_can_be_begun_for_each_of_its_subjects(browser, kind):
    for subject in kind.subjects:
        page = browser.get(address(kind.key, subject, "rolling"))
        assert names(page) & set().union(*ASKED.values()) == ASKED[subject]


def test_every_way_of_counting_has_its_words():
    assert set(WAYS) == set(CADENCE_KEYS.values())


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"before": "31/2"}, "Hạn"),
        ({"starts": "29/2"}, "Kỳ bắt đầu vào ngày"),
        ({"months": "6", "starts": "31/8"}, "Kỳ bắt đầu vào ngày"),
        ({"months": "5"}, "Bao nhiêu tháng một lần"),
        ({"months": "24"}, "Bao nhiêu tháng một lần"),
        ({"title_vi": ""}, "Tên tiếng Việt"),
        ({"lead": "soon"}, "Nhắc trước bao nhiêu ngày"),
        ({"tiers": "nonsense"}, "Chỉ đơn vị thuộc các cấp"),
        ({"units": "99999"}, "Chỉ các đơn vị"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_what_was_typed_stays(browser, session, sent, field):
    more = {"title_en": "Watch", "article": "Điều 9"} | sent
    for button in ({}, {"preview": "1"}):
        page = browser.post(address(), typed(**more) | button, status=422)
        assert [line.split(":")[0] for line in mistakes(page)] == [field]
        for name in more.keys() - {"tiers", "units"}:
            assert page.select_one(f"[name={name}]").get("value", "") == more[name]
    assert rules(session) == []


def test_the_last_level_is_not_below_the_first(browser):
    levels = {"level_from": "4", "level_to": "3"}
    page = browser.post(address("drill_of_system", ""), typed(**levels), status=422)
    assert mistakes(page) == ["Đến cấp độ: Cấp độ này thấp hơn cấp độ bắt đầu."]
    assert page.select_one("[name=level_from] option[selected]")["value"] == "4"


def test_an_unknown_code_of_a_unit_is_refused_with_its_field(browser, make, session, monkeypatch):
    monkeypatch.setattr(pick, "FEW", 0)
    make.unit(code="SYT", name="Sở Y tế")
    page = browser.post(address(), typed(**{"units-text": "SYT; KHONGCO"}), status=422)
    assert mistakes(page)[0].startswith("Chỉ các đơn vị: ")
    assert "KHONGCO" in mistakes(page)[0]
    assert page.select_one("[name=units-text]")["value"] == "SYT; KHONGCO"
    browser.post(address(), typed(**{"units-text": "SYT"}))
    assert rules(session)[0].versions[0].scope == {"units": ["SYT"]}


def test_after_an_event_either_days_or_hours_are_counted(browser, session):
    to = address("contact_change", "", "")
    wrong = "Trong bao nhiêu ngày: Chỉ ghi số ngày hoặc số giờ, một trong hai."
    for both in ({}, {"days": "2", "hours": "24"}, {"days": "", "hours": ""}):
        assert mistakes(browser.post(to, typed(months=None, **both), status=422)) == [wrong]
    browser.post(to, typed(months=None, days="", hours="24"))
    rule = rules(session)[0]
    assert rule.versions[0].cadence == {"kind": "after", "hours": 24}
    browser.post(f"/obligations/rules/{rule.id}/version", typed(months=None, days="2", hours=""))
    assert rules(session)[0].versions[0].cadence == {"kind": "after", "days": 2}


def test_a_look_at_what_it_would_do_writes_nothing(browser, make, session):
    make.unit()
    sent = typed(counted_from="1/1/2024", valid_from="1/1/2024", preview="1")
    page = browser.post(address(), sent, status=200)
    assert f"Nếu lưu “{NAME}” thì hôm nay" in words(page)
    assert "nghĩa vụ nữa sẽ quá hạn" in words(page)
    assert page.select_one("[name=title_vi]")["value"] == NAME
    assert rules(session) == []
    assert session.scalars(sa.select(Obligation)).all() == []
    assert session.scalars(sa.select(Entry.verb)).all() == []


def test_the_same_name_gives_another_key(browser, session):
    for _ in range(3):
        browser.post(address(), typed())
    keys = ["bao-cao-giam-sat-quy", "bao-cao-giam-sat-quy-2", "bao-cao-giam-sat-quy-3"]
    assert [rule.key for rule in rules(session)] == keys


def test_keys_are_short_and_in_latin_letters(session, add_rule):
    drill = "Đánh giá & diễn tập (ĐTQG), 6 tháng/lần!"
    assert free_key(session, drill) == "danh-gia-dien-tap-dtqg-6-thang-lan"
    assert free_key(session, "年度") == "rule"
    long = "Diễn tập thực chiến bảo đảm an ninh mạng cấp tỉnh"
    key = free_key(session, long)
    assert key == "dien-tap-thuc-chien-bao-dam-an-ninh-mang"
    add_rule(key)
    assert free_key(session, long) == "dien-tap-thuc-chien-bao-dam-an-ninh-ma-2"


def test_who_may_not_change_rules_adds_none(browser, make, session):
    for role in (Role.AUDITOR, Role.MANAGER, Role.UNIT_OFFICER):
        browser.sign_in(make.person(role=role))
        browser.get(address(), status=403)
        browser.post(address(), typed(), status=403)
        assert "Thêm quy tắc" not in browser.get("/obligations/rules/").text
    assert rules(session) == []
