"""The columns of a list of injects: ours, and those of the sets people exchange."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from drills.core.tabular import Column
from drills.core.text import N_

COLUMNS = (
    Column(
        "number",
        "Số",
        "Number",
        (
            "stt", "tt", "so tt", "so thu tu", "so hieu", "ma so", "ma", "ma inject",
            "ma tinh huong", "so tinh huong", "inject no", "inject number", "inject id", "inject #",
            "id", "no", "nr", "control number", "event number", "event no", "event id", "seq no",
            "seq", "sequence", "serial", "serial no", "msel number", "msel no", "item",
        ),
    ),
    Column(
        "phase",
        "Pha",
        "Phase",
        ("giai doan", "pha dien tap", "move", "stage", "section", "phan", "chuong"),
    ),
    Column("day", "Ngày", "Day", ("ngay thang", "date", "ngay dien ra", "ngay phat")),
    Column(
        "time",
        "Thời điểm",
        "Time",
        (
            "thoi gian", "gio", "thoi gian thuc", "thoi gian du kien", "thoi gian phat",
            "thoi diem phat", "gio phat", "thoi gian dien ra", "thoi gian bat dau", "bat dau",
            "thoi gian thuc hien", "delivery time", "local time", "designated scenario time",
            "timeline", "planned time", "real time", "wall time", "start time", "offset",
            "inject time", "time of inject", "moc thoi gian",
        ),
    ),
    Column(
        "situation_time",
        "Thời gian tình huống",
        "Situation time",
        (
            "simulated time", "scenario time", "story time", "thoi gian gia dinh",
            "thoi gian gia lap", "thoi gian kich ban", "thoi gian trong kich ban",
        ),
    ),
    Column(
        "sender",
        "Nơi phát",
        "From",
        (
            "from org", "from organisation", "from organization", "originator", "sender",
            "source", "nguoi phat", "don vi phat", "ben phat", "nguon", "noi gui", "nguoi gui",
            "don vi gui", "tu",
        ),
    ),
    Column(
        "sides",
        "Đơn vị nhận",
        "To",
        (
            "to org", "to organisation", "to organization", "target", "recipient", "recipients",
            "teams", "team", "audience", "players", "doi", "cac doi", "doi nhan", "ben nhan",
            "noi nhan", "nguoi nhan", "den", "doi tuong", "doi tuong nhan", "don vi xu ly",
            "don vi thuc hien", "don vi", "target audience",
        ),
    ),
    Column(
        "channel",
        "Kênh",
        "Channel",
        (
            "delivery method", "inject mode", "mode", "method", "medium", "means", "hinh thuc",
            "phuong thuc", "phuong tien", "kenh phat", "hinh thuc gui", "hinh thuc phat",
            "kenh lien lac", "inject type", "phuong thuc phat",
        ),
    ),
    Column(
        "title",
        "Tình huống",
        "Title",
        (
            "subject", "ten tinh huong", "tieu de", "inject", "event", "su kien", "ten su kien",
            "headline", "inject title", "event title", "ten", "ten inject",
        ),
    ),
    Column(
        "content",
        "Nội dung",
        "Content",
        (
            "details", "noi dung tinh huong", "noi dung chi tiet", "mo ta", "mo ta tinh huong",
            "inject content", "inject text", "text", "dien bien", "chi tiet", "description",
            "noi dung inject",
        ),
    ),
    Column("message", "Thông điệp", "Message", ("inject message", "thong bao")),
    Column(
        "expected_action",
        "Hành động mong đợi",
        "Expected action",
        (
            "expected actions", "expected participant response", "expected response",
            "expected player action", "expected player actions", "action to be taken",
            "expectation", "expectations", "ket qua mong doi", "xu ly mong doi",
            "hanh dong du kien", "hanh dong can thuc hien", "phan ung mong doi",
            "yeu cau xu ly", "huong xu ly", "dap an",
        ),
    ),
    Column(
        "objective",
        "Mục tiêu",
        "Objective",
        ("exercise objective", "objectives", "muc tieu dien tap", "muc dich"),
    ),
    Column(
        "is_contingency",
        "Dự phòng",
        "Contingency",
        ("tinh huong du phong", "contingency inject", "spare", "optional"),
    ),
    Column(
        "depends_on",
        "Sau tình huống số",
        "Depends on",
        ("dependency", "after", "predecessor", "phu thuoc", "tinh huong truoc", "sau tinh huong"),
    ),
    Column(
        "detect_target_minutes",
        "Phát hiện trong (phút)",
        "Detect within (minutes)",
        ("phat hien", "detect", "detection target"),
    ),
    Column(
        "contain_target_minutes",
        "Khống chế trong (phút)",
        "Contain within (minutes)",
        ("khong che", "contain", "containment target"),
    ),
    Column(
        "note",
        "Ghi chú",
        "Note",
        ("notes", "comments", "comment", "remarks", "remark", "luu y"),
    ),
)  # fmt: skip
"""In the order of our own sheet. ``day`` and ``message`` are read, never written there."""

BY_KEY = {column.key: column for column in COLUMNS}
READ_ONLY = frozenset({"day", "message"})
OURS = tuple(column.key for column in COLUMNS if column.key not in READ_ONLY)
KEEP, IGNORE = "column", ""
"""What a header may stand for beside a field: a column of the agency's own, or nothing."""


class ColumnSet(StrEnum):
    OURS = "ours"
    STANDARD = "standard"
    MITRE = "mitre"
    HSEEP = "hseep"


COLUMN_SETS = {
    ColumnSet.OURS: N_("Our own columns"),
    ColumnSet.STANDARD: N_("Standard (13 columns)"),
    ColumnSet.MITRE: N_("MITRE (10 columns)"),
    ColumnSet.HSEEP: N_("HSEEP (10 columns)"),
}


@dataclass(frozen=True, slots=True)
class Extra:
    """A column of a set that we have no field for: kept under ``key`` in ``Inject.extra``."""

    key: str


STATUS, EVENT_TYPE = "status", "event_type"

SETS: Mapping[ColumnSet, Mapping[str, str | Extra]] = {
    ColumnSet.STANDARD: {
        "Control Number": "number",
        "Move": "phase",
        "Group": Extra("group"),
        "Delivery Time": "time",
        "Simulated Time": "situation_time",
        "Assigned To": Extra("assigned_to"),
        "Status": Extra(STATUS),
        "Title": "title",
        "Description": "note",
        "From Org": "sender",
        "To Org": "sides",
        "Details": "content",
        "Expected Actions": "expected_action",
    },
    ColumnSet.MITRE: {
        "ID": "number",
        "Local Time": "time",
        "Delivery Method": "channel",
        "Target": "sides",
        "Title": "title",
        "Description": "content",
        "Assumptions": Extra("assumptions"),
        "Notes": "note",
        "Expected Actions": "expected_action",
        "Measure of Performance": Extra("measure"),
    },
    ColumnSet.HSEEP: {
        "Event Number": "number",
        "Designated Scenario Time": "time",
        "Event Type": Extra(EVENT_TYPE),
        "Inject Mode": "channel",
        "From": "sender",
        "To": "sides",
        "Message": "message",
        "Expected Participant Response": "expected_action",
        "Exercise Objective": "objective",
        "Notes": "note",
    },
}
"""The headers of each set, with the field each stands for."""

EXTRA_LABELS = {
    meaning.key: header
    for headers in SETS.values()
    for header, meaning in headers.items()
    if isinstance(meaning, Extra)
}
