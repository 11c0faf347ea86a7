"""What goes wrong on the way: nothing is lost, and a second copy has the first one's name."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from drills.reminders.models import Delivery
from tests.conftest import NOW

IN_A_DAY = NOW + timedelta(days=1)


@pytest.fixture
def drill(rules, make):
    return make.drill(starts_at=IN_A_DAY, people=[make.person() for _ in range(3)])


@pytest.mark.parametrize(
    ("stage", "reply", "after"),
    [
        ("mail", "421 closing", {"pending": 3}),
        ("rcpt", "450 later", {"pending": 1, "sent": 2}),
        ("rcpt", "452 later", {"pending": 1, "sent": 2}),
        ("rcpt", "552 5.2.2 full", {"pending": 1, "sent": 2}),
        ("rcpt", "550 unknown", {"failed": 1, "sent": 2}),
        ("dot", "451 later", {"pending": 1, "sent": 2}),
        ("dot", "554 refused", {"failed": 1, "sent": 2}),
        ("rcpt", "close", {"pending": 3}),
        ("dot", "close", {"uncertain": 1, "sent": 2}),
        ("dot", "store-close", {"uncertain": 1, "sent": 2}),
    ],
)
def test_a_fault_costs_one_letter_or_a_pause_and_all_arrive(
    drill, sink, send, send_again, states, stage, reply, after
):
    sink.faults[stage] = [reply]
    send(NOW)
    assert states() == after
    send_again()
    hard = after.get("failed", 0)
    assert states() == {"sent": 3 - hard} | ({"failed": hard} if hard else {})
    assert len(sink.counts()) == 3 - hard, "nobody is forgotten"
    assert len(sink.letters) == 3 - hard + (reply == "store-close")


def test_the_road_costs_no_attempt(drill, session, sink, send_again):
    sink.faults["mail"] = "421 closing"
    for _ in range(3):
        send_again()
    assert set(session.scalars(sa.select(Delivery.attempts))) == {0}


def test_a_server_that_does_not_answer_at_all_is_waited_for(drill, session, app, send, states):
    app.config["MAIL_URL"] = "smtp://127.0.0.1:1"
    outcome = send(NOW)
    assert (outcome.sent, outcome.postponed) == (0, 3)
    assert states() == {"pending": 3}
    assert "connect" in session.scalars(sa.select(Delivery.error).order_by(Delivery.id)).first()


def test_a_letter_refused_for_now_waits_before_it_is_tried_again(drill, session, sink, send):
    sink.faults["rcpt"] = ["450 later"]
    send(NOW)
    waiting = session.scalars(sa.select(Delivery).where(Delivery.code == 450)).one()
    assert waiting.next_at >= NOW + timedelta(seconds=45)
    assert waiting.error == "rcpt: 450 later"
    assert send(NOW).sent == 0


def test_attempts_are_used_up(drill, app, sink, send_again, states):
    app.config["MAIL_ATTEMPTS"] = 2
    sink.faults["rcpt"] = "450 later"
    for _ in range(3):
        send_again()
    assert states() == {"failed": 3}


def test_a_server_that_never_gives_a_verdict_is_given_up(drill, sink, send_again, states):
    sink.faults["dot"] = "close"
    for _ in range(6):
        send_again()
    assert states() == {"failed": 3}


def test_a_server_that_hangs_after_the_dot_leaves_it_uncertain(rules, make, app, send, states):
    import socket
    import threading

    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    app.config["MAIL_TIMEOUT_SECONDS"] = 0.3
    listener = socket.create_server(("127.0.0.1", 0))
    app.config["MAIL_URL"] = f"smtp://127.0.0.1:{listener.getsockname()[1]}"

    def serve():
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 here\r\n")
            for line in lines:
                if line.upper().startswith(b"DATA"):
                    connection.sendall(b"354 go\r\n")
                    break
                connection.sendall(b"250 fine\r\n")
            while lines.readline():
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    send(NOW)
    thread.join(5)
    listener.close()
    assert states() == {"uncertain": 1}


def test_what_a_dead_worker_held_goes_back(drill, session, sink, send, send_again, states):
    from drills.reminders.services import plan

    plan(session, now=NOW)
    first, second, _third = session.scalars(sa.select(Delivery).order_by(Delivery.id))
    long_ago = NOW - timedelta(days=400)
    first.state, first.token, first.lease_until = "claimed", "t", long_ago
    second.state, second.token, second.lease_until = "sending", "t", long_ago
    outcome = send(NOW)
    assert (outcome.recovered, outcome.sent) == (2, 2)
    assert states() == {"sent": 2, "uncertain": 1}
    send_again()
    assert states() == {"sent": 3}
    assert set(sink.counts().values()) == {1}


def test_an_address_no_server_takes_fails_alone(rules, make, session, sink, send, states):
    make.drill(
        starts_at=IN_A_DAY, people=[make.person(email="tên@lamgiang.example"), make.person()]
    )
    send(NOW)
    assert states() == {"failed": 1, "sent": 1}


def test_a_server_without_starttls_gets_nothing_if_it_is_required(drill, app, sink, send, states):
    app.config["MAIL_URL"] = f"{sink.url}?starttls=required"
    assert send(NOW).postponed == 3
    assert sink.letters == []
    assert states() == {"pending": 3}


def test_a_server_that_hangs_up_between_two_letters_is_called_again_at_once(drill, app, sink, send):
    sink.faults["mail"] = [None, "close", None]
    assert send(NOW).sent == 3
