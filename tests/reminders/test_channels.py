"""Channels besides mail: the same states, and no way into our own network."""

import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.core.errors import DomainError
from drills.core.mail import Fault, Letter, Undelivered
from drills.reminders.channels import Allowed, ChannelTransport, poster
from drills.reminders.models import ChannelPolicy, Delivery, PersonChannel, ReminderRule, State
from drills.reminders.services import channels
from tests.browser import Browser
from tests.conftest import NOW

DATA = "Subject: =?utf-8?b?xJDhu5lp?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHọp lúc 9 giờ.\r\n"
LOCAL = Allowed(frozenset({"json"}), frozenset({"127.0.0.1"}))


@pytest.fixture
def hook():
    """A server on loopback: what it was sent, and how it is to answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers["Content-Length"])
            server.bodies.append(self.rfile.read(size).decode())
            if server.answer == "hang":
                server.stop.wait(5)
                return
            self.send_response(server.answer)
            self.send_header("Location", f"http://127.0.0.1:{server.server_port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.bodies, server.answer, server.stop = [], 200, threading.Event()
    server.url = f"json://127.0.0.1:{server.server_port}/secret-token"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.stop.set()
    server.shutdown()
    server.server_close()


@contextmanager
def posting(rules=LOCAL, timeout=1.0):
    transport = ChannelTransport(rules, timeout=timeout)
    try:
        yield transport
    finally:
        transport.close()


def letter(url):
    return Letter("a@drills.test", url, "<1@drills.test>", DATA.encode())


def refused(transport, url, may_go=lambda: True):
    with pytest.raises(Undelivered) as caught:
        transport.deliver(letter(url), may_go)
    assert "secret-token" not in str(caught.value)
    return caught.value


def test_each_answer_means_what_it_means_for_mail(hook):
    with posting() as transport:
        assert transport.deliver(letter(hook.url))
        assert json.loads(hook.bodies[0])["message"] == "Họp lúc 9 giờ."
        assert not transport.deliver(letter(hook.url), lambda: False)
        assert len(hook.bodies) == 1
        for hook.answer, fault in ((503, Fault.SOFT), (429, Fault.SOFT), (404, Fault.HARD)):
            error = refused(transport, hook.url)
            assert (error.fault, error.code) == (fault, hook.answer)
        hook.answer = 302
        assert refused(transport, hook.url).fault is Fault.HARD
        assert len(hook.bodies) == 5, "nobody went elsewhere"
        hook.answer = "hang"
        assert refused(transport, hook.url).fault is Fault.UNKNOWN
        closed = refused(transport, "json://127.0.0.1:1/secret-token")
        assert closed.fault is Fault.SOFT


def test_nothing_leads_into_our_own_network(hook):
    with posting(Allowed(frozenset({"json"}), frozenset())) as transport:
        for url in (hook.url, hook.url.replace("127.0.0.1", "localhost")):
            error = refused(transport, url)
            assert error.fault is Fault.HARD
            assert "CHANNELS_HOSTS" in str(error)
    assert hook.bodies == []


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_of_the_internet(address, is_public):
    assert poster.is_public(address) is is_public


@pytest.mark.parametrize(
    "url",
    [
        "syslog://localhost",
        "mailtos://a:b@mail.vn",
        "jsons://mail.vn/x",
        "json://127.0.0.1/x?verify=no",
        "json://127.0.0.1/x?RTO=999",
        "nonsense",
        "json://[",
    ],
)
def test_what_is_not_allowed_is_refused_before_anything_is_started(url):
    with posting() as transport:
        assert refused(transport, url).fault is Fault.HARD
        assert transport.process is None


@pytest.fixture
def chosen(app, rules, make, session, hook):
    """Somebody who also wants to be told at the hook, and rules that leave it to people."""
    app.config |= {"CHANNELS_ALLOWED": "json", "CHANNELS_HOSTS": "127.0.0.1"}
    session.execute(sa.update(ReminderRule).values(channel=ChannelPolicy.CHOICE))
    person = make.person()
    channels.add(session, person, hook.url, config=app.config, by=person)
    make.drill(starts_at=NOW + timedelta(days=1), people=[person])
    return person


def test_who_chose_a_channel_is_told_there_as_well_and_once(
    chosen, session, hook, sink, send, caplog
):
    assert send(NOW).sent == 2
    assert send(NOW).sent == 0
    assert (len(hook.bodies), len(sink.letters)) == (1, 1)
    told = session.scalars(sa.select(Delivery).where(Delivery.channel != "mail")).one()
    assert told.state is State.SENT
    assert "secret-token" not in told.address
    assert "secret-token" not in caplog.text


def test_trouble_of_a_channel_holds_up_no_mail(chosen, hook, sink, send, states):
    hook.answer = 503
    outcome = send(NOW)
    assert (outcome.sent, outcome.postponed) == (1, 1)
    assert states() == {"sent": 1, "pending": 1}


def test_an_address_is_kept_whole_but_never_shown(chosen, session, app, hook):
    row = session.query(PersonChannel).one()
    assert row.url == hook.url
    assert "secret-token" not in row.shown + repr(row)
    with pytest.raises(DomainError):
        channels.add(session, chosen, "syslog://localhost", config=app.config, by=chosen)
    channels.remove(session, row, by=chosen)
    assert session.query(PersonChannel).count() == 0


PAGE = "/profile/reminders/channels"


@pytest.fixture
def own(app, make, session):
    app.config |= {"CHANNELS_ALLOWED": "json", "CHANNELS_HOSTS": "127.0.0.1"}
    make.organisation()
    return Browser(app, session, as_=make.person(role=Role.IR_MEMBER))


def test_a_channel_is_added_tried_and_removed_by_its_owner(own, session, hook):
    assert own.get("/profile/reminders").select_one(f'[href="{PAGE}"]')
    own.post(PAGE, {"url": hook.url})
    row = session.query(PersonChannel).one()
    assert "secret-token" not in own.get(PAGE).text
    own.post(f"{PAGE}/{row.id}/test")
    assert json.loads(hook.bodies[0])["title"]
    session.refresh(row)
    assert row.verified_at == NOW
    own.post(f"{PAGE}/{row.id}/remove")
    assert session.query(PersonChannel).count() == 0


def test_a_channel_that_does_not_answer_says_so(own, session, hook):
    own.post(PAGE, {"url": hook.url})
    hook.answer = 404
    row = session.query(PersonChannel).one()
    own.post(f"{PAGE}/{row.id}/test")
    assert "404" in own.get(PAGE).text
    session.refresh(row)
    assert row.verified_at is None


def test_an_address_that_is_not_allowed_is_refused_on_the_page(own, session):
    own.post(PAGE, {"url": "syslog://localhost"}, status=422)
    assert session.query(PersonChannel).count() == 0


def test_somebody_elses_channel_is_not_there(app, own, make, session, hook):
    own.post(PAGE, {"url": hook.url})
    row = session.query(PersonChannel).one()
    other = Browser(app, session, as_=make.person(role=Role.ADMINISTRATOR))
    for act in ("test", "remove"):
        other.post(f"{PAGE}/{row.id}/{act}", status=404)


def test_where_no_channel_is_allowed_there_is_no_page(app, own):
    app.config["CHANNELS_ALLOWED"] = ""
    own.get(PAGE, status=404)
    assert own.get("/profile/reminders").select_one(f'[href="{PAGE}"]') is None


def test_what_waits_for_a_channel_goes_with_it(chosen, session, hook, send, states):
    hook.answer = 503
    send(NOW)
    channels.remove(session, session.query(PersonChannel).one(), by=chosen)
    assert states() == {"sent": 1, "cancelled": 1}
    assert send(NOW + timedelta(hours=2)).failed == 0
