"""Invitations: asking, the link in the letter, the answer."""

from datetime import timedelta

import pytest

from drills.accounts.models import Role
from drills.core.errors import NotAllowedNow
from drills.exercises import answering
from drills.exercises.models import Answer, Invitation, Part, Status
from drills.exercises.services import people
from drills.web import links
from tests.browser import Browser


@pytest.fixture
def drill(make):
    make.organisation()
    return make.drill()


@pytest.fixture
def invitation(make, session, drill):
    people.invite(session, drill, [make.person()], by=None, at=make.now)
    session.commit()
    return session.query(Invitation).one()


@pytest.fixture
def path(app, invitation, drill):
    def address(**given):
        with app.app_context():
            subject = links.subject_of(invitation.id, invitation.nonce)
            options = {"expires_at": drill.starts_at} | given
            return "/rsvp/" + links.sign(options.pop("purpose", "rsvp"), subject, **options)

    return address


@pytest.fixture
def visitor(app, session):
    """Somebody who has not signed in."""
    return Browser(app, session)


def test_an_invited_person_answers_without_signing_in(session, visitor, invitation, path, drill):
    page = visitor.get(path())
    assert drill.title in page.text
    assert "DIỄN TẬP" in page.text
    visitor.post(path(), {"answer": "yes", "note": "Tôi đi cùng anh Nam"})
    assert (invitation.answer, invitation.note) == (Answer.YES, "Tôi đi cùng anh Nam")
    assert visitor.get(path()).select(".note.ok")
    visitor.post(path(), {"answer": "no", "note": ""})
    assert invitation.answer is Answer.NO


def test_to_look_at_the_link_changes_nothing(session, visitor, invitation, path):
    for _ in range(3):
        visitor.get(path())
        visitor.client.head(path())
    session.refresh(invitation)
    assert (invitation.answer, invitation.answered_at) == (None, None)


def test_an_answer_has_to_be_one_of_three(visitor, invitation, path):
    visitor.post(path(), {"answer": "perhaps"}, status=422)
    assert visitor.post(path(), {}, status=422).select(".errors")
    assert invitation.answer is None


@pytest.mark.parametrize("token", ["", "x", "WzEsMl0.abc", "không-phải", "%00", "a" * 3000])
def test_a_token_that_is_none_is_not_found(visitor, drill, token):
    visitor.get(f"/rsvp/{token}", status=404)


def test_a_link_of_another_purpose_opens_nothing(visitor, invitation, path):
    visitor.get(path(purpose="survey"), status=404)
    visitor.post(path(purpose="survey"), {"answer": "yes"}, status=404)
    assert invitation.answer is None


def test_a_link_ends_with_its_time(make, visitor, invitation, path):
    visitor.get(path(expires_at=make.now), status=404)
    visitor.get(path(expires_at=make.now + timedelta(seconds=1)))


def test_a_link_that_was_renewed_or_taken_back_leads_nowhere(make, session, visitor, invitation,
                                                             path, drill):  # fmt: skip
    old = path()
    people.invite(session, drill, [invitation.person], by=None, at=make.now)
    visitor.get(old, status=404)
    new = path()
    visitor.get(new)
    people.revoke(session, invitation, by=None, at=make.now)
    visitor.post(new, {"answer": "yes"}, status=404)
    assert invitation.answer is None
    with pytest.raises(NotAllowedNow):
        people.answer(session, invitation, Answer.YES, "", by=None, at=make.now)


@pytest.mark.parametrize("status", [Status.RUNNING, Status.CANCELLED, Status.COMPLETED])
def test_a_drill_that_is_not_ahead_takes_no_answers(make, visitor, drill, path, status):
    drill.status = status
    make.save(drill)
    visitor.post(path(), {"answer": "yes"}, status=404)


def test_an_answer_stands_for_the_day_it_was_given_for(make, session, visitor, invitation, path,
                                                       drill):  # fmt: skip
    visitor.post(path(), {"answer": "yes"})
    assert invitation.stands(drill.starts_at)
    drill.starts_at += timedelta(days=7)
    drill.ends_at += timedelta(days=7)
    make.save(drill)
    assert not invitation.stands(drill.starts_at)
    assert visitor.get(path()).select(".note.warn")


def test_the_address_in_the_letter_is_the_public_one(app, invitation, drill, visitor):
    with app.app_context():
        address = answering.address_of(invitation, drill)
    assert address.startswith("http://drills.test/rsvp/")
    visitor.get(address.removeprefix("http://drills.test"))


def test_those_who_take_part_are_invited_at_once_and_others_become_players(
    make, session, browser, drill
):
    named, other = make.person(), make.person()
    make.named(drill, named, Part.EVALUATOR)
    browser.post(f"/drills/{drill.id}/invitations/everybody")
    browser.post(f"/drills/{drill.id}/invitations/", {"person_ids": [other.id]})
    asked = {one.person_id for one in people.invitations(session, drill)}
    assert asked == {named.id, other.id}
    parts = {link.person_id: link.part for link in people.named(session, drill)}
    assert parts == {named.id: Part.EVALUATOR, other.id: Part.PLAYER}
    browser.post(f"/drills/{drill.id}/invitations/", {}, status=422)


def test_an_answer_by_telephone_is_noted(session, browser, invitation):
    browser.post(f"/invitations/{invitation.id}/answer", {"answer": "maybe", "note": "gọi lại"})
    session.refresh(invitation)
    assert invitation.answer is Answer.MAYBE
    browser.post(f"/invitations/{invitation.id}/revoke")
    session.refresh(invitation)
    assert invitation.is_revoked


def test_nobody_is_invited_to_what_has_begun(make, session, browser):
    make.organisation()
    past = make.drill(starts_at=make.now - timedelta(hours=1))
    page = browser.get(f"/drills/{past.id}/invitations/")
    assert not page.select("#more")
    browser.post(f"/drills/{past.id}/invitations/everybody", status=409)


def test_a_stranger_cannot_touch_an_invitation(app, make, session, invitation):
    officer = make.person(role=Role.UNIT_OFFICER, unit=make.unit())
    browser = Browser(app, session, as_=officer)
    browser.post(f"/invitations/{invitation.id}/revoke", status=404)
