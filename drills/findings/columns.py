"""The columns of actions in a spreadsheet: what is exported can be imported again."""

from typing import Any

from flask_babel import gettext as _

from drills.core.tabular import Column, labels
from drills.findings.models import CorrectiveAction
from drills.web.language import spoken

COLUMNS = (
    Column("code", "Mã", "Code", ("ma bien phap", "ma hanh dong")),
    Column(
        "text",
        "Biện pháp khắc phục",
        "Action",
        (
            "noi dung",
            "noi dung cong viec",
            "cong viec",
            "viec can lam",
            "bien phap",
            "kien nghi",
            "corrective action",
            "what",
        ),
        required=True,
    ),
    Column("owner", "Người thực hiện", "Owner", ("phu trach", "nguoi phu trach", "thu dien tu")),
    Column("unit", "Đơn vị", "Unit", ("don vi thuc hien", "don vi chu tri", "ma don vi")),
    Column(
        "due_on", "Hạn", "Due on", ("thoi han", "han hoan thanh", "due", "deadline"), required=True
    ),
    Column("drill", "Cuộc diễn tập", "Drill", ("ma dien tap", "ma cuoc dien tap")),
    Column("state", "Trạng thái", "Status", ("tinh trang", "ket qua")),
    Column("evidence", "Kết quả thực hiện", "What was done", ("bang chung", "minh chung")),
)


def headers() -> list[str]:
    return labels(COLUMNS, spoken())


def cells(action: CorrectiveAction) -> list[Any]:
    return [
        action.code,
        action.text,
        action.owner.email or action.owner.name,
        action.unit.code,
        action.due_on,
        action.drill.code,
        str(_(action.state_label)),
        action.evidence,
    ]
