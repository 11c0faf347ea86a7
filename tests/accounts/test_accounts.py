import json
from datetime import date

import pytest
import sqlalchemy as sa

from drills.accounts.models import Person, Role
from drills.audit.models import Entry
from drills.units.models import Organisation
from tests.accounts.conftest import PASSWORD
from tests.browser import Browser


def typed(person_or_unit, **more):
    unit_id = getattr(person_or_unit, "unit_id", None) or person_or_unit.id
    return {
        "name": getattr(person_or_unit, "name", "Trần Thị Bình"),
        "email": getattr(person_or_unit, "email", None) or "binh@lamgiang.example",
        "unit_id": str(unit_id),
        "roles": ["unit_officer"],
        "language": "vi",
        "time_zone": "Asia/Ho_Chi_Minh",
        "active": "y",
    } | more


def test_an_administrator_adds_an_account_and_hands_over_a_link(browser, make, session):
    unit = make.unit()
    data = typed(unit, name="Trần Thị Bình", email=" Binh@LamGiang.example ", roles=["auditor"])
    location = browser.post("/accounts/new", data).location
    person = session.scalars(sa.select(Person).where(Person.name == "Trần Thị Bình")).one()
    assert (person.email, person.roles) == ("binh@lamgiang.example", {Role.AUDITOR})
    page = browser.post(f"{location}password-link", status=200)
    link = page.select_one(".note a")["href"]
    assert link.startswith("http://drills.test/password/forgotten/")
    guest = Browser(browser.app, session)
    both = {"password": PASSWORD, "password_confirm": PASSWORD}
    guest.post(link.removeprefix("http://drills.test"), both)
    guest.post("/sign-in", {"email": person.email, "password": PASSWORD})
    guest.get("/profile")


def test_an_address_is_given_to_one_person_only(browser, make):
    known = make.person()
    browser.post("/accounts/new", typed(make.unit(), email=known.email.upper()), status=422)


def test_new_roles_are_noted_and_end_the_sessions(browser, make, session):
    person = make.person(role=Role.SECURITY_TEAM)
    theirs = Browser(browser.app, session, as_=person)
    theirs.get("/profile")
    browser.post(f"/accounts/{person.id}/edit", typed(person))
    assert theirs.raw("/profile").status_code == 302
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "revised")).one()
    assert entry.changes["roles"] == ["security_team", "unit_officer"]


def test_closing_an_account_ends_its_sessions_at_once(browser, make, session):
    person = make.person(role=Role.SECURITY_TEAM)
    theirs = Browser(browser.app, session, as_=person)
    browser.post(f"/accounts/{person.id}/disable")
    assert theirs.raw("/profile").status_code == 302
    assert not session.get(Person, person.id).active


def test_nobody_takes_away_their_own_right_to_administer(browser, make, session):
    make.person(role=Role.ADMINISTRATOR)
    me = browser.person
    browser.post(f"/accounts/{me.id}/disable", status=403)
    browser.post(f"/accounts/{me.id}/edit", typed(me), status=403)
    session.expire_all()
    assert session.get(Person, me.id).roles == {Role.ADMINISTRATOR}


def test_an_administrator_of_a_part_does_not_take_over_the_whole(browser, make, session):
    unit = make.unit()
    boss = make.person(role=Role.ADMINISTRATOR, unit=unit, own_scope=make.root())
    local = Browser(browser.app, session, as_=make.person(role=Role.ADMINISTRATOR, unit=unit))
    local.post(f"/accounts/{boss.id}/password-link", status=403)
    local.post(f"/accounts/{boss.id}/disable", status=403)
    local.post(f"/accounts/{boss.id}/edit", typed(boss), status=403)
    mine = typed(unit, name="Mới", scope_id=str(make.root().id))
    local.post("/accounts/new", mine, status=422)
    local.post(
        "/settings",
        {
            "name": "Khác",
            "language": "vi",
            "time_zone": "Asia/Ho_Chi_Minh",
            "approvals_since": "01/01/2026",
        },
        status=403,
    )
    local.get(f"/accounts/{make.person().id}/", status=404)


