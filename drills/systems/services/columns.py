"""The columns of the list of systems, as it is imported and exported, and the words in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drills.core.tabular import Column
from drills.core.text import fold
from drills.systems.models import (
    Approval,
    PlanState,
    SystemKind,
    SystemStatus,
)

COLUMNS = (
    Column("code", "Mã hệ thống", "Code", ("Mã", "Mã HT", "Mã HTTT", "Ký hiệu", "System code")),
    Column(
        "name",
        "Tên hệ thống",
        "Name of the system",
        ("Tên", "Hệ thống", "Tên HTTT", "Tên hệ thống thông tin", "Name", "System", "System name"),
    ),
    Column("description", "Mô tả", "Description", ("Mô tả hệ thống", "Chức năng", "Nội dung")),
    Column(
        "owner_id",
        "Chủ quản",
        "Owner",
        ("Chủ quản hệ thống thông tin", "Chủ quản HTTT", "Đơn vị chủ quản", "Cơ quan chủ quản",
         "System owner", "Owner code", "Mã chủ quản"),
    ),
    Column(
        "operator_id",
        "Đơn vị vận hành",
        "Operator",
        ("Vận hành", "Đơn vị", "Cơ quan, đơn vị", "Đơn vị quản lý vận hành", "Operating unit",
         "Unit", "Mã đơn vị vận hành", "Mã đơn vị"),
    ),
    Column("kind", "Loại hệ thống", "Type", ("Loại", "Loại hình", "Loại hình HTTT", "Kind")),
    Column(
        "status",
        "Tình trạng vận hành",
        "Operating status",
        ("Trạng thái", "Trạng thái hoạt động", "Tình trạng", "Tình trạng hoạt động", "Status"),
    ),
    Column(
        "level",
        "Cấp độ",
        "Level",
        ("Cấp", "Cấp độ an toàn", "Cấp độ ATTT", "Cấp độ đề xuất", "Cấp độ được phê duyệt",
         "Cấp độ an toàn hệ thống thông tin", "Cấp độ an ninh mạng", "Security level"),
    ),
    Column(
        "approval",
        "Phê duyệt cấp độ",
        "Approval of the level",
        ("Tình trạng phê duyệt", "Tình trạng hồ sơ", "Hồ sơ cấp độ", "Tiến độ hồ sơ", "Phê duyệt",
         "Approval", "Approval status", "Tình trạng phê duyệt cấp độ"),
    ),
    Column(
        "decision_number",
        "Số quyết định",
        "Decision number",
        ("Số QĐ", "Quyết định", "Quyết định số", "Số quyết định phê duyệt", "Số QĐ phê duyệt",
         "Quyết định phê duyệt", "Decision", "Decision no"),
    ),
    Column(
        "decision_date",
        "Ngày quyết định",
        "Date of the decision",
        ("Ngày QĐ", "Ngày ký", "Ngày phê duyệt", "Ngày quyết định phê duyệt", "Ngày ban hành",
         "Decision date", "Approved on"),
    ),
    Column(
        "decision_authority",
        "Cơ quan ra quyết định",
        "Authority that decided",
        ("Cơ quan phê duyệt", "Cấp phê duyệt", "Cơ quan ban hành", "Cơ quan QĐ", "Cơ quan ký",
         "Authority", "Approved by"),
    ),
    Column(
        "signer",
        "Người ký quyết định",
        "Signer",
        ("Người ký", "Người ký QĐ", "Người phê duyệt", "Signed by"),
    ),
    Column(
        "valid_until",
        "Hiệu lực đến",
        "Valid until",
        ("Thời hạn hiệu lực", "Có hiệu lực đến", "Hiệu lực", "Hết hiệu lực", "Validity"),
    ),
    Column(
        "review_due_on",
        "Hạn rà soát",
        "Review due",
        ("Ngày rà soát", "Thời hạn rà soát", "Rà soát", "Ngày đến hạn rà soát", "Review",
         "Review date", "Due"),
    ),
    Column(
        "responsible_id",
        "Người phụ trách",
        "Responsible",
        ("Phụ trách", "Cán bộ phụ trách", "Người quản lý", "Đầu mối", "Email phụ trách",
         "Responsible person", "Contact"),
    ),
    Column(
        "plan_state",
        "Triển khai phương án",
        "Security plan",
        ("Phương án bảo đảm an toàn", "Tình trạng triển khai phương án", "Phương án",
         "Triển khai phương án bảo đảm an toàn", "Plan", "Plan state"),
    ),
    Column(
        "plan_expected_on",
        "Dự kiến hoàn thành phương án",
        "Plan expected to be done",
        ("Thời gian dự kiến triển khai đầy đủ", "Dự kiến triển khai"),
    ),
    Column(
        "approval_expected_on",
        "Dự kiến phê duyệt",
        "Approval expected",
        ("Thời gian dự kiến phê duyệt", "Ngày dự kiến phê duyệt", "Dự kiến hoàn thành phê duyệt"),
    ),
    Column(
        "regulation_number",
        "Số quy chế",
        "Number of the security regulation",
        ("Quy chế", "Số hiệu quy chế", "Quy chế bảo đảm an toàn", "Quy chế ATTT",
         "Số quyết định ban hành quy chế"),
    ),
    Column(
        "regulation_date",
        "Ngày quy chế",
        "Date of the security regulation",
        ("Ngày ban hành quy chế",),
    ),
    Column(
        "regulation_authority",
        "Cơ quan ban hành quy chế",
        "Who issued the security regulation",
        ("Đơn vị ban hành quy chế",),
    ),
    Column("has_public_information", "Thông tin công cộng", "Public information", ("Công cộng",)),
    Column("has_private_information", "Thông tin riêng", "Private information", ("Riêng",)),
    Column(
        "has_personal_data",
        "Dữ liệu cá nhân",
        "Personal data",
        ("Thông tin cá nhân", "Cá nhân", "Personal information"),
    ),
    Column(
        "has_state_secrets",
        "Bí mật nhà nước",
        "State secrets",
        ("Thông tin bí mật nhà nước", "BMNN"),
    ),
)  # fmt: skip
DECISION_KEYS = ("decision_number", "decision_date", "decision_authority", "signer", "valid_until")
"""The columns that tell of the decision in force."""
BY_KEY = {column.key: column for column in COLUMNS}
FLAGS = tuple(column.key for column in COLUMNS if column.key.startswith("has_"))


@dataclass(frozen=True, slots=True)
class Word:
    """How a value is written: in Vietnamese, in English, and what else is understood."""

    vi: str
    en: str
    others: tuple[str, ...] = ()

    def text(self, language: str) -> str:
        return self.en if language == "en" else self.vi


KIND_WORDS: Mapping[StrEnum, Word] = {
    SystemKind.INTERNAL: Word("Phục vụ hoạt động nội bộ", "Internal operations", ("Nội bộ",)),
    SystemKind.PUBLIC: Word(
        "Phục vụ người dân, doanh nghiệp",
        "Serves people and businesses",
        ("Người dân, doanh nghiệp", "Phục vụ người dân và doanh nghiệp", "Dịch vụ công"),
    ),
    SystemKind.INFRASTRUCTURE: Word(
        "Cơ sở hạ tầng thông tin", "Information infrastructure", ("Hạ tầng", "Hạ tầng thông tin")
    ),
    SystemKind.INDUSTRIAL_CONTROL: Word(
        "Điều khiển công nghiệp", "Industrial control", ("ICS", "SCADA", "Hệ thống điều khiển")
    ),
    SystemKind.OTHER: Word("Khác", "Other", ("Loại khác",)),
}
STATUS_WORDS: Mapping[StrEnum, Word] = {
    SystemStatus.UNDER_CONSTRUCTION: Word(
        "Đang xây dựng", "Under construction", ("Đang triển khai", "Xây dựng")
    ),
    SystemStatus.OPERATING: Word(
        "Đang vận hành", "In operation", ("Vận hành", "Đang hoạt động", "Hoạt động", "Đang sử dụng")
    ),
    SystemStatus.SUSPENDED: Word("Tạm dừng", "Suspended", ("Tạm ngừng", "Tạm dừng hoạt động")),
    SystemStatus.DECOMMISSIONED: Word(
        "Ngừng sử dụng", "Decommissioned", ("Đã dừng", "Thanh lý", "Dừng hoạt động", "Ngừng")
    ),
}
APPROVAL_WORDS: Mapping[StrEnum, Word] = {
    Approval.NONE: Word(
        "Chưa có hồ sơ", "No dossier yet", ("Chưa", "Chưa lập", "Chưa lập hồ sơ", "Chưa phê duyệt")
    ),
    Approval.DRAFTING: Word("Đang dự thảo", "Drafting", ("Đang lập", "Đang lập hồ sơ", "Dự thảo")),
    Approval.SENT: Word(
        "Đã gửi thẩm định",
        "Sent for appraisal",
        ("Đang thẩm định", "Gửi thẩm định", "Chờ thẩm định", "Being appraised"),
    ),
    Approval.APPRAISED: Word(
        "Đã thẩm định", "Appraised", ("Chờ phê duyệt", "Chờ duyệt", "Awaiting approval")
    ),
    Approval.APPROVED: Word(
        "Đã được phê duyệt", "Approved", ("Đã phê duyệt", "Đã duyệt", "Phê duyệt", "Có", "Rồi")
    ),
}
PLAN_WORDS: Mapping[StrEnum, Word] = {
    PlanState.NOT_IMPLEMENTED: Word(
        "Chưa triển khai",
        "Not implemented",
        ("Chưa", "Chưa thực hiện", "Chưa triển khai phương án"),
    ),
    PlanState.PARTLY: Word(
        "Đã triển khai một phần",
        "Partly implemented",
        ("Một phần", "Đang triển khai", "Chưa đầy đủ", "Triển khai một phần"),
    ),
    PlanState.FULLY: Word(
        "Đã triển khai đầy đủ",
        "Fully implemented",
        ("Đầy đủ", "Đã triển khai", "Triển khai đầy đủ", "Hoàn thành"),
    ),
}
CHOICES: Mapping[str, Mapping[StrEnum, Word]] = {
    "kind": KIND_WORDS,
    "status": STATUS_WORDS,
    "approval": APPROVAL_WORDS,
    "plan_state": PLAN_WORDS,
}
YES = Word("Có", "Yes", ("x", "1", "true", "đúng", "v", "y", "✓"))
NO = Word("Không", "No", ("0", "false", "sai", "n", "-"))


def words_of(choices: Mapping[StrEnum, Word]) -> dict[str, StrEnum]:
    """Every folded way to write each choice."""
    return {
        fold(text): value
        for value, word in choices.items()
        for text in (value.value.replace("_", " "), word.vi, word.en, *word.others)
    }


def named(name: str | None, code: str | None) -> str:
    """A unit or person as it is exported: unmistakable, and understood again."""
    return f"{name} ({code})" if name and code else name or ""


def written(key: str, value: Any, language: str) -> Any:
    """A cell of the export for ``value``: a word of ``language`` for a choice, else itself."""
    if key in CHOICES:
        return CHOICES[key][value].text(language) if value else ""
    if key in FLAGS:
        return (YES if value else NO).text(language)
    return "" if value is None else value
