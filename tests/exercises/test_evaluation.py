"""Results, verdicts, ratings, observations, the hot wash, and recording afterwards."""

from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.accounts.models import Role
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.core.tabular import write_xlsx
from drills.exercises.models import (
    ClockAct,
    InjectStatus,
    InjectVerdict,
    LogEntry,
    LogKind,
    Observation,
    Part,
    QuestionKind,
    Rating,
    Status,
    SurveyAnswer,
    SurveyInvitation,
    Verdict,
)
from drills.exercises.models.results import Sent, Stamp, by_drill, outcomes, summary
from drills.exercises.services import afterwards, conduct, results, surveys
from drills.exercises.services.surveys import SurveyDetails
from tests.browser import Browser
from tests.conftest import NOW

STAMPS = st.lists(
    st.builds(
        Stamp,
        st.integers(1, 4),
        st.one_of(st.none(), st.integers(1, 3)),
        st.sampled_from([LogKind.DETECTED, LogKind.CONTAINED]),
        st.integers(-100, 9000),
    ),
    max_size=12,
)
SENT = [Sent(n, 1 + n % 2, n * 60, (1, 2), 20, 60) for n in range(1, 5)]


@settings(deadline=None)
@given(STAMPS)
def test_results_do_not_depend_on_the_order_of_the_log(stamps):
    before = outcomes(SENT, stamps)
    assert outcomes(SENT, list(reversed(stamps))) == before
    assert outcomes(SENT, sorted(stamps, key=lambda stamp: stamp.at)) == before
    assert by_drill(before) == by_drill(list(reversed(before)))


@settings(deadline=None)
@given(STAMPS)
def test_what_was_not_noted_is_never_zero(stamps):
    rows = outcomes(SENT, stamps)
    whole = summary(rows)
    assert whole.detected == sum(row.detected_after is not None for row in rows)
    assert (whole.mttd is None) == (whole.detected == 0)
    assert all(row.detected_after is None or row.detected_after >= 0 for row in rows)


@settings(deadline=None)
@given(STAMPS, st.integers(1, 4), st.integers(1, 2))
def test_a_sides_own_time_counts_before_that_of_all(stamps, inject, side):
    own = Stamp(inject, side, LogKind.DETECTED, 10_000)
    for_all = Stamp(inject, None, LogKind.DETECTED, 0)
    others = [s for s in stamps if s.inject_id != inject]
    (row,) = [
        row
        for row in outcomes(SENT, [*others, own, for_all])
        if (row.sent.inject_id, row.side_id) == (inject, side)
    ]
    assert row.detected_after == 10_000 - row.sent.released


@pytest.fixture
def drill(make):
    make.organisation()
    drill = make.drill(
        starts_at=NOW - timedelta(hours=5),
        status=Status.COMPLETED,
        detect_target_minutes=10,
        contain_target_minutes=30,
    )
    make.clock(drill, (ClockAct.START, drill.starts_at), (ClockAct.END, drill.ends_at))
    return drill


@pytest.fixture
def side(make, drill):
    return make.side(drill, "soc", name="SOC")


@pytest.fixture
def inject(make, drill, side):
    return make.inject(
        drill, sides=[side], released_at=drill.starts_at, released_exercise_seconds=0
    )


@pytest.fixture
def evaluator(app, make, session, drill):
    person = make.person(role=Role.IR_MEMBER)
    make.named(drill, person, Part.EVALUATOR)
    return Browser(app, session, as_=person)


def text(page):
    return " ".join(page.main.text.split())


def stamp(make, drill, inject, side, kind, minutes):
    at = drill.starts_at + timedelta(minutes=minutes)
    return make.line(
        drill, inject=inject, side=side, kind=kind, at=at, exercise_seconds=minutes * 60
    )


def test_figures_are_the_same_on_every_road(make, session, drill, side, inject, evaluator):
    stamp(make, drill, inject, side, LogKind.DETECTED, 12)
    stamp(make, drill, inject, side, LogKind.CONTAINED, 20)
    whole = results.of_drill(session, drill).whole
    assert results.summaries(session, [drill.id]) == {drill.id: whole}
    assert (whole.mttd, whole.mttr) == (720, 1200)
    assert (whole.detected_in_time, whole.contained_in_time) == (False, True)
    page = text(evaluator.get(f"/drills/{drill.id}/evaluation/"))
    assert "12 phút" in page
    assert "mục tiêu 30 phút" in page


