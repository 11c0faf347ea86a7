"""The drills of 2024, and the one in the coming month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.demo.people import Roster
from drills.demo.tree import Province
from drills.exercises.models import (
    Drill,
    DrillPerson,
    Edition,
    Part,
    Participation,
    Series,
    Status,
)
from drills.systems.models import InformationSystem
from drills.units.models import Unit

ZONE = "Asia/Ho_Chi_Minh"
COMING_IN_DAYS = 8
SOURCE = "Số liệu minh họa, không phải kết quả đã công bố."
SCOPE = "Bảng điểm vòng trong nước, khối tỉnh, thành phố"


@dataclass(frozen=True, slots=True)
class _Plan:
    title: str
    kind: str
    part: Part
    organiser: str
    first: date
    last: date
    hours: tuple[int, int]
    place: str
    summary: str
    result: str = ""
    is_online: bool = False
    targets: tuple[str, ...] = ()
    """Beginnings of the names of the systems that are exercised."""


LIVE_TEAM = _Plan(
    "Diễn tập thực chiến đợt 1: Cổng thông tin điện tử và văn bản điều hành",
    "live_fire",
    Part.ORGANISER,
    "UBND tỉnh Lam Giang",
    date(2024, 4, 23),
    date(2024, 4, 24),
    (8, 17),
    "Trung tâm Chuyển đổi số tỉnh",
    "Đội tấn công và đội phòng thủ đối kháng trên hệ thống thật, không có kịch bản soạn trước; "
    "có quy tắc về mục tiêu, công cụ, mức độ khai thác cho phép và thời gian.",
    "Phát hiện 9 lỗ hổng, khắc phục xong 9 trong tháng 5/2024",
    targets=("Cổng thông tin điện tử tỉnh", "Hệ thống quản lý văn bản"),
)
LIVE_DISTRICTS = _Plan(
    "Diễn tập thực chiến đợt 2: cán bộ chuyên trách cấp huyện",
    "live_fire",
    Part.ORGANISER,
    "UBND tỉnh Lam Giang",
    date(2024, 7, 18),
    date(2024, 7, 19),
    (8, 17),
    "Hội trường UBND tỉnh, 13 điểm cầu cấp huyện",
    "Đội ứng cứu sự cố của tỉnh cùng cán bộ chuyên trách của 13 huyện, thị xã, thành phố xử lý "
    "tấn công vào hệ thống giải quyết thủ tục hành chính.",
    "13 trên 13 đơn vị cấp huyện tham gia, 11 đơn vị phát hiện trong 30 phút",
    targets=("Hệ thống thông tin giải quyết thủ tục hành chính",),
)
LIVE_COMMUNES = _Plan(
    "Diễn tập thực chiến đợt 3: công chức đầu mối cấp xã",
    "live_fire",
    Part.ORGANISER,
    "UBND tỉnh Lam Giang",
    date(2024, 12, 5),
    date(2024, 12, 6),
    (8, 17),
    "Trung tâm Chuyển đổi số tỉnh và các điểm cầu cấp xã",
    "Tình huống thư lừa đảo và chiếm quyền tài khoản một cửa. Tổng kết năm 2024: không để xảy "
    "ra sự cố nghiêm trọng nào trên địa bàn.",
    "Đầu mối cấp xã báo sự cố về tỉnh trong 24 giờ: 91%",
    targets=("Hệ thống xác thực tập trung", "Hệ thống thư điện tử công vụ"),
)
APCERT = _Plan(
    "APCERT 2024, vòng trong nước",
    "international",
    Part.PLAYER,
    "VNCERT/CC",
    date(2024, 8, 29),
    date(2024, 8, 29),
    (10, 15),
    "",
    "Thành viên nòng cốt của Đội ứng cứu sự cố tham gia trực tuyến.",
    is_online=True,
)
ACID = _Plan(
    "ACID 2024, vòng trong nước",
    "international",
    Part.PLAYER,
    "VNCERT/CC",
    date(2024, 10, 15),
    date(2024, 10, 15),
    (8, 16),
    "",
    "Thành viên nòng cốt của Đội ứng cứu sự cố tham gia trực tuyến.",
    is_online=True,
)


def build(
    session: Session,
    province: Province,
    roster: Roster,
    systems: Sequence[InformationSystem],
    as_of: date,
) -> list[Drill]:
    """The five drills of 2024 in order of time, then the coming one."""
    live = [
        (LIVE_TEAM, province.departments(LIVE_TEAM.first), []),
        (LIVE_DISTRICTS, province.districts, roster.district_officers),
        (LIVE_COMMUNES, province.communes, roster.commune_officers),
    ]
    drills = [_live(plan, roster, units, people, systems) for plan, units, people in live]
    for plan, rank in ((APCERT, 6), (ACID, 4)):
        drills.append(_international(session, plan, roster, rank))
    drills.sort(key=lambda drill: drill.starts_at)
    drills.append(_coming(province, roster, systems, as_of))
    for number, drill in enumerate(drills, start=1):
        year = drill.starts_at.astimezone(ZoneInfo(ZONE)).year
        drill.code = f"DT-{year}-{number if year == 2024 else 1:02}"
        drill.status = _status(drill, as_of)
    session.add_all(drills)
    return drills


def _status(drill: Drill, as_of: date) -> Status:
    start_of_day = datetime.combine(as_of, time.min, UTC)
    return Status.CLOSED if drill.ends_at < start_of_day else Status.PLANNED


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(ZONE)).astimezone(UTC)


def _drill(plan: _Plan, home: Unit, lead: Person) -> Drill:
    return Drill(
        code="",
        title=plan.title,
        kind_key=plan.kind,
        part=plan.part,
        organiser=plan.organiser,
        unit=home,
        starts_at=_at(plan.first, plan.hours[0]),
        ends_at=_at(plan.last, plan.hours[1]),
        time_zone=ZONE,
        place=plan.place,
        is_online=plan.is_online,
        summary=plan.summary,
        result=plan.result,
        lead=lead,
    )


def _targets(plan: _Plan, systems: Sequence[InformationSystem]) -> list[InformationSystem]:
    return [system for system in systems if system.name.startswith(plan.targets)]


def _live(
    plan: _Plan,
    roster: Roster,
    units: Sequence[Unit],
    people: Sequence[Person],
    systems: Sequence[InformationSystem],
) -> Drill:
    drill = _drill(plan, roster.team.unit, roster.lead)
    drill.units = list(units)
    drill.teams = [roster.team]
    drill.people = [DrillPerson(person=person, part=Part.BLUE) for person in people]
    drill.systems = _targets(plan, systems)
    return drill


def _international(session: Session, plan: _Plan, roster: Roster, rank: int) -> Drill:
    drill = _drill(plan, roster.team.unit, roster.lead)
    drill.result = f"Xếp thứ {rank} trên 63 ở vòng trong nước"
    drill.units = sorted({person.unit for person in roster.core}, key=lambda unit: unit.code)
    drill.people = [DrillPerson(person=person) for person in roster.core]
    drill.participation = Participation(
        edition=_edition(session, plan.title.partition(" ")[0]),
        rank=rank,
        rank_of=63,
        rank_scope=SCOPE,
        source=SOURCE,
    )
    return drill


def _edition(session: Session, code: str) -> Edition:
    query = sa.select(Edition).join(Series).where(Series.code == code, Edition.year == 2024)
    return session.scalars(query.order_by(Edition.id).limit(1)).one()


def _coming(
    province: Province,
    roster: Roster,
    systems: Sequence[InformationSystem],
    as_of: date,
) -> Drill:
    day = as_of + timedelta(days=COMING_IN_DAYS)
    plan = _Plan(
        "Diễn tập trên bàn: mã độc tống tiền tại Trung tâm dữ liệu tỉnh",
        "tabletop",
        Part.ORGANISER,
        "UBND tỉnh Lam Giang",
        day,
        day,
        (8, 11),
        "Phòng họp A, Trung tâm Chuyển đổi số tỉnh",
        "Lãnh đạo và Đội ứng cứu sự cố xử lý theo kế hoạch ứng phó: cô lập, thông báo, khôi phục.",
        targets=("Trung tâm dữ liệu tỉnh", "Kho dữ liệu dùng chung"),
    )
    drill = _live(plan, roster, province.departments(day)[:8], [], systems)
    drill.ends_at += timedelta(minutes=30)
    guests = roster.commune_officers[:5]
    drill.people = [DrillPerson(person=person, part=Part.OBSERVER) for person in guests]
    return drill
