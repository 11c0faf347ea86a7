"""The list of people and what stands on the page of one of them, for whom."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Person, Role
from drills.audit.models import Entry
from drills.core.errors import DomainError
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
from drills.roster.services import channels
from tests.browser import Browser
from tests.conftest import NOW


def words(page):
    return " ".join(page.main.text.split())


def names(page):
    return [cell.get_text(" ", strip=True) for cell in page.select("#people tbody th a")]


def test_people_are_found_by_every_filter(browser, make):
    north, south = make.unit(), make.unit()
    team = make.team()
    mi = make.person(name="Lò Thị Mỉ", unit=make.unit(parent=north))
    an = make.person(name="Trần Văn An", unit=south, email=None)
    make.member(team=team, person=mi, is_core=True)
    make.member(team=team, person=an, ends_on=date(2026, 1, 1))
    make.save(Expertise(person_id=an.id, expert_group=ExpertGroup.DEFENCE))
    make.save(ContactChannel(person=mi, kind=ChannelKind.ZALO, value="0912", verified_at=NOW))
    found = {
        "q=lo+thi": ["Lò Thị Mỉ"],
        f"unit={north.id}": ["Lò Thị Mỉ"],
        f"unit={south.id}": ["Trần Văn An"],
        f"team={team.id}": ["Lò Thị Mỉ"],
        "core=1": ["Lò Thị Mỉ"],
        "group=defence": ["Trần Văn An"],
        "lacks=channel": ["Trần Văn An"],
        "lacks=confirmed&q=tran": ["Trần Văn An"],
        "lacks=team&q=tran": ["Trần Văn An"],
        "group=nonsense&lacks=x&q=tran": ["Trần Văn An"],
    }
    for query, expected in found.items():
        assert names(browser.get(f"/people/?{query}")) == expected, query


def test_the_list_takes_as_many_statements_for_two_people_as_for_two_hundred(
    app, make, session, queries
):
    make.organisation()
    team = make.team()
    reader = Browser(app, session, as_=make.person(role=Role.AUDITOR))
    counts = []
    for size in (2, 198):
        for _ in range(size):
            session.add(Person(name="Người", email=None, unit=make.root()))
        session.flush()
        people = sa.select(Person.id).where(Person.name == "Người")
        new = set(session.scalars(people)) - set(session.scalars(sa.select(Member.person_id)))
        session.add_all(
            Member(team=team, person_id=one, starts_on=date(2024, 1, 1)) for one in sorted(new)
        )
        session.commit()
        with queries() as seen:
            assert len(names(reader.get(f"/people/?size=200&team={team.id}"))) >= size
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6, "\n".join(s[:40] + s[s.find("FROM") :][:60] for s in seen)


def test_the_security_team_sees_every_channel_team_mates_the_work_ones_others_the_name(
    app, make, session
):
    make.organisation()
    person = make.person(name="Lò Thị Mỉ", mobile="0912 345 678")
    make.save(ContactChannel(person=person, kind=ChannelKind.SIGNAL, value="mi.01"))
    mate, other = make.person(role=Role.IR_MEMBER), make.person(role=Role.IR_MEMBER)
    team = make.team()
    for one in (person, mate):
        make.member(team=team, person=one)
    seen = {}
    for key, viewer in {
        "security": make.person(role=Role.SECURITY_TEAM),
        "mate": mate,
        "other": other,
    }.items():
        page = words(Browser(app, session, as_=viewer).get(f"/people/{person.id}/"))
        assert "Lò Thị Mỉ" in page
        seen[key] = ("0912 345 678" in page, "mi.01" in page)
    assert seen == {"security": (True, True), "mate": (True, False), "other": (False, False)}


def test_one_sees_and_edits_oneself(app, make, session):
    make.organisation()
    person = make.person(role=Role.IR_MEMBER, name="Lò Thị Mỉ")
    make.member(person=person)
    browser = Browser(app, session, as_=person)
    data = {"name": "Lò Thị Mỉ", "mobile": "0912", "school": "Học viện KTMM"}
    more = {"graduated_on": "06/2015", "languages": ["en", "lo"], "expert_groups": ["defence"]}
    browser.post(f"/people/{person.id}/edit", data | more)
    session.expire_all()
    profile = session.scalars(sa.select(Profile)).one()
    assert (profile.school, profile.graduated_on) == ("Học viện KTMM", date(2015, 6, 1))
    assert profile.languages == ["en", "lo"]
    assert services.expert_groups(session, person) == {ExpertGroup.DEFENCE}
    assert person.mobile == "0912"
    other = make.person()
    browser.post(f"/people/{other.id}/edit", data, status=403)


def test_the_address_of_an_account_is_not_changed_here(browser, make, session):
    account = make.person(role=Role.MANAGER, email="quan.ly@lamgiang.example")
    browser.post(f"/people/{account.id}/edit", {"name": "Mới", "email": "x@y.example"})
    session.refresh(account)
    assert (account.name, account.email) == ("Mới", "quan.ly@lamgiang.example")


def test_an_address_of_somebody_else_is_refused_and_nothing_is_saved(browser, make, session):
    taken, person = make.person(), make.person(name="Cũ")
    data = {"name": "Mới", "unit_id": person.unit_id, "email": taken.email}
    page = browser.post(f"/people/{person.id}/edit", data, status=422)
    session.refresh(person)
    assert taken.email in words(page)
    assert person.name == "Cũ"


def test_what_is_written_of_a_person_is_in_the_trail(browser, make, session):
    person = make.person(name="Lò Thị Mỉ")
    data = {
        "name": "Lò Thị Mỉ",
        "unit_id": person.unit_id,
        "email": person.email,
        "degree": "Kỹ sư",
    }
    browser.post(f"/people/{person.id}/edit", data)
    entry = session.scalars(sa.select(Entry).where(Entry.subject_kind == "person")).all()[-1]
    assert (entry.verb, entry.changes) == ("revised", {"degree": ["", "Kỹ sư"]})


def test_a_channel_is_added_preferred_and_removed(browser, make, session):
    person = make.person(mobile="0912")
    data = {"kind": "zalo", "value": "0987", "is_preferred": "y"}
    browser.post(f"/people/{person.id}/channels", data)
    row = session.scalars(sa.select(ContactChannel)).one()
    assert (row.kind, row.value, row.is_preferred) == (ChannelKind.ZALO, "0987", True)
    browser.post(f"/people/{person.id}/channels", data, status=422)
    browser.post(f"/people/{person.id}/preferred", {"kind": "mobile", "value": "0912"})
    session.expire_all()
    preferred = [way.value for way in channels.ways_of(session, person) if way.is_preferred]
    assert preferred == ["0912"]
    browser.post(f"/people/channels/{row.id}/remove")
    assert [way.value for way in channels.ways_of(session, person)] == [person.email, "0912"]


def test_nobody_is_reached_by_an_address_that_is_not_theirs(browser, make, session):
    person = make.person()
    data = {"kind": "mobile", "value": "0999"}
    browser.post(f"/people/{person.id}/preferred", data, status=422)
    browser.post(f"/people/{person.id}/preferred", {"kind": "x", "value": "y"}, status=422)
    assert session.scalar(sa.select(sa.func.count()).select_from(ContactChannel)) == 0


def test_a_changed_address_begins_unconfirmed(make, session):
    person = make.person(email="cu@lamgiang.example")
    channels.note_verified(session, person, ChannelKind.WORK_EMAIL, person.email, NOW)
    assert channels.ways_of(session, person)[0].verified_at == NOW
    person.email = "moi@lamgiang.example"
    session.flush()
    primary = channels.ways_of(session, person)[0]
    assert (primary.value, primary.verified_at) == ("moi@lamgiang.example", None)


def test_mail_that_came_back_counts_until_the_address_is_confirmed_again(make, browser):
    row = make.save(
        ContactChannel(
            person=make.person(), kind=ChannelKind.PRIVATE_EMAIL, value="a@b.example",
            verified_at=NOW - timedelta(days=9), bounced_at=NOW,
        )
    )  # fmt: skip
    assert row.is_bounced
    assert "Thư bị trả lại" in browser.get(f"/people/{row.person_id}/").text
    row.verified_at = NOW + timedelta(days=1)
    assert not row.is_bounced


def test_an_e_mail_channel_must_be_an_address(make, session):
    with pytest.raises(DomainError):
        services.add_channel(
            session, make.person(), ChannelDetails(ChannelKind.PRIVATE_EMAIL, "không"), by=None
        )