def test_a_pause_costs_nobody_anything(make, session):
    drill = make.drill(starts_at=NOW)
    at = [NOW + timedelta(minutes=n) for n in (0, 10, 40, 45)]
    conduct.turn(session, drill, ClockAct.START, seen=0, by=None, at=at[0])
    inject, person = make.inject(drill), make.person()
    conduct.release(session, inject, by=person, at=at[0])
    conduct.turn(session, drill, ClockAct.PAUSE, seen=1, by=None, at=at[1])
    conduct.turn(session, drill, ClockAct.RESUME, seen=2, by=None, at=at[2])
    conduct.stamp(session, inject, conduct.Press(LogKind.DETECTED, None), by=person, at=at[3])
    assert results.of_drill(session, drill).whole.mttd == 15 * 60


def test_verdicts_are_given_and_taken_back(session, drill, side, inject, evaluator):
    name = f"{inject.id}-{side.id}"
    for verdict, kept in (("met", [Verdict.MET]), ("partly", [Verdict.PARTLY]), ("", [])):
        data = {f"verdict-{name}": verdict, f"note-{name}": "đúng quy trình"}
        evaluator.post(f"/drills/{drill.id}/evaluation/verdicts", data)
        assert [row.verdict for row in session.scalars(sa.select(InjectVerdict))] == kept


def test_objectives_are_rated_and_scored(make, session, drill, evaluator):
    objective = make.objective(drill)
    number = objective.id
    data = {
        f"rating-{number}": Rating.SOME_CHALLENGES,
        f"score-{number}": "7,5",
        f"of-{number}": 10,
    }
    evaluator.post(f"/drills/{drill.id}/evaluation/ratings", data)
    session.refresh(objective)
    assert (objective.rating, objective.score) == (Rating.SOME_CHALLENGES, 7.5)
    wrong = {f"rating-{number}": "", f"score-{number}": "11", f"of-{number}": 10}
    evaluator.post(f"/drills/{drill.id}/evaluation/ratings", wrong, status=422)


def test_observations_are_not_for_players(app, make, session, drill, inject, evaluator):
    data = {"text": "Khoá tài khoản trước khi chụp bộ nhớ", "inject_id": inject.id}
    evaluator.post(f"/drills/{drill.id}/evaluation/observations", data)
    assert "chụp bộ nhớ" in text(evaluator.get(f"/drills/{drill.id}/evaluation/"))
    player = make.person(role=Role.IR_MEMBER)
    make.named(drill, player, Part.PLAYER)
    page = Browser(app, session, as_=player).get(f"/drills/{drill.id}/evaluation/")
    assert "chụp bộ nhớ" not in text(page)
    seen = session.scalars(sa.select(Observation)).one()
    evaluator.post(f"/observations/{seen.id}/remove")
    assert session.scalars(sa.select(Observation)).all() == []


def test_results_of_a_running_drill_are_not_shown_to_players(app, make, session):
    make.organisation()
    drill = make.drill(starts_at=NOW, status=Status.RUNNING)
    player = make.person(role=Role.IR_MEMBER)
    make.named(drill, player, Part.PLAYER)
    make.inject(drill, title="Đã phát cho mọi người", released_at=NOW)
    page = Browser(app, session, as_=player).get(f"/drills/{drill.id}/evaluation/")
    assert "Đã phát cho mọi người" not in text(page)


QUESTIONS = (
    (QuestionKind.SCALE, "Sát thực tế?"),
    (QuestionKind.YES_NO, "Rõ việc?"),
    (QuestionKind.TEXT, "Điều gì tốt?"),
)


@pytest.fixture
def survey(make, session, drill):
    author = make.person()
    for _ in range(4):
        make.named(drill, make.person(role=Role.IR_MEMBER), Part.PLAYER)
    survey = surveys.write(session, drill, SurveyDetails("", True, QUESTIONS), by=author)
    surveys.open_to_all(session, survey, by=author, at=NOW)
    session.commit()
    return survey


def invitations(session):
    return session.scalars(sa.select(SurveyInvitation).order_by(SurveyInvitation.id)).all()


def said(survey, mark=4):
    scale, yes, words = survey.questions
    return {scale.id: (mark, ""), yes.id: (1, ""), words.id: (None, "Phối hợp")}


