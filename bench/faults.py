"""Reminders put through every fault we know of; the mail server's log is the judge.

    python -m bench.faults [--short] [DATABASE_URL]      (make bench-faults)

On SQLite, or on the PostgreSQL database that is named: it must hold no people, and is emptied
after each case. The short form, half a minute, is what the tests run. Prints a line for each
case and the sum; exit 1 if a reminder was lost, doubled without ever having been in doubt, or
doubled under another Message-ID.
"""

import os
import random
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bench.reminders import CREW, sink
from bench.trial import PATIENCE, Bench, at, ended, kill, wait_or_kill
from drills.audit import services as audit
from drills.core import clock
from drills.core.mail import own_host
from drills.exercises.models import Drill
from drills.reminders import services
from drills.reminders.lanes import FRESH_SECONDS
from drills.reminders.letters import message_id
from drills.reminders.models import Delivery, LeadUnit, ReminderRule
from tests.reminders import worker

KILLS = 200
SHORT = frozenset(
    {
        "4 schedulers at once",
        "kill -9 at reap:before-commit",
        "SMTP: greylisting",
        "SMTP: half-closes after the dot, kept, every 15th",
        "SMTP: every answer takes 0.1 s",
        "the database locked in mid-run",
        "the disk full, then not",
        "all connections cut, 8 times",
        "the clock an hour back while messages are claimed",
        "half of the drills moved between claim and send",
        "kill -9 at random, 2 schedulers",
    }
)
MOVED_BY = timedelta(days=40)
SLOW = at("rcpt", "slow 0.02")


def crashes(bench):
    """The steps of an undisturbed run, then those that follow on trouble."""
    for point in (*worker.POINTS, "smtp:verdict:5", "record:after-commit:2", "mark:after-commit:3"):

        def act(port, point=point):
            reach(bench, port, point)

        bench.case(f"kill -9 at {point}", act, people=40)
    for moment in worker.COMMITS:

        def refused(port, point=f"fail:{moment}"):
            reach(bench, port, point)

        def reaped(port, point=f"reap:{moment}"):
            reach(bench, port, "smtp:mid-body:3")
            reach(bench, port, point)

        later = at("rcpt", "450 later", every=4)
        bench.case(f"kill -9 at fail:{moment}", refused, later, people=40)
        bench.case(f"kill -9 at reap:{moment}", reaped, people=40)


def reach(bench, port, point):
    """Let a worker run until it dies at this point."""
    child = bench.start(port, point)
    if not ended(child, 20):
        kill(child)
        bench.late.append(f"{point} was never reached")


