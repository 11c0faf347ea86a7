"""Several processes at once, and processes that die: nothing lost, nothing sent twice but in
the one window that SMTP leaves open, and then under the same Message-ID."""

import json
import multiprocessing
import signal
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.reminders import worker

GROUP = 3
GROUP = 3
SMALL = {
    "MAIL_TIMEOUT_SECONDS": 2,
    "MAIL_BATCH": 7,
    "MAIL_GROUP": GROUP,
    "MAIL_CONNECTIONS": 1,
}
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([worker.__name__])


@pytest.fixture
def start(app, sink, session, tmp_path):
    """Start a dispatcher as a process of its own; it shares this test's database and server."""
    config = tmp_path / "config.json"
    names = ("DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "MAIL_URL")
    given = {name: app.config[name] for name in names} | {"DATA": str(tmp_path)}
    config.write_text(json.dumps(given | SMALL))

    def run(at, *point):
        session.commit()
        process = processes.Process(target=worker.main, args=(config, at.isoformat(), *point))
        process.start()
        return process

    return run


def finish(process, code=0):
    process.join(60)
    assert process.exitcode == code


@pytest.fixture
def crowd(rules, make):
    """A drill a day ahead with 12 people."""
    return make.drill(starts_at=NOW + timedelta(days=1), people=[make.person() for _ in range(12)])


def test_two_processes_at_once_send_each_message_once(crowd, start, sink, make, states):
    make.drill(starts_at=NOW + timedelta(days=1), people=[make.person() for _ in range(28)])
    both = [start(NOW), start(NOW)]
    for process in both:
        finish(process)
    assert set(sink.counts().values()) == {1}
    assert len(sink.recipients) == len(set(sink.recipients)) == 40
    assert states() == {"sent": 40}


DOUBLED = {"smtp:dot": 1, "smtp:verdict": 1, "record:before-commit": GROUP}
"""How many letters may have reached the server at this point without our knowing."""


@pytest.mark.parametrize(
    "point",
    [
        "plan:after-commit",
        "claim:after-commit",
        "mark:after-commit",
        "smtp:mid-body",
        "smtp:dot",
        "smtp:verdict:5",
        "record:before-commit",
        "record:after-commit:2",
    ],
)
def test_killed_anywhere_nothing_is_lost(crowd, start, sink, send_again, states, point):
    finish(start(NOW, point), -signal.SIGKILL)
    send_again()
    send_again()
    assert states() == {"sent": 12}
    counts = sink.counts()
    assert len(counts) == 12, "nobody is forgotten"
    at_most = GROUP if point == "smtp:verdict:5" else DOUBLED.get(point, 0)
    assert sum(counts.values()) - 12 <= at_most
