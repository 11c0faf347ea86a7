"""Determining a level: the guided page, what it proposes, what is recorded."""

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.approvals.models import Determination
from drills.approvals.services import determinations
from drills.approvals.services.determinations import DeterminationDetails
from drills.audit.models import Entry
from drills.core.errors import DomainError
from drills.systems.models import SystemKind, SystemStatus
from tests.browser import Browser

NEW, OLD = "nd-331-2026", "nd-85-2016"
PROCEDURES = {"kind": "public", "information": ["public"], "services": ["procedures"]}


@pytest.fixture
def rules(make):
    make.organisation()
    return make.regimes()


@pytest.fixture
def officer(app, session, make, rules):
    return Browser(app, session, as_=make.person(role=Role.SECURITY_TEAM))


def form(**answers):
    return {f"q-{key}": value for key, value in answers.items()}


def test_what_was_answered_and_why_is_kept(session, make, rules):
    system, person = make.system(), make.person()
    found = determinations.determine(
        session, system, rules[NEW], DeterminationDetails(PROCEDURES, 3), by=person, at=make.now
    )
    session.commit()
    assert (found.proposed_level, found.level, found.override_reason) == (3, 3, "")
    assert [reason["article"] for reason in found.reasons] == ["Điều 13 khoản 2 điểm b"]
    assert found.answers["services"] == ["procedures"]
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "determined")).one()
    assert (entry.subject_id, entry.changes["level"]) == (system.id, ["", "3"])


def test_the_register_does_not_change(session, make, rules):
    system = make.system(level=2)
    details = DeterminationDetails(PROCEDURES, 3)
    determinations.determine(session, system, rules[NEW], details, by=None, at=make.now)
    assert system.level == 2


def test_another_level_needs_a_reason(session, make, rules):
    system = make.system()
    with pytest.raises(DomainError, match="The answers lead to level 3"):
        determinations.determine(
            session, system, rules[NEW], DeterminationDetails(PROCEDURES, 4), by=None, at=make.now
        )
    found = determinations.determine(
        session,
        system,
        rules[NEW],
        DeterminationDetails(PROCEDURES, 4, "Rủi ro cao hơn"),
        by=None,
        at=make.now,
    )
    assert (found.proposed_level, found.level, found.override_reason) == (3, 4, "Rủi ro cao hơn")
    assert found.is_overridden


def test_answers_to_no_question_and_wrong_answers_are_dropped(session, make, rules):
    odd = PROCEDURES | {"mood": "bad", "scope": "moon", "basic_subjects": -5, "defence": "yes"}
    found = determinations.determine(
        session, make.system(), rules[NEW], DeterminationDetails(odd, 3), by=None, at=make.now
    )
    assert "mood" not in found.answers
    assert (found.answers["scope"], found.answers["basic_subjects"]) == ("none", 0)
    assert found.answers["defence"] is False


def test_a_system_out_of_use_gets_no_level(session, make, rules):
    system = make.system(status=SystemStatus.DECOMMISSIONED)
    with pytest.raises(DomainError, match="out of use"):
        determinations.determine(
            session, system, rules[NEW], DeterminationDetails({}, 1), by=None, at=make.now
        )


def test_the_page_begins_with_what_the_record_says(officer, make):
    system = make.system(kind=SystemKind.PUBLIC, has_personal_data=True)
    page = officer.get(f"/systems/{system.id}/level/")
    assert page.select_one('[name="q-kind"][checked]')["value"] == "public"
    ticked = [box["value"] for box in page.select('[name="q-information"][checked]')]
    assert ticked == ["personal"]
    assert "Điều 12 khoản 2 điểm b" in page.select_one("#proposed").text


def test_the_page_proposes_and_says_which_article_decides(officer, make, session):
    system = make.system()
    sent = form(kind="public", information=["public"], services=["procedures", "unconditional"])
    page = officer.post(f"/systems/{system.id}/level/", sent, status=200)
    shown = page.select_one("#proposed")
    assert shown["data-status"] == "Cấp 3"
    assert "Điều 13 khoản 2 điểm b" in shown.text
    assert "1 tiêu chí của cấp độ thấp hơn cũng thỏa" in shown.text
    assert "Sổ hệ thống ghi khác" in shown.text
    assert session.scalar(sa.select(sa.func.count(Determination.id))) == 0


@pytest.mark.parametrize("text", ["100000", "100.000", "100,000", "100 000"])
def test_numbers_are_read_as_people_write_them(officer, make, text):
    sent = form(kind="public", information=["personal"], basic_subjects=text)
    page = officer.post(f"/systems/{make.system().id}/level/", sent, status=200)
    assert "Điều 13 khoản 2 điểm c" in page.select_one("#proposed").text


