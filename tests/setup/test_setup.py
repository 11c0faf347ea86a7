import json
import os
import stat
import subprocess
import sys

import pytest
import sqlalchemy as sa

from drills.accounts.models import Person, Role
from drills.reminders.kinds import KINDS
from drills.reminders.models import ReminderRule
from drills.setup import services
from drills.systems.models import InformationSystem
from drills.units.models import Organisation, Tier
from tests.browser import Browser

PASSWORD = "Mật khẩu rất dài của tôi"
TYPED = {
    "organisation": "UBND tỉnh Lam Giang",
    "tier": "province",
    "language": "vi",
    "time_zone": "Asia/Ho_Chi_Minh",
    "name": "Nguyễn Thị An",
    "email": "an@lamgiang.example",
    "password": PASSWORD,
    "password_again": PASSWORD,
}


@pytest.fixture
def guest(app, session):
    return Browser(app, session)


@pytest.fixture
def token(app, guest):
    guest.get("/first-run")
    return (app.config["DATA"] / "first-run-token").read_text()


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return path


def test_every_page_leads_to_the_first_run_while_there_is_no_organisation(app, guest):
    for path in ("/", "/sign-in", "/systems/", "/settings", "/search"):
        assert guest.raw(path).location == "/first-run", path
    guest.get("/first-run")
    mode = (app.config["DATA"] / "first-run-token").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_without_the_token_nothing_is_set_up(guest, token, session):
    assert "organisation" not in guest.get("/first-run").text
    for wrong in ("x", "đ", token[:-1]):
        guest.get("/first-run", query_string={"token": wrong}, status=403)
        guest.post("/first-run", TYPED | {"token": wrong}, status=403)
    assert session.get(Organisation, 1) is None


def test_the_first_run_makes_the_organisation_once(app, guest, token, session):
    guest.get("/first-run", query_string={"token": token})
    given = TYPED | {"token": token}
    guest.post("/first-run", given | {"password": "short", "password_again": "short"}, status=422)
    assert guest.post("/first-run", given).location == "/sign-in"
    home = session.get(Organisation, 1)
    assert (home.root.name, home.root.code, home.root.path) == (
        "UBND tỉnh Lam Giang",
        "UBNDTLG",
        f"{home.root.id}.",
    )
    assert session.scalar(sa.select(sa.func.count(Tier.id))) == 9
    assert set(session.scalars(sa.select(ReminderRule.kind))) == KINDS.keys()
    assert not (app.config["DATA"] / "first-run-token").exists()
    guest.get("/first-run", query_string={"token": token}, status=404)
    guest.post("/first-run", given, status=404)
    guest.post("/sign-in", {"email": TYPED["email"], "password": PASSWORD})
    guest.get("/profile")


def test_the_demonstration_year_comes_with_a_tick(guest, token, session):
    guest.post("/first-run", TYPED | {"token": token, "demo": "y"})
    assert session.get(Organisation, 1).is_demo
    assert session.scalar(sa.select(sa.func.count(InformationSystem.id))) == 334


def test_a_command_does_the_same_without_questions(cli, guest, session, password_file):
    words = ("init", "--admin-email", "An@x.example", "--admin-password-file", password_file)
    result = cli(
        *words, "--language", "en", "--organisation", "Sở Thử", "--tier", "department", "--json"
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["administrator"] == "an@x.example"
    person = session.scalars(sa.select(Person)).one()
    assert (person.roles, person.language, person.unit.name) == (
        {Role.ADMINISTRATOR},
        "en",
        "Sở Thử",
    )
    guest.post("/sign-in", {"email": "an@x.example", "password": PASSWORD})
    guest.get("/profile")
    again = cli(*words)
    assert again.exit_code == 1
    assert "already" in again.stderr


def test_a_command_refuses_a_poor_password(cli, session, tmp_path):
    path = tmp_path / "poor"
    path.write_text("short\n")
    result = cli("init", "--admin-email", "an@x.example", "--admin-password-file", path)
    assert (result.exit_code, session.get(Organisation, 1)) == (1, None)
    assert "12" in result.stderr


def test_a_command_without_what_it_needs_is_wrong_usage(cli):
    assert cli("init", "--admin-email", "an@x.example").exit_code == 2


@pytest.mark.parametrize("name", ["UBND tỉnh Đắk Lắk", "Sở Y tế", "???"])
def test_an_organisation_gets_a_short_code_from_its_name(name):
    expected = {"UBND tỉnh Đắk Lắk": "UBNDTDL", "Sở Y tế": "SYT", "???": "GOC"}
    assert services.code_of(name) == expected[name]


def test_of_two_commands_at_once_one_sets_up_and_the_other_is_refused(tmp_path, password_file):
    words = ("init", "--admin-email", "an@x.example", "--admin-password-file", str(password_file))
    command = [sys.executable, "-m", "drills", *words]
    environment = os.environ | {"DRILLS_DATA": str(tmp_path / "data"), "DRILLS_DATABASE_URL": ""}
    both = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=300)[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 1], told
    assert any("already" in text for text in told)
