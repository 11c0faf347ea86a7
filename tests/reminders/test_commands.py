"""``drills reminders``."""

import json
from datetime import timedelta

from tests.conftest import NOW

IN_A_DAY = NOW + timedelta(days=1)


def test_preview_lists_who_will_be_reminded_when_and_why(rules, make, cli):
    lead = make.person()
    drill = make.drill(starts_at=NOW + timedelta(days=8), lead=lead)
    answer = cli("reminders", "preview", "--until", "2026-11-24", "--json")
    assert answer.exit_code == 0
    (row,) = json.loads(answer.stdout)["planned"]
    assert row["drill"] == drill.code
    assert row["to"] == lead.email
    assert row["why"] == "lead"
    assert row["due_at"] == "2026-11-24T02:00:00+00:00"
    text = cli("reminders", "preview").stdout
    assert text.count(lead.email) == 3
    assert "3 reminders" in text


def test_preview_does_not_promise_what_was_sent(rules, make, cli, send):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    assert len(json.loads(cli("reminders", "preview", "--json").stdout)["planned"]) == 2
    send(NOW)
    assert len(json.loads(cli("reminders", "preview", "--json").stdout)["planned"]) == 1


def test_send_at_a_time_sends_once(rules, make, cli, sink):
    make.drill(starts_at=NOW + timedelta(days=8), people=[make.person()])
    for expected in (1, 0):
        answer = cli("reminders", "send", "--at", "2026-11-30 09:00", "--json")
        assert answer.exit_code == 0, answer.output
        assert json.loads(answer.stdout)["sent"] == expected
    assert len(sink.letters) == 1


def test_send_says_when_something_could_not_leave(rules, make, cli, sink):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    sink.faults["rcpt"] = "550 unknown"
    answer = cli("reminders", "send")
    assert answer.exit_code == 1
    assert "failed 1" in answer.stdout
    assert cli("reminders", "send", "--at", "soon").exit_code == 2


def test_a_wrong_mail_address_is_refused_in_words(rules, make, app, cli):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    app.config["MAIL_URL"] = "http://user:secret@mail.example"
    answer = cli("reminders", "send")
    assert answer.exit_code == 1
    assert "MAIL_URL" in answer.output
    assert "secret" not in answer.output


def test_rules_are_listed_by_kind(rules, cli):
    answer = cli("reminders", "rules", "--kind", "drill", "--json")
    found = json.loads(answer.stdout)["rules"]
    assert [rule["when"] for rule in found] == [
        "30 days before", "7 days before", "1 days before", "1 hours before",
    ]  # fmt: skip
    assert found[0]["to"] == "lead, participants"
    assert "action_due" in cli("reminders", "rules").stdout
    assert cli("reminders", "rules", "--kind", "nothing").exit_code == 2


def test_pausing_holds_everything_back_until_resumed(rules, make, cli, sink):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    assert cli("reminders", "pause", "the mail server moves").exit_code == 0
    assert cli("reminders", "pause", "again").exit_code == 1
    cli("reminders", "send")
    assert sink.letters == []
    assert cli("reminders", "resume").exit_code == 0
    assert cli("reminders", "resume").exit_code == 1
    cli("reminders", "send")
    assert len(sink.letters) == 1


def test_history_tells_what_became_of_each_message(rules, make, cli, sink):
    people = [make.person(), make.person()]
    drill = make.drill(starts_at=IN_A_DAY, people=people)
    cli("reminders", "send")
    found = ("--kind", "drill", "--subject", str(drill.id), "--to", people[0].email, "--json")
    answer = cli("reminders", "history", *found)
    (row,) = json.loads(answer.stdout)["deliveries"]
    assert (row["to"], row["state"], row["why"]) == (people[0].email, "sent", "participants")
    assert "2 deliveries" in cli("reminders", "history").stdout


def test_what_failed_is_listed_and_tried_again(rules, make, cli, sink):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    assert cli("reminders", "failed").exit_code == 0
    sink.faults["rcpt"] = ["550 unknown"]
    cli("reminders", "send")
    answer = cli("reminders", "failed")
    assert answer.exit_code == 1
    assert "550 unknown" in answer.stdout
    assert json.loads(cli("reminders", "failed", "--resend", "--json").stdout) == {"again": 1}
    cli("reminders", "send")
    assert cli("reminders", "failed").exit_code == 0
