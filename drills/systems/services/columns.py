"""The columns of the list of systems, as it is imported and exported, and the words in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session, aliased

from drills.accounts.models import Person
from drills.core.tabular import Column
from drills.core.text import N_, fold
from drills.systems.models import Approval, Filters, InformationSystem, SystemKind, SystemStatus
from drills.units.models import Unit

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
        ("Cơ quan phê duyệt", "Cấp phê duyệt", "Cơ quan ban hành", "Authority", "Approved by"),
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
BY_KEY = {column.key: column for column in COLUMNS}
FLAGS = tuple(column.key for column in COLUMNS if column.key.startswith("has_"))

HINTS = {
    "code": (N_("Left empty, a new system gets the next number. A known code changes that system."),
             "HT-0001"),
    "name": (N_("Needed."), "Cổng dịch vụ công"),
    "description": (N_("In a few sentences."), "Tiếp nhận và trả kết quả thủ tục hành chính"),
    "owner_id": (N_("Code or exact name of a unit. Empty: the operator."), "Sở Y tế"),
    "operator_id": (N_("Code or exact name of a unit. Empty: the owner."), "Sở Y tế"),
    "kind": (N_("What the system serves."), "Phục vụ người dân, doanh nghiệp"),
    "status": (N_("Empty for a new system: in operation."), "Đang vận hành"),
    "level": (N_("1 to 5; “Cấp 3”, “III” and “cấp độ 3” mean the same."), "3"),
    "approval": (N_("“Approved” needs level, decision number and date."), "Đã được phê duyệt"),
    "decision_number": (N_("As printed on the decision."), "1482/QĐ-UBND"),
    "decision_date": (N_("Day/month/year."), "23/11/2026"),
    "decision_authority": (N_("Who signed the decision."), "UBND tỉnh"),
    "review_due_on": (N_("Day/month/year."), "23/11/2027"),
    "responsible_id": (N_("E-mail address or exact name of a person."), "lan@so-y-te.example"),
    "has_public_information": (N_("Yes or no."), "Có"),
    "has_private_information": (N_("Yes or no."), "Có"),
    "has_personal_data": (N_("Yes or no."), "Có"),
    "has_state_secrets": (N_("Yes or no."), "Không"),
}  # fmt: skip


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
CHOICES: Mapping[str, Mapping[StrEnum, Word]] = {
    "kind": KIND_WORDS,
    "status": STATUS_WORDS,
    "approval": APPROVAL_WORDS,
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
        return CHOICES[key][value].text(language)
    if key in FLAGS:
        return (YES if value else NO).text(language)
    return "" if value is None else value


def export_rows(
    session: Session, filters: Filters, person: Person | None, language: str
) -> Iterator[Sequence[Any]]:
    """The list that ``filters`` describe, in its order: one row for each of COLUMNS' cells."""
    owner, operator, responsible = aliased(Unit), aliased(Unit), aliased(Person)
    keys = [column.key for column in COLUMNS]
    special = {
        "owner_id": (owner.name, owner.code),
        "operator_id": (operator.name, operator.code),
        "responsible_id": (responsible.name, responsible.email),
    }
    plain = [key for key in keys if key not in special]
    columns = [getattr(InformationSystem, key) for key in plain]
    columns += [column for pair in special.values() for column in pair]
    query = (
        filters.rows(person)
        .join(owner, InformationSystem.owner_id == owner.id)
        .join(operator, InformationSystem.operator_id == operator.id)
        .outerjoin(responsible, InformationSystem.responsible_id == responsible.id)
        .with_only_columns(*columns)
        .execution_options(yield_per=1000)
    )
    for row in session.execute(query):
        cells = {key: written(key, row[n], language) for n, key in enumerate(plain)}
        for n, key in enumerate(special):
            cells[key] = named(*row[len(plain) + 2 * n : len(plain) + 2 * n + 2])
        yield [cells[key] for key in keys]
