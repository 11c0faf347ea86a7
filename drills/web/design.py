"""The page that shows every component in its states: for those who build pages, and for tests."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FileField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from drills.accounts.permissions import Permission
from drills.web.access import requires
from drills.web.charts import HeatValue, Mark, heat_rows, rank_chart, year_chart
from drills.web.forms import Form
from drills.web.pages import Page
from drills.web.tabs import Item

bp = Blueprint("design", __name__)

UNITS = ("Sở Y tế", "Sở Tài chính", "UBND thành phố Đà Nẵng", "Đặc khu Lý Sơn")
KINDS = ("Thực chiến", "Trên bàn", "ACID", "APCERT")
DAY = date(2026, 11, 23)
MARKS = (
    (0, date(2026, 4, 22), "Cổng dịch vụ công", "a"),
    (0, date(2026, 7, 16), "Bệnh án điện tử", "a"),
    (0, date(2026, 11, 23), "Mã độc tống tiền", "w"),
    (1, date(2026, 12, 10), "Lãnh đạo xử lý khủng hoảng", "plan"),
    (2, date(2026, 10, 7), "ACID 2026", "a"),
    (3, date(2026, 8, 19), "APCERT 2026", "a"),
)
SYSTEMS = (
    ("HT-0042", "Bệnh án điện tử Bệnh viện Đa khoa tỉnh", "Sở Y tế", 3),
    ("HT-0003", "Trung tâm dữ liệu tỉnh", "Sở Khoa học và Công nghệ", 4),
    ("HT-0240", "Điều hành hồ chứa Thác Mây", "BQL công trình thủy lợi", None),
)
HEAT = (
    (4, (1, 1, 3, 0)),
    (3, (9, 8, 44, 5)),
    (2, (17, 10, 128, 9)),
    (1, (6, 3, 52, 0)),
)


def _choices(values: tuple[str, ...]) -> list[SelectChoice]:
    return [SelectChoice(str(number), value) for number, value in enumerate(values)]


class SampleForm(Form):
    """One field of every sort; half of them required, so each mark is seen."""

    title = StringField(_l("Title"), [InputRequired(), Length(max=200)])
    code = StringField(_l("Code"), description=_l("As printed on the decision."))
    held_on = StringField(_l("Date"), [InputRequired()], description=_l("Day/month/year."))
    people = IntegerField(_l("Number of people"))
    summary = TextAreaField(_l("Summary"))
    kind = RadioField(_l("Kind"), [InputRequired()], choices=_choices(KINDS))
    unit = SelectField(
        _l("Unit"),
        choices=[SelectChoice("", _l("Choose a unit")), *_choices(UNITS)],
        render_kw={"data-pick": ""},
    )
    units = SelectMultipleField(
        _l("Units taking part"), choices=_choices(UNITS), render_kw={"data-pick": ""}
    )
    days = SelectMultipleField(
        _l("Channels"),
        choices=_choices(("E-mail", "Webhook")),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    is_online = BooleanField(_l("Held online"))
    password = PasswordField(_l("Password"), render_kw={"autocomplete": "new-password"})
    file = FileField(_l("File"), description=_l("XLSX or CSV."))


class RollForm(Form):
    """One line of a list that is ticked with a thumb."""

    came = RadioField(
        "Lê Hoàng Nam", choices=_choices(("Có mặt", "Muộn", "Vắng", "Chưa ghi")), default="0"
    )


def sample_form() -> SampleForm:
    """A form that came back with two mistakes."""
    sent = MultiDict([("code", "HT-0042"), ("held_on", "2026-13-45"), ("units", "2")])
    form = SampleForm(sent, meta={"csrf": False})
    form.validate()
    form.held_on.errors = [_l("This is not a day of the calendar. Write it as 23/11/2026.")]
    return form


def _pages() -> list[Item]:
    names = (_l("Overview"), _l("Plan"), _l("Conduct"), _l("Evaluation"), _l("Report"))
    counts = {2: 12}
    return [
        Item(str(n), str(name), f"#tab-{n}", n == 1, counts.get(n)) for n, name in enumerate(names)
    ]


def _charts() -> dict[str, Any]:
    marks = [Mark(lane, day, label, "#marks", kind) for lane, day, label, kind in MARKS]
    ranks = (("ACID", (14, 11, None, 8, 7, 4)), ("APCERT", (None, 13, 9, 10, 8, 6)))
    rows = [
        (
            level,
            [
                HeatValue(n, f"#heat-{level}", is_hot=place == 3 and n > 0)
                for place, n in enumerate(row)
            ],
        )
        for level, row in HEAT
    ]
    return {
        "year": year_chart(DAY.year, KINDS, marks, DAY),
        "ranks": rank_chart(range(2021, 2027), ranks),
        "heat": heat_rows(rows),
    }


@bp.get("/_design")
@requires(Permission.DESIGN_VIEW)
def show() -> ResponseReturnValue:
    page = Page(list(SYSTEMS), total=312, number=2, size=50)
    shown = {"roll": RollForm(formdata=None, meta={"csrf": False}), "pages": _pages()} | _charts()
    return render_template("design/show.html", form=sample_form(), page=page, today=DAY, **shown)
