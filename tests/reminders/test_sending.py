"""The main path: what is due arrives once, right, at a real SMTP server."""

from datetime import timedelta
from email.header import decode_header, make_header

import icalendar
import sqlalchemy as sa

from drills.exercises.models import DrillTeam, Status
from drills.extensions import db
from drills.reminders.models import Delivery, ReminderRule, State
from tests.conftest import NOW

IN_A_DAY = NOW + timedelta(days=1)


def test_a_day_before_lead_and_participants_get_one_mail_each(rules, make, sink, send, states):
    lead, player = make.person(), make.person()
    make.drill(starts_at=IN_A_DAY, lead=lead, people=[player])
    outcome = send(NOW)
    assert (outcome.planned, outcome.sent) == (2, 2)
    assert sorted(sink.recipients) == sorted([lead.email, player.email])
    assert states() == {"sent": 2}


def test_the_mail_is_right_in_text_html_and_calendar(rules, make, sink, send):
    lead = make.person(name="Trần Thị Hạnh", language="vi")
    drill = make.drill(
        starts_at=IN_A_DAY, lead=lead, title="Ứng phó mã độc <tống tiền>", place="Phòng 3.12"
    )
    send(NOW)
    (mail,) = sink.letters
    assert mail["Subject"] == (
        "[DIỄN TẬP] Ứng phó mã độc <tống tiền>: còn 1 ngày, 24/11/2026, 09:00"
    )
    assert mail["To"].addresses[0].display_name == "Trần Thị Hạnh"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] == f"<drill-{drill.id}@drills.test>"
    assert mail["Message-ID"].endswith("@drills.test>")
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    link = f"http://drills.test/drills/{drill.id}/"
    for part in (text, html):
        assert link in part
        assert "24/11/2026, 09:00 đến 12:00" in part
        assert f"chủ trì {drill.code}" in part
        assert "Phòng 3.12" in part
    assert "<tống tiền>" in text
    assert "&lt;tống tiền&gt;" in html
    (attachment,) = mail.iter_attachments()
    assert attachment.get_content_type() == "text/calendar"
    assert attachment.get_filename() == f"{drill.code}.ics"
    (event,) = icalendar.Calendar.from_ical(attachment.get_content()).walk("VEVENT")
    assert event.decoded("dtstart") == IN_A_DAY
    assert event["uid"] == f"drill-{drill.id}@drills.test"


def test_each_reads_their_own_language_and_local_time(rules, make, sink, send):
    make.drill(
        starts_at=IN_A_DAY,
        people=[
            make.person(language="vi"),
            make.person(language="en", time_zone="Europe/Berlin"),
        ],
    )
    send(NOW)
    by_language = {str(m["Subject"]).split("]")[0]: m for m in sink.letters}
    text = by_language["[EXERCISE"].get_body(("plain",)).get_content()
    assert "24 Nov 2026, 03:00 to 06:00" in text
    assert "24 Nov 2026, 09:00 to 12:00" in text, "where the drill is held"
    assert "24/11/2026, 09:00" in by_language["[DIỄN TẬP"].get_body(("plain",)).get_content()


def test_sent_once_though_run_twice(rules, make, sink, send):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    assert send(NOW).sent == 1
    assert send(NOW).sent == 0
    assert send(NOW + timedelta(minutes=1)).sent == 0
    assert len(sink.letters) == 1


def test_current_members_of_a_team_are_reminded_former_ones_and_the_unreachable_not(
    rules, make, session, sink, send
):
    team, drill = make.team(), make.drill(starts_at=IN_A_DAY)
    member = make.member(team=team).person
    make.member(team=team, ends_on=NOW.date() - timedelta(days=1))
    make.member(team=team, person=make.person(email=None))
    session.add(DrillTeam(drill_id=drill.id, team_id=team.id))
    send(NOW)
    assert sink.recipients == [member.email]


def test_who_leads_and_takes_part_and_is_in_the_team_gets_one_mail(
    rules, make, session, sink, send
):
    person = make.person()
    drill = make.drill(starts_at=IN_A_DAY, lead=person, people=[person])
    session.add(DrillTeam(drill_id=drill.id, team_id=make.member(person=person).team_id))
    send(NOW)
    assert sink.recipients == [person.email]


def test_every_lead_time_in_its_turn(rules, make, sink, send):
    start = NOW + timedelta(days=31)
    make.drill(starts_at=start, people=[make.person()])
    for before in (timedelta(days=30), timedelta(days=7), timedelta(days=1), timedelta(hours=1)):
        assert send(start - before - timedelta(minutes=1)).sent == 0
        assert send(start - before).sent == 1
    assert len(sink.counts()) == 4


