"""A real dialogue with a mail server: its TLS, its sign-in, its pipelining, and its manners."""

import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from drills.core import mail
from drills.core.mail import Fault, MailUrl, SmtpTransport, Undelivered
from tests.ports import free_port

AUTHORITY = trustme.CA()
CERTIFICATE = AUTHORITY.issue_cert("localhost")


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """The machine trusts the authority that signed the server's certificate."""
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CERTIFICATE.configure_cert(context)
    return context


class Keeper:
    def __init__(self):
        self.kept, self.secure = [], []

    async def handle_DATA(self, server, session, envelope):
        self.kept.append(envelope.content)
        self.secure.append(session.ssl is not None)
        return "250 kept"


def check_password(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.password == b"open sesame"
    return AuthResult(success=right)


@contextmanager
def serving(**options):
    keeper = Keeper()
    controller = Controller(keeper, hostname="localhost", port=free_port(), **options)
    controller.start()
    keeper.port = controller.port
    try:
        yield keeper
    finally:
        controller.stop()


def letter(number=1, data=b"Subject: x\r\n\r\nhello\r\n"):
    return mail.Letter("a@drills.test", "b@lamgiang.example", f"<{number}@drills.test>", data)


@contextmanager
def road(address):
    transport = SmtpTransport(MailUrl.parse(address), timeout=0.7, hostname="drills.test")
    try:
        yield transport
    finally:
        transport.close()


def refused(transport, given=None):
    with pytest.raises(Undelivered) as caught:
        transport.deliver(given or letter())
    return caught.value


def test_starttls_is_used_where_offered_and_the_certificate_must_be_good(trusted):
    with serving(tls_context=tls()) as server:
        with road(f"smtp://localhost:{server.port}") as transport:
            assert transport.deliver(letter())
        assert server.secure == [True]
        with road(f"smtp://localhost:{server.port}?starttls=never") as transport:
            assert transport.deliver(letter())
        assert server.secure == [True, False]


def test_a_certificate_nobody_vouches_for_gets_no_letter():
    with (
        serving(tls_context=tls()) as server,
        road(f"smtp://localhost:{server.port}") as transport,
    ):
        error = refused(transport)
        assert (error.fault, error.phase) == (Fault.ROAD, "connect")
        assert "certificate" in str(error)
        assert server.kept == []


def test_a_connection_encrypted_from_the_start(trusted):
    with serving(ssl_context=tls()) as server:
        with road(f"smtps://localhost:{server.port}") as transport:
            assert transport.deliver(letter())
            assert transport.deliver(letter(2))
        assert len(server.kept) == 2


@pytest.mark.parametrize("password", ["open%20sesame", "hush"])
def test_signing_in(trusted, password):
    options = {"authenticator": check_password, "auth_required": True, "tls_context": tls()}
    with (
        serving(**options) as server,
        road(f"smtp://me:{password}@localhost:{server.port}") as transport,
    ):
        if password == "hush":
            error = refused(transport)
            assert (error.fault, error.phase) == (Fault.ROAD, "connect"), "the letter can wait"
            assert "hush" not in str(error)
        else:
            assert transport.deliver(letter())
            assert len(server.kept) == 1


@contextmanager
def scripted(*answers, offers=("250-here", "250 PIPELINING")):
    """A server that answers each command in turn with these lines; None: hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    commands = []

    def converse():
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 here\r\n")
            left = list(answers)
            for line in lines:
                commands.append(line.strip().decode())
                if line.upper().startswith(b"EHLO"):
                    connection.sendall("".join(f"{offer}\r\n" for offer in offers).encode())
                    continue
                answer = left.pop(0) if left else None
                if answer is None:
                    return
                connection.sendall(f"{answer}\r\n".encode())
                if answer.startswith("354"):
                    while lines.readline() not in {b".\r\n", b""}:
                        pass
                    verdict = left.pop(0) if left else None
                    if verdict is None:
                        return
                    connection.sendall(f"{verdict}\r\n".encode())

    thread = threading.Thread(target=converse, daemon=True)
    thread.start()
    try:
        with road(f"smtp://127.0.0.1:{listener.getsockname()[1]}?starttls=never") as transport:
            yield transport, commands
    finally:
        listener.close()
        thread.join(5)


def test_both_addresses_go_in_one_write_where_the_server_takes_that():
    with scripted("250 a", "250 b", "354 go", "250 kept", "221 bye") as (transport, commands):
        assert transport.deliver(letter())
    assert commands[1:4] == ["MAIL FROM:<a@drills.test>", "RCPT TO:<b@lamgiang.example>", "data"]


@pytest.mark.parametrize(
    ("answers", "fault", "phase", "code"),
    [
        (("451 later", "503 no", "250 reset"), Fault.SOFT, "mail", 451),
        (("250 a", "550 5.1.1 unknown", "250 reset"), Fault.HARD, "rcpt", 550),
        (("250 a", "450 greylisted", "250 reset"), Fault.SOFT, "rcpt", 450),
        (("421 closing", "421 closing"), Fault.ROAD, "mail", 421),
        (("250 a", None), Fault.ROAD, "rcpt", None),
        (("250 a", "250 b", None), Fault.ROAD, "data", None),
        (("250 a", "250 b", "554 no data", "250 reset"), Fault.HARD, "data", 554),
        (("250 a", "250 b", "354 go", None), Fault.UNKNOWN, "dot", None),
        (("250 a", "250 b", "354 go", "452 full", "250 reset"), Fault.SOFT, "dot", 452),
        (("250 a", "250 b", "354 go", "nonsense"), Fault.UNKNOWN, "dot", None),
        (("250 a", "250 b", "354 go", "2" * 9000), Fault.UNKNOWN, "dot", 500),
    ],
)
def test_each_place_of_the_dialogue_has_its_own_meaning(answers, fault, phase, code):
    with scripted(*answers) as (transport, _):
        error = refused(transport)
    assert (error.fault, error.phase, error.code) == (fault, phase, code)


def test_a_server_that_knows_no_ehlo_is_greeted_the_old_way():
    answers = ("250 hello", "250 a", "250 b", "354 go", "250 kept", "221 bye")
    with scripted(*answers, offers=("502 what?",)) as (transport, commands):
        assert transport.deliver(letter())
    assert commands[1] == "helo drills.test"


def test_a_line_of_one_dot_and_a_missing_line_end_arrive_as_written():
    with serving() as server:
        with road(f"smtp://localhost:{server.port}") as transport:
            transport.deliver(letter(data=b"Subject: x\r\n\r\n.\r\n..two\r\n.three"))
        assert server.kept == [b"Subject: x\r\n\r\n.\r\n..two\r\n.three\r\n"]


def test_a_letter_called_back_leaves_the_connection_open_for_the_next():
    with serving() as server:
        with road(f"smtp://localhost:{server.port}") as transport:
            assert not transport.deliver(letter(), lambda: False)
            before = transport.connection
            assert transport.deliver(letter(2))
            assert transport.connection is before
        assert len(server.kept) == 1
