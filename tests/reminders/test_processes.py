"""Several processes at once, and processes that die: nothing lost, nothing sent twice but in
the one window that SMTP leaves open, and then under the same Message-ID."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import NOW

WORKER = Path(__file__).with_name("worker.py")
ROOT = WORKER.parents[2]
KILLED = -9


@pytest.fixture
def start(app, sink, session, tmp_path):
    """Start a dispatcher as a process of its own; it shares this test's database and server."""
    config = tmp_path / "config.json"
    names = ("DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "MAIL_URL")
    given = {name: app.config[name] for name in names} | {"DATA": str(tmp_path)}
    config.write_text(json.dumps(given | {"MAIL_TIMEOUT_SECONDS": 2, "MAIL_BATCH": 7}))

    def run(at, *point):
        session.commit()
        return subprocess.Popen(
            [sys.executable, str(WORKER), str(config), at.isoformat(), *point],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )

    return run


def finish(process, code=0):
    output, _ = process.communicate(timeout=60)
    assert process.returncode == code
    return int(output or 0)


@pytest.fixture
def crowd(rules, make):
    """A drill a day ahead with 12 people."""
    return make.drill(starts_at=NOW + timedelta(days=1), people=[make.person() for _ in range(12)])


def test_two_processes_at_once_send_each_message_once(crowd, start, sink, make, states):
    make.drill(starts_at=NOW + timedelta(days=1), people=[make.person() for _ in range(28)])
    both = [start(NOW), start(NOW)]
    assert sum(finish(process) for process in both) == 40
    assert set(sink.counts().values()) == {1}
    assert len(sink.recipients) == len(set(sink.recipients)) == 40
    assert states() == {"sent": 40}


@pytest.mark.parametrize(
    ("point", "copies"),
    [
        ("before-commit:1", 0),  # planning
        ("after-commit:2", 0),  # claiming
        ("after-commit:4", 0),  # about to send the first
        ("after-dot", 1),
        ("after-verdict", 1),
        ("before-commit:5", 1),  # recording the first
    ],
)
def test_killed_anywhere_nothing_is_lost(crowd, start, sink, send_again, states, point, copies):
    finish(start(NOW, point), KILLED)
    send_again()
    send_again()
    assert states() == {"sent": 12}
    counts = sink.counts()
    assert len(counts) == 12, "nobody is forgotten"
    assert sum(counts.values()) - 12 <= copies
