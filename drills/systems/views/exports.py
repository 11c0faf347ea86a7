"""The list as a file, and an empty one to fill in."""

import io

from flask import send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock, tabular
from drills.extensions import db
from drills.systems import services
from drills.systems.models import Filters, tally
from drills.systems.views import address, shown
from drills.systems.views.blueprint import bp
from drills.web.access import requires
from drills.web.filters import moment
from drills.web.language import spoken
from drills.web.session import current_person

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@bp.get("/export.<any(xlsx,csv):ending>")
@requires(Permission.SYSTEM_VIEW)
def export(ending: str) -> ResponseReturnValue:
    return sheet_of(address.filters(), ending)


def sheet_of(filters: Filters, ending: str) -> ResponseReturnValue:
    """The list as a file: the columns on the screen, and a second sheet that says of what."""
    person, language, columns = current_person(), spoken(), shown.of_sheet()
    rows = services.export_rows(db.session, filters, person, language, columns)
    target, headers = io.BytesIO(), tabular.labels(columns, language)
    if ending == "csv":
        tabular.write_csv(target, headers, rows)
    else:
        tabular.write_xlsx(
            target,
            headers,
            rows,
            sheet=_("Register of systems"),
            notes=_notes(filters),
            notes_sheet=_("Filters"),
        )
    name = _("systems")
    return sent_file(target, f"{name}-{filters.on:%Y-%m-%d}.{ending}", ending)


def _notes(filters: Filters) -> list[tuple[str, str]]:
    found = tally(db.session, filters, current_person())
    rows = len(filters.ids) or found.total
    return [
        (_("Exported by"), current_person().name),
        (_("Exported at"), moment(clock.now())),
        (_("Rows"), str(rows)),
        (_("Ticked rows only"), _("Yes") if filters.ids else ""),
        *shown.told(filters, {"unit": found.unit, "owner": found.owner}),
    ]


@bp.get("/template.xlsx")
@requires(Permission.SYSTEM_IMPORT)
def template() -> ResponseReturnValue:
    """An empty list to fill in: the headings, and a second sheet that explains them."""
    target, language = io.BytesIO(), spoken()
    notes = [
        (column.label(language), f"{_(services.HINTS[column.key][0])} {_example(column.key)}")
        for column in services.COLUMNS
    ]
    headers = tabular.labels(services.COLUMNS, language)
    tabular.write_xlsx(
        target,
        headers,
        [],
        sheet=_("Register of systems"),
        notes=notes,
        notes_sheet=_("How to fill it in"),
    )
    return sent_file(target, _("systems-template") + ".xlsx", "xlsx")


def _example(key: str) -> str:
    return str(_("Example: %(text)s", text=services.HINTS[key][1]))


def sent_file(target: io.BytesIO, name: str, ending: str) -> ResponseReturnValue:
    target.seek(0)
    return send_file(target, TYPES[ending], as_attachment=True, download_name=name)
