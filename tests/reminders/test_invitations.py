"""Letters of invitation: made from the invitations, sent by the same rules as every letter."""

import re
from datetime import timedelta

import pytest

from drills.exercises.models import Answer, Invitation, Status
from drills.exercises.services import people
from drills.reminders.models import Delivery
from tests.browser import Browser
from tests.conftest import NOW

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def drill(make, rules):
    return make.drill(starts_at=NOW + timedelta(days=60))


@pytest.fixture
def guest(make, session, drill):
    person = make.person()
    people.invite(session, drill, [person], by=None, at=NOW)
    session.commit()
    return person


def link_in(letter):
    text = letter.get_body(("plain",)).get_content()
    return re.search(r"http://drills\.test(/rsvp/\S+)", text)[1]


def invitation_of(session):
    return session.query(Invitation).one()


def test_who_is_invited_gets_one_letter_with_a_link_that_works(app, session, sink, send, guest,
                                                               drill):  # fmt: skip
    assert send(LATER).sent == 1
    assert send(LATER).sent == 0
    [letter] = sink.letters
    assert sink.recipients == [guest.email]
    assert drill.title in letter["Subject"]
    assert "DIỄN TẬP" in letter["Subject"]
    Browser(app, session).post(link_in(letter), {"answer": "yes"})
    assert invitation_of(session).answer is Answer.YES


def test_an_invitation_sent_anew_is_a_new_letter_and_the_old_link_is_void(
    app, session, sink, send, guest, drill
):
    send(LATER)
    people.invite(session, drill, [guest], by=None, at=LATER + timedelta(minutes=1))
    assert send(LATER + timedelta(minutes=2)).sent == 1
    old, new = (link_in(letter) for letter in sink.letters)
    visitor = Browser(app, session)
    visitor.get(old, status=404)
    visitor.get(new)


def test_when_the_drill_moves_those_who_answered_are_asked_again(make, session, sink, send, guest,
                                                                 drill):  # fmt: skip
    send(LATER)
    people.answer(session, invitation_of(session), Answer.YES, "", by=guest, at=LATER)
    assert send(LATER).sent == 0
    drill.starts_at += timedelta(days=1)
    drill.ends_at += timedelta(days=1)
    make.save(drill)
    assert send(LATER + timedelta(hours=1)).sent == 1


def test_an_invitation_taken_back_before_its_letter_left_stays_here(session, sink, send, guest):
    people.revoke(session, invitation_of(session), by=None, at=NOW)
    assert send(LATER).sent == 0
    assert sink.letters == []


def test_a_letter_that_waits_is_withdrawn_with_its_invitation(session, sink, send, send_again,
                                                              guest, states):  # fmt: skip
    sink.faults["rcpt"] = "450 later"
    send(LATER)
    people.revoke(session, invitation_of(session), by=None, at=NOW)
    session.commit()
    sink.faults.clear()
    send_again(LATER)
    assert states() == {"cancelled": 1}


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.POSTPONED])
def test_a_drill_that_is_off_invites_nobody(make, sink, send, guest, drill, status):
    drill.status = status
    make.save(drill)
    assert send(LATER).sent == 0


def test_reminders_and_invitations_do_not_take_each_others_place(make, session, sink, send, guest,
                                                                 drill):  # fmt: skip
    drill.starts_at = NOW + timedelta(days=6, hours=23)
    drill.ends_at = drill.starts_at + timedelta(hours=2)
    make.save(drill)
    send(LATER)
    kinds = {(row.kind, row.state.value) for row in session.query(Delivery)}
    assert ("invitation", "sent") in kinds
    assert ("drill", "sent") in kinds


def test_somebody_without_an_address_is_told_otherwise(make, session, sink, send, drill):
    people.invite(session, drill, [make.person(email=None)], by=None, at=NOW)
    session.commit()
    assert send(LATER).sent == 0


def test_the_letter_stands_in_the_list_of_the_drill(session, sink, send, browser, guest, drill):
    send(LATER)
    page = browser.get(f"/drills/{drill.id}/reminders/?tab=sent")
    assert guest.name in page.text
