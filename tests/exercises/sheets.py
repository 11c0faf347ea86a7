"""Lists of injects as people keep them, made anew for each test."""

import io

import xlsxwriter

from drills.core import tabular
from drills.exercises.services import msel
from drills.exercises.services.msel import ColumnSet
from drills.exercises.services.msel.columns import SETS

TEAMS = ["SOC", "Phòng CNTT", "SOC; Phòng CNTT", "Sở Khoa học và Công nghệ", "", "SOC, Phòng CNTT"]
PHASES = ["Pha 1: Xâm nhập", "Pha 2: Lan rộng", "Pha 3: Khôi phục"]


def workbook(rows, *, merged=(), sheets=()):
    """An XLSX as bytes, texts as text; ``merged``: (first row, column, last row, column, text), from 0."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name, lines in sheets:
            _fill(book.add_worksheet(name), lines)
        page = book.add_worksheet("MSEL")
        _fill(page, rows)
        for area in merged:
            page.merge_range(*area)
    return target.getvalue()


def _fill(page, rows):
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(place, column, value)
            else:
                page.write(place, column, value)


def chronogram(name, count=60):
    """Header and rows of ``count`` injects in the columns of the set ``name``."""
    headers = list(SETS[ColumnSet(name)])
    return [headers, *([_cell(header, n) for header in headers] for n in range(1, count + 1))]


def _cell(header, n):
    time = [f"T+{n * 3}", f"H+{n // 60}:{n % 60:02}", f"{8 + n // 30}:{n * 2 % 60:02}", "T-5"][
        n % 4
    ]
    said = {
        "Move": PHASES[n % 3],
        "Group": f"G{n % 4}",
        "Assigned To": f"Người {n % 5}",
        "Status": ["Pending", "Entered", "Approved"][n % 3],
        "Simulated Time": f"Ngày {n}, 07:{n % 60:02}",
        "Event Type": ["Inject", "Contingency inject", "Contextual inject"][n % 3],
        "Exercise Objective": f"Mục tiêu thử số {n % 4}: phát hiện sớm",
        "Message": [f"Tiêu đề {n}\n\nThư thứ {n}.\nDòng hai.", f"Một dòng {n}"][n % 2],
        "Measure of Performance": f"Trong {n} phút",
        "Assumptions": "=1+1" if n == 7 else f"Giả định {n}",
    }
    if header in said:
        return said[header]
    if header in {"Control Number", "ID", "Event Number"}:
        return f"{n:02}"
    if "Time" in header:
        return time
    if header in {"To Org", "Target", "To"}:
        return TEAMS[n % len(TEAMS)]
    return f"{header} của tình huống {n}"


def planned(session, drill, data, name="msel.xlsx", **given):
    known = msel.known(session, drill)
    pages = tabular.pages(io.BytesIO(data), name, limit=500)
    return known, msel.plan_import(known, pages, msel.find(pages, known.columns, **given))


def imported(session, drill, data, name="msel.xlsx", by=None):
    known, plan = planned(session, drill, data, name)
    assert plan.problems == []
    msel.carry_out(session, known, plan, by=by, source=name)
    session.commit()
    session.expire_all()
    return plan


def exported(session, drill, chosen, ending="xlsx"):
    known = msel.known(session, drill)
    headers, rows = msel.table(known, known.injects, known.columns, ColumnSet(chosen), "vi")
    target = io.BytesIO()
    msel.write(target, headers, rows, ending=ending, sheet="MSEL")
    return target.getvalue()


def told(plan):
    """(row, column, value) of everything that is wrong."""
    return [(problem.row, problem.column, problem.value) for problem in plan.problems]
