"""Reminders put through every fault we know of; the mail server's log is the judge.

    python -m bench.faults [DATABASE_URL]      (make bench-faults)

On SQLite, or on the PostgreSQL database that is named: it must hold no people, and is emptied
after each case. Prints a line for each case and the sum; exit 1 if a reminder was lost, doubled
without ever having been in doubt, or doubled under another Message-ID.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bench.reminders import CREW, fill, sink
from drills import create_app, migrations
from drills.accounts.models import Person
from drills.core import clock
from drills.core.mail import own_host
from drills.core.orm import Base
from drills.exercises.models import Drill
from drills.extensions import db
from drills.reminders.letters import message_id
from drills.reminders.models import Delivery, State
from tests.reminders import worker

KILLS = 200
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
FINAL = (State.SENT, State.FAILED, State.CANCELLED, State.EXPIRED)


@dataclass
class Verdict:
    """In messages. ``outside``: second copies of what was never in doubt, or that look new."""

    planned: int = 0
    delivered: int = 0
    lost: int = 0
    outside: int = 0
    inside: int = 0

    def __add__(self, other):
        return Verdict(*(getattr(self, n) + getattr(other, n) for n in self.__annotations__))

    def __str__(self):
        return (
            f"planned {self.planned:5d}  delivered {self.delivered:5d}  lost {self.lost}"
            f"  doubled outside the window {self.outside}"
            f"  inside, same Message-ID {self.inside}"
        )


@dataclass
class Bench:
    folder: Path
    url: str
    sum: Verdict = field(default_factory=Verdict)
    late: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.app = create_app(FAST | {"DATA": str(self.folder), "DATABASE_URL": self.url})
        with self.app.app_context():
            self.engine = db.engine
        migrations.upgrade(self.engine)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        with self.engine.connect() as connection:
            if connection.scalar(sa.select(sa.func.count()).select_from(Person)):
                sys.exit("The database holds people: name an empty one.")
        self.engine.dispose()

    def session(self):
        with self.app.app_context():
            return db.sessionmaker()

    def seed(self, people, **options):
        self.empty()
        with self.app.app_context(), self.session() as session:
            fill(session, people, clock.now(), **options)
        self.engine.dispose()

    def empty(self):
        tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        with self.engine.begin() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                for name in ("delivery", "drill_person", "drill", "reminder_state"):
                    connection.exec_driver_sql(f"DELETE FROM {name}")
                for name in (
                    "rule_audience",
                    "reminder_rule",
                    "person",
                    "organisation",
                    "unit",
                    "tier",
                ):
                    connection.exec_driver_sql(f"DELETE FROM {name}")
            else:
                connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")

    def start(self, port, point="", **settings):
        """A dispatcher as a process of its own; its id."""
        self.engine.dispose()
        if child := os.fork():
            return child
        os.dup2(os.open(self.folder / "workers.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        self.engine.dispose(close=False)
        self.app.config["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
        self.app.config.update(worker.bend_the_world({"PACE": PACE} | settings))
        try:
            worker.run(self.app, "loop", point)
        finally:
            os._exit(0)
        raise AssertionError

    def case(self, name, act, *faults, people=60, refused=0, is_moved=False, **seed):
        """Seed, let ``act(port)`` run its course, finish with a sound worker, and judge."""
        began = time.monotonic()
        self.seed(people, **seed)
        log = self.folder / "sink.jsonl"
        log.write_text("")
        with sink(log, *faults) as port:
            act(port)
            finish(self, port)
        verdict = judge(self, log, refused, is_moved=is_moved)
        self.sum += verdict
        print(f"{name:58s} {verdict}  {time.monotonic() - began:5.1f} s", flush=True)


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


def finish(bench, port):
    child = bench.start(port)
    if not ended(child, PATIENCE):
        kill(child)
        bench.late.append("a case did not end in time")


def judge(bench, log, refused, *, is_moved):
    letters = [json.loads(line) for line in log.read_text().splitlines()]
    copies = Counter(letter["id"] for letter in letters)
    with bench.app.app_context(), bench.session() as session:
        host = own_host(bench.app.config)
        rows = session.execute(sa.select(Delivery.delivery_key, Delivery.state, Delivery.uncertain))
        found = {message_id(key, host): (state, doubt) for key, state, doubt in rows}
    wanted = {i for i, (state, _) in found.items() if state not in {State.CANCELLED, State.EXPIRED}}
    failed = sum(found[i][0] is State.FAILED and not copies[i] for i in wanted)
    missing = sum(not copies[i] for i in wanted) - min(failed, refused)
    unended = sum(state not in FINAL for state, _ in found.values())
    senseless = sum(copies[i] for i in found if i not in wanted)
    more = {i: count - 1 for i, count in copies.items() if count > 1}
    outside = sum(max(0, count - found.get(i, (None, 0))[1]) for i, count in more.items())
    names = {letter["to"]: set() for letter in letters}
    for letter in letters:
        names[letter["to"]].add(letter["id"])
    renamed = 0 if is_moved else sum(len(ids) - 1 for ids in names.values())
    lost = missing + unended + (1 if not found else 0)
    inside = sum(more.values()) - outside
    return Verdict(len(wanted), len(copies), lost, outside + renamed + senseless, inside)


def crashes(bench):
    for point in (*worker.POINTS, "smtp:verdict:5", "record:after-commit:2", "mark:after-commit:3"):

        def act(port, point=point):
            child = bench.start(port, point)
            if not ended(child, 20):
                kill(child)
                bench.late.append(f"{point} was never reached")

        bench.case(f"kill -9 at {point}", act, people=40)


def mail_faults(bench):
    def nothing(_port):
        pass

    for name, refused, *faults in (
        ("421 instead of a greeting, 4 times", 0, at("connect", "421 closing", first=4)),
        ("connections hang, twice", 0, at("connect", "hang", first=2)),
        ("421 at MAIL, 4 times", 0, at("mail", "421 closing", first=4)),
        ("450 at RCPT, every 4th", 0, at("rcpt", "450 later", every=4)),
        ("452 at RCPT, every 3rd", 0, at("rcpt", "452 later", every=3)),
        ("552 at RCPT, every 3rd", 0, at("rcpt", "552 5.2.2 full", every=3)),
        ("greylisting", 0, at("rcpt", "grey")),
        ("550 for one in ten", 6, at("rcpt", "550 5.1.1 unknown", to="5@")),
        ("554 at the dot for one in ten", 6, at("dot", "554 refused", to="5@")),
        ("421 at the dot, every 9th", 0, at("dot", "421 closing", every=9)),
        ("450 and 451 by turns at the dot", 0, at("dot", "451 later", every=3)),
        ("hangs up at RCPT, every 9th", 0, at("rcpt", "close", every=9)),
        ("hangs up after the dot, nothing kept, every 9th", 0, at("dot", "close", every=9)),
        ("hangs up after the dot, kept, every 9th", 0, at("dot", "store-close", every=9)),
        ("hangs after the dot, kept, every 20th", 0, at("dot", "store-hang", every=20)),
        ("hangs after the dot, nothing kept, every 20th", 0, at("dot", "hang", every=20)),
        ("half-closes at RCPT, every 15th", 0, at("rcpt", "half", every=15)),
        ("every answer takes 0.1 s", 0, at("rcpt", "slow 0.1"), at("dot", "slow 0.1")),
    ):
        bench.case(f"SMTP: {name}", nothing, *faults, refused=refused)

    def closed(_port):
        with sink() as other:
            pass
        child = bench.start(other)
        time.sleep(1.5)
        kill(child)

    bench.case("SMTP: nobody listens for 1.5 s", closed)


def at(stage, act, **more):
    return {"stage": stage, "act": act, **more}


def many(bench):
    for count in (2, 4):

        def act(port, count=count):
            for child in [bench.start(port) for _ in range(count)]:
                if not ended(child, PATIENCE):
                    kill(child)
                    bench.late.append(f"{count} schedulers did not end")

        bench.case(f"{count} schedulers at once", act, people=300)


def wait_or_kill(workers):
    for child in workers:
        if not ended(child, PATIENCE):
            kill(child)


def random_kills(bench):
    done = 0

    def act(port):
        nonlocal done
        workers = [bench.start(port), bench.start(port)]
        while done < KILLS:
            time.sleep(random.uniform(0.05, 0.3))
            place = random.randrange(2)
            if ended(workers[place]):
                break
            kill(workers[place])
            done += 1
            workers[place] = bench.start(port)
        wait_or_kill(workers)

    while done < KILLS:
        before = done
        bench.case("kill -9 at random, 2 schedulers", act, at("rcpt", "slow 0.01"), people=1000)
        print(f"    killed {done - before} times, {done} of {KILLS}")


def database_faults(bench):
    def locked(port):
        child = bench.start(port)
        time.sleep(0.7)
        with bench.engine.connect() as connection, connection.begin():
            lock = "LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE"
            connection.exec_driver_sql("SELECT 1" if bench.is_sqlite else lock)
            time.sleep(11 if bench.is_sqlite else 3)
        if not ended(child, PATIENCE):
            kill(child)

    bench.case("the database locked in mid-run", locked, at("rcpt", "slow 0.02"), people=200)
    if not bench.is_sqlite:
        print("the disk full: not tried on PostgreSQL, whose server has a disk of its own")
        return

    def full(port):
        database = max(path.stat().st_size for path in bench.folder.glob("*.sqlite*"))
        child = bench.start(port, FILE_SIZE=database // 4)
        time.sleep(2)
        kill(child)
        child = bench.start(port, FILE_SIZE=database + 40_000)
        time.sleep(2)
        kill(child)

    bench.case("the disk full, then not", full, people=200)


def clocks(bench):
    def back(port):
        child = bench.start(port, "claim:after-commit")
        ended(child, 20)
        child = bench.start(port, CLOCK_SHIFT=-3600)
        time.sleep(2)
        kill(child)

    def ahead(port):
        child = bench.start(port, "mark:after-commit", CLOCK_SHIFT=5400)
        ended(child, 20)
        if bench.is_sqlite:
            pass_two_hours(bench)

    bench.case("the clock an hour back while messages are claimed", back)
    bench.case("the clock 90 minutes ahead, killed, then right", ahead, ahead=timedelta(days=1))
    if bench.is_sqlite:
        # PostgreSQL's clock is its server's, the one that all nodes share: we cannot turn it
        for day in (datetime(2025, 3, 30, 12, tzinfo=UTC), datetime(2025, 10, 26, 12, tzinfo=UTC)):
            changed_clocks(bench, day)


def changed_clocks(bench, day):
    """30 March 2025 had no 02:30 in Berlin, 26 October two of them."""

    def act(port):
        child = bench.start(port, CLOCK_SHIFT=(day - clock.now()).total_seconds())
        if not ended(child, PATIENCE):
            kill(child)

    bench.case(
        f"a drill in Berlin the day after the clocks change, {day:%Y-%m-%d}",
        act,
        ahead=day - clock.now() + timedelta(hours=20),
        zone="Europe/Berlin",
    )


def pass_two_hours(bench):
    """What was planned or held by the wrong clock is due then."""
    past = clock.now() - timedelta(seconds=1)
    with bench.engine.begin() as connection:
        held = sa.update(Delivery).where(Delivery.lease_until.is_not(None))
        connection.execute(held.values(lease_until=past))
        connection.execute(sa.update(Delivery).values(next_at=past))


def edits(bench):
    def moved(port):
        child = bench.start(port)
        time.sleep(0.6)
        with bench.engine.begin() as connection:
            some = sa.update(Drill).where(Drill.id % 2 == 0)
            connection.execute(
                some.values(
                    starts_at=clock.now() + timedelta(days=40),
                    ends_at=clock.now() + timedelta(days=40, hours=3),
                )
            )
        if not ended(child, PATIENCE):
            kill(child)

    bench.case(
        "half of the drills moved between claim and send",
        moved,
        at("rcpt", "slow 0.02"),
        people=10 * CREW,
        is_moved=True,
    )


def main(url=""):
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), url)
        print(f"{bench.engine.dialect.name}, load {os.getloadavg()[0]:.1f}")
        for group in (many, crashes, mail_faults, database_faults, clocks, edits, random_kills):
            group(bench)
        bench.empty()
        bench.engine.dispose()
    print(f"{'ALL':58s} {bench.sum}")
    for line in bench.late:
        print(f"NOT AS EXPECTED: {line}")
    sys.exit(bool(bench.sum.lost or bench.sum.outside or bench.late))


if __name__ == "__main__":
    main(*sys.argv[1:])
