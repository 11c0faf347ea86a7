from datetime import timedelta

import pytest

from drills.web import links
from tests.conftest import NOW

LATER = NOW + timedelta(days=7)


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


def test_what_was_signed_is_read_until_its_last_moment(inside):
    token = links.sign("check", "7.abc", expires_at=LATER)
    assert links.read("check", token, NOW) == "7.abc"
    assert links.read("check", token, LATER - timedelta(seconds=1)) == "7.abc"
    assert links.read("check", token, LATER) is None


def test_a_token_of_one_purpose_is_nothing_to_another(inside):
    token = links.sign("check", "7.abc", expires_at=LATER)
    assert links.read("calendar", token, NOW) is None


def test_a_new_version_of_the_key_ends_every_link(inside):
    token = links.sign("check", "7.abc", expires_at=LATER)
    assert links.read("check", token, NOW, key_version=links.KEY_VERSION + 1) is None


def test_another_secret_signs_other_tokens(app, inside):
    token = links.sign("check", "7.abc", expires_at=LATER)
    app.config["SECRET_KEY"] = "another"
    assert links.read("check", token, NOW) is None


@pytest.mark.parametrize("wrong", ["", "a", "a.b", "ệ.ệ", "\0", "=" * 2000, "W10.x", "\ud800"])
def test_nonsense_is_no_token(inside, wrong):
    assert links.read("check", wrong, NOW) is None


def test_every_changed_character_spoils_a_token(inside):
    token = links.sign("check", "7.abc", expires_at=LATER)
    for place, letter in enumerate(token):
        changed = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        # the last letter of base64 carries bits that nobody reads
        assert links.read("check", changed, NOW) is None or place == len(token) - 1


def test_a_row_takes_its_links_back_with_a_new_nonce():
    before, after = links.fresh_nonce(), links.fresh_nonce()
    identity, nonce = links.parts_of(links.subject_of(7, before))
    assert identity == 7
    assert links.matches(nonce, before)
    assert not links.matches(nonce, after)
    assert not links.matches("", "")


@pytest.mark.parametrize("public", ["https://dientap.example", "https://dientap.example/drills/"])
def test_a_link_leads_to_the_public_address_whatever_the_host(app, public):
    app.config["PUBLIC_URL"] = public
    with app.test_request_context(base_url="http://evil.example"):
        token = links.sign("check", "7.abc", expires_at=LATER)
        address = links.address("security.reset_password", token)
    assert address.startswith(public.rstrip("/") + "/")
    assert token in address
    assert "evil" not in address
