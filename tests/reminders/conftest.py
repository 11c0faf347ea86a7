import email
import email.policy
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from drills.reminders import jobs
from drills.reminders.models import Delivery
from drills.reminders.services import seed_rules
from tests.conftest import NOW
from tests.ports import free_port

STAGES = ("connect", "mail", "rcpt", "dot")


@dataclass
class Sink:
    """A mail server on loopback that misbehaves on command.

    ``faults`` maps a stage to what happens there: a reply, "close", "store-close" or "hang",
    for every letter; a list is used up one by one.
    """

    faults: dict = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    url: str = ""

    def fault(self, stage):
        found = self.faults.get(stage)
        if isinstance(found, list):
            return found.pop(0) if found else None
        return found

    async def act(self, server, stage):
        found = self.fault(stage)
        if found and found.endswith("close"):
            server.transport.abort()
            return "421 closing"
        return found

    async def handle_MAIL(self, server, _session, envelope, address, _options):
        if answer := await self.act(server, "mail"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, _session, envelope, address, _options):
        if answer := await self.act(server, "rcpt"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):
        found = self.faults.get("dot")
        next_one = found[0] if isinstance(found, list) and found else found
        if next_one == "store-close" or not next_one:
            self.recipients += envelope.rcpt_tos
            self.letters.append(
                email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
            )
        return await self.act(server, "dot") or "250 OK"

    def counts(self):
        """How often each Message-ID arrived."""
        return Counter(letter["Message-ID"] for letter in self.letters)


@pytest.fixture
def sink(app):
    """The application's mail server."""
    handler = Sink()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, decode_data=False)
    controller.start()
    handler.url = app.config["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
    yield handler
    controller.stop()


@pytest.fixture
def rules(session, make):
    make.organisation()
    seed_rules(session)
    session.commit()


@pytest.fixture
def send(app, session):
    """Run one dispatcher as of a moment, with the test's own session."""

    def run(at):
        session.commit()
        with app.app_context():
            outcome = jobs.dispatch(session, app.config, at=at)
        session.expire_all()
        return outcome

    return run


@pytest.fixture
def send_again(session, send):
    """Run a dispatcher as if every pause and every lease were over, whatever clock they ran by."""

    def run(at=NOW):
        leased = sa.update(Delivery).where(Delivery.lease_until.is_not(None))
        session.execute(leased.values(lease_until=NOW - timedelta(days=400)))
        session.execute(sa.update(Delivery).values(next_at=NOW))
        return send(at)

    return run


@pytest.fixture
def states(session):
    """The states of all deliveries, counted."""

    def count():
        session.expire_all()
        return Counter(row.state.value for row in session.query(Delivery))

    return count
