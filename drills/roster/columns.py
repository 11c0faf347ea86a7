"""The columns of the list of members, imported and exported: the fields of Mẫu 01 and the team."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from babel import Locale

from drills.core.tabular import Column
from drills.core.text import fold
from drills.roster.models import (
    CHANNEL_KINDS,
    EXPERT_GROUPS,
    TEAM_ROLES,
    ChannelKind,
    ExpertGroup,
    TeamRole,
)

M = TypeVar("M", bound=StrEnum)

COLUMNS = (
    Column("name", "Họ và tên", "Name", ("ho ten", "thanh vien", "full name"), required=True),
    Column("email", "Thư điện tử", "E-mail", ("email", "hop thu", "dia chi thu", "work email")),
    Column("unit", "Đơn vị", "Unit", ("ma don vi", "don vi cong tac", "co quan"), required=True),
    Column("position", "Chức vụ", "Position", ("chuc danh",)),
    Column("phone", "Điện thoại cố định", "Telephone", ("dien thoai", "phone", "fixed line")),
    Column("mobile", "Điện thoại di động", "Mobile", ("di dong", "so di dong")),
    Column("fax", "Fax", "Fax number", ("so fax",)),
    Column("private_email", "Thư điện tử cá nhân", "Private e-mail", ("email ca nhan",)),
    Column("zalo", "Zalo", "Zalo number", ("so zalo",)),
    Column("signal", "Signal", "Signal number", ("so signal",)),
    Column("preferred", "Kênh ưu tiên", "Preferred way", ("kenh lien he uu tien",)),
    Column("team", "Đội", "Team", ("ten doi", "doi ung cuu su co")),
    Column("role", "Vai trò", "Role", ("vai tro trong doi",)),
    Column("is_core", "Nòng cốt", "Core", ("thanh vien nong cot", "core member")),
    Column("is_full_time", "Chuyên trách", "Full-time", ("chuyen trach kiem nhiem",)),
    Column("starts_on", "Từ ngày", "From", ("ngay tham gia", "tham gia tu ngay")),
    Column("decision_number", "Số quyết định", "Decision", ("quyet dinh", "decision number")),
    Column("decision_date", "Ngày quyết định", "Decision date", ("ngay ky",)),
    Column("expert_groups", "Nhóm chuyên gia", "Expert groups", ("expert group", "nhom")),
    Column("school", "Nơi đào tạo", "School", ("truong dao tao", "truong")),
    Column("field", "Ngành đào tạo", "Field trained in", ("chuyen nganh", "linh vuc dao tao")),
    Column("degree", "Bằng cấp", "Degree", ("van bang", "trinh do", "bang cap chung chi")),
    Column("graduated_on", "Tháng năm tốt nghiệp", "Month of graduation", ("tot nghiep",)),
    Column("languages", "Ngoại ngữ", "Languages", ("ngon ngu",)),
)
LABELS = {column.key: column.label_vi for column in COLUMNS}
CHANNEL_COLUMNS = {
    "fax": ChannelKind.FAX,
    "private_email": ChannelKind.PRIVATE_EMAIL,
    "zalo": ChannelKind.ZALO,
    "signal": ChannelKind.SIGNAL,
}
"""Columns whose cells are kept as further channels of a person."""
TEXTS = ("school", "field", "degree")
LANGUAGES = ("vi", "en", "zh", "fr", "ru", "ja", "ko", "de", "lo", "km", "th")
"""Languages offered, by ISO 639-1."""
HIDDEN = "•"
"""Stands in what is masked; a cell with it in it is read as empty."""
YES = {"x", "co", "yes", "1", "true", "nong cot", "chuyen trach", "full time", "core"}

ROLES_VI = {
    TeamRole.LEAD: "Đội trưởng",
    TeamRole.DEPUTY: "Đội phó",
    TeamRole.MEMBER: "Thành viên",
    TeamRole.CONTACT: "Đầu mối",
    TeamRole.CONTACT_BACKUP: "Đầu mối dự phòng",
    TeamRole.HANDLER: "Cán bộ xử lý sự cố",
    TeamRole.FORENSICS: "Điều tra số",
    TeamRole.MALWARE: "Phân tích mã độc",
    TeamRole.NETWORK: "Mạng",
    TeamRole.COMMUNICATION: "Truyền thông",
    TeamRole.LEGAL: "Pháp chế",
}
GROUPS_VI = {
    ExpertGroup.MANAGEMENT: "Quản lý an toàn thông tin",
    ExpertGroup.DEFENCE: "Kỹ thuật phòng thủ, chống tấn công",
    ExpertGroup.PROTECTION: "Kỹ thuật bảo vệ an toàn hệ thống và ứng dụng",
    ExpertGroup.ASSESSMENT: "Kỹ thuật kiểm tra, đánh giá an toàn thông tin",
}
KINDS_VI = {
    ChannelKind.WORK_EMAIL: "Thư điện tử",
    ChannelKind.PRIVATE_EMAIL: "Thư điện tử cá nhân",
    ChannelKind.FIXED_PHONE: "Điện thoại cố định",
    ChannelKind.MOBILE: "Điện thoại di động",
    ChannelKind.FAX: "Fax",
    ChannelKind.ZALO: "Zalo",
    ChannelKind.SIGNAL: "Signal",
    ChannelKind.OTHER: "Khác",
}
_FURTHER_ROLES = {
    "dau moi ung cuu su co": TeamRole.CONTACT,
    "dau moi chinh": TeamRole.CONTACT,
}
_FURTHER_GROUPS = {
    "quan ly attt": ExpertGroup.MANAGEMENT,
    "kiem tra, danh gia attt": ExpertGroup.ASSESSMENT,
    "ky thuat kiem tra, danh gia attt": ExpertGroup.ASSESSMENT,
}


def _words(members: Mapping[M, str], labels: Mapping[M, str]) -> dict[str, M]:
    """What a cell may say for each of ``members``: its code and its labels in both languages."""
    return {
        **{str(member): member for member in members},
        **{fold(label): member for member, label in members.items()},
        **{fold(label): member for member, label in labels.items()},
    }


ROLES = {"": TeamRole.MEMBER, **_words(TEAM_ROLES, ROLES_VI), **_FURTHER_ROLES}
GROUPS = {**_words(EXPERT_GROUPS, GROUPS_VI), **_FURTHER_GROUPS}
KINDS = _words(CHANNEL_KINDS, KINDS_VI)
SPOKEN = {
    **{code: code for code in LANGUAGES},
    **{fold(Locale(tongue).languages[code]): code for tongue in ("en", "vi") for code in LANGUAGES},
    **{fold(Locale("vi").languages[code]).removeprefix("tieng "): code for code in LANGUAGES},
}


def read_groups(cell: str) -> frozenset[ExpertGroup] | None:
    """The groups a cell names, parted by semicolons; None if one is not known."""
    parts = [fold(part) for part in cell.split(";") if part.strip()]
    if any(part not in GROUPS for part in parts):
        return None
    return frozenset(GROUPS[part] for part in parts)


def read_languages(cell: str) -> tuple[str, ...] | None:
    """Codes of the languages a cell names; None if one is not known."""
    parts = [fold(part) for part in cell.replace(",", ";").split(";") if part.strip()]
    if any(part not in SPOKEN for part in parts):
        return None
    return tuple(dict.fromkeys(SPOKEN[part] for part in parts))


def spoken(codes: list[str]) -> str:
    """Languages as they stand in an export."""
    return "; ".join(str(Locale("vi").languages.get(code, code)) for code in codes)
