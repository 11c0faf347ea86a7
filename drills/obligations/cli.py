"""``drills obligations``: where every duty stands, for operators and other programs."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import joinedload

from drills.core import clock
from drills.extensions import db
from drills.obligations.lists import ORDER
from drills.obligations.models import Obligation, ObligationRule, Standing
from drills.obligations.models.names import names
from drills.obligations.services import recompute as computing
from drills.units.models import Organisation, Unit


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the obligations is wanted; None means all."""

    state: str | None = None
    rule: str | None = None
    unit: str | None = None


@click.group("obligations")
def group() -> None:
    """List what is required by when, compute it anew, export it."""


def _zone() -> ZoneInfo:
    home = db.session.get(Organisation, 1)
    return ZoneInfo(home.time_zone if home else current_app.config["TIME_ZONE"])


def _up_to_date() -> None:
    computing.refresh(db.session, clock.now(), _zone())
    db.session.commit()


def _found(asked: Asked) -> list[Obligation]:
    query = sa.select(Obligation).join(ObligationRule).join(Unit, Unit.id == Obligation.unit_id)
    if asked.state:
        query = query.where(Obligation.state == Standing(asked.state))
    if asked.rule:
        query = query.where(ObligationRule.key == asked.rule)
    if asked.unit:
        query = query.where(Unit.code == asked.unit)
    loaded = query.options(
        joinedload(Obligation.rule), joinedload(Obligation.unit).lazyload(Unit.tier)
    )
    order = ORDER, Obligation.next_due_on, Unit.sort, Obligation.id
    return list(db.session.scalars(loaded.order_by(*order)))


def _rows(found: Iterable[Obligation]) -> list[dict[str, Any]]:
    rows = list(found)
    wanted: dict[Any, set[int]] = {}
    for one in rows:
        wanted.setdefault(one.subject_kind, set()).add(one.subject_id)
    named = names(db.session, wanted)
    return [_row(one, *named[one.subject_kind, one.subject_id]) for one in rows]


def _row(one: Obligation, name: str, code: str) -> dict[str, Any]:
    return {
        "rule": one.rule.key,
        "of": one.subject_kind.value,
        "subject_id": one.subject_id,
        "subject": name,
        "code": code,
        "unit": one.unit.code,
        "state": one.state.value,
        "next_due_on": _day(one.next_due_on),
        "last_working_day": _day(one.last_working_day),
        "last_met_on": _day(one.last_met_on),
        "met_by": {"kind": one.by_kind, "id": one.by_id} if one.by_kind else None,
        "period": one.period,
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


_STATE = click.option("--state", type=click.Choice([s.value for s in Standing]), help="Only these.")
_RULE = click.option("--rule", help="Only those of the rule with this key.")
_UNIT = click.option("--unit", help="Only those of the unit with this code.")


@group.command("list")
@_STATE
@_RULE
@_UNIT
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def show(state: str | None, rule: str | None, unit: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List the obligations, what is overdue first."""
    _up_to_date()
    rows = _rows(_found(Asked(state, rule, unit)))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        due = row["next_due_on"] or "-"
        click.echo(f"{row['state']:<9} {due:<10} {row['rule']:<22} {row['subject']}")
    click.echo(f"{len(rows)} obligations.")


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def recompute(as_json: bool) -> None:  # noqa: FBT001
    """Compute every obligation anew from the record; what is right already stays as it is."""
    changes = computing.recompute(db.session, clock.now(), _zone())
    db.session.commit()
    if as_json:
        found = {"added": changes.added, "altered": changes.altered, "dropped": changes.dropped}
        click.echo(json.dumps(found))
        return
    click.echo(f"{changes.added} added, {changes.altered} altered, {changes.dropped} dropped.")


@group.command()
@click.argument("path", type=click.Path(dir_okay=False, writable=True))
@_STATE
@_RULE
@_UNIT
@with_appcontext
def export(path: str, state: str | None, rule: str | None, unit: str | None) -> None:
    """Write the obligations to PATH as JSON."""
    _up_to_date()
    rows = _rows(_found(Asked(state, rule, unit)))
    with click.open_file(path, "w", encoding="utf-8") as file:
        json.dump(rows, file, ensure_ascii=False, indent=2)
    click.echo(f"{len(rows)} obligations in {path}.", err=True)
