"""Every letter in both languages, word for word: ``DRILLS_GOLDEN=write pytest`` writes them anew."""

import email
import email.policy
import os
import re
from email.header import decode_header
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from drills.accounts import letters as accounts
from drills.reminders.kinds import KINDS
from drills.reminders.letters import Press, sample
from drills.reminders.letters.matters import MATTERS
from drills.reminders.letters.press import subject_line
from drills.reminders.letters.reasons import REASONS
from drills.reminders.models import DIGEST
from tests.conftest import NOW
from tests.reminders import matters

GOLDEN = Path(__file__).parent / "golden"
WRITES = os.environ.get("DRILLS_GOLDEN") == "write"
LANGUAGES = ("vi", "en")
OTHERS = {"reset_link", "reset_notice", "test_message"}
HEADERS = (
    "From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted",
    "List-Unsubscribe", "List-Unsubscribe-Post",
)  # fmt: skip


@pytest.fixture
def world(app, make):
    make.organisation()
    app.config["PUBLIC_URL"] = "https://drills.lamgiang.example"
    app.config["MAIL_FROM"] = "Thao Trường <drills@lamgiang.example>"
    person = make.person(name="Nguyễn Văn An", email="an@lamgiang.example")
    return person, matters.all_deliveries(make, person)


@pytest.fixture
def print_anew(app, session, world):
    person, deliveries = world

    def every(language):
        person.language = language
        session.commit()
        with app.app_context(), app.test_request_context():
            press = Press(app.config, at=NOW, today=NOW)
            return {key: parsed(press.letter(one).data) for key, one in deliveries.items()}

    return every


@pytest.fixture(scope="module")
def known():
    return {}


@pytest.fixture
def printed(known, request):
    """The letter of each kind as a mail program reads it, made once: ``printed(language)``."""

    def every(language):
        if language not in known:
            known[language] = request.getfixturevalue("print_anew")(language)
        return known[language]

    return every


def parsed(data):
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    return email.message_from_bytes(data, policy=email.policy.default)


def texts(letter):
    """What is compared: the headers and the plain text, the HTML, the calendar's part."""
    headers = [f"{name}: {letter[name]}" for name in HEADERS if letter[name]]
    plain, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    yield "txt", "\n".join(headers) + "\n\n" + plain.replace("\r\n", "\n")
    yield "html", html.replace("\r\n", "\n")
    for part in letter.walk():
        if part.get_content_type() == "text/calendar" and not part.is_attachment():
            yield "ics", part.get_content().replace("\r\n", "\n")


def differing(letters, language):
    for key, letter in letters.items():
        for ending, text in texts(letter):
            path = GOLDEN / f"{key}.{language}.{ending}"
            if WRITES:
                path.write_text(text, encoding="utf-8", newline="\n")
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                yield path.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_word_for_word_as_it_was_agreed(printed, language):
    letters = printed(language)
    assert set(letters) == {*KINDS, DIGEST}
    assert list(differing(letters, language)) == []
    for letter in letters.values():
        assert letter["Auto-Submitted"] == "auto-generated"
        assert not letter.defects
        for part in letter.walk():
            if part.get_content_type() == "text/calendar":
                assert Calendar.from_ical(part.get_content()).walk("VEVENT")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letters_of_accounts_and_the_test_message_are_too(app, session, world, language):
    person, _deliveries = world
    person.language = language
    session.commit()
    with app.app_context(), app.test_request_context():
        every = {
            "reset_link": accounts.letter(
                "mail/reset_link", person.email, user=person, reset_token="token"
            ),
            "reset_notice": accounts.letter("mail/reset_notice", person.email, user=person),
            "test_message": sample(person, at=NOW),
        }
    assert set(every) == OTHERS
    found = {
        key: parsed(letter.as_bytes(policy=email.policy.SMTP)) for key, letter in every.items()
    }
    assert list(differing(found, language)) == []
    assert not any(letter.defects for letter in found.values())


def test_no_golden_file_is_left_over():
    known = {f"{key}.{language}" for key in (*KINDS, DIGEST, *OTHERS) for language in LANGUAGES}
    assert {path.name.rsplit(".", 1)[0] for path in GOLDEN.iterdir()} == known


def test_both_halves_of_a_letter_say_the_same(printed):
    for key, letter in printed("vi").items():
        plain = body(letter)
        page = BeautifulSoup(letter.get_body(("html",)).get_content(), "html.parser")
        seen = " ".join(page.body.get_text(" ").split())
        links = {link["href"] for link in page.select("a")}
        for link in re.findall(r"https?://\S+", plain):
            assert link in links, (key, link)
        for line in plain.split("\n-- \n")[1].splitlines()[:1]:
            assert line in seen, (key, line)


