"""The lanes of one run: each hands letters to one connection, all write into one ledger.

A lane marks a small group as being sent, sends it, and writes down what was taken in the commit
that marks the next one. Whoever dies in between leaves at most that group without a verdict. No
transaction is open while a server is spoken to.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from drills.core.mail import Fault, Letter, Transport, Undelivered
from drills.reminders.models import DIGEST, State
from drills.reminders.services import queue
from drills.reminders.services.terms import Moment, Terms

log = logging.getLogger("drills.reminders")
FRESH_SECONDS = 0.25
"""So long the look at the subjects, taken for a whole group, is good enough."""
CURRENT = timedelta(seconds=5)
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


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery in hand: its letter, or why there is none.

    ``is_readdressed``: its reader has another address than when it was planned.
    """

    id: int
    kind: str
    address: str
    attempts: int
    uncertain: int
    letter: Letter | Undelivered
    is_readdressed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Parcels that were claimed under one token."""

    token: str
    parcels: Sequence[Parcel]


Supply = Callable[[Callable[[], None]], Group | None]
"""The next group; given is what to do before one has to be waited for."""


class Ledger:
    """What becomes of the letters of one run, written by one lane at a time.

    Writers wait for each other here: SQLite would let the second one sleep for longer.
    """

    def __init__(self, session: Session, terms: Terms, at: datetime | None) -> None:
        self.session, self.terms, self.at = Session(session.get_bind()), terms, at
        self.turn = threading.Lock()
        self.outcome = Outcome()
        self.markings: dict[frozenset[str], tuple[datetime, sa.Update]] = {}

    @contextmanager
    def page(self) -> Iterator[Moment]:
        """One transaction, and the moment it is made."""
        with self.turn, self.session.begin():
            yield queue.moment(self.session, self.at)

    def turn_over(
        self, taken: Sequence[Parcel], parcels: Sequence[Parcel], token: str
    ) -> frozenset[int]:
        """Write down what was ``taken``, and mark of ``parcels`` those that may leave now."""
        try:
            return self._turn_over(taken, parcels, token)
        except OperationalError:
            self.record_sent(taken)
            return self._turn_over((), parcels, token)

    def _turn_over(
        self, taken: Sequence[Parcel], parcels: Sequence[Parcel], token: str
    ) -> frozenset[int]:
        ids = [parcel.id for parcel in parcels]
        kinds = frozenset(parcel.kind for parcel in parcels)
        with self.page() as now:
            self._note_sent(taken, now)
            marking = self._marking(kinds, now)
            marked = queue.mark_sending(self.session, marking, ids, token, now, self.terms)
        self._count_sent(taken)
        return marked

    def _marking(self, kinds: frozenset[str], now: Moment) -> sa.Update:
        """What stands as of some seconds ago: only what begins in between is not seen as begun."""
        written, marking = self.markings.get(kinds, (now.real - CURRENT, None))
        if marking is None or not now.real - CURRENT < written <= now.real:
            marking = queue.marking(self.session, kinds, now)
            self.markings[kinds] = now.real, marking
        return marking

    def record_sent(self, parcels: Sequence[Parcel]) -> None:
        """Servers have taken these. Kept at, for if it is not written down they go out again."""
        if not parcels:
            return
        for pause in PERSISTENCE:
            try:
                self._record_sent(parcels)
            except OperationalError as error:
                log.warning("%s letters were sent, not recorded yet: %s", len(parcels), error)
                time.sleep(pause)
            else:
                return
        self._record_sent(parcels)

    def _record_sent(self, parcels: Sequence[Parcel]) -> None:
        with self.page() as now:
            self._note_sent(parcels, now)
        self._count_sent(parcels)

    def _note_sent(self, parcels: Sequence[Parcel], now: Moment) -> None:
        if parcels:
            queue.record_sent(
                self.session,
                [p.id for p in parcels],
                now,
                addresses={p.id: p.address for p in parcels if p.is_readdressed},
                digests=[p.id for p in parcels if p.kind == DIGEST],
            )

    def _count_sent(self, parcels: Sequence[Parcel]) -> None:
        with self.turn:
            self.outcome.sent += len(parcels)

    def record_failure(self, parcel: Parcel, token: str, error: Undelivered) -> None:
        log.warning("delivery %s: %s", parcel.id, error)
        with self.page() as now:
            state = queue.record_failure(self.session, parcel, token, error, self.terms, now)
            self.outcome.postponed += state is State.PENDING
            self.outcome.uncertain += state is State.UNCERTAIN
            self.outcome.failed += state is State.FAILED

    def withdraw(self, parcel: Parcel, token: str) -> None:
        with self.page() as now:
            gone = queue.withdraw(self.session, parcel.id, parcel.kind, token, now)
            self.outcome.withdrawn += gone

    def give_back(self, parcels: Sequence[Parcel], token: str, *, at_once: bool) -> None:
        ids = [parcel.id for parcel in parcels]
        with self.page() as now:
            given = queue.give_back(self.session, ids, token, now, at_once=at_once)
            self.outcome.postponed += given


class Lane:
    """One connection and the letters that go over it, until the road is closed."""

    def __init__(self, ledger: Ledger, transport: Transport, stopping: Callable[[], bool]) -> None:
        self.ledger, self.transport, self.stopping = ledger, transport, stopping
        self.is_open = True
        self.token = ""
        self.marked: frozenset[int] = frozenset()
        self.marked_at = 0.0
        self.taken: list[Parcel] = []

    def work(self, supply: Supply) -> None:
        try:
            while self.is_open and not self.stopping() and (group := supply(self.record)):
                self.send(group)
        finally:
            self.record()
            self.transport.close()

    def send(self, group: Group) -> None:
        self.token, self.marked_at = group.token, 0.0
        for place, parcel in enumerate(group.parcels):
            rest = group.parcels[place:]
            if not self.is_open or self.stopping():
                self.ledger.give_back(rest, self.token, at_once=self.is_open)
                break
            self._deliver(parcel, rest)

    def _deliver(self, parcel: Parcel, rest: Sequence[Parcel]) -> None:
        try:
            if isinstance(parcel.letter, Undelivered):
                raise parcel.letter
            taken = self.transport.deliver(parcel.letter, lambda: self._may_go(parcel, rest))
        except Undelivered as error:
            self.is_open = error.fault is not Fault.ROAD
            self.ledger.record_failure(parcel, self.token, error)
        else:
            if taken:
                self.taken.append(parcel)
            else:
                self.ledger.withdraw(parcel, self.token)

    def _may_go(self, parcel: Parcel, rest: Sequence[Parcel]) -> bool:
        """Whether it still stands and is still ours, as of a moment ago at most."""
        if time.monotonic() - self.marked_at > FRESH_SECONDS:
            self.marked = self.ledger.turn_over(self.taken, rest, self.token)
            self.taken, self.marked_at = [], time.monotonic()
        return parcel.id in self.marked

    def record(self) -> None:
        """Before anything that takes long: so much the shorter is what nobody knows of yet."""
        self.ledger.record_sent(self.taken)
        self.taken = []
