"""Personal data go at the person's request; the record of drills stays."""

import json

import pytest
import sqlalchemy as sa

from drills.accounts.models import Person, Role
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.audit.models import Entry
from drills.core.errors import DomainError, NotAllowedNow
from drills.exercises.models import Status
from drills.reminders.models import Delivery
from drills.roster import services
from drills.roster.models import (
    ChannelDetails,
    ChannelKind,
    ContactChannel,
    ExpertGroup,
    Expertise,
    Member,
    Profile,
)
from drills.roster.services.removal import RemovalDetails, remove_personal_data
from tests.conftest import NOW

ASKED = RemovalDetails("chính người đó, đơn 12/2026", "Nghỉ hưu")
NAME, EMAIL, MOBILE = "Lò Thị Mỉ", "mi@lamgiang.example", "0912 345 678"


def words(page):
    return " ".join(page.main.text.split())


@pytest.fixture
def by(make):
    make.organisation()
    return make.person(role=Role.ADMINISTRATOR)


@pytest.fixture
def person(make, session, by):
    """Somebody with an account, channels, a profile, a finished drill and a trail."""
    person = make.person(name=NAME, email=EMAIL, mobile=MOBILE, role=Role.IR_MEMBER)
    make.drill(lead=person, status=Status.CLOSED, people=[person], title="Diễn tập cũ")
    make.save(Expertise(person_id=person.id, expert_group=ExpertGroup.DEFENCE))
    make.save(Profile(person_id=person.id, school="Học viện"))
    details = ChannelDetails(ChannelKind.ZALO, "0987 654 321")
    services.add_channel(session, person, details, by=by)
    team = make.team()
    make.member(team=team, person=person)
    audit.record(session, "member added", team, by=by, changes={"member": ["", NAME]})
    audit.record(session, "revised", team, by=person, changes={"name": ["a", "b"]})
    session.commit()
    return person


def test_what_tells_who_it_was_is_gone_and_the_drill_is_not(make, session, person, by):
    drill_lead = session.scalars(sa.text("SELECT lead_id FROM drill")).one()
    remove_personal_data(session, person, ASKED, by=by)
    session.commit()
    assert person.name == f"Thành viên {person.id:04}"
    assert (person.email, person.mobile, person.active, person.roles) == (None, "", False, set())
    assert person.search == f"thanh vien {person.id:04}"
    for model in (ContactChannel, Expertise, Profile):
        assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
    assert drill_lead == person.id
    assert session.scalars(sa.select(Member)).one().ends_on == NOW.date()


def test_the_trail_says_who_asked_and_shows_nothing_of_before(browser, make, session, person, by):
    remove_personal_data(session, person, ASKED, by=by)
    session.commit()
    shown = session.scalars(visible(Entry, by)).all()
    told = json.dumps([[e.subject_name, e.who, e.changes] for e in shown], ensure_ascii=False)
    for text in (NAME, EMAIL, MOBILE, "0987 654 321"):
        assert text not in told
    (last,) = [entry for entry in shown if entry.verb == "personal data removed"]
    assert last.changes["asked_by"] == ["", "chính người đó, đơn 12/2026"]
    assert f"Thành viên {person.id:04}" in {entry.who for entry in shown}
    page = browser.get("/audit/?size=200")
    assert NAME not in words(page)
    assert NAME not in browser.raw("/audit/export.csv").get_data(as_text=True)


def test_the_trail_itself_still_only_grows(session, person, by):
    count = sa.select(sa.func.count()).select_from(Entry)
    before = session.scalar(count)
    remove_personal_data(session, person, ASKED, by=by)
    assert session.scalar(count) > before


def test_the_address_of_letters_sent_is_emptied(make, session, person, by):
    columns = {c.name for c in Delivery.__table__.c if c.info.get("personal")}
    assert columns == {"address"}


def test_nothing_is_removed_while_something_is_open(make, session, person, by):
    make.drill(lead=person)
    with pytest.raises(NotAllowedNow):
        remove_personal_data(session, person, ASKED, by=by)
    assert person.name == NAME


def test_the_last_administrator_is_not_removed_by_themselves(session, by):
    with pytest.raises(DomainError):
        remove_personal_data(session, by, ASKED, by=by)


def test_the_reason_may_not_name_the_person(session, person, by):
    with pytest.raises(DomainError):
        remove_personal_data(session, person, RemovalDetails(NAME, "Nghỉ hưu"), by=by)


def test_the_page_asks_to_be_sure_and_whoever_is_removed_is_listed_no_more(
    browser, session, person
):
    address = f"/people/{person.id}/remove"
    data = {"asked_by": "chính người đó", "reason": "Nghỉ hưu"}
    browser.post(address, data, status=422)
    browser.post(address, data | {"is_sure": "y"})
    session.expire_all()
    assert person.removed_at == NOW
    assert f"Thành viên {person.id:04}" not in words(browser.get("/people/"))
    assert "Thành viên" in words(browser.get(f"/people/{person.id}/"))
    offered = browser.raw("/pick/people?q=thanh+vien").get_json()["items"]
    assert offered == []
    browser.post(f"/people/{person.id}/edit", {"name": "Mới", "unit_id": 1}, status=422)


def test_an_operator_removes_by_command_in_the_name_of_an_administrator(cli, session, person, by):
    words = ("people", "remove", EMAIL, "--asked-by", "đơn 12", "--reason", "Nghỉ hưu")
    assert cli(*words, "--by", by.email).exit_code == 0
    assert session.get_one(Person, person.id).removed_at == NOW
    assert cli(*words, "--by", by.email).exit_code == 1