def mail_faults(bench):
    def nothing(_port):
        pass

    for name, refused, *faults in (
        ("421 instead of a greeting, 4 times", 0, at("connect", "421 closing", first=4)),
        ("connections hang, twice", 0, at("connect", "hang", first=2)),
        ("421 at MAIL, 4 times", 0, at("mail", "421 closing", first=4)),
        ("450 at MAIL, every 5th", 0, at("mail", "450 later", every=5)),
        ("450 at RCPT, every 4th", 0, at("rcpt", "450 later", every=4)),
        ("451 at RCPT, every 4th", 0, at("rcpt", "451 later", every=4)),
        ("452 at RCPT, every 3rd", 0, at("rcpt", "452 later", every=3)),
        ("552 at RCPT, every 3rd", 0, at("rcpt", "552 5.2.2 full", every=3)),
        ("greylisting", 0, at("rcpt", "grey")),
        ("550 for one in ten", 6, at("rcpt", "550 5.1.1 unknown", to="5@")),
        ("554 at the dot for one in ten", 6, at("dot", "554 refused", to="5@")),
        ("421 at the dot, every 9th", 0, at("dot", "421 closing", every=9)),
        ("450 at the dot, every 4th", 0, at("dot", "450 later", every=4)),
        ("451 at the dot, every 3rd", 0, at("dot", "451 later", every=3)),
        ("552 at the dot, every 5th", 0, at("dot", "552 5.2.2 full", every=5)),
        ("hangs up at RCPT, every 9th", 0, at("rcpt", "close", every=9)),
        ("hangs at RCPT, every 20th", 0, at("rcpt", "hang", every=20)),
        ("hangs up after the dot, nothing kept, every 9th", 0, at("dot", "close", every=9)),
        ("hangs up after the dot, kept, every 9th", 0, at("dot", "store-close", every=9)),
        ("hangs after the dot, kept, every 20th", 0, at("dot", "store-hang", every=20)),
        ("hangs after the dot, nothing kept, every 20th", 0, at("dot", "hang", every=20)),
        ("half-closes at RCPT, every 15th", 0, at("rcpt", "half", every=15)),
        ("half-closes after the dot, kept, every 15th", 0, at("dot", "store-half", every=15)),
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


def many(bench):
    for count in (2, 4):

        def act(port, count=count):
            if not wait_or_kill([bench.start(port) for _ in range(count)]):
                bench.late.append(f"{count} schedulers did not end")

        bench.case(f"{count} schedulers at once", act, people=300)


def random_kills(bench):
    done, enough = 0, 8 if bench.only else KILLS

    def act(port):
        nonlocal done
        workers = [bench.start(port), bench.start(port)]
        while done < enough:
            time.sleep(random.uniform(0.05, 0.3))
            place = random.randrange(2)
            if ended(workers[place]):
                workers.pop(place)
                break
            kill(workers[place])
            done += 1
            workers[place] = bench.start(port)
        wait_or_kill(workers)

    while done < enough:
        before = done
        bench.case("kill -9 at random, 2 schedulers", act, at("rcpt", "slow 0.01"), people=1000)
        print(f"    killed {done - before} times, {done} of {enough}", flush=True)


def database_faults(bench):
    def locked(port):
        child = bench.start(port)
        time.sleep(0.7)
        with bench.engine.connect() as connection, connection.begin():
            lock = "LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE"
            connection.exec_driver_sql("SELECT 1" if bench.is_sqlite else lock)
            time.sleep(11 if bench.is_sqlite and not bench.only else 3)
        wait_or_kill([child])

    bench.case("the database locked in mid-run", locked, SLOW, people=200)
    if bench.is_sqlite:
        bench.case("the disk full, then not", lambda port: full_disk(bench, port), people=200)
        return
    bench.case("all connections cut, 8 times", lambda port: cut(bench, port), SLOW, people=200)
    print("The disk full: not tried on PostgreSQL, whose server has a disk of its own.")


def full_disk(bench, port):
    size = bench.file.stat().st_size
    for limit in (size // 4, size + 40_000):
        child = bench.start(port, FILE_SIZE=limit)
        time.sleep(2)
        kill(child)


def cut(bench, port):
    """As when the server is restarted."""
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = current_setting('application_name')"
        " AND pid <> pg_backend_pid()"
    )
    child = bench.start(port)
    for _ in range(8):
        time.sleep(0.3)
        with bench.engine.begin() as connection:
            connection.exec_driver_sql(others)
    wait_or_kill([child])


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
    for day in (datetime(2025, 3, 30, 12, tzinfo=UTC), datetime(2025, 10, 26, 12, tzinfo=UTC)):
        changed_clocks(bench, day)


def changed_clocks(bench, day):
    """30 March 2025 had no 02:30 in Berlin, 26 October two of them.

    PostgreSQL's clock is its server's, which we cannot turn: there one run is made as of the day.
    """

    def act(port):
        shift = (day - clock.now()).total_seconds()
        where = {"CLOCK_SHIFT": shift} if bench.is_sqlite else {"at": day.isoformat()}
        wait_or_kill([bench.start(port, **where)])

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


def move(session, *, by=MOVED_BY):
    """Every second drill, as people do it: noted in the trail."""
    for drill in session.scalars(sa.select(Drill).where(Drill.id % 2 == 0)):
        with audit.changing(session, "revised", drill, by=None):
            drill.starts_at, drill.ends_at = drill.starts_at + by, drill.ends_at + by


def edits(bench):
    people = 10 * CREW
    moved_at = 0.0

    def moved(port):
        nonlocal moved_at
        child = bench.start(port)
        time.sleep(0.6)
        with bench.session() as session:
            move(session)
            session.commit()
        moved_at = time.time()
        wait_or_kill([child])

    def on_the_old_date(letters):
        """What a look at the subjects that was fresh enough allowed, may still be on its way."""
        late = {letter["id"] for letter in letters if letter["at"] > moved_at + 2 * FRESH_SECONDS}
        return len(late & old_letters(bench))

    def died_moving(port):
        child = bench.start(port)
        time.sleep(0.4)
        ended(bench.fork(lambda: die_moving(bench)), PATIENCE)
        wait_or_kill([child])

    def edited(port):
        child = bench.start(port)
        time.sleep(0.4)
        for amount in (2, 1, 3):
            set_lead_time(bench, amount)
            time.sleep(0.2)
        wait_or_kill([child])

    name = "half of the drills moved between claim and send"
    bench.case(name, moved, SLOW, people=people, wrong=on_the_old_date)
    bench.case("kill -9 before an edit is committed", died_moving, SLOW, people=people)
    bench.case("moved, and back, before anything left", lambda _port: there_and_back(bench))
    bench.case("a lead time edited three times meanwhile", edited, SLOW, people=people)


def old_letters(bench):
    """The names of the letters that tell of a date which is no more."""
    gone = sa.and_(Delivery.kind == "drill", Delivery.anchor_at != Drill.starts_at)
    query = sa.select(Delivery.delivery_key).join(Drill, Drill.id == Delivery.subject_id)
    with bench.session() as session:
        host = own_host(bench.app.config)
        return {message_id(key, host) for key in session.scalars(query.where(gone))}


def die_moving(bench):
    with bench.session() as session:
        move(session)
        session.flush()
        os.kill(os.getpid(), signal.SIGKILL)


def there_and_back(bench):
    """Planned, withdrawn and planned again: what was withdrawn stands once more."""
    for by in (timedelta(), MOVED_BY, -MOVED_BY):
        with bench.session() as session:
            move(session, by=by)
            session.flush()
            services.plan(session, now=clock.now())
            session.commit()


def set_lead_time(bench, amount):
    """To so many days, what stands at one day or was moved from it."""
    with bench.session() as session:
        rule = session.scalars(
            sa.select(ReminderRule).where(
                ReminderRule.kind == "drill",
                ReminderRule.unit == LeadUnit.DAYS,
                ReminderRule.amount.in_((1, 2, 3)),
            )
        ).first()
        with audit.changing(session, "reminder_rule.revised", rule, by=None):
            rule.amount = amount
        session.commit()


def main(*words):
    is_short, urls = "--short" in words, [word for word in words if word != "--short"]
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), *(urls or [""]), only=SHORT if is_short else frozenset())
        print(f"{bench.engine.dialect.name}, load {os.getloadavg()[0]:.1f}")
        for group in (many, crashes, mail_faults, database_faults, clocks, edits, random_kills):
            group(bench)
        bench.empty()
        bench.engine.dispose()
    print(f"{'ALL':66s} {bench.sum}")
    for line in bench.late:
        print(f"NOT AS EXPECTED: {line}")
    sys.exit(bool(bench.sum.lost or bench.sum.outside or bench.late))


if __name__ == "__main__":
    main(*sys.argv[1:])
