"""What happened in the demonstration's drills: injects, times, findings and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.demo import plans
from drills.demo.files import table
from drills.demo.people import Roster
from drills.demo.year import ACID, APCERT, LIVE_COMMUNES, LIVE_DISTRICTS, LIVE_TEAM
from drills.exercises.models import (
    Drill,
    Entered,
    Inject,
    ObjectiveDetails,
    OurPart,
    Rating,
    Readiness,
    ReceivedDetails,
    Severity,
    Side,
    Status,
    Verdict,
)
from drills.exercises.services import afterwards, evaluation, participation, planning, readiness
from drills.exercises.services.afterwards import Happened
from drills.exercises.services.evaluation import RatingDetails
from drills.findings.models import (
    ActionDetails,
    CorrectiveAction,
    FindingDetails,
    LessonDetails,
)
from drills.findings.services import actions, findings

SIDES = {
    "phong-thu": "Đội phòng thủ",
    "tinh": "Đội ứng cứu sự cố tỉnh",
    "huyen": "Cán bộ chuyên trách cấp huyện",
    "xa": "Công chức đầu mối cấp xã",
    "ung-cuu": "Đội ứng cứu sự cố",
    "lanh-dao": "Lãnh đạo",
}
DETECT, CONTAIN = 20, 60


@dataclass(frozen=True, slots=True)
class _Story:
    """A drill that was held: its objectives with their ratings, and what it taught."""

    key: str
    title: str
    objectives: tuple[tuple[str, str, Rating, str], ...]
    finding: str
    analysis: str
    severity: Severity
    action: str
    strength: str


STORIES = (
    _Story(
        "live1",
        LIVE_TEAM.title,
        (
            ("Phát hiện tấn công trong 20 phút", "Giám sát", Rating.MAJOR_CHALLENGES, ""),
            ("Cô lập máy chủ bị chiếm trong 60 phút", "Ứng cứu", Rating.SOME_CHALLENGES, ""),
        ),
        "Không ai được báo khi có tệp lạ trong thư mục tải lên của Cổng thông tin.",
        "Nhật ký máy chủ web chưa gửi về hệ thống giám sát tập trung.",
        Severity.HIGH,
        "Gửi nhật ký máy chủ web về hệ thống giám sát và đặt cảnh báo tệp thực thi",
        "Tìm ra dấu vết khai thác ngay từ nhật ký tường lửa",
    ),
    _Story(
        "live2",
        LIVE_DISTRICTS.title,
        (
            ("Đầu mối huyện báo về tỉnh trong 30 phút", "Phối hợp", Rating.SOME_CHALLENGES, ""),
            ("Khống chế mã độc trên máy trạm", "Ứng cứu", Rating.SOME_CHALLENGES, ""),
        ),
        "Cán bộ cấp huyện không có quyền ngắt mạng máy trạm nên phải chờ tỉnh.",
        "Quy chế phối hợp chưa giao quyền cô lập khẩn cấp cho cấp huyện.",
        Severity.MEDIUM,
        "Bổ sung quyền cô lập khẩn cấp vào quy chế phối hợp và tập huấn",
        "Trực ca gọi đầu mối trong 4 phút, nhanh hơn đợt 1",
    ),
    _Story(
        "live3",
        LIVE_COMMUNES.title,
        (
            ("Công chức xã nhận ra thư lừa đảo", "Nhận thức", Rating.PERFORMED, ""),
            ("Báo chặn tên miền giả mạo trong 60 phút", "Phối hợp", Rating.PERFORMED, ""),
        ),
        "Danh bạ đầu mối cấp xã thiếu số di động của 11 xã.",
        "Danh bạ cập nhật theo năm, không theo lần thay người.",
        Severity.LOW,
        "Rà soát danh bạ đầu mối cấp xã mỗi quý",
        "Cảnh báo toàn tỉnh phát đi trong 8 phút",
    ),
)


def play(
    session: Session, drills: Sequence[Drill], roster: Roster, as_of: date, by: Person
) -> None:
    """Give the drills their contents through the same services that people use."""
    named = {drill.title: drill for drill in drills}
    now = datetime.combine(as_of, time(2), UTC)
    people = roster.core
    asked = [_held(session, named[story.title], story, people, by, now) for story in STORIES]
    for plan in (APCERT, ACID):
        _took_part(session, named[plan.title], by)
    coming = next(drill for drill in drills if drill.status is Status.PLANNED)
    _prepare(session, coming, by, now)
    plans.foresee(session, list(drills), coming, by, now)
    actions.carry_over(session, [asked[1]], coming, by=by, at=now)
    _late(session, coming, people, by, now)


def _held(
    session: Session,
    drill: Drill,
    story: _Story,
    people: Sequence[Person],
    by: Person,
    now: datetime,
) -> CorrectiveAction:
    drill.status = Status.PLANNED
    drill.detect_target_minutes, drill.contain_target_minutes = DETECT, CONTAIN
    sides = _plan(session, drill, story, by)
    plans.permit(session, drill, story.key, by)
    afterwards.record(session, drill, _rows(drill, story.key, sides), by=by, at=now)
    _describe(session, drill, story.key)
    after = drill.ends_at + timedelta(days=2)
    finding = findings.find(
        session,
        drill,
        FindingDetails(story.finding, story.severity, story.analysis, is_restricted=False),
        by=by,
    )
    owner, verifier = people[1], people[2]
    due = (drill.ends_at + timedelta(days=45)).date()
    details = ActionDetails(story.action, owner.id, drill.unit_id, due, finding.id)
    action = actions.ask(session, drill, details, by=by, at=after)
    done_at = drill.ends_at + timedelta(days=40)
    actions.report_done(session, action, "Đã làm, có biên bản nghiệm thu.", by=owner, at=done_at)
    actions.verify(session, action, "", by=verifier, at=done_at + timedelta(days=3))
    findings.learn(session, drill, LessonDetails(story.strength, is_strength=True), by=by)
    drill.status = Status.CLOSED
    return action


def _plan(session: Session, drill: Drill, story: _Story, by: Person) -> dict[str, Side]:
    """Objectives with their ratings, and the sides that the injects name."""
    ratings = {}
    for text, capability, rating, note in story.objectives:
        details = ObjectiveDetails(text, capability)
        objective = planning.add_objective(session, drill, details, by=by)
        ratings[objective.id] = RatingDetails(rating, None, None, note)
    evaluation.rate(session, drill, ratings, by=by, at=drill.ends_at)
    return _sides(session, drill, story.key, by)


def _sides(session: Session, drill: Drill, key: str, by: Person) -> dict[str, Side]:
    keys = dict.fromkeys(row["side"] for row in table("injects") if row["drill"] == key)
    sides = {
        name: planning.add_side(session, drill, key=name, name=SIDES[name], team_id=None, by=by)
        for name in keys
    }
    session.flush()
    return sides


def _rows(drill: Drill, key: str, sides: dict[str, Side]) -> list[Happened]:
    return [
        Happened(
            number=row["number"],
            title=row["title"],
            released_at=(released := drill.starts_at + timedelta(minutes=int(row["offset"]))),
            side_id=sides[row["side"]].id,
            detected_at=_later(released, row["detected"]),
            contained_at=_later(released, row["contained"]),
            verdict=Verdict(row["verdict"]),
        )
        for row in table("injects")
        if row["drill"] == key
    ]


def _later(at: datetime, minutes: str) -> datetime | None:
    return at + timedelta(minutes=int(minutes)) if minutes and minutes != "0" else None


def _describe(session: Session, drill: Drill, key: str) -> None:
    """What the injects said, where the record of the times knows their titles only."""
    texts = {
        row["number"]: row for row in table("injects") if row["drill"] == key and row["content"]
    }
    for inject in session.scalars(sa.select(Inject).where(Inject.drill_id == drill.id)):
        row = texts[inject.number]
        inject.content, inject.expected_action = row["content"], row["expected"]
    session.flush()


def _took_part(session: Session, drill: Drill, by: Person) -> None:
    part = drill.participation
    assert part
    told = OurPart(
        entered=Entered.DOMESTIC_PLAYER,
        round_id=None,
        score=None,
        score_of=None,
        rank=part.rank,
        rank_of=part.rank_of,
        rank_scope=part.rank_scope,
        source=part.source,
        prize="",
        feedback="",
        lessons="Phân công sẵn người dịch và người viết báo cáo; hai việc này chậm nhất.",
    )
    participation.tell(session, drill, told, by=by)
    for number, (after, took, summary) in enumerate(
        (
            (10, 18, "Phân tích thư và tệp đính kèm"),
            (70, 41, "Tìm máy chủ điều khiển"),
            (150, 55, "Viết khuyến nghị ứng phó"),
        ),
        start=1,
    ):
        received = drill.starts_at + timedelta(minutes=after)
        details = ReceivedDetails(
            number=str(number),
            received_at=received,
            answered_at=received + timedelta(minutes=took),
            assigned_to="",
            summary=summary,
            answer="",
            artefact_hash="",
            feedback="",
        )
        participation.receive(session, drill, details, by=by)


def _prepare(session: Session, drill: Drill, by: Person, now: datetime) -> None:
    """The coming drill is planned, and half of what is to be ready is."""
    drill.detect_target_minutes, drill.contain_target_minutes = DETECT, CONTAIN
    for text, capability in (
        ("Ra quyết định cô lập trong 15 phút", "Chỉ huy"),
        ("Báo cáo sự cố đúng thời hạn luật định", "Báo cáo"),
    ):
        planning.add_objective(session, drill, ObjectiveDetails(text, capability), by=by)
    sides = _sides(session, drill, "coming", by)
    for position, row in enumerate(r for r in table("injects") if r["drill"] == "coming"):
        inject = Inject(
            drill_id=drill.id,
            number=row["number"],
            position=(position + 1) * 10,
            offset_seconds=int(row["offset"]) * 60,
            title=row["title"],
            content=row["content"],
            expected_action=row["expected"],
            channel="Thư điện tử" if position % 2 else "Điện thoại",
        )
        inject.sides = [sides[row["side"]]]
        session.add(inject)
    session.flush()
    tasks = readiness.tasks(session, drill, None)
    done = {task.key: (Readiness.DONE, "") for task in tasks[: len(tasks) // 2]}
    readiness.note(session, drill, done, by=by, at=now)


def _late(
    session: Session, drill: Drill, people: Sequence[Person], by: Person, now: datetime
) -> None:
    """Two actions that are not done: one overdue, one to be verified."""
    earlier = actions.due_again(session, drill, by)[0].drill
    for text, days, is_done in (
        ("Thiết lập cảnh báo khi sao lưu ngoại tuyến quá 24 giờ", -12, False),
        ("Bật xác thực hai lớp cho tài khoản quản trị thư điện tử", 6, True),
    ):
        due = now.date() + timedelta(days=days)
        details = ActionDetails(text, people[3].id, drill.unit_id, due)
        at = now - timedelta(days=40)
        action = actions.ask(session, earlier, details, by=by, at=at)
        if is_done:
            actions.report_done(session, action, "Đã bật cho 4 tài khoản.", by=people[3], at=at)
