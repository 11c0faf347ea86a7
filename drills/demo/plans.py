"""What the demonstration planned: a programme, a scenario, and how live-fire was kept safe."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.exercises.models import (
    Drill,
    PlannedDrillDetails,
    ProgrammeDetails,
    RecurrenceDetails,
    SafetyDetails,
    ScenarioDetails,
    Severity,
    VulnerabilityDetails,
)
from drills.exercises.services import planning, programmes, safety, scenarios

NUMBERS = {"live1": "112/QĐ-UBND", "live2": "187/QĐ-UBND", "live3": "301/QĐ-UBND"}
FOUND = {
    "live1": (
        (Severity.CRITICAL, "Tải tệp thực thi lên thư mục công khai"),
        (Severity.HIGH, "Mật khẩu mặc định ở trang quản trị"),
        (Severity.HIGH, "Thành phần quản lý nội dung lỗi thời"),
        (Severity.HIGH, "Truy vấn cơ sở dữ liệu ghép từ ô nhập"),
        (Severity.MEDIUM, "Phiên đăng nhập không hết hạn"),
        (Severity.MEDIUM, "Không giới hạn số lần đăng nhập sai"),
        (Severity.MEDIUM, "Trang lỗi lộ đường dẫn máy chủ"),
        (Severity.LOW, "Thiếu tiêu đề bảo mật của trang"),
        (Severity.LOW, "Chứng thư số sắp hết hạn"),
    )
}
SCENARIO = {
    "title": "Mã độc tống tiền vào trung tâm dữ liệu",
    "kind_key": "tabletop",
    "threat": "Nhóm tống tiền vào bằng thư lừa đảo, ở lại ba tuần rồi mã hóa máy chủ tệp.",
    "summary": "Một buổi sáng mất tệp dùng chung, sao lưu hỏng, báo chí hỏi.",
    "story": "Cảnh báo đầu tiên đến từ máy chủ tệp FS-01 khi ca trực vừa đổi. Ba phòng không mở "
    "được tệp. Bản sao lưu đêm qua không chạy. Kẻ tấn công cho 24 giờ và dọa công bố dữ liệu.",
    "assumptions": "Trung tâm dữ liệu dự phòng vẫn hoạt động; Internet không bị ngắt.",
}


def permit(session: Session, drill: Drill, key: str, by: Person) -> None:
    """What was allowed on the real systems of a drill, and what was found there and mended."""
    begin = drill.starts_at
    details = SafetyDetails(
        authorisation_number=NUMBERS[key],
        authorisation_date=(begin - timedelta(days=14)).date(),
        rules="Chỉ hệ thống đã nêu; không làm gián đoạn dịch vụ; không lấy dữ liệu cá nhân ra.",
        tools="Quét cổng, quét lỗ hổng ứng dụng web, thư lừa đảo soạn sẵn.",
        depth="Chứng minh được quyền truy cập thì dừng, không đi sâu thêm.",
        window_from=begin,
        window_to=drill.ends_at,
        stop_condition="Dịch vụ công chậm quá 5 giây hoặc có sự cố thật.",
        stop_word="DỪNG ĐỎ",
        rollback="Khôi phục từ bản sao lưu trước diễn tập trong 2 giờ.",
        backup_at=begin - timedelta(hours=10),
        backup_by="Phòng Hạ tầng",
        backup_where="Kho sao lưu ngoại tuyến",
        contact="Trực vận hành Trung tâm dữ liệu",
        contact_phone="0200 000 113",
    )
    safety.keep_safety(session, drill, details, file=None, version=0, by=by)
    fixed_by = (drill.ends_at + timedelta(days=30)).date()
    for place, (severity, title) in enumerate(FOUND.get(key, ())):
        found = VulnerabilityDetails(
            system_id=drill.systems[place % len(drill.systems)].id,
            severity=severity,
            title=title,
            found_at=begin + timedelta(hours=1, minutes=30 * place),
            fix_by=fixed_by,
            fixed_on=fixed_by - timedelta(days=place),
        )
        safety.add_vulnerability(session, drill, found, by=by)


def foresee(session: Session, drills: list[Drill], coming: Drill, by: Person, at: datetime) -> None:
    """The programme with its lines, what recurs, and the scenario of the coming drill."""
    unit, this = coming.unit_id, coming.starts_at.year
    details = ProgrammeDetails(
        name="Chương trình diễn tập an toàn thông tin của tỉnh",
        unit_id=unit,
        from_year=min(drill.starts_at.year for drill in drills),
        to_year=this + 2,
        aims="Mỗi năm một cuộc thực chiến; hệ thống cấp độ 3 trở lên diễn tập trong ba năm.",
    )
    programme = programmes.add_programme(session, details, by=by)
    for drill in drills:
        line = _line(drill.title, drill.kind_key, unit, drill.starts_at.date())
        held = programmes.add_line(session, programme, line, by=by)
        programmes.hold_line(session, held, drill, by=by)
    for title, kind, month in (
        ("Thực chiến trên hệ thống một cửa điện tử", "live_fire", 4),
        ("Diễn tập trên bàn với các xã, phường", "tabletop", 9),
    ):
        ahead = _line(title, kind, unit, date(this + 1, month, 1))
        programmes.add_line(session, programme, ahead, by=by)
    recurrence = RecurrenceDetails(
        "Diễn tập trên bàn cuối năm", unit, coming.kind_key, 12, coming.starts_at.date()
    )
    programmes.add_recurrence(session, recurrence, by=by)
    story = ScenarioDetails(unit_id=unit, **SCENARIO)
    scenario = scenarios.write_scenario(session, story, by=by, at=at)
    session.flush()
    planning.pin_scenario(session, coming, scenario.newest, by=by)


def _line(title: str, kind: str, unit_id: int, day: date) -> PlannedDrillDetails:
    return PlannedDrillDetails(day.year, title, kind, unit_id, month=day.month)