def test_a_body_is_made_once_for_all_who_read_the_same(rules, make, sink, send, monkeypatch):
    from drills.reminders import letters

    made = []
    body = letters.Press._body
    monkeypatch.setattr(letters.Press, "_body", lambda *given: made.append(given) or body(*given))
    make.drill(starts_at=IN_A_DAY, people=[make.person() for _ in range(6)])
    send(NOW)
    assert (len(sink.letters), len(made)) == (6, 1)


def test_a_moved_drill_reminds_of_its_new_time_and_once_only_when_moved_back(
    rules, make, session, sink, send, states
):
    session.execute(sa.update(ReminderRule).where(ReminderRule.amount != 1).values(is_active=False))
    drill = make.drill(starts_at=IN_A_DAY, people=[make.person()])
    sink.faults["rcpt"] = ["450 later"]
    assert send(NOW).postponed == 1
    drill.starts_at = drill.ends_at = IN_A_DAY + timedelta(hours=5)
    assert send(NOW + timedelta(hours=1)).sent == 0, "the old time stands no more"
    assert states() == {"cancelled": 1}
    drill.starts_at = IN_A_DAY
    assert send(NOW + timedelta(hours=2)).sent == 1
    drill.starts_at = drill.ends_at = IN_A_DAY + timedelta(hours=5)
    assert send(NOW + timedelta(hours=6)).sent == 1
    drill.starts_at = IN_A_DAY
    assert send(NOW + timedelta(hours=7)).sent == 0
    assert len(sink.counts()) == len(sink.letters) == 2


def test_nothing_is_sent_for_a_drill_called_off(rules, make, sink, send):
    drill = make.drill(starts_at=IN_A_DAY, people=[make.person()])
    drill.move_to(Status.POSTPONED, "bão")
    assert send(NOW).sent == 0
    assert sink.letters == []


def test_a_drill_called_off_between_claim_and_data_is_not_sent(
    rules, make, session, sink, send, states, app
):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])

    with app.app_context():
        factory = db.sessionmaker

    async def at_recipient(server, stage):
        if stage == "rcpt":
            with factory() as other:
                other.execute(sa.text("UPDATE drill SET status = 'cancelled'"))
                other.commit()

    sink.act = at_recipient
    outcome = send(NOW)
    assert (outcome.sent, outcome.withdrawn) == (0, 1)
    assert sink.letters == []
    assert states() == {"cancelled": 1}


def test_a_scheduler_that_was_away_catches_up_with_the_nearest_and_says_it_is_late(
    rules, make, session, sink, send
):
    start = NOW + timedelta(days=10)
    make.drill(starts_at=start, people=[make.person()])
    back = start - timedelta(hours=20)
    assert send(back).sent == 1, "7 days and 1 day before were missed: one mail"
    assert session.scalars(sa.select(Delivery)).one().is_late
    assert "muộn hơn dự kiến" in sink.letters[0].get_body(("plain",)).get_content()


def test_seven_days_found_five_days_before_goes_out_once(rules, make, sink, send):
    start = NOW + timedelta(days=5)
    make.drill(starts_at=start, people=[make.person()])
    assert send(NOW).sent == 1
    assert send(NOW + timedelta(days=1)).sent == 0


def test_after_the_start_nothing_is_sent(rules, make, sink, send, states):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    sink.faults["rcpt"] = ["450 later"]
    send(NOW)
    assert send(IN_A_DAY).sent == 0
    assert states() == {"expired": 1}


def test_a_rule_switched_off_is_silent(rules, make, session, sink, send):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    session.execute(sa.update(ReminderRule).values(is_active=False))
    assert send(NOW).sent == 0


def test_without_a_mail_server_letters_are_kept(rules, make, send, app, states):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    assert send(NOW).sent == 1
    (kept,) = (app.config["DATA"] / "outbox").glob("*.eml")
    assert str(make_header(decode_header(kept.read_text().split("Subject: ")[1].split("\n")[0])))
    assert states() == {State.SENT.value: 1}


def test_while_letters_are_written_others_may_write(rules, make, app, sink, send, monkeypatch):
    from drills.reminders.letters import Press

    with app.app_context():
        factory = db.sessionmaker
    printed, letter = [], Press.letter

    def printing(press, delivery):
        with factory() as other:
            if other.get_bind().dialect.name == "sqlite":
                other.execute(sa.text("PRAGMA busy_timeout=0"))
            other.execute(sa.text("UPDATE reminder_rule SET amount = amount"))
            other.commit()
        printed.append(delivery.id)
        return letter(press, delivery)

    monkeypatch.setattr(Press, "letter", printing)
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    assert send(NOW).sent == 1
    assert len(printed) == 1
