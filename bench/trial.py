"""One trial of the promise: reminders to send, workers as processes, a mail server, a verdict.

The mail server's log is the judge, not our own tables.
"""

import json
import os
import shutil
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bench.reminders import fill, sink
from drills import create_app, migrations
from drills.accounts.models import Person
from drills.core import clock
from drills.core.mail import own_host
from drills.core.orm import Base
from drills.extensions import db
from drills.reminders.letters import message_id
from drills.reminders.models import Delivery, State
from tests.reminders import worker

PATIENCE = 90
"""Seconds after which a case that has not ended is a case that failed."""
FAST = {
    "MAIL_TIMEOUT_SECONDS": 1,
    "MAIL_LEASE_SECONDS": 2,
    "MAIL_ATTEMPTS": 20,
    "MAIL_CONNECTIONS": 2,
    "SECRET_KEY": "bench",
    "PUBLIC_URL": "http://drills.bench",
}
PACE = 0.005
FEW = 40
FINAL = (State.SENT, State.FAILED, State.CANCELLED, State.EXPIRED)


@dataclass
class Verdict:
    """In messages. ``outside``: second copies of what was never in doubt, or that look new."""

    planned: int = 0
    delivered: int = 0
    refused: int = 0
    lost: int = 0
    outside: int = 0
    inside: int = 0

    def __add__(self, other):
        return Verdict(*(getattr(self, n) + getattr(other, n) for n in self.__annotations__))

    def __str__(self):
        return (
            f"planned {self.planned:5d}  delivered {self.delivered:5d}"
            f"  refused for good {self.refused:2d}  lost {self.lost}"
            f"  doubled outside the window {self.outside}"
            f"  inside, same Message-ID {self.inside}"
        )


@dataclass
class Bench:
    """``only``: the names of the cases to try, with few people each; empty for all of them."""

    folder: Path
    url: str
    only: frozenset[str] = frozenset()
    sum: Verdict = field(default_factory=Verdict)
    late: list[str] = field(default_factory=list)

    def __post_init__(self):
        where = {"DATA": str(self.folder), "DATABASE_URL": named(self.url)}
        self.app = create_app(FAST | where)
        with self.app.app_context():
            self.engine = db.engine
        migrations.upgrade(self.engine)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        with self.engine.connect() as connection:
            if connection.scalar(sa.select(sa.func.count()).select_from(Person)):
                sys.exit("The database holds people: name an empty one.")
        self.engine.dispose()
        if self.is_sqlite:
            shutil.copy(self.file, self.blank)

    @property
    def file(self):
        return Path(self.engine.url.database)

    @property
    def blank(self):
        return self.folder / "blank"

    def session(self):
        with self.app.app_context():
            return db.sessionmaker()

    def seed(self, people, **options):
        self.empty()
        with self.app.app_context(), self.session() as session:
            fill(session, people, clock.now(), **options)
        self.engine.dispose()

    def empty(self):
        if self.is_sqlite:
            self.engine.dispose()
            for ending in ("-wal", "-shm"):
                self.file.with_name(self.file.name + ending).unlink(missing_ok=True)
            shutil.copy(self.blank, self.file)
            return
        tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        with self.engine.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")

    def start(self, port, point="", at="loop", **settings):
        """A dispatcher as a process of its own; its id."""

        def act():
            self.app.config["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
            self.app.config.update(worker.bend_the_world({"PACE": PACE} | settings))
            worker.run(self.app, at, point)

        return self.fork(act)

    def fork(self, act):
        """Do something in a process of its own; its id."""
        self.engine.dispose()
        if child := os.fork():
            return child
        os.dup2(os.open(self.folder / "workers.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        self.engine.dispose(close=False)
        try:
            act()
        finally:
            os._exit(0)
        raise AssertionError

    def case(self, name, act, *faults, people=60, refused=0, wrong=None, **seed):
        """Seed, let ``act(port)`` run its course, finish with a sound worker, and judge.

        ``wrong`` counts among the letters those that should not have left; with it, one person
        may get several.
        """
        if self.only and name not in self.only:
            return
        began = time.monotonic()
        self.seed(min(people, FEW) if self.only else people, **seed)
        log = self.folder / "sink.jsonl"
        log.write_text("")
        with sink(log, *faults) as port:
            act(port)
            finish(self, port)
        letters = [json.loads(line) for line in log.read_text().splitlines()]
        verdict = judge(self, letters, refused, wrong)
        self.sum += verdict
        print(f"{name:66s} {verdict}  {time.monotonic() - began:5.1f} s", flush=True)


def named(url):
    """So that a server tells our connections from those of others."""
    if not url:
        return url
    own = sa.make_url(url).update_query_dict({"application_name": f"bench-{os.getpid()}"})
    return own.render_as_string(hide_password=False)


def ended(child, seconds=0.0):
    """Whether the process has ended within this time."""
    end = time.monotonic() + seconds
    while True:
        found, _status = os.waitpid(child, os.WNOHANG)
        if found:
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(0.01)


def kill(child):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def wait_or_kill(workers):
    """Whether all ended by themselves in time."""
    slow = [child for child in workers if not ended(child, PATIENCE)]
    for child in slow:
        kill(child)
    return not slow


def finish(bench, port):
    if not wait_or_kill([bench.start(port)]):
        bench.late.append("a case did not end in time")


def judge(bench, letters, refused, wrong):
    copies = Counter(letter["id"] for letter in letters)
    with bench.app.app_context(), bench.session() as session:
        host = own_host(bench.app.config)
        rows = session.execute(sa.select(Delivery.delivery_key, Delivery.state, Delivery.uncertain))
        found = {message_id(key, host): (state, doubt) for key, state, doubt in rows}
    wanted = {i for i, (state, _) in found.items() if state not in {State.CANCELLED, State.EXPIRED}}
    failed = sum(found[i][0] is State.FAILED and not copies[i] for i in wanted)
    refused = min(failed, refused)
    missing = sum(not copies[i] for i in wanted) - refused
    unended = sum(state not in FINAL for state, _ in found.values())
    senseless = sum(copies[i] for i in found if i not in wanted)
    more = {i: count - 1 for i, count in copies.items() if count > 1}
    outside = sum(max(0, count - found.get(i, (None, 0))[1]) for i, count in more.items())
    renamed = wrong(letters) if wrong else several(letters)
    lost = missing + unended + (1 if not found else 0)
    inside = sum(more.values()) - outside
    return Verdict(len(wanted), len(copies), refused, lost, outside + renamed + senseless, inside)


def several(letters):
    """Letters under another Message-ID to somebody who is to get one."""
    names = {letter["to"]: set() for letter in letters}
    for letter in letters:
        names[letter["to"]].add(letter["id"])
    return sum(len(ids) - 1 for ids in names.values())


def at(stage, act, **more):
    """A fault of the mail server: see ``bench.sink``."""
    return {"stage": stage, "act": act, **more}
