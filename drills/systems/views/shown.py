"""The columns of the list: which there are, which are shown, and what a sheet of them holds."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask.wrappers import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from drills.core.tabular import Column
from drills.systems.models import Filters
from drills.systems.services.columns import BY_KEY, COLUMNS
from drills.systems.views import address

COOKIE = "register-columns"
YEAR = 365 * 24 * 3600
HEADS: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "level": (_l("Level"), "level", ("level",)),
    "approval": (_l("Approval"), "approval", ("approval",)),
    "progress": (_l("Progress"), "", ()),
    "decision": (
        _l("Decision"),
        "",
        ("decision_number", "decision_date", "decision_authority", "signer", "valid_until"),
    ),
    "due": (_l("Review due"), "due", ("review_due_on",)),
    "responsible": (_l("Responsible"), "", ("responsible_id",)),
    "owner": (_l("Owner"), "", ("owner_id",)),
    "operator": (_l("Operator"), "unit", ("operator_id",)),
    "kind": (_l("Type"), "", ("kind",)),
    "status": (_l("Operating status"), "", ("status",)),
    "processes": (
        _l("Processes"),
        "",
        ("has_public_information", "has_private_information", "has_personal_data",
         "has_state_secrets"),
    ),
    "plan": (_l("Security plan"), "", ("plan_state", "plan_expected_on")),
    "expected": (_l("Approval expected"), "", ("approval_expected_on",)),
    "regulation": (
        _l("Security regulation"),
        "",
        ("regulation_number", "regulation_date", "regulation_authority"),
    ),
}  # fmt: skip
"""Label, the order it sorts by, and the columns of a sheet that hold the same."""
USUAL = ("level", "approval", "progress", "decision", "due", "responsible")
ALL = "all"


def chosen() -> tuple[str, ...]:
    """What the address asks for, else what was last chosen on this device, else the usual."""
    given = ",".join(request.args.getlist("columns")) or request.cookies.get(COOKIE, "")
    if given == ALL:
        return tuple(HEADS)
    wanted = set(given.split(","))
    return tuple(key for key in HEADS if key in wanted) or USUAL


def remember(response: Response) -> None:
    """Keep a choice made in the address for the next visit."""
    if request.args.get("columns"):
        response.set_cookie(
            COOKIE,
            ",".join(chosen()),
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure,
        )


def of_sheet() -> Sequence[Column]:
    """The columns of an export: those on the screen, or every one there is."""
    if request.args.get("columns") == ALL:
        return COLUMNS
    wanted = {key for name in chosen() for key in HEADS[name][2]}
    wanted |= {"code", "name"} | ({"operator_id"} if "owner_id" not in wanted else set())
    return [column for column in COLUMNS if column.key in wanted]


def table_heads(filters: Filters, *, swap: str, has_ticks: bool) -> list[dict[str, Any]]:
    ticks = [{"tick": True, "label": ""}] if has_ticks else []
    first = _head("name", filters, swap) | {"label": _("System"), "class": ""}
    rest = [
        _head(HEADS[key][1], filters, swap)
        | {"label": str(HEADS[key][0]), "class": "" if key == "level" else "hide-n"}
        for key in chosen()
    ]
    return [*ticks, first, *rest]


def _head(order: str, filters: Filters, swap: str) -> dict[str, Any]:
    if not order:
        return {}
    href, direction = address.sorted_by(order, filters)
    return {"href": href, "sort": direction, "swap": swap}


def told(filters: Filters, names: dict[str, str | None]) -> list[tuple[str, str]]:
    """The query in words, for the sheet that says what an export is of."""
    given = request.args
    lines = [(_("Search"), filters.words), (_("Unit"), names.get("unit") or filters.unit_words)]
    lines += [(_("Owner"), names.get("owner") or "")]
    lines += [
        (label, ", ".join(text for value, text in options if value in address.values(name)))
        for name, label, options in address.options()
    ]
    lines += [(_("Order"), given.get("sort", "due")), (_("Columns"), _columns())]
    return [(label, text) for label, text in lines if text]


def _columns() -> str:
    return ", ".join(column.label_vi for column in of_sheet())


assert {key for _label, _order, keys in HEADS.values() for key in keys} <= set(BY_KEY)
