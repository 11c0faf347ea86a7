"""``drills units``: the organisation tree, in and out of files."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import aliased

from drills.audit import services as audit
from drills.core import database, tabular
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.units import services
from drills.units.models import Succession, Unit
from drills.units.services import ALL, columns

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(dir_okay=False, writable=True, path_type=Path)
_as_json = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


@click.group("units")
def group() -> None:
    """Import and export the organisation tree, load Viet Nam's provinces."""


@group.command("import")
@click.argument("file", type=EXISTING)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@_as_json
@with_appcontext
def import_(file: Path, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001
    """Import units from FILE, XLSX or CSV: all of it, or nothing if a row has a mistake."""
    audit.origin.set("import")
    with file.open("rb") as stream:
        sheet = tabular.read(stream, file.name, limit=current_app.config["IMPORT_ROWS"])
    plan = services.plan_import(db.session, sheet)
    if not plan.problems and not dry_run:
        services.carry_out(db.session, plan, by=None, progress=_progress)
        db.session.commit()
    _report(plan, as_json=as_json, dry_run=dry_run)
    sys.exit(1 if plan.problems else 0)


def _progress(rows: Iterable[Any]) -> Iterable[Any]:
    if not sys.stderr.isatty():
        yield from rows
        return
    with click.progressbar(rows, file=sys.stderr, label="Changing") as bar:
        yield from bar


def _report(plan: services.Plan, *, as_json: bool, dry_run: bool = False) -> None:
    problems = [
        {
            "row": one.row,
            "column": one.column,
            "value": one.value,
            "reason": one.reason % one.values,
            "remedy": one.remedy % one.values,
        }
        for one in plan.problems
    ]
    counts = {"new": len(plan.new), "changed": len(plan.changed), "unchanged": plan.unchanged}
    if as_json:
        more = {"ignored": plan.ignored, "problems": problems, "dry_run": dry_run}
        click.echo(json.dumps(counts | more, ensure_ascii=False))
    else:
        for name, count in counts.items():
            click.echo(f"{name:<10}{count:>8}")
    if plan.ignored:
        click.echo(f"Ignored columns: {', '.join(plan.ignored)}", err=True)
    for one in problems:
        click.echo("Row {row}, {column}, “{value}”: {reason} {remedy}".format(**one), err=True)
    if problems:
        click.echo("Nothing was imported.", err=True)


@group.command("export")
@click.argument("file", type=NEW)
@with_appcontext
def export(file: Path) -> None:
    """Write all units to FILE; its ending, .xlsx or .csv, says how."""
    database.begin_reading()
    headers = tabular.labels(columns.COLUMNS, current_app.config["LANGUAGE"])
    rows = list(columns.export_rows(db.session, None))
    if file.suffix.lower() == ".csv":
        with file.open("wb") as target:
            tabular.write_csv(target, headers, rows)
    elif file.suffix.lower() == ".xlsx":
        tabular.write_xlsx(file, headers, rows, sheet="Đơn vị")
    else:
        raise click.BadParameter("the name has to end in .xlsx or .csv", param_hint="FILE")
    click.echo(f"{len(rows)} units are in {file}.")


@group.command("undo-merger")
@click.argument("predecessor")
@click.argument("successor")
@click.option("--reason", required=True, help="Why; it stands in the audit log.")
@click.option("--dry-run", is_flag=True, help="Only say whether it can be undone.")
@_as_json
@with_appcontext
def undo_merger(
    predecessor: str,
    successor: str,
    reason: str,
    dry_run: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Give back to PREDECESSOR what moved to SUCCESSOR; both are named by their codes."""
    succession = _succession(predecessor, successor)
    against = [
        one.message % {"names": one.names} for one in services.obstacles(db.session, succession)
    ]
    moved = {name: len(ids) for name, ids in succession.moved.items()}
    is_done = not against and not dry_run
    if is_done:
        services.undo_merger(db.session, succession, reason, by=None)
        db.session.commit()
    if as_json:
        answer = {"undone": is_done, "moved": moved, "against": against}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        for name, count in moved.items():
            click.echo(f"{name:<30}{count:>8}")
        click.echo("The merger is undone." if is_done else "Nothing was changed.", err=not is_done)
    for sentence in against:
        click.echo(sentence, err=True)
    sys.exit(1 if against else 0)


def _succession(predecessor: str, successor: str) -> Succession:
    old, new = aliased(Unit), aliased(Unit)
    query = (
        sa.select(Succession)
        .join(old, Succession.predecessor_id == old.id)
        .join(new, Succession.successor_id == new.id)
        .where(old.code == predecessor, new.code == successor)
    )
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise DomainError(
            N_("“%(successor)s” did not take over from “%(predecessor)s”."),
            predecessor=predecessor,
            successor=successor,
        )
    return found


@group.command("load-provinces")
@click.option("--all", "everything", is_flag=True, help="All 34 provinces with their communes.")
@click.option("--province", help="One province: its name or two-digit code.")
@_as_json
@with_appcontext
def load_provinces(everything: bool, province: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Add provinces and their communes, with the provinces of before July 2025 as history."""
    if everything == bool(province):
        raise click.UsageError("Give either --all or --province NAME.")
    plan = services.load_provinces(db.session, province or ALL, by=None)
    db.session.commit()
    _report(plan, as_json=as_json)
