"""What is wrong with a deployment is seen, named, and comes with its remedy."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from drills.core import clock
from drills.extensions import db
from drills.health.checks import (
    CHECKS,
    Deployment,
    Verdict,
    is_loopback,
    mail_can_leave,
    public_address_is_public,
    reminders_go_out,
    secret_key_is_secret,
    sender_is_ours,
    sign_in_is_encrypted,
    time_zones_are_known,
)
from drills.health.reminders import figures
from drills.reminders.models import Delivery, ReminderState, State
from tests.conftest import NOW
from tests.ports import free_port


@pytest.fixture
def deployment(app):
    app.config["DATA"].chmod(0o700)
    with app.app_context():
        yield Deployment(app.config, db.engine)


def change(deployment, **settings):
    return Deployment(dict(deployment.config) | settings, deployment.engine)


@pytest.fixture
def late(make, session):
    """A reminder that could have been sent an hour ago."""
    since = NOW - timedelta(hours=1)
    return make.save(
        Delivery(
            delivery_key="drill:1",
            kind="drill",
            subject_id=make.drill().id,
            person=make.person(),
            anchor_at=NOW,
            due_at=since,
            next_at=since,
            state=State.PENDING,
        )
    )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_sound_deployment_has_no_problem(deployment, check, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC))  # the database's is not frozen
    sound = change(deployment, PUBLIC_URL="https://drills.test", PROXIES=1)
    assert check(sound).verdict is not Verdict.PROBLEM


@pytest.mark.parametrize(
    ("check", "settings", "remedy"),
    [
        (public_address_is_public, {"HOST": "0.0.0.0", "PUBLIC_URL": "http://127.0.0.1"}, "PUBLIC"),
        (public_address_is_public, {"PUBLIC_URL": "drills.test"}, "PUBLIC_URL"),
        (sign_in_is_encrypted, {"PUBLIC_URL": "http://drills.test"}, "TLS"),
        (sign_in_is_encrypted, {"PUBLIC_URL": "https://drills.test", "PROXIES": 0}, "PROXIES"),
        (mail_can_leave, {"MAIL_URL": "ftp://mail.test"}, "smtp://"),
        (sender_is_ours, {"MAIL_URL": "smtp://mail.test"}, "MAIL_FROM"),
        (time_zones_are_known, {"TIME_ZONE": "Asia/Atlantis"}, "TIME_ZONE"),
    ],
)
def test_a_problem_comes_with_its_remedy(deployment, check, settings, remedy):
    finding = check(change(deployment, **settings))
    assert finding.verdict is Verdict.PROBLEM
    assert remedy in finding.remedy


def test_a_secret_key_that_others_read_is_a_problem(deployment):
    key = deployment.data / "secret-key"
    key.write_text("secret", encoding="ascii")
    key.chmod(0o644)
    assert "chmod 600" in secret_key_is_secret(deployment).remedy
    key.chmod(0o600)
    assert secret_key_is_secret(deployment).verdict is Verdict.GOOD


def test_mail_is_well_when_the_server_answers_and_not_when_nobody_does(deployment):
    controller = Controller(object(), hostname="127.0.0.1", port=free_port())
    controller.start()
    url = f"smtp://127.0.0.1:{controller.port}"
    assert mail_can_leave(change(deployment, MAIL_URL=url)).verdict is Verdict.GOOD
    controller.stop()
    finding = mail_can_leave(change(deployment, MAIL_URL=url))
    assert finding.verdict is Verdict.PROBLEM
    assert mail_can_leave(deployment).verdict is Verdict.NOTE


def test_a_reminder_that_waits_is_a_problem(deployment, late):
    assert figures(deployment.engine).oldest_at == late.next_at
    assert "drills scheduler" in reminders_go_out(deployment).remedy


def test_doctor_ends_with_1_when_something_is_wrong(cli, late):
    result = cli("doctor", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert not answer["ok"]
    assert "reminders" in {f["check"] for f in answer["findings"] if f["verdict"] == "problem"}
    assert "→ Start" in cli("doctor").stdout


def test_probes_answer_without_an_account_and_before_the_first_run(app, late):
    client = app.test_client()
    assert client.get("/healthz").json == {"alive": True}
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["oldest_due_seconds"] == 3600


def test_a_probe_turns_red_when_the_oldest_message_has_waited_too_long(app, session, late):
    client = app.test_client()
    assert client.get("/healthz/reminders").status_code == 503
    app.config["REMINDERS_LATE_MINUTES"] = 61
    answer = client.get("/healthz/reminders")
    assert answer.json == {"on_time": True, "oldest_due_seconds": 3600, "paused": False}
    assert answer.status_code == 200


def test_a_pause_that_was_forgotten_is_named(deployment, make, late):
    make.save(ReminderState(id=1, paused_at=NOW, pause_reason="Bảo trì", seeded=[], mark=0))
    assert "resume" in reminders_go_out(deployment).remedy


def test_the_metrics_are_there_for_the_bearer_of_the_token_alone(app, late):
    client = app.test_client()
    assert client.get("/metrics").status_code == 404
    app.config["METRICS_TOKEN"] = "a token"
    assert client.get("/metrics").status_code == 404
    wrong = {"Authorization": "Bearer another"}
    assert client.get("/metrics", headers=wrong).status_code == 404
    answer = client.get("/metrics", headers={"Authorization": "Bearer a token"})
    assert answer.mimetype == "text/plain"
    values = dict(line.split(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    assert values["drills_reminders_due"] == "1"
    assert values["drills_reminders_oldest_due_seconds"] == "3600"
    assert values["drills_reminders_failed_last_day"] == "0"
    assert answer.text.count("# TYPE") == len(values)


def test_a_database_of_another_version_is_not_ready(app):
    newest = app.test_client().get("/readyz").json["version"]
    mark(app, "0000")
    try:
        answer = app.test_client().get("/readyz")
        assert answer.status_code == 503
        assert not answer.json["ready"]
    finally:
        mark(app, newest)


def mark(app, version):
    with app.app_context(), db.engine.begin() as connection:
        update = sa.text("UPDATE alembic_version SET version_num = :version")
        connection.execute(update, {"version": version})


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a.vn", False)],
)
def test_only_this_machine_reaches_its_loopback(host, expected):
    assert is_loopback(host) is expected
