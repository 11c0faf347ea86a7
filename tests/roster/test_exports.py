"""People out of the roster: masked unless asked for, noted, and able to come in again."""

import io
from datetime import date

import pytest
import sqlalchemy as sa
from icalendar.parser import Contentlines

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core import tabular
from drills.roster import exports, imports, vcard
from drills.roster.lists import Wanted
from drills.roster.models import (
    ChannelKind,
    ContactChannel,
    ExpertGroup,
    Expertise,
    Profile,
    TeamRole,
)
from drills.roster.services.channels import ways_of
from tests.browser import Browser

ON = date(2026, 11, 23)


@pytest.fixture
def person(make):
    unit = make.unit(code="SYT")
    person = make.person(
        name="Lò Thị Mỉ", email="mi@lamgiang.example", unit=unit, mobile="0912 345 678"
    )
    zalo = {"kind": ChannelKind.ZALO, "value": "0987 654 321", "is_preferred": True}
    make.save(ContactChannel(person=person, **zalo))
    trained = {"school": "Học viện KTMM", "field": "ATTT", "degree": "Kỹ sư"}
    more = {"graduated_on": date(2015, 6, 1), "languages": ["en"]}
    make.save(Profile(person_id=person.id, **trained, **more))
    make.save(Expertise(person_id=person.id, expert_group=ExpertGroup.DEFENCE))
    for name, role in (("Đội tỉnh", TeamRole.LEAD), ("Đội SYT", TeamRole.LEGAL)):
        team = make.team(name=name)
        make.member(team=team, person=person, role=role, decision_number="7/QĐ", is_core=True)
    return person


def read(answer):
    return tabular.read(io.BytesIO(answer.get_data()), "members.xlsx", limit=5000)


def got(browser, query="", **data):
    answer = browser.client.post(f"/people/export?{query}", data={"kind": "xlsx"} | data)
    assert answer.status_code == 200
    return answer


def test_an_export_can_be_imported_again_and_changes_nothing(browser, session, person):
    found = read(got(browser, is_open="y", query="q=mi"))
    assert len(found.rows) == 2
    plan = imports.plan(session, found, team=None, by=None, on=ON)
    assert (plan.problems, plan.additions, plan.changes) == ([], [], [])
    assert plan.present == ["Lò Thị Mỉ"] * 2


def test_a_masked_export_can_be_imported_again_too(browser, session, person):
    found = read(got(browser, query="q=mi"))
    told = " ".join(" ".join(row.cells) for row in found.rows)
    for text in ("mi@lamgiang.example", "0912 345 678", "0987 654 321", "Học viện"):
        assert text not in told
    assert "m•••@lamgiang.example" in told
    plan = imports.plan(session, found, team=None, by=None, on=ON)
    assert (plan.problems, plan.additions, plan.changes) == ([], [], [])


def test_what_was_taken_out_stands_in_the_trail(browser, session, person):
    got(browser, is_open="y", query="q=mi")
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "exported people")).one()
    assert entry.changes == {
        "kind": ["", "xlsx"],
        "rows": ["", "1"],
        "with_personal_data": ["", "True"],
    }


def test_only_the_security_team_takes_people_out(app, make, session, person):
    make.organisation()
    reader = Browser(app, session, as_=make.person(role=Role.AUDITOR))
    reader.get("/people/export", status=403)
    reader.post("/people/export", {"kind": "xlsx"}, status=403)


def test_a_card_is_read_by_a_parser_and_says_what_it_should(browser, session, person):
    person.position = "Trưởng phòng; phụ trách, \\ đội\nhai " + "rất dài " * 20
    session.commit()
    text = got(browser, kind="vcf", is_open="y", query="q=mi").get_data(as_text=True)
    assert all(len(line.encode()) <= vcard.LINE_MAX for line in text.split("\r\n"))
    parts = [line.parts() for line in Contentlines.from_ical(text) if line]
    values = {name: (dict(given), value) for name, given, value in parts}
    assert values["VERSION"][1] == "4.0"
    assert values["N"][1] == "Lò;Mỉ;Thị;;"
    assert values["EMAIL"] == ({"TYPE": "work"}, "mi@lamgiang.example")
    assert values["TEL"][1] == "0912 345 678"
    escaped = values["TITLE"][1]
    for written, meant in (("\\n", "\n"), ("\\,", ","), ("\\;", ";"), ("\\\\", "\\")):
        escaped = escaped.replace(written, meant)
    assert escaped.strip() == person.position.strip()


def test_a_card_without_personal_data_has_neither_address_nor_number(session, person):
    wanted = Wanted(on=ON, words="mi")
    people = exports.gathered(session, wanted, person)
    assert "0912" in exports.cards(people, is_open=True)
    text = exports.cards(people, is_open=False)
    assert "FN:Lò Thị Mỉ" in text
    assert "TEL" not in text
    assert "@" not in text


def test_the_preferred_way_is_marked_in_the_card(make, session):
    person = make.person(mobile="0912")
    make.save(
        ContactChannel(person=person, kind=ChannelKind.MOBILE, value="0912", is_preferred=True)
    )
    assert ";PREF=1:0912" in vcard.card(person, ways_of(session, person), "")


def test_the_export_takes_as_many_statements_for_two_as_for_forty(make, session, queries):
    viewer, counts = make.person(), []
    for size in (2, 38):
        for _ in range(size):
            make.member(person=make.person(name="Người"))
        session.expire_all()
        with queries() as seen:
            people = exports.gathered(session, Wanted(on=ON, words="nguoi"), viewer)
            list(exports.sheet_rows(people, is_open=True))
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("mi@x.example", "m•••@x.example"),
        ("0912 345 678", "••• 678"),
        ("123", "•••"),
        ("Học viện", "•••"),
    ],
)
def test_masking_leaves_enough_to_know_ones_own(text, shown):
    assert exports.masked(text) == shown


def test_the_empty_sheet_has_every_column(browser):
    found = read(browser.raw("/people/template.xlsx"))
    assert found.headers[:2] == ["Họ và tên", "Thư điện tử"]
    assert found.rows == []


def test_an_operator_takes_people_out_and_in_by_command(cli, session, person, tmp_path):
    words = ("--by", person.email, "--personal")
    cards = tmp_path / "ds.vcf"
    assert cli("people", "export", cards, *words).exit_code == 0
    assert b"TEL;TYPE" in cards.read_bytes()
    assert b"\r\n" in cards.read_bytes()
    file = tmp_path / "ds.xlsx"
    assert cli("people", "export", file, *words).exit_code == 0
    answer = cli("people", "import", file, "--json")
    assert (answer.exit_code, '"added": 0, "changed": 0' in answer.output) == (0, True)
    assert cli("people", "export", tmp_path / "ds.txt", *words).exit_code == 2
    wrong = tmp_path / "ds.csv"
    wrong.write_text("Họ và tên,Đơn vị\nAi đó,XYZ\n", encoding="utf-8")
    assert cli("people", "import", wrong).exit_code == 1
