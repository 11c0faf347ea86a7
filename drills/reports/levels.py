"""The page of the figures on security levels, as of a day, with the lists behind them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.approvals.services import follow_up
from drills.core.text import N_
from drills.obligations.lists import subjects_overdue
from drills.reports import drawing
from drills.reports.models import levels, past
from drills.reports.models.levels import Figures, Narrowed, Share, UnitRow
from drills.systems.models import PLAN_STATES, STANDINGS, SYSTEM_STATUSES
from drills.units.models import Ranking
from drills.web import charts, filters
from drills.web.language import spoken

SHARE_NAMES = {
    "approved": N_("Approved"),
    "expired": N_("Expired"),
    "pending": N_("Pending"),
    "never": N_("Never approved"),
    "ended": N_("No longer approved"),
}

ALWAYS_SHOWN = {SHARE_NAMES["approved"], SHARE_NAMES["expired"]}


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and the address of the list of exactly those systems."""

    value: int
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; ``level`` is set where the line is one."""

    head: str
    cells: tuple[Cell, ...]
    total: Cell
    fully: Cell
    approved: int
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Alerts:
    """How many systems are behind, of those a person may see."""

    checks: int
    conditions: int


@dataclass(frozen=True)
class LevelsPage:
    on: date
    today: date
    figures: Figures
    statutory: tuple[date, date]
    heat: tuple[charts.HeatRow, ...]
    heads: list[str]
    by_level: list[Row]
    by_status: list[Row]
    by_tier: list[Row]
    by_unit: list[Row]
    rankings: Sequence[Ranking]
    scope: str
    alerts: Alerts | None
    """Only with the figures of today: what is overdue cannot be told of a past day."""

    @property
    def days_as_views(self) -> list[tuple[str, str, None, bool]]:
        """Today, and the closing days of the statutory and the calendar years before."""
        year = self.today.year
        days = [
            (self.today, _("Today")),
            (date(year - 1, 12, 31), _("End of %(year)s", year=year - 1)),
            (date(year - 1, 12, 14), _("Statutory year %(year)s", year=year - 1)),
            (date(year - 2, 12, 14), _("Statutory year %(year)s", year=year - 2)),
        ]
        return [
            (label, url_for("reports.levels", on=day.isoformat()), None, day == self.on)
            for day, label in days
        ]

    def columns(self, first: str) -> list[dict[str, str]]:
        """The heads of a table of shares; the last ones are left out when narrow."""
        shares = [
            {"label": _(name), "class": "num" if name in ALWAYS_SHOWN else "num hide-n"}
            for name in SHARE_NAMES.values()
        ]
        return [
            {"label": first},
            {"label": _("Systems"), "class": "num"},
            *shares,
            {"label": _("Plan fully implemented"), "class": "num hide-n"},
        ]

    def listed(self, **query: Any) -> str:
        return _listed(self.on, **query)


def gather(session: Session, person: Person, on: date, today: date, zone: tzinfo) -> LevelsPage:
    found = levels.figures(session, person, on, zone)
    units = levels.units(session, person)
    return LevelsPage(
        on=on,
        today=today,
        figures=found,
        statutory=levels.statutory_year(on),
        heat=_heat(found),
        heads=drawing.standing_heads(),
        by_level=_levels(found),
        by_status=_statuses(found),
        by_tier=_tiers(session, found, units),
        by_unit=_units(found, units),
        rankings=levels.rankings(session, person, on),
        scope=person.scope.title(spoken()),
        alerts=_alerts(session, person, on) if on == today else None,
    )


def _alerts(session: Session, person: Person, on: date) -> Alerts:
    return Alerts(
        checks=session.scalar(subjects_overdue(person, "periodic_check")) or 0,
        conditions=session.scalar(follow_up.systems_with_conditions_overdue(person, on)) or 0,
    )


def _listed(on: date, **query: Any) -> str:
    return url_for("reports.level_list", on=on.isoformat(), **query)


def _heat(found: Figures) -> tuple[charts.HeatRow, ...]:
    numbers = [n for n in drawing.LEVELS if n or any(level == 0 for level, _name in found.cells)]
    return charts.heat_rows([(n, _heat_row(found, n)) for n in numbers])


def _heat_row(found: Figures, level: int) -> list[charts.HeatValue]:
    cells = []
    for head, names, _values in drawing.STANDING_COLUMNS:
        count = found.at(level, *names)
        says = _(
            "%(count)s systems of level %(level)s: %(standing)s",
            count=filters.number(count),
            level=level or "–",
            standing=_(head),
        )
        href = _listed(found.on, level=level, standing=list(names))
        cells.append(charts.HeatValue(count, href, says, "overdue" in names and count > 0))
    return cells


def _row(on: date, share: Share, head: str, query: dict[str, Any]) -> Row:
    def cell(value: int, **more: Any) -> Cell:
        return Cell(value, _listed(on, **query, **more))

    return Row(
        head=head,
        cells=tuple(cell(share.shares[name], share=name) for name in levels.SHARES),
        total=cell(share.total),
        fully=cell(share.fully, plan="fully"),
        approved=share.shares["approved"] + share.shares["expired"],
        level=query.get("level"),
    )


def _levels(found: Figures) -> list[Row]:
    shares = sorted(found.levels.values(), key=lambda share: -share.key)
    return [_row(found.on, share, "", {"level": share.key}) for share in shares]


def _statuses(found: Figures) -> list[Row]:
    return [
        _row(found.on, found.statuses[status], _(label), {"status": status.value})
        for status, label in SYSTEM_STATUSES.items()
        if status in found.statuses
    ]


def _tiers(session: Session, found: Figures, units: Mapping[int, UnitRow]) -> list[Row]:
    merged = levels.merged(found.operators.values(), lambda share: units[share.key].tier_id)
    return [
        _row(found.on, merged[tier.id], tier.title(spoken()), {"tier": tier.id})
        for tier in levels.tiers(session)
        if tier.id in merged
    ]


def _units(found: Figures, units: Mapping[int, UnitRow]) -> list[Row]:
    """Every unit that operates a system, in the order of their names."""
    return [
        _row(found.on, found.operators[unit.id], unit.name, {"unit": unit.id})
        for unit in units.values()
        if unit.id in found.operators
    ]


@dataclass(frozen=True)
class ListPage:
    """The systems behind one number of that page."""

    on: date
    rows: list[past.Past]
    names: Mapping[int, UnitRow]
    words: str


def behind(session: Session, person: Person, on: date, zone: tzinfo, wanted: Narrowed) -> ListPage:
    units = levels.units(session, person)
    rows = past.on_day(session, person, on, zone)
    kept = [row for row in rows if wanted.holds(row, units)]
    return ListPage(on, kept, units, _words(session, wanted, units))


def _words(session: Session, wanted: Narrowed, units: Mapping[int, UnitRow]) -> str:
    """What the list is narrowed to, told: ``Level 3, Expired``."""
    parts: list[str] = []
    if wanted.level is not None:
        level = _("Level %(number)s", number=wanted.level)
        parts.append(level if wanted.level else _("not determined"))
    parts += [_(STANDINGS[name]) for name in wanted.standings]
    parts += [_(SHARE_NAMES[wanted.share])] if wanted.share else []
    parts += [_(label) for key, label in SYSTEM_STATUSES.items() if key.value == wanted.status]
    parts += [units[wanted.unit_id].name] if wanted.unit_id in units else []  # type: ignore[index]
    parts += [t.title(spoken()) for t in levels.tiers(session) if t.id == wanted.tier_id]
    parts += [_("Plan fully implemented")] if wanted.is_fully else []
    return ", ".join(parts)


def headings() -> list[str]:
    return [
        _("Code"),
        _("Name of the system"),
        _("Owner"),
        _("Operator"),
        _("Level"),
        _("Approval"),
        _("Decision number"),
        _("Date of the decision"),
        _("Authority that decided"),
        _("Operating status"),
        _("Protection plan"),
    ]


def lines(page: ListPage) -> Iterable[list[Any]]:
    """The systems of the list as they stood on its day, one line each, under ``headings``."""
    for row in page.rows:
        signed, plan = row.decision, row.plan_state
        yield [
            row.code,
            row.name,
            page.names[row.owner_id].name,
            page.names[row.operator_id].name,
            row.level or None,
            _(STANDINGS[row.standing]),
            signed.number if signed else "",
            signed.signed_on if signed else None,
            signed.authority if signed else "",
            _(SYSTEM_STATUSES[row.status]),
            _(PLAN_STATES[plan]) if plan else "",
        ]