def test_an_anonymous_answer_leads_back_to_nobody(session, survey):
    surveys.answer(session, invitations(session)[0], said(survey), at=NOW)
    session.commit()
    rows = session.scalars(sa.select(SurveyAnswer)).all()
    assert {row.person_id for row in rows} == {None}
    columns = set(SurveyAnswer.__table__.columns.keys()) | set(
        SurveyInvitation.__table__.columns.keys()
    )
    assert not {"answered_at", "created_at", "updated_at"} & columns


def test_answers_are_shown_from_three_people_up(session, survey):
    for n, invitation in enumerate(invitations(session)[:3], start=1):
        assert surveys.results(session, survey).told == []
        surveys.answer(session, invitation, said(survey, n), at=NOW)
    found = surveys.results(session, survey)
    assert (found.answered, found.told[0].mean, found.told[1].counts[1]) == (3, 2, 3)


def test_nobody_answers_twice_or_when_it_is_closed(session, survey):
    first, second, *_ = invitations(session)
    surveys.answer(session, first, said(survey), at=NOW)
    with pytest.raises(Conflict):
        surveys.answer(session, first, said(survey), at=NOW)
    with pytest.raises(NotAllowedNow):
        surveys.answer(session, second, said(survey), at=survey.closes_at)


def test_questions_stay_once_answers_are_in(session, survey, drill):
    surveys.answer(session, invitations(session)[0], said(survey), at=NOW)
    with pytest.raises(NotAllowedNow):
        surveys.write(session, drill, SurveyDetails("", False, QUESTIONS), by=survey.drill.lead)


def test_the_sheet_behind_the_link_needs_no_sign_in_and_works_once(
    app, session, survey, drill, evaluator
):
    page = evaluator.get(f"/drills/{drill.id}/survey/")
    links = [a["href"] for a in page.select("#asked a[href*='/hot-wash/']")]
    stranger = Browser(app, session)
    path = links[0].removeprefix("http://drills.test")
    sheet = stranger.get(path)
    assert stranger.get(path).select("form input[type=radio]"), "looking changes nothing"
    names = {field["name"] for field in sheet.select("main [name^=q]")}
    data = dict.fromkeys(names, "1")
    stranger.post(path, {}, status=422)
    assert stranger.client.post(path, data=data).status_code == 303
    assert stranger.client.post(path, data=data).status_code == 409
    assert not stranger.get(path).select("main form.form")
    stranger.get(f"{path}x", status=404)
    assert len(session.scalars(sa.select(SurveyAnswer)).all()) == 3


@pytest.fixture
def past(make):
    make.organisation()
    start = NOW - timedelta(days=30)
    drill = make.drill(starts_at=start, ends_at=start + timedelta(hours=3))
    make.side(drill, "soc", name="SOC")
    return drill


@pytest.fixture
def officer(app, make, session):
    return Browser(app, session, as_=make.person(role=Role.SECURITY_TEAM))


def row(n, **cells):
    return {f"{name}-{n}": value for name, value in cells.items()}


def test_a_past_drill_is_recorded_in_one_go(session, officer, past):
    data = row(1, number="1", title="Thư lạ", released="09:10", side="soc", detected="+7")
    data |= row(2, number="2", title="FS-01", released="09:30", side="SOC", detected="09:41")
    data["contained-2"], data["verdict-2"] = "10:30", "đạt"
    officer.post(f"/drills/{past.id}/afterwards", data)
    session.refresh(past)
    whole = results.of_drill(session, past).whole
    assert past.status is Status.COMPLETED
    assert (whole.mttd, whole.mttr, whole.met) == (9 * 60, 3600, 1)
    entries = session.scalars(sa.select(LogEntry)).all()
    assert all(entry.is_afterwards for entry in entries)
    assert len(entries) == 5
    officer.post(f"/drills/{past.id}/afterwards", data)
    assert len(session.scalars(sa.select(LogEntry)).all()) == 5


def test_what_cannot_be_read_is_named_row_by_row_and_nothing_is_saved(session, officer, past):
    data = row(1, number="1", released="sáng sớm") | row(2, number="", released="09:00")
    data |= row(3, number="3", released="09:00", side="xyz")
    page = officer.post(f"/drills/{past.id}/afterwards", data, status=422)
    mistakes = [item.text for item in page.select(".errors li")]
    assert [mistake.split(":")[0] for mistake in mistakes] == ["Dòng 1", "Dòng 2", "Dòng 3"]
    assert page.select_one("[name=released-1]")["value"] == "sáng sớm"
    assert session.scalars(sa.select(LogEntry)).all() == []