def test_the_list_is_searched_without_accents_and_narrowed(browser, make):
    unit = make.unit(name="Sở Y tế")
    make.person(role=Role.AUDITOR, name="Đặng Thị Hường", unit=unit)
    make.person(role=Role.UNIT_OFFICER, name="Lê Văn Tám")
    make.person(name="Người Trong Đội", unit=unit)

    def names(query):
        page = browser.get(f"/accounts/?{query}")
        return [cell.get_text() for cell in page.select("th.name a")]

    assert names("q=dang+huong") == ["Đặng Thị Hường"]
    assert names("role=unit_officer") == ["Lê Văn Tám"]
    assert names(f"unit={unit.id}") == ["Đặng Thị Hường"]
    assert set(names(f"unit={unit.id}&state=people")) == {"Đặng Thị Hường", "Người Trong Đội"}
    assert names("state=disabled") == []


def test_a_long_list_asks_no_more_of_the_database(browser, make, queries):
    for _ in range(12):
        make.person(role=Role.AUDITOR, unit=make.unit())
    browser.get("/accounts/")
    with queries() as seen:
        browser.get("/accounts/")
    assert len(seen) <= 7, "\n".join(seen)


def test_a_person_edits_their_own_profile(browser, make, session):
    person = make.person(role=Role.IR_MEMBER, language="vi")
    theirs = Browser(browser.app, session, as_=person)
    theirs.post(
        "/profile",
        {"name": "Tên Mới", "mobile": "0912", "language": "en", "time_zone": "Asia/Tokyo"},
    )
    theirs.get("/profile")
    changed = session.get(Person, person.id)
    assert (changed.name, changed.language, changed.time_zone) == ("Tên Mới", "en", "Asia/Tokyo")
    theirs.post("/profile", {"name": "", "language": "xx", "time_zone": "Moon/Base"}, status=422)


def test_the_organisation_is_renamed(browser, session):
    browser.get("/settings")
    browser.post(
        "/settings",
        {"name": "UBND tỉnh Mới", "name_en": "New", "language": "en", "time_zone": "UTC"},
        status=422,
    )
    browser.post(
        "/settings",
        {
            "name": "UBND tỉnh Mới",
            "name_en": "New",
            "language": "en",
            "time_zone": "Asia/Tokyo",
            "approvals_since": "01/07/2026",
        },
    )
    home = session.get(Organisation, 1)
    assert (home.root.name, home.language) == ("UBND tỉnh Mới", "en")
    assert home.approvals_since == date(2026, 7, 1)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.UNIT_OFFICER])
def test_only_administrators_change_accounts(browser, make, session, role):
    reader = Browser(browser.app, session, as_=make.person(role=role))
    reader.get("/accounts/", status=200 if role is Role.AUDITOR else 403)
    reader.get("/accounts/new", status=403)
    reader.post(f"/accounts/{make.person().id}/disable", status=403)


def test_an_account_made_by_command_signs_in(cli, make, session, app, tmp_path):
    make.organisation()
    unit = make.unit(code="SYT")
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n", encoding="utf-8")
    result = cli(
        *("users", "add", "--email", "an@x.example", "--name", "An", "--role", "auditor"),
        *("--unit", unit.code, "--password-file", path, "--json"),
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["email"] == "an@x.example"
    guest = Browser(app, session)
    guest.post("/sign-in", {"email": "an@x.example", "password": PASSWORD})
    guest.get("/profile")
    listed = json.loads(cli("users", "list", "--json").stdout)
    assert [row["email"] for row in listed] == ["an@x.example"]


@pytest.mark.parametrize(
    ("email", "unit", "reason"),
    [("an@x.example", "NONE", "NONE"), ("not an address", "SYT", "not an address")],
)
def test_a_command_refused_by_the_data_says_why(cli, make, email, unit, reason):
    make.organisation()
    make.unit(code="SYT")
    result = cli(
        *("users", "add", "--email", email, "--name", "An", "--role", "auditor", "--unit", unit)
    )
    assert result.exit_code == 1
    assert reason in result.stderr