def test_the_letters_survive_outlook_and_the_dark(printed):
    for key, letter in printed("vi").items():
        html = letter.get_body(("html",)).get_content()
        page = BeautifulSoup(html, "html.parser")
        assert page.select_one("meta[name=color-scheme]")["content"] == "light dark", key
        assert not re.search(r"display\s*:\s*(flex|grid)|<div|<img|<script", html), key
        styles = " ".join(tag["style"] for tag in page.select("[style]"))
        assert set(re.findall(r"(?<!-)\bcolor:(\S+?)[;\s]", styles)) <= {"#ffffff"}, key
        assert all(tag.get("role") == "presentation" for tag in page.select("table")), key


def test_drills_carry_the_stamp_and_other_letters_do_not(printed):
    stamped = {key for key, letter in printed("vi").items() if "DIỄN TẬP:" in body(letter)}
    about_drills = {key for key in KINDS if key.startswith("drill")}
    assert stamped == about_drills | {"invitation", "rsvp_missing", "survey", "aar_due"}


def body(letter):
    return letter.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_only_what_nobody_needs_can_be_stopped_by_one_click(printed):
    letters = printed("vi")
    stoppable = {key for key, letter in letters.items() if letter["List-Unsubscribe"]}
    assert stoppable == {key for key, kind in KINDS.items() if kind.is_optional}
    for key in stoppable:
        assert letters[key]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert letters[key]["List-Unsubscribe"].startswith("<https://")


def test_without_https_no_program_is_told_to_click(app, print_anew):
    app.config["PUBLIC_URL"] = "http://drills.test"
    assert print_anew("vi")["survey"]["List-Unsubscribe-Post"] is None


def test_letters_about_one_drill_hang_together(printed):
    letters = printed("vi")
    keys = ("drill", "drill_changed", "invitation", "rsvp_missing", "survey", "aar_due")
    assert len({letters[key]["References"] for key in keys}) == 1
    assert len({letter["Message-ID"] for letter in letters.values()}) == len(letters)


@given(st.text("aăđếộ ạữ,[]:=?_“", min_size=1, max_size=200))
@settings(max_examples=50, deadline=None)
def test_a_subject_is_read_as_it_was_written_however_long_it_is(text):
    subject = " ".join(text.split()) or "x"
    line = subject_line(subject)
    assert all(len(part) <= 76 for part in line.split(b"\r\n"))
    assert line.isascii()
    assert parsed(line + b"\r\n")["Subject"] == subject
    [(data, charset)] = decode_header(line.decode("ascii").removeprefix("Subject: "))
    assert data.decode(charset) == subject


@pytest.mark.parametrize(
    ("kind", "method"),
    [("invitation", "REQUEST"), ("drill_changed", "REQUEST"), ("drill_off", "CANCEL"),
     ("drill_left", "CANCEL")],
)  # fmt: skip
def test_what_asks_a_calendar_is_an_alternative_and_a_file(printed, kind, method):
    letter = printed("vi")[kind]
    parts = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    assert [part.is_attachment() for part in parts] == [False, True]
    assert {part.get_param("method") for part in parts} == {method}
    found = {part.get_content() for part in parts}
    assert len(found) == 1
    [event] = Calendar.from_ical(found.pop()).walk("VEVENT")
    assert str(event["ATTENDEE"]) == "mailto:an@lamgiang.example"
    assert str(event["ORGANIZER"]) == "mailto:drills@lamgiang.example"


def test_one_body_serves_all_who_read_the_same(app, make, session, world):
    _person, deliveries = world
    subject = deliveries["action_due"]
    others = [make.person() for _ in range(3)]
    action = type("Subject", (), {"id": subject.subject_id})
    more = [matters.delivery(make, "action_due", action, one) for one in others]
    with app.app_context():
        press = Press(app.config, at=NOW, today=NOW)
        letters = [press.letter(one) for one in (subject, *more)]
    assert len(press.bodies) == 1
    assert len({letter.recipient for letter in letters}) == 4


def test_who_stands_in_learns_for_whom_and_gets_no_link_of_theirs(app, make, world):
    person, deliveries = world
    asked, deputy = deliveries["invitation"], make.person()
    subject = type("Subject", (), {"id": asked.subject_id})
    copy = matters.delivery(
        make, "invitation", subject, deputy, stands_in_for=person, reason="deputy"
    )
    with app.app_context():
        letter = parsed(Press(app.config, at=NOW, today=NOW).letter(copy).data)
    assert "thay mặt Nguyễn Văn An" in body(letter)
    assert "/rsvp/" not in letter.get_body(("html",)).get_content()
    assert [p.get_param("method") for p in letter.walk() if "calendar" in p.get_content_type()] == [
        None
    ]


def test_every_kind_has_its_matter_and_every_audience_its_reason():
    assert set(MATTERS) == {*KINDS, DIGEST}
    keys = {key for kind in KINDS.values() for key in kind.audiences}
    assert {key for key in keys if not key.startswith("role:")} <= set(REASONS)


def test_the_page_of_every_kind_exists(app):
    assert {kind.endpoint for kind in KINDS.values()} <= set(app.view_functions)
