import json

from drills.accounts.models import Role


def test_the_command_loads_it_and_says_how_much(cli, make):
    make.organisation()
    answer = cli("demo", "load", "--as-of", "2026-11-23", "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert (told["systems"], told["drills"], told["as_of"]) == (334, 6, "2026-11-23")


def test_the_command_refuses_a_second_time_with_a_reason(cli, make):
    make.organisation()
    cli("demo", "load")
    answer = cli("demo", "load")
    assert answer.exit_code == 1
    assert "already been loaded" in answer.stderr


def test_a_date_that_is_none_is_a_wrong_usage(cli, make):
    assert cli("demo", "load", "--as-of", "23/11").exit_code == 2


def test_only_an_administrator_loads_it_from_the_page(browser, make):
    browser.sign_in(make.person(role=Role.MANAGER))
    browser.post("/demo/load", status=403)
