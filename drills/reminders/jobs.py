"""One tick: plan what has fallen due and send it, each message once, whoever else is at it."""

import logging
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from jinja2 import TemplateError
from sqlalchemy.orm import Session

from drills.core import clock, database, mail
from drills.core.mail import Fault, Letter, Undelivered, dsn
from drills.core.mail.boxes import Unreadable, open_box
from drills.reminders.channels import roads
from drills.reminders.lanes import CURRENT, Group, Lane, Ledger, Outcome, Parcel
from drills.reminders.letters import Press
from drills.reminders.models import MAIL, Delivery
from drills.reminders.services import bounces, channels, is_paused, plan, queue, suppression
from drills.reminders.services.terms import Moment, Terms

log = logging.getLogger("drills.reminders")


def dispatch(
    session: Session,
    config: Mapping[str, Any],
    *,
    at: datetime | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Send what is due (by ``at``, else now) until nothing is left or the road is closed."""
    worker = Worker(session, config, at=at, stopping=stopping)
    try:
        return worker.run()
    finally:
        session.rollback()


def tick(session: Session, config: Mapping[str, Any], stopping: Callable[[], bool]) -> str:
    outcome = dispatch(session, config, stopping=stopping)
    return str(outcome) if any(asdict(outcome).values()) else ""


def read_bounces(session: Session, config: Mapping[str, Any], stopping: Callable[[], bool]) -> str:
    found = gather_bounces(session, config, stopping)
    return f"reports {found}" if found else ""


def gather_bounces(
    session: Session,
    config: Mapping[str, Any],
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Read the mailbox of undelivered mail, if one is set; how many reports were about ours.

    A message is done with once what follows from it is written down: one read twice changes
    nothing more.
    """
    if not config["BOUNCES_URL"]:
        return 0
    found = 0
    try:
        with open_box(config["BOUNCES_URL"], timeout=config["MAIL_TIMEOUT_SECONDS"]) as box:
            for key, data in box.unread():
                if stopping():
                    break
                for bounce in dsn.read(data):
                    found += bounces.note(session, config, bounce, clock.now())
                session.commit()
                box.done(key)
    except Unreadable as error:
        log.warning("the mailbox of undelivered mail cannot be read: %s", error)
    return found


class Worker:
    """One process's turn at the queue: it claims and writes letters, its lanes send them."""

    def __init__(
        self,
        session: Session,
        config: Mapping[str, Any],
        *,
        at: datetime | None,
        stopping: Callable[[], bool],
    ) -> None:
        self.session, self.config, self.at = session, config, at
        self.terms = terms(config)
        self.ledger = Ledger(session, self.terms, at)
        self.press: Press | None = None
        self.supplying = threading.Lock()
        self.groups: deque[Group] = deque()
        self.ended = threading.Event()
        self.stopping = lambda: self.ended.is_set() or stopping()

    def run(self) -> Outcome:
        outcome, now = self.ledger.outcome, queue.moment(self.session, self.at)
        outcome.recovered = queue.reap(self.session, now, self.terms)
        outcome.planned = plan(self.session, now=now.at)
        outcome.planned += channels.fan_out(self.session, now.at)
        outcome.failed = suppression.hold_back(self.session, now.at)
        self.session.commit()
        self._claim()
        if self.groups:
            self._send()
        return outcome

    def _send(self) -> None:
        """Over as many connections as there is work for."""
        count = min(self.config["MAIL_CONNECTIONS"], len(self.groups))
        lanes = [
            Lane(self.ledger, roads(self.config, mail.transport(self.config)), self.stopping)
            for _ in range(count)
        ]
        with ThreadPoolExecutor(count, thread_name_prefix="lane") as pool:
            runs = [pool.submit(copy_context().run, lane.work, self._next) for lane in lanes]
            try:
                for run in as_completed(runs):
                    run.result()
            finally:
                self.ended.set()
        for group in self.groups:
            at_once = any(lane.is_open for lane in lanes)
            self.ledger.give_back(group.parcels, group.token, at_once=at_once)

    def _next(self, before_waiting: Callable[[], None]) -> Group | None:
        if not self.groups:
            before_waiting()
        with self.supplying:
            if not self.groups:
                self._claim()
            return self.groups.popleft() if self.groups else None

    def _claim(self) -> None:
        """Take a batch and write its letters. Reading holds up no writer."""
        token, terms = uuid.uuid4().hex, self.terms
        with self.ledger.page() as now:
            paused = is_paused(self.ledger.session)
            ids = () if paused else queue.claim(self.ledger.session, token, now, terms)
        if not ids:
            return
        with database.reading():
            press = self._press(now)
            parcels = [self._parcel(press, found) for found in queue.load(self.session, ids)]
            self.session.rollback()
        for first in range(0, len(parcels), terms.group):
            self.groups.append(Group(token, parcels[first : first + terms.group]))

    def _press(self, now: Moment) -> Press:
        """The one at hand while it is fresh: what many read the same is not printed anew."""
        if self.press is None or not now.real - CURRENT < self.press.today <= now.real:
            self.press = Press(self.config, at=now.at, today=now.real)
        return self.press

    def _parcel(self, press: Press, delivery: Delivery) -> Parcel:
        letter = self._letter(press, delivery)
        tries = (delivery.attempts, delivery.uncertain)
        address = delivery.person.email if delivery.channel == MAIL else delivery.address
        is_new = address != delivery.address
        return Parcel(delivery.id, delivery.kind, address or "", *tries, letter, is_new)

    def _letter(self, press: Press, delivery: Delivery) -> Letter | Undelivered:
        try:
            letter = press.letter(delivery)
            if delivery.channel != MAIL:
                return self._by_channel(delivery, letter)
            sender = bounces.return_path(self.config, delivery.id) or letter.sender
            return replace(letter, sender=sender)
        except Undelivered as error:
            return error
        except (ValueError, TypeError, LookupError, TemplateError) as error:
            log.exception("delivery %s cannot be written", delivery.id)
            return Undelivered(Fault.SOFT, "write", f"{type(error).__name__}: {error}")

    def _by_channel(self, delivery: Delivery, letter: Letter) -> Letter | Undelivered:
        channel = channels.of_delivery(self.session, delivery)
        if channel is None:
            return Undelivered(Fault.HARD, "channel", "this channel is not used any more")
        return replace(letter, recipient=channel.url)


def terms(config: Mapping[str, Any]) -> Terms:
    return Terms(
        batch=config["MAIL_BATCH"],
        group=config["MAIL_GROUP"],
        lease=timedelta(seconds=config["MAIL_LEASE_SECONDS"]),
        answer=timedelta(seconds=config["MAIL_TIMEOUT_SECONDS"]),
        attempts=config["MAIL_ATTEMPTS"],
        per_minute=config["MAIL_PER_MINUTE"],
        per_domain=config["MAIL_PER_DOMAIN"],
    )
