"""Where letters go, and how the setting that says so is read."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from drills.core import mail
from drills.core.mail.letters import fault_of
from drills.core.mail.outbox import file_key


@pytest.mark.parametrize(
    ("text", "host", "port", "is_tls", "starttls", "user", "password"),
    [
        ("smtp://mail.vn", "mail.vn", 25, False, "offered", "", ""),
        ("smtp://a%40b.vn:p%2Fw@mail.vn:587", "mail.vn", 587, False, "offered", "a@b.vn", "p/w"),
        ("smtp://mail.vn?starttls=required", "mail.vn", 25, False, "required", "", ""),
        ("smtps://mail.vn", "mail.vn", 465, True, "offered", "", ""),
        ("smtp://[::1]:2525?starttls=never", "::1", 2525, False, "never", "", ""),
    ],
)
def test_a_mail_address_is_read(text, host, port, is_tls, starttls, user, password):
    url = mail.MailUrl.parse(text)
    found = (url.host, url.port, url.is_tls, url.starttls, url.user, url.password)
    assert found == (host, port, is_tls, starttls, user, password)


@pytest.mark.parametrize(
    "text", ["mail.vn", "http://me:hush@mail.vn", "smtp://", "smtp://m:x", "smtp://m?starttls=yes"]
)
def test_a_mail_address_that_makes_no_sense_is_refused_without_its_password(text):
    with pytest.raises(mail.BadMailUrl, match="MAIL_URL") as caught:
        mail.MailUrl.parse(text)
    assert "hush" not in str(caught.value)


def test_a_password_is_not_shown():
    assert "hush" not in repr(mail.MailUrl.parse("smtp://me:hush@mail.vn"))


@pytest.mark.parametrize(
    ("code", "fault"),
    [(421, "road"), (454, "road"), (450, "soft"), (452, "soft"), (552, "soft"), (550, "hard")],
)
def test_the_code_of_a_refusal_says_what_is_at_fault(code, fault):
    assert fault_of(code) == fault


def letter(identity="<a1@drills.test>", data=b"To: x\r\n\r\nhello\r\n"):
    return mail.Letter("a@drills.test", "b@lamgiang.example", identity, data)


def test_a_letter_kept_twice_is_one_file(tmp_path):
    box = mail.OutboxTransport(tmp_path / "outbox")
    for data in (b"first\r\n", b"second\r\n"):
        assert box.deliver(letter(data=data))
    (kept,) = (tmp_path / "outbox").iterdir()
    assert kept.read_bytes() == b"second\r\n"


def test_a_letter_withdrawn_is_not_kept(tmp_path):
    box = mail.OutboxTransport(tmp_path / "outbox")
    assert not box.deliver(letter(), lambda: False)
    assert not (tmp_path / "outbox").exists()


def test_a_folder_that_cannot_be_written_is_a_fault_of_the_road(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(mail.Undelivered) as caught:
        mail.OutboxTransport(tmp_path / "file" / "outbox").deliver(letter())
    assert caught.value.fault is mail.Fault.ROAD


@pytest.mark.parametrize("identity", ["<../../x@y>", "<a/b@y>", "<.hidden@y>", "<@y>"])
def test_no_message_id_leads_out_of_the_folder(identity):
    name = file_key(identity)
    assert Path(name).name == name
    assert not name.startswith(".")


def test_two_message_ids_have_two_files():
    assert file_key("<a@one.vn>") != file_key("<a@two.vn>")


@pytest.mark.parametrize("address", ["tên@mail.vn", "nobody", "a b@mail.vn", "a@", "a>@mail.vn"])
def test_an_address_that_no_envelope_takes_is_refused(address):
    with pytest.raises(mail.Undelivered) as caught:
        mail.ascii_address(address)
    assert caught.value.fault is mail.Fault.HARD


def test_a_domain_is_written_in_ascii():
    assert mail.ascii_address("a@thử.vn") == "a@xn--th-yct.vn"


def test_a_single_letter_is_sent_with_what_was_missing(app):
    message = EmailMessage()
    message["To"] = "b@lamgiang.example"
    message["Subject"] = "Đặt lại mật khẩu"
    message.set_content("Xin chào")
    mail.send(app.config, message)
    (kept,) = (app.config["DATA"] / "outbox").glob("*.eml")
    found = email.message_from_bytes(kept.read_bytes(), policy=email.policy.default)
    assert found["Subject"] == "Đặt lại mật khẩu"
    assert found["Message-ID"].endswith("@drills.test>")
    assert found["Date"]
    assert found["From"]