def test_times_in_the_wrong_order_are_refused(session, officer, past):
    data = row(1, number="1", released="09:00", detected="09:30", contained="09:10")
    page = officer.post(f"/drills/{past.id}/afterwards", data, status=422)
    assert "Dòng 1" in text(page)


def test_a_sheet_of_results_is_imported(session, officer, past):
    body = BytesIO()
    headers = ["STT", "Tình huống", "Phát lúc", "Đội", "Phát hiện", "Khống chế", "Kết quả"]
    rows = [
        ["1", "Thư lạ", "09:10", "SOC", "7", "26", "Đạt"],
        ["2", "FS-01", "9h30", "", "", "", ""],
    ]
    write_xlsx(body, headers, rows, sheet="Kết quả")
    body.seek(0)
    officer.post(
        f"/drills/{past.id}/afterwards",
        {"file": (body, "ket-qua.xlsx")},
        content_type="multipart/form-data",
    )
    whole = results.of_drill(session, past).whole
    assert (whole.injects, whole.mttd, whole.mttr, whole.met) == (2, 420, 26 * 60, 1)


def test_planned_injects_are_offered_and_keep_their_text(make, session, officer, past):
    inject = make.inject(past, number="1", title="Đã soạn", content="Nội dung")
    page = officer.get(f"/drills/{past.id}/afterwards")
    assert page.select_one("[name=title-1]")["value"] == "Đã soạn"
    officer.post(f"/drills/{past.id}/afterwards", row(1, number="1", released="09:00"))
    session.refresh(inject)
    assert (inject.status, inject.content) == (InjectStatus.RELEASED, "Nội dung")


def test_planned_injects_stand_with_their_sides_and_those_not_used_stay_planned(
    make, session, officer, past
):
    sides = [past.sides[0], make.side(past, "net", name="Mạng")]
    used, spare = (make.inject(past, number=n, title=f"Soạn {n}", sides=sides) for n in "12")
    page = officer.get(f"/drills/{past.id}/afterwards")
    shown = [page.select_one(f"[name=side-{n}]")["value"] for n in range(1, 5)]
    assert shown == ["SOC", "Mạng", "SOC", "Mạng"]
    data = row(1, number="1", released="09:00", side="SOC") | row(2, number="2", side="SOC")
    officer.post(f"/drills/{past.id}/afterwards", data)
    session.refresh(used)
    session.refresh(spare)
    assert (used.status, spare.status) == (InjectStatus.RELEASED, InjectStatus.PLANNED)


def test_times_of_a_second_day_are_read_and_shown_with_their_date(make, session, officer, past):
    past.ends_at = past.starts_at + timedelta(hours=30)
    session.commit()
    day = (past.starts_at + timedelta(days=1)).astimezone(past.zone)
    data = row(1, number="1", released=f"{day:%d/%m/%Y}, 08:20", side="SOC", detected="08:50")
    data |= row(2, number="2", released="D+1 09:00", side="SOC", verdict="Đạt một phần")
    officer.post(f"/drills/{past.id}/afterwards", data)
    whole = results.of_drill(session, past).whole
    assert (whole.injects, whole.mttd, whole.partly) == (2, 30 * 60, 1)
    page = officer.get(f"/drills/{past.id}/afterwards")
    assert page.select_one("[name=released-1]")["value"] == f"{day:%d/%m/%Y}, 08:20"
    officer.post(f"/drills/{past.id}/afterwards", data)
    assert results.of_drill(session, past).whole.injects == 2


def test_nothing_is_recorded_of_an_empty_table(session, past, make):
    with pytest.raises(DomainError):
        afterwards.record(session, past, [], by=make.person(), at=NOW)


def test_the_evaluation_takes_a_constant_number_of_queries(make, drill, side, evaluator, queries):
    counts = []
    for _ in range(2):
        for _n in range(6):
            one = make.inject(drill, sides=[side], released_at=NOW, released_exercise_seconds=60)
            stamp(make, drill, one, side, LogKind.DETECTED, 3)
        with queries() as seen:
            evaluator.raw(f"/drills/{drill.id}/evaluation/")
        counts.append(len(seen))
    assert counts[0] == counts[1]
