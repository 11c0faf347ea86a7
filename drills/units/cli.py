"""``drills units``: the organisation tree, in and out of files."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from drills.audit import services as audit
from drills.core import database, tabular
from drills.extensions import db
from drills.units import services
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
