"""One tick: plan what has fallen due and send it, each message once, whoever else is at it.

The worker commits between the steps: what is written down survives it, and no transaction is
open while the mail server is spoken to.
"""

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from jinja2 import TemplateError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from drills.core import mail
from drills.core.mail import Fault, Letter, Undelivered
from drills.reminders.letters import Press
from drills.reminders.models import Delivery, State
from drills.reminders.services import is_paused, plan, queue
from drills.reminders.services.queue import Moment, Terms

log = logging.getLogger("drills.reminders")
PERSISTENCE = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Seconds between attempts to write down that a server has taken a letter."""


@dataclass(slots=True)
class Outcome:
    """What one run did, in messages. ``postponed`` will be tried again."""

    planned: int = 0
    recovered: int = 0
    sent: int = 0
    postponed: int = 0
    uncertain: int = 0
    failed: int = 0
    withdrawn: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in asdict(self).items())


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
        worker.transport.close()


def tick(session: Session, config: Mapping[str, Any], stopping: Callable[[], bool]) -> str:
    outcome = dispatch(session, config, stopping=stopping)
    return str(outcome) if any(asdict(outcome).values()) else ""


class Worker:
    """One process's turn at the queue."""

    def __init__(
        self,
        session: Session,
        config: Mapping[str, Any],
        *,
        at: datetime | None,
        stopping: Callable[[], bool],
    ) -> None:
        self.session, self.config, self.at, self.stopping = session, config, at, stopping
        self.transport = mail.transport(config)
        self.terms = terms(config)
        self.token = ""
        self.road_is_open = True
        self.outcome = Outcome()

    def now(self) -> Moment:
        return queue.moment(self.session, self.at)

    def run(self) -> Outcome:
        now = self.now()
        self.outcome.recovered = queue.reap(self.session, now, self.terms)
        self.outcome.planned = plan(self.session, now=now.at)
        self.session.commit()
        while self.road_is_open and not self.stopping() and (batch := self._claim()):
            self._send(batch)
        return self.outcome

    def _claim(self) -> Sequence[Delivery]:
        if is_paused(self.session):
            return ()
        self.token = uuid.uuid4().hex
        batch = queue.claim(self.session, self.token, self.now(), self.terms)
        self.session.commit()
        return batch

    def _send(self, batch: Sequence[Delivery]) -> None:
        letters = self._letters(batch)
        for delivery in batch:
            if not self.road_is_open or self.stopping():
                queue.give_back(self.session, delivery, self.token, self.now())
                self.session.commit()
                self.outcome.postponed += 1
            elif isinstance(letter := letters[delivery.id], Undelivered):
                self._note(delivery, letter)
            else:
                self._deliver(delivery, letter)

    def _letters(self, batch: Sequence[Delivery]) -> dict[int, Letter | Undelivered]:
        """All letters of a batch, or why there is none; leaves no transaction open."""
        now = self.now()
        press = Press(self.config, at=now.at, today=now.real)
        letters = {delivery.id: self._letter(press, delivery) for delivery in batch}
        self.session.commit()
        return letters

    def _letter(self, press: Press, delivery: Delivery) -> Letter | Undelivered:
        try:
            return press.letter(delivery)
        except Undelivered as error:
            return error
        except (ValueError, TypeError, LookupError, TemplateError) as error:
            log.exception("delivery %s cannot be written", delivery.id)
            return Undelivered(Fault.SOFT, "write", f"{type(error).__name__}: {error}")

    def _deliver(self, delivery: Delivery, letter: Letter) -> None:
        try:
            taken = self.transport.deliver(letter, lambda: self._mark(delivery))
        except Undelivered as error:
            self._note(delivery, error)
        else:
            if taken:
                self._record(delivery)
            else:
                gone = queue.withdraw(self.session, delivery, self.token, self.now())
                self.session.commit()
                self.outcome.withdrawn += gone

    def _mark(self, delivery: Delivery) -> bool:
        now = self.now()
        may_go = queue.mark_sending(self.session, delivery, self.token, now, self.terms)
        self.session.commit()
        return may_go

    def _record(self, delivery: Delivery) -> None:
        self.outcome.sent += 1
        for pause in PERSISTENCE:
            try:
                queue.record_sent(self.session, delivery, self.now())
                self.session.commit()
            except OperationalError as error:
                log.warning("delivery %s was sent, not recorded yet: %s", delivery.id, error)
                self.session.rollback()
                time.sleep(pause)
            else:
                return
        queue.record_sent(self.session, delivery, self.now())
        self.session.commit()

    def _note(self, delivery: Delivery, error: Undelivered) -> None:
        log.warning("delivery %s to %s: %s", delivery.id, delivery.address, error)
        self.road_is_open = error.fault is not Fault.ROAD
        state = queue.record_failure(
            self.session, delivery, self.token, error, self.terms, self.now()
        )
        self.session.commit()
        self.outcome.postponed += state is State.PENDING
        self.outcome.uncertain += state is State.UNCERTAIN
        self.outcome.failed += state is State.FAILED


def terms(config: Mapping[str, Any]) -> Terms:
    return Terms(
        batch=config["MAIL_BATCH"],
        lease=timedelta(seconds=config["MAIL_LEASE_SECONDS"]),
        answer=timedelta(seconds=config["MAIL_TIMEOUT_SECONDS"]),
        attempts=config["MAIL_ATTEMPTS"],
    )