def test_a_number_that_is_none_is_told(officer, make):
    sent = form(kind="public", basic_subjects="nhiều")
    page = officer.post(f"/systems/{make.system().id}/level/", sent, status=422)
    assert "Ghi một số nguyên" in page.select_one('[id="q-basic_subjects-error"]').text


def test_the_level_is_recorded_from_what_was_proposed_and_leads_to_a_dossier(
    officer, make, session
):
    system = make.system()
    address = f"/systems/{system.id}/level/"
    sent = form(kind="public", information=["public"], services=["procedures"])
    page = officer.post(address, sent, status=200)
    again = {}
    for field in page.select("#proposed input[type=hidden]"):
        again.setdefault(field["name"], []).append(field["value"])
    answer = officer.post(address, again | {"record": "1", "level": "0"})
    found = session.scalars(sa.select(Determination)).one()
    assert (found.level, found.answers["services"]) == (3, ["procedures"])
    assert answer.location.endswith(f"/determinations/{found.id}/")
    page = officer.get(answer.location)
    assert "Giải quyết thủ tục hành chính" in page.text
    assert page.select_one(f'a[href="/systems/{system.id}/dossiers/new/"]')
    assert f"/determinations/{found.id}/" in str(officer.get(address).select_one("#before"))


def test_another_level_without_a_reason_is_told_beside_the_reason(officer, make, session):
    sent = form(kind="public", services=["procedures"]) | {"record": "1", "level": "5"}
    page = officer.post(f"/systems/{make.system().id}/level/", sent, status=422)
    assert "dẫn đến cấp độ 3" in page.select_one("#override_reason-error").text
    assert session.scalar(sa.select(sa.func.count(Determination.id))) == 0


def test_another_level_is_kept_with_its_reason_and_shown(officer, make):
    system = make.system()
    sent = form(kind="public", services=["procedures"]) | {
        "record": "1",
        "level": "4",
        "override_reason": "Theo <b>đánh giá</b> rủi ro",
    }
    answer = officer.post(f"/systems/{system.id}/level/", sent)
    page = officer.get(answer.location)
    assert "Theo <b>đánh giá</b> rủi ro" in page.text
    assert "dẫn đến cấp độ 3" in page.text


def test_the_old_law_may_still_be_chosen_with_its_caution(officer, make, rules, session):
    system = make.system()
    page = officer.get(f"/systems/{system.id}/level/?regime={rules[OLD].id}")
    assert "đang xây dựng trước 01/07/2026" in page.text
    sent = form(kind="public", information=["personal"], users="10000")
    officer.post(
        f"/systems/{system.id}/level/",
        sent | {"regime": rules[OLD].id, "record": "1", "level": "0"},
    )
    assert session.scalars(sa.select(Determination)).one().regime_id == rules[OLD].id


def test_a_system_no_criterion_speaks_of_is_told_so(officer, make):
    page = officer.post(f"/systems/{make.system().id}/level/", form(kind="other"), status=200)
    assert "Không tiêu chí nào thỏa" in page.select_one("#proposed").text


def test_questions_say_which_kinds_of_systems_need_them(officer, make):
    page = officer.get(f"/systems/{make.system().id}/level/")
    boxes = {
        box.select_one("[name]")["name"]: set(box["data-asked-for"].split())
        for box in page.select("[data-asked-for]")
    }
    assert boxes["q-works"] == {"industrial_control"}
    assert boxes["q-services"] == boxes["q-basic_subjects"] == {"public"}
    assert "q-harm" not in boxes


def test_without_a_rule_set_the_page_says_what_to_do(app, session, make):
    make.organisation()
    officer = Browser(app, session, as_=make.person(role=Role.SECURITY_TEAM))
    page = officer.get(f"/systems/{make.system().id}/level/")
    assert "Hôm nay không có bộ quy tắc nào có hiệu lực" in page.text


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_those_who_do_not_prepare_determine_nothing(app, session, make, rules, role):
    system = make.system()
    reader = Browser(app, session, as_=make.person(role=role))
    reader.get(f"/systems/{system.id}/level/", status=403)
    found = determinations.determine(
        session, system, rules[NEW], DeterminationDetails(PROCEDURES, 3), by=None, at=make.now
    )
    reader.get(f"/determinations/{found.id}/")


def test_a_strangers_determination_does_not_exist(app, session, make, rules):
    one, other = make.unit(), make.unit()
    found = determinations.determine(
        session,
        make.system(owner=one),
        rules[NEW],
        DeterminationDetails(PROCEDURES, 3),
        by=None,
        at=make.now,
    )
    stranger = Browser(app, session, as_=make.person(role=Role.UNIT_OFFICER, unit=other))
    stranger.get(f"/determinations/{found.id}/", status=404)
