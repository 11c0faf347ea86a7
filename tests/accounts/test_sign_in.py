import unicodedata
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa

from drills import create_app
from drills.accounts.models import Person, Role, SignInAttempt
from drills.audit.models import Entry
from drills.core import clock
from tests.accounts.conftest import PASSWORD
from tests.browser import Browser
from tests.conftest import NOW

WRONG = "Not the password at all"


@pytest.fixture
def person(make, password_hash):
    return make.person(role=Role.SECURITY_TEAM, password=password_hash, language="en")


def sign_in(browser, person, password=PASSWORD, *, status=302, **more):
    return browser.post(
        "/sign-in", {"email": person.email, "password": password} | more, status=status
    )


def at(monkeypatch, moment):
    monkeypatch.setattr(clock, "now", lambda: moment)


def letters(app):
    files = sorted((app.config["DATA"] / "outbox").glob("*.eml"))
    return [message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]


def verbs(session):
    return list(session.scalars(sa.select(Entry.verb).order_by(Entry.id)))


def test_a_person_signs_in_and_is_led_to_the_page_they_wanted(visitor, person, session):
    asked = visitor.raw("/profile")
    assert asked.location == "/sign-in?next=/profile"
    page = visitor.get(asked.location)
    assert page.select_one("main input[name=next]")["value"] == "/profile"
    assert sign_in(visitor, person, next="/profile").location == "/profile"
    visitor.get("/profile")
    assert session.get(Person, person.id).last_sign_in_at == NOW
    assert verbs(session) == ["signed_in"]
    assert session.scalars(sa.select(SignInAttempt)).all() == []


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKD"])
def test_a_password_is_the_same_however_the_keyboard_composes_it(visitor, person, form):
    typed = f" {unicodedata.normalize(form, PASSWORD)}\n"
    sign_in(visitor, person, typed)
    visitor.get("/profile")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\t/evil.example",
        "///evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
    ],
)
def test_signing_in_leads_to_our_own_pages_only(visitor, person, target):
    location = sign_in(visitor, person, next=target).location
    assert location == "/"
    fresh = Browser(visitor.app, visitor.session)
    typed = {"email": person.email, "password": PASSWORD}
    assert fresh.post("/sign-in", typed, query_string={"next": target}).location == "/"


def test_unknown_disabled_and_mistaken_get_the_same_answer(visitor, make, person, password_hash):
    closed = make.person(password=password_hash, active=False)
    nobody = make.person(email=None)
    answers = [
        sign_in(visitor, person, WRONG, status=422),
        sign_in(visitor, closed, PASSWORD, status=422),
        visitor.post("/sign-in", {"email": "x@y.example", "password": PASSWORD}, status=422),
    ]
    told = {page.select_one(".errors").text for page in answers}
    assert len(told) == 1
    assert nobody.email is None


def test_after_five_wrong_passwords_the_right_one_has_to_wait(
    visitor, person, session, monkeypatch
):
    for _ in range(5):
        sign_in(visitor, person, WRONG, status=422)
    page = sign_in(visitor, person, status=422)
    assert "15" in page.select_one(".errors").text
    assert verbs(session) == ["sign_in_refused"] * 5 + ["sign_in_locked"]
    at(monkeypatch, NOW + timedelta(minutes=16))
    sign_in(visitor, person)
    visitor.get("/profile")


def test_an_account_that_does_not_exist_is_locked_the_same_way(visitor):
    tries = [{"email": "x@y.example", "password": WRONG}] * 6
    pages = [visitor.post("/sign-in", one, status=422) for one in tries]
    assert "15" in pages[5].select_one(".errors").text
    assert "15" not in pages[4].select_one(".errors").text


def test_one_address_cannot_try_accounts_without_end(visitor):
    visitor.app.config["SIGN_IN_ATTEMPTS"] = 1
    pages = [
        visitor.post("/sign-in", {"email": f"p{n}@y.example", "password": WRONG}, status=422)
        for n in range(11)
    ]
    assert "15" in pages[10].select_one(".errors").text
    assert "15" not in pages[9].select_one(".errors").text


def test_signing_out_is_a_post_and_ends_the_session(visitor, person):
    sign_in(visitor, person)
    assert visitor.raw("/sign-out").status_code == 405
    visitor.get("/profile")
    assert visitor.post("/sign-out").location == "/sign-in"
    assert visitor.raw("/profile").status_code == 302


