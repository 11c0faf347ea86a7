"""The sheets of the workbook and their columns. To read one more name, add it to the synonyms."""

from collections.abc import Sequence
from dataclasses import dataclass

from drills.core.tabular import Column


@dataclass(frozen=True, slots=True)
class SheetKind:
    """``is_upright``: one field a line, its name in the first cell and its value in the second."""

    key: str
    label_vi: str
    label_en: str
    synonyms: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    is_upright: bool = False

    def label(self, language: str) -> str:
        return self.label_en if language == "en" else self.label_vi

    @property
    def names(self) -> Sequence[str]:
        return (self.key, self.label_vi, self.label_en, *self.synonyms)


FIELD = Column("field", "Mục", "Field", ("thong tin", "item"))
VALUE = Column("value", "Nội dung", "Value", ("gia tri", "content"))

DRILL = SheetKind(
    "drill",
    "Cuộc diễn tập",
    "Drill",
    ("dien tap", "thong tin chung", "thong tin", "general", "exercise"),
    (
        Column("title", "Tên", "Title", ("ten cuoc dien tap", "chu de", "name"), required=True),
        Column("kind", "Loại hình", "Kind", ("loai", "hinh thuc", "type"), required=True),
        Column("part", "Vai trò của ta", "Our part", ("vai tro", "role")),
        Column("organiser", "Đơn vị tổ chức", "Organiser", ("chu tri", "organizer")),
        Column(
            "unit",
            "Đơn vị phụ trách",
            "Unit in charge",
            ("don vi", "ma don vi", "unit"),
            required=True,
        ),
        Column("starts_at", "Bắt đầu", "Begins at", ("tu", "start", "starts at"), required=True),
        Column("ends_at", "Kết thúc", "Ends at", ("den", "end", "ends at"), required=True),
        Column("time_zone", "Múi giờ", "Time zone", ("timezone",)),
        Column("place", "Địa điểm", "Place", ("noi to chuc", "location")),
        Column("is_online", "Trực tuyến", "Online", ("hinh thuc truc tuyen",)),
        Column("status", "Trạng thái", "Status", ("tinh trang",)),
        Column("status_reason", "Lý do", "Reason", ("ly do hoan", "ly do huy")),
        Column("summary", "Nội dung", "What it is about", ("mo ta", "tom tat", "summary")),
        Column("result", "Kết quả", "Result", ("ket qua mot dong", "result in one line")),
        Column("lead", "Người chỉ đạo", "Lead", ("phu trach", "chi huy", "lead of the drill")),
        Column("scope", "Phạm vi", "Scope"),
        Column("rules", "Quy tắc", "Rules", ("quy tac tham gia", "rules of engagement")),
        Column(
            "detect_target_minutes",
            "Phát hiện trong (phút)",
            "Detect within (minutes)",
            ("muc tieu phat hien",),
        ),
        Column(
            "contain_target_minutes",
            "Khống chế trong (phút)",
            "Contain within (minutes)",
            ("muc tieu khong che",),
        ),
        Column("edition", "Kỳ diễn tập", "Edition", ("ky", "lan thu")),
        Column("score", "Điểm", "Score"),
        Column("score_of", "Điểm tối đa", "Highest score", ("thang diem",)),
        Column("rank", "Thứ hạng", "Rank", ("xep hang",)),
        Column("rank_of", "Trên tổng số", "Of how many", ("so doi xep hang",)),
        Column("rank_scope", "Phạm vi xếp hạng", "Ranked among"),
        Column("source", "Nguồn", "Source", ("nguon thong tin",)),
    ),
    is_upright=True,
)
OBJECTIVES = SheetKind(
    "objectives",
    "Mục tiêu",
    "Objectives",
    ("muc dich", "muc tieu dien tap"),
    (
        Column("text", "Mục tiêu", "Objective", ("noi dung", "muc dich"), required=True),
        Column("capability", "Năng lực", "Capability", ("nang luc can kiem tra",)),
        Column("priority", "Ưu tiên", "Priority", ("muc uu tien",)),
        Column("rating", "Đánh giá", "Rating", ("muc danh gia", "psmu")),
        Column("score", "Điểm", "Score"),
        Column("score_of", "Điểm tối đa", "Highest score", ("thang diem",)),
        Column("note", "Nhận xét", "Note", ("ghi chu", "ly do")),
    ),
)
PLACES = SheetKind(
    "participants",
    "Tham gia",
    "Participants",
    ("thanh phan", "thanh phan tham gia", "doi choi", "teams", "people"),
    (
        Column("what", "Là gì", "What", ("loai", "doi tuong", "type"), required=True),
        Column("name", "Tên", "Name", ("ho ten", "ten don vi", "ten doi"), required=True),
        Column(
            "code", "Mã hoặc thư điện tử", "Code or e-mail", ("ma", "email", "thu dien tu", "code")
        ),
        Column("part", "Vai trò", "Part", ("vai tro trong dien tap", "role")),
        Column("side", "Bên chơi", "Side", ("ben", "thuoc ben")),
        Column("team", "Đội của bên", "Team of the side", ("doi", "team")),
        Column("presence", "Có mặt", "Presence", ("diem danh", "attendance")),
    ),
)
COLUMNS = SheetKind(
    "columns",
    "Cột riêng",
    "Own columns",
    ("cot them", "columns"),
    (
        Column("label", "Tên cột", "Column", ("ten", "name"), required=True),
        Column("audience", "Ai thấy", "Who sees it", ("nguoi xem", "audience")),
    ),
)
INJECTS = SheetKind(
    "injects",
    "Tình huống",
    "Injects",
    ("msel", "danh sach tinh huong", "kich ban", "list of injects", "chronogram"),
)
RESULTS = SheetKind(
    "results",
    "Kết quả",
    "Results",
    ("ket qua xu ly", "thoi gian xu ly", "times"),
    (
        Column(
            "inject",
            "Tình huống số",
            "Inject",
            ("so", "stt", "tinh huong", "number"),
            required=True,
        ),
        Column("side", "Bên chơi", "Side", ("ben", "doi", "team")),
        Column("released_at", "Phát lúc", "Released at", ("thoi gian phat", "phat", "released")),
        Column("detected_at", "Phát hiện lúc", "Detected at", ("phat hien", "detected")),
        Column("contained_at", "Khống chế lúc", "Contained at", ("khong che", "contained")),
        Column("verdict", "Đánh giá", "Verdict", ("ket qua", "dat", "result")),
        Column("note", "Nhận xét", "Note", ("ghi chu", "ly do")),
        Column("left_out", "Bỏ qua", "Left out", ("khong phat", "skipped")),
    ),
)
LOG = SheetKind(
    "log",
    "Nhật ký",
    "Log",
    ("so truc", "dien bien", "nhat ky dien tap"),
    (
        Column("at", "Thời điểm", "Time", ("thoi gian", "gio", "luc", "at"), required=True),
        Column("kind", "Loại", "Kind", ("loai ghi", "type")),
        Column("inject", "Tình huống số", "Inject", ("tinh huong", "so")),
        Column("side", "Bên chơi", "Side", ("ben", "doi", "team")),
        Column("text", "Nội dung", "Text", ("dien bien", "ghi chep", "content")),
        Column("by", "Người ghi", "Written by", ("nguoi ghi chep", "writer", "by")),
    ),
)
FINDINGS = SheetKind(
    "findings",
    "Hạn chế",
    "Findings",
    ("phat hien", "ton tai", "han che ton tai"),
    (
        Column("number", "Số", "Number", ("stt", "so thu tu", "no")),
        Column("text", "Hạn chế", "Finding", ("noi dung", "mo ta", "ton tai"), required=True),
        Column("severity", "Mức độ", "Severity", ("nghiem trong", "muc do nghiem trong")),
        Column("analysis", "Nguyên nhân", "Analysis", ("phan tich", "cause")),
        Column("inject", "Tình huống số", "Inject", ("tinh huong",)),
        Column("objective", "Mục tiêu", "Objective", ("muc tieu dien tap",)),
        Column("system", "Mã hệ thống", "System", ("he thong", "system code")),
        Column("is_restricted", "Hạn chế xem", "Restricted", ("noi bo", "mat")),
    ),
)
ACTIONS = SheetKind(
    "actions",
    "Khắc phục",
    "Actions",
    ("bien phap khac phuc", "bien phap", "corrective actions"),
    (
        Column("finding", "Hạn chế số", "Finding", ("thuoc han che", "so han che")),
        Column(
            "text",
            "Biện pháp khắc phục",
            "Action",
            ("noi dung", "bien phap", "viec can lam"),
            required=True,
        ),
        Column(
            "owner", "Người thực hiện", "Owner", ("phu trach", "nguoi phu trach"), required=True
        ),
        Column("unit", "Đơn vị", "Unit", ("don vi thuc hien", "ma don vi")),
        Column(
            "due_on", "Hạn", "Due on", ("thoi han", "han hoan thanh", "deadline"), required=True
        ),
        Column("state", "Trạng thái", "Status", ("tinh trang",)),
        Column("reason", "Lý do", "Reason", ("ly do huy", "ly do mo lai")),
        Column("evidence", "Kết quả thực hiện", "What was done", ("bang chung", "minh chung")),
        Column("done_by", "Người làm xong", "Done by", ("nguoi lam",)),
        Column("done_on", "Xong ngày", "Done on", ("ngay xong",)),
        Column("verified_by", "Người xác minh", "Verified by", ("nguoi kiem tra",)),
        Column("verified_on", "Xác minh ngày", "Verified on", ("ngay xac minh",)),
    ),
)

SHEETS = (
    DRILL,
    OBJECTIVES,
    PLACES,
    COLUMNS,
    INJECTS,
    RESULTS,
    LOG,
    FINDINGS,
    ACTIONS,
)
