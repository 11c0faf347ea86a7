"""The year wall, units by obligations, and what it is made of as a list, a workbook."""

import io
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.permissions import Permission
from drills.core.tabular import write_xlsx
from drills.extensions import db
from drills.files.sending import send_bytes
from drills.obligations import fresh, lists
from drills.obligations.lists import Cell, UnitRow, Wanted
from drills.obligations.models import STANDINGS, SUBJECT_KINDS, ObligationRule, Standing
from drills.obligations.views import places, words
from drills.obligations.views.blueprint import bp
from drills.obligations.views.shown import Line, lines
from drills.systems.models.remembered import remembered
from drills.units.models import Tier
from drills.web import filters
from drills.web.access import requires
from drills.web.language import spoken
from drills.web.pages import PAGE_SIZE_MAX, Page, paged
from drills.web.session import current_person

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WALL_SIZE = 25


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as it is drawn: a mark, a few letters, and in full for those who hear it."""

    look: str
    short: str
    text: str
    href: str


@bp.get("/obligations/")
@requires(Permission.OBLIGATION_VIEW)
def wall() -> ResponseReturnValue:
    fresh.refresh()
    person, wanted = current_person(), Wanted.of(request.args)
    page = _units(wanted)
    rules = lists.rules(db.session)
    columns = [rule for rule in rules if not wanted.rules or rule.id in wanted.rules]
    found = lists.cells(db.session, wanted, person, [row.id for row in page.items])
    by_id, year = {rule.id: rule for rule in columns}, fresh.today().year
    drawn = {
        key: _drawn(cell, by_id[key[1]], key[0], year)
        for key, cell in found.items()
        if key[1] in by_id
    }
    return render_template(
        "obligations/wall.html",
        page=page,
        wanted=wanted,
        columns=columns,
        cells=drawn,
        facets=_facets(wanted, rules),
        standings=STANDINGS,
        looks=words.LOOKS,
    )


def _units(wanted: Wanted) -> Page[UnitRow]:
    """The page asked for; the rows say themselves how many there are."""
    query = lists.units(wanted, current_person())
    size = min(max(request.args.get("size", WALL_SIZE, type=int), 1), PAGE_SIZE_MAX)
    number = max(request.args.get("page", 1, type=int), 1)
    rows = db.session.execute(query.limit(size).offset((number - 1) * size)).all()
    if not rows and number > 1:
        number, rows = 1, db.session.execute(query.limit(size)).all()
    items = [UnitRow(*row[:5]) for row in rows]
    asked = request.args.to_dict(flat=False)
    return Page(items, rows[0][5] if rows else 0, number, size, asked)


def _drawn(cell: Cell, rule: ObligationRule, unit_id: int, year: int) -> Shown:
    state, name = cell.state, rule.title_in(spoken())
    label = _(STANDINGS[state])
    text = f"{name}. {label}"
    if cell.total > 1:
        share = _(
            "%(state)s: %(count)s of %(total)s", state=label, count=cell.count, total=cell.total
        )
        text = f"{name}. {share}"
    elif cell.due_on:
        day = filters.day(cell.due_on)
        text = _("%(rule)s. %(state)s, next due %(day)s", rule=name, state=label, day=day)
    return Shown(words.LOOKS[state], _short(cell, year) or label, text, _href(cell, rule, unit_id))


def _short(cell: Cell, year: int) -> str:
    """The share of the loudest, the day it was met or is due; of another ``year`` that one."""
    if cell.total > 1:
        return f"{cell.count}/{cell.total}"
    day = cell.met_on if cell.state is Standing.MET else cell.due_on
    if not day or cell.state is Standing.EXEMPT:
        return ""
    return f"{day:%d/%m}" if day.year == year else str(day.year)


def _href(cell: Cell, rule: ObligationRule, unit_id: int) -> str:
    """One click to the record behind the cell, or to where the duty can be met."""
    one = cell.one
    if one is None:
        return url_for(".rule", obligation_rule_id=rule.id, unit=unit_id)
    if cell.state in {Standing.MET, Standing.EXEMPT}:
        found = places.record(one.by_kind, one.by_id, one.subject_id)
        return found or places.subject(rule.subject_kind, one.subject_id)
    return places.met_at(rule, one.id, one.subject_id)


def _facets(wanted: Wanted, rules: list[ObligationRule]) -> list[dict[str, Any]]:
    language = spoken()
    tiers = remembered(db.session, ("tiers", language), lambda: _tiers(language))
    return [
        _facet(
            "state", _("Status"), wanted, wanted.states, [(s, _(STANDINGS[s])) for s in lists.LOUD]
        ),
        _facet("tier", _("Tier"), wanted, wanted.tiers, tiers),
        _facet(
            "rule",
            _("Obligation"),
            wanted,
            wanted.rules,
            [(r.id, r.title_in(language)) for r in rules],
        ),
    ]


def _tiers(language: str) -> list[tuple[str, str]]:
    tiers = db.session.scalars(sa.select(Tier).order_by(Tier.position))
    return [(tier.code, tier.title(language)) for tier in tiers]


def _facet(name: str, label: str, wanted: Wanted, chosen: Any, options: Any) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "options": [(value, text, None, value in chosen) for value, text in options],
        "chosen": ngettext("%(num)s chosen", "%(num)s chosen", len(chosen)) if chosen else None,
        "clear": url_for(
            request.endpoint or "", **(request.view_args or {}), **wanted.query(**{name: None})
        ),
    }


@bp.get("/obligations/list")
@requires(Permission.OBLIGATION_VIEW)
def index() -> ResponseReturnValue:
    """The same one by one, as a list."""
    fresh.refresh()
    person, wanted = current_person(), Wanted.of(request.args)
    figures = lists.counts(db.session, wanted, person)
    page = paged(db.session, lists.obligations(wanted, person), lists.total(figures, wanted.states))
    return render_template(
        "obligations/index.html",
        page=page,
        lines=lines(page.items),
        wanted=wanted,
        strip=strip(wanted, figures),
        facets=_facets(wanted, lists.rules(db.session)),
        **sayings(),
    )


@bp.get("/obligations/kinds/<met_by>")
@requires(Permission.OBLIGATION_VIEW)
def of_kind(met_by: str) -> ResponseReturnValue:
    """Everything that one kind of record meets, whatever its rules are called here."""
    found = [rule.id for rule in lists.rules(db.session) if rule.met_by == met_by]
    if not found:
        return redirect(url_for(".rules"))
    return redirect(url_for(".index", rule=found, state=request.args.getlist("state")))


def strip(wanted: Wanted, figures: dict[Standing, int], **args: Any) -> list[dict[str, Any]]:
    """The states as a bar; a click shows only one of them, another click all."""
    endpoint = request.endpoint or ""
    return [
        {
            "count": count,
            "label": _(STANDINGS[state]),
            "kind": words.STRIPES.get(state, ""),
            "is_current": wanted.states == (state,),
            "href": url_for(
                endpoint,
                **(request.view_args or {}),
                **wanted.query(state=None if wanted.states == (state,) else state.value, **args),
            ),
        }
        for state, count in figures.items()
    ]


def sayings() -> dict[str, Any]:
    """What the table of obligations says besides the data."""
    return {
        "today": fresh.today(),
        "standings": STANDINGS,
        "looks": words.LOOKS,
        "records": words.RECORDS,
        "left": words.left,
        "working_day": words.working_day,
        "subject_kinds": SUBJECT_KINDS,
    }


@bp.get("/obligations/export.xlsx")
@requires(Permission.OBLIGATION_VIEW)
def export() -> ResponseReturnValue:
    """What the filters leave, whole."""
    fresh.refresh()
    person, wanted = current_person(), Wanted.of(request.args)
    found = db.session.scalars(lists.obligations(wanted, person)).unique().all()
    target = io.BytesIO()
    notes = [
        (_("Filter"), request.query_string.decode() or _("none")),
        (_("Rows"), str(len(found))),
        (_("Exported by"), person.name),
        (_("Day"), f"{fresh.today():%d/%m/%Y}"),
    ]
    rows = [_cells(line) for line in lines(found)]
    write_xlsx(
        target, _headers(), rows, sheet=_("Obligations"), notes=notes, notes_sheet=_("Filter")
    )
    return send_bytes(target.getvalue(), f"nghia-vu-{fresh.today()}.xlsx", XLSX)


def _headers() -> list[str]:
    return [
        _("Obligation"),
        _("Of whom"),
        _("Code"),
        _("Unit"),
        _("Status"),
        _("Last met on"),
        _("Met by"),
        _("Due on"),
        _("Last working day in time"),
        _("Period"),
    ]


def _cells(line: Line) -> list[Any]:
    one = line.obligation
    return [
        one.rule.title_in(spoken()),
        line.name,
        line.code,
        one.unit.title(spoken()),
        _(STANDINGS[one.state]),
        one.last_met_on,
        _(words.RECORDS[one.by_kind]) if one.by_kind else "",
        one.next_due_on,
        one.last_working_day,
        one.period,
    ]