def test_a_session_ends_when_unused_and_when_old(visitor, person, monkeypatch):
    sign_in(visitor, person)
    at(monkeypatch, NOW + timedelta(hours=7))
    visitor.get("/profile")
    at(monkeypatch, NOW + timedelta(hours=14))
    visitor.get("/profile")
    at(monkeypatch, NOW + timedelta(hours=23))
    assert visitor.raw("/profile").status_code == 302
    sign_in(visitor, person)
    for hours in range(23, 47, 7):
        at(monkeypatch, NOW + timedelta(hours=hours))
        visitor.get("/profile")
    at(monkeypatch, NOW + timedelta(hours=48))
    assert visitor.raw("/profile").status_code == 302


def test_signing_out_everywhere_ends_the_sessions_of_other_devices(visitor, person):
    other = Browser(visitor.app, visitor.session)
    sign_in(visitor, person)
    sign_in(other, person)
    visitor.post("/profile/sign-out-everywhere")
    assert other.raw("/profile").status_code == 302
    assert visitor.raw("/profile").status_code == 302


def test_changing_the_password_keeps_this_session_and_ends_the_others(visitor, person, session):
    other = Browser(visitor.app, visitor.session)
    sign_in(visitor, person)
    sign_in(other, person)
    new = "Một câu khác còn dài hơn"
    typed = {"new_password": new, "new_password_confirm": new}
    visitor.post("/password/change", typed | {"password": WRONG}, status=422)
    visitor.post("/password/change", typed | {"password": PASSWORD})
    visitor.get("/profile")
    assert other.raw("/profile").status_code == 302
    sign_in(other, person, new)
    assert verbs(session).count("password_changed") == 1


@pytest.mark.parametrize("bad", ["short", "aaaaaaaaaaaaaaaa", "matkhau123456", "x" * 200])
def test_a_poor_password_is_refused(visitor, person, bad):
    sign_in(visitor, person)
    typed = {"password": PASSWORD, "new_password": bad, "new_password_confirm": bad}
    page = visitor.post("/password/change", typed, status=422)
    assert page.select_one("#new_password-error")


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(app, visitor, person):
    mistyped = {"email": f" {person.email.upper()}"}
    visitor.post("/password/forgotten", mistyped, status=200, headers={"Host": "localhost:5000"})
    [letter] = letters(app)
    link = next(w for w in letter.get_body(("plain",)).get_content().split() if "://" in w)
    assert link.startswith("http://drills.test/password/forgotten/")
    assert letter["To"] == person.email
    path = link.removeprefix("http://drills.test")
    new = "Mật khẩu mới đủ dài nhé"
    visitor.get(path)
    visitor.post(path, {"password": new, "password_confirm": new})
    assert visitor.post(path, {"password": new, "password_confirm": new}).location == (
        "/password/forgotten"
    )
    sign_in(visitor, person, new)
    assert len(letters(app)) == 2


def test_asking_about_an_unknown_address_says_the_same_and_sends_nothing(app, visitor, person):
    def said(email):
        page = visitor.post("/password/forgotten", {"email": email}, status=200)
        return page.select_one("[role=status]").text.replace(email, "…")

    assert said("nobody@y.example") == said(person.email)
    assert len(letters(app)) == 1


def test_a_host_that_is_not_ours_is_refused(visitor):
    assert visitor.raw("/sign-in", headers={"Host": "evil.example"}).status_code == 400
    answer = visitor.raw(
        "/", base_url="http://localhost", environ_overrides={"PATH_INFO": "//evil.example/"}
    )
    assert answer.status_code == 404


def test_cookies_are_out_of_reach_of_scripts_and_of_plain_connections(template, tmp_path):
    app = create_app({"DATA": str(tmp_path), "PUBLIC_URL": "https://drills.example"})
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-session"
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_no_token_in_the_address_stands_for_a_session(visitor, person):
    token = person.get_auth_token if hasattr(person, "get_auth_token") else None
    with visitor.app.test_request_context():
        given = token() if token else ""
    assert visitor.raw("/profile", query_string={"auth_token": given}).status_code == 302
