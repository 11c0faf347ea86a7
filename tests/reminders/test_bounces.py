"""Mail that comes back, addresses that nothing is sent to any more, and limits."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from drills.reminders import jobs
from drills.reminders.letters import message_id
from drills.reminders.models import Delivery, State, SuppressedAddress
from drills.reminders.services import bounces, suppression
from tests.conftest import NOW
from tests.core.test_bounces import report

IN_A_DAY = NOW + timedelta(days=1)
SIGNED = "bounces+{id}@drills.test"


@pytest.fixture
def box(app, tmp_path):
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    app.config["BOUNCES_URL"] = f"maildir:{tmp_path / 'box'}"
    return tmp_path / "box"


@pytest.fixture
def read(app, session):
    def run():
        session.commit()
        with app.app_context():
            line = jobs.read_bounces(session, app.config, lambda: False)
        session.expire_all()
        return line

    return run


@pytest.fixture
def sent(rules, make, session, sink, send):
    """A reminder that went to lan@lamgiang.example."""
    make.drill(starts_at=IN_A_DAY, people=[make.person(email="lan@lamgiang.example")])
    send(NOW)
    return session.scalars(sa.select(Delivery)).one()


def about(delivery, **options):
    """A report of the letter of ``delivery``, known by its Message-ID."""
    identity = message_id(delivery.delivery_key, "drills.test")
    return report(**options).replace(b"<0123@drills.test>", identity.encode())


def test_a_letter_that_came_back_has_failed_and_its_address_is_silent(
    session, box, read, sent, make, send, sink, states
):
    (box / "new" / "1").write_bytes(about(sent))
    assert read() == "reports 1"
    assert sent.state is State.FAILED
    assert sent.code == 550
    assert "no such user" in sent.error
    assert session.scalars(sa.select(SuppressedAddress.address)).all() == ["lan@lamgiang.example"]
    make.drill(starts_at=IN_A_DAY, people=[sent.person])
    assert send(NOW).failed == 1
    assert len(sink.letters) == 1
    assert states() == {"failed": 2}


def test_a_report_read_twice_counts_once(session, box, read, sent):
    for name in ("1", "2"):
        (box / "new" / name).write_bytes(about(sent))
        assert read() == "reports 1"
    assert read() == ""
    assert len(list((box / "cur").iterdir())) == 2
    assert session.query(SuppressedAddress).count() == 1


@pytest.mark.parametrize(
    ("options", "state", "silent"),
    [
        ({"status": "5.7.1", "diagnosis": "550 5.7.1 spam"}, State.FAILED, 0),
        ({"status": "4.4.7", "diagnosis": "450 4.4.7 no answer"}, State.SENT, 0),
        ({"action": "delayed", "status": "4.4.1"}, State.SENT, 0),
        ({"status": "5.2.2", "diagnosis": "552 5.2.2 full"}, State.SENT, 0),
    ],
)
def test_what_may_pass_silences_nobody(session, box, read, sent, options, state, silent):
    (box / "new" / "1").write_bytes(about(sent, **options))
    read()
    assert sent.state is state
    assert sent.error.startswith("came back: ")
    assert session.query(SuppressedAddress).count() == silent


def test_whoever_does_not_know_the_letter_is_not_believed(session, box, read, sent):
    (box / "new" / "1").write_bytes(report())
    (box / "new" / "2").write_bytes(b"From: lan@lamgiang.example\r\n\r\nhello")
    assert read() == ""
    assert sent.state is State.SENT
    assert session.query(SuppressedAddress).count() == 0
    assert not list((box / "new").iterdir())


def test_a_return_path_of_its_own_tells_the_letter(app, session, box, read, sent):
    app.config["MAIL_RETURN_PATH"] = SIGNED
    path = bounces.return_path(app.config, sent.id)
    text = report().replace(b"bounces+7-abc@drills.test", path.encode())
    (box / "new" / "1").write_bytes(text)
    assert read() == "reports 1"
    assert sent.state is State.FAILED


def test_a_return_path_somebody_made_up_tells_nothing(app, session, box, read, sent):
    app.config["MAIL_RETURN_PATH"] = SIGNED
    path = bounces.return_path(app.config, sent.id + 1).replace(f"+{sent.id + 1}-", f"+{sent.id}-")
    (box / "new" / "1").write_bytes(report().replace(b"bounces+7-abc@drills.test", path.encode()))
    assert read() == ""
    assert sent.state is State.SENT


def test_letters_carry_their_return_path_on_the_envelope(app, rules, make, sink, send, session):
    app.config["MAIL_RETURN_PATH"] = SIGNED
    senders = []

    async def note(server, stage):
        if stage == "rcpt":
            senders.append(server.envelope.mail_from)

    sink.act = note
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    assert send(NOW).sent == 1
    delivery = session.scalars(sa.select(Delivery)).one()
    assert senders == [bounces.return_path(app.config, delivery.id)]
    assert senders[0].startswith(f"bounces+{delivery.id}-")


def test_a_mailbox_that_is_away_is_waited_for(app, read, caplog, tmp_path):
    app.config["BOUNCES_URL"] = f"maildir:{tmp_path / 'nowhere'}"
    assert read() == ""
    assert "cannot be read" in caplog.text


def test_a_server_that_does_not_know_somebody_is_believed_the_second_time(
    rules, make, session, sink, send
):
    sink.faults["rcpt"] = "550 5.1.1 unknown user"
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    for at, silent in ((NOW, 0), (IN_A_DAY - timedelta(hours=1), 1)):
        assert send(at).failed == 1
        found = session.query(SuppressedAddress).filter(SuppressedAddress.is_silent())
        assert found.count() == silent


def test_a_refusal_of_the_server_itself_silences_nobody(rules, make, session, sink, send):
    sink.faults["rcpt"] = "554 5.7.1 you are not welcome"
    person = make.person()
    for _ in range(3):
        make.drill(starts_at=IN_A_DAY, people=[person])
    assert send(NOW).failed == 3
    assert session.query(SuppressedAddress).count() == 0


def test_a_silent_address_can_be_tried_again(rules, make, session, sink, send, cli):
    person = make.person(email="lan@lamgiang.example")
    suppression.suppress(session, "Lan@lamgiang.example", reason="gone", code=550, at=NOW)
    make.drill(starts_at=IN_A_DAY, people=[person])
    assert send(NOW).sent == 0
    answer = cli("reminders", "suppressed", "list", "--json")
    assert '"address": "lan@lamgiang.example"' in answer.stdout
    assert cli("reminders", "suppressed", "lift", "lan@lamgiang.example").exit_code == 0
    assert cli("reminders", "suppressed", "lift", "lan@lamgiang.example").exit_code == 1
    make.drill(starts_at=IN_A_DAY, people=[person])
    assert send(NOW).sent == 1


def test_the_command_reads_the_mailbox(box, sent, cli, session):
    (box / "new" / "1").write_bytes(about(sent))
    answer = cli("reminders", "bounces", "--json")
    assert (answer.exit_code, answer.stdout) == (0, '{"reports": 1}\n')


@pytest.fixture
def crowd(rules, make):
    people = [make.person(email=f"p{n}@{'one' if n % 2 else 'two'}.example") for n in range(10)]
    return make.drill(starts_at=IN_A_DAY, people=people)


def test_no_more_than_the_limit_leaves_in_a_minute(
    app, crowd, session, send, monkeypatch, states, sink
):
    app.config["MAIL_PER_MINUTE"] = 4
    assert send(NOW).sent == 4
    assert send(NOW).sent == 0
    assert states() == {"sent": 4, "pending": 6}, "nothing is held meanwhile"
    earlier = sa.update(Delivery).where(Delivery.sent_at.is_not(None))
    session.execute(earlier.values(sent_at=NOW - timedelta(days=1)))
    assert send(NOW).sent == 4


def test_no_more_than_the_limit_goes_to_one_domain(app, crowd, session, send, sink):
    app.config["MAIL_PER_DOMAIN"] = 2
    assert send(NOW).sent == 4
    assert (
        sorted(a.partition("@")[2] for a in sink.recipients)
        == ["one.example"] * 2 + ["two.example"] * 2
    )
    waiting = session.scalars(sa.select(Delivery).where(Delivery.state == State.PENDING)).all()
    assert len(waiting) == 6
    assert all(row.next_at > NOW + timedelta(seconds=50) for row in waiting)
    assert {row.attempts for row in waiting} == {0}


def test_an_administrator_may_set_a_limit_of_their_own(app, crowd, session, send, sink):
    from drills.reminders.services import state

    app.config["MAIL_PER_MINUTE"] = 9
    state.locked(session).per_minute = 3
    assert send(NOW).sent == 3
