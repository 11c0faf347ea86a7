"""Reports of mail servers about letters they could not deliver, and the mailboxes they lie in."""

import socket
import ssl
import threading

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.core.mail import boxes, dsn

REPORT = """\
From: MAILER-DAEMON@mx.lamgiang.example
To: bounces+7-abc@drills.test
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

I'm sorry.
--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.lamgiang.example

Final-Recipient: rfc822; Lan@lamgiang.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnosis}

--b1
Content-Type: {back}

Message-ID: <0123@drills.test>
Subject: x

--b1--
"""


def report(action="failed", status="5.1.1", diagnosis="550 5.1.1 no such user", back=None):
    text = REPORT.format(
        action=action, status=status, diagnosis=diagnosis, back=back or "message/rfc822"
    )
    return text.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("back", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_says_who_why_and_about_which_letter(back):
    (bounce,) = dsn.read(report(back=back))
    assert bounce.recipient == "lan@lamgiang.example"
    assert (bounce.status, bounce.code) == ("5.1.1", 550)
    assert bounce.text == "550 5.1.1 no such user"
    assert bounce.message_id == "<0123@drills.test>"
    assert bounce.returned_to == ("bounces+7-abc@drills.test",)
    assert bounce.is_hard
    assert bounce.is_dead


@pytest.mark.parametrize(
    ("action", "status", "is_hard", "is_dead"),
    [
        ("failed", "5.1.1", True, True),
        ("failed", "5.7.1", True, False),
        ("failed", "5.2.2", False, False),
        ("failed", "4.4.7", False, False),
        ("delayed", "5.1.1", False, False),
        ("delayed", "4.4.1", False, False),
    ],
)
def test_only_some_reports_mean_that_an_address_is_dead(action, status, is_hard, is_dead):
    (bounce,) = dsn.read(report(action, status, "no reason"))
    assert (bounce.is_hard, bounce.is_dead) == (is_hard, is_dead)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff" * 500,
        report(action="delivered", status="2.0.0"),
        report(status="nonsense", diagnosis="none"),
        report()[:330],
        report().replace(b"multipart/report", b"multipart/mixed"),
        report().replace(b'boundary="b1"', b""),
        b"Content-Type: multipart/report; boundary=x\r\n\r\n" * 2000,
        b"".join(
            b"Content-Type: multipart/report; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
            for n in range(3000)
        ),
    ],
)
def test_whatever_is_no_report_is_passed_over(data):
    assert dsn.read(data) == []


def test_a_report_that_is_too_long_is_read_as_far_as_needed():
    assert len(dsn.read(report() + b"x" * 3_000_000)) == 1


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 600), st.binary(max_size=40))
def test_a_report_with_bytes_thrown_in_harms_nothing(place, junk):
    data = report()
    for bounce in dsn.read(data[:place] + junk + data[place:]):
        assert len(bounce.text) <= 300


@pytest.mark.parametrize(
    "url", ["", "imap://me:hush@mail.vn", "imaps://mail.vn", "maildir:box", "imaps://me:hush@m:x"]
)
def test_a_mailbox_that_makes_no_sense_is_refused_without_its_password(url):
    with pytest.raises(boxes.BadBoxUrl, match="BOUNCES_URL") as caught:
        boxes.open_box(url, timeout=1)
    assert "hush" not in str(caught.value)


def test_a_maildir_is_read_once(tmp_path):
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1.host").write_bytes(b"one")
    (tmp_path / "box" / "new" / "2.host").write_bytes(b"two")
    with boxes.open_box(f"maildir:{tmp_path / 'box'}", timeout=1) as box:
        found = list(box.unread())
        assert found == [("1.host", b"one"), ("2.host", b"two")]
        box.done("1.host")
        assert [key for key, _ in box.unread()] == ["2.host"]
    assert (tmp_path / "box" / "cur" / "1.host:2,S").read_bytes() == b"one"


def test_a_maildir_that_is_not_there_is_said(tmp_path):
    with pytest.raises(boxes.Unreadable), boxes.open_box(f"maildir:{tmp_path}", timeout=1) as box:
        list(box.unread())


class ImapServer(threading.Thread):
    """One client's worth of IMAP: what is asked for here, and no more."""

    def __init__(self, messages, password="secret"):
        super().__init__(daemon=True)
        self.authority = trustme.CA()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("localhost").configure_cert(self.context)
        self.messages, self.password, self.seen = messages, password, set()
        self.listener = socket.create_server(("localhost", 0))
        self.url = f"imaps://lan:{password}@localhost:{self.listener.getsockname()[1]}/INBOX"

    def run(self):
        plain, _ = self.listener.accept()
        try:
            with self.context.wrap_socket(plain, server_side=True) as self.connection:
                self.connection.sendall(b"* OK here\r\n")
                with self.connection.makefile("rb") as lines:
                    for line in lines:
                        tag, command, *words = line.decode().split()
                        self.answer(command, words)
                        good = command != "LOGIN" or words[1].strip('"') == self.password
                        self.say(f"{tag} {'OK' if good else 'NO'} done")
        except OSError:
            pass

    def say(self, line):
        self.connection.sendall(line.encode() + b"\r\n")

    def answer(self, command, words):
        if command == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1")
        elif command == "SELECT":
            self.say(f"* {len(self.messages)} EXISTS")
        elif words[:1] == ["SEARCH"]:
            left = [str(n) for n in self.messages if n not in self.seen]
            self.say(f"* SEARCH {' '.join(left)}".strip())
        elif words[:1] == ["FETCH"]:
            data = self.messages[int(words[1])]
            self.say(f"* {words[1]} FETCH (UID {words[1]} BODY[]<0> {{{len(data)}}}")
            self.connection.sendall(data + b")\r\n")
        elif words[:1] == ["STORE"]:
            self.seen.add(int(words[1]))


@pytest.fixture
def imap(tmp_path, monkeypatch):
    server = ImapServer({1: report(), 5: b"Subject: hello\r\n\r\n"})
    server.authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    server.start()
    yield server
    server.listener.close()


def test_a_mailbox_at_an_imap_server_is_read_once(imap):
    with boxes.open_box(imap.url, timeout=2) as box:
        found = dict(box.unread())
        assert found == {"1": report(), "5": b"Subject: hello\r\n\r\n"}
        box.done("1")
        assert [key for key, _ in box.unread()] == ["5"]
    assert imap.seen == {1}


def test_a_wrong_password_is_said_without_it(imap):
    wrong = imap.url.replace(":secret@", ":hushhush@")
    with pytest.raises(boxes.Unreadable) as caught, boxes.open_box(wrong, timeout=2):
        pass
    assert "hush" not in str(caught.value)
