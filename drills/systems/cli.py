"""``drills systems``: import and export of the register."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale, get_timezone
from flask_babel import gettext as _

from drills.audit import services as audit
from drills.core import clock, tabular
from drills.extensions import db
from drills.systems import services
from drills.systems.models import Filters
from drills.systems.services.columns import COLUMNS


@click.group("systems")
def group() -> None:
    """Import and export the register of information systems."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def import_(file: Path, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001 - click's flags
    """Import the systems of FILE (XLSX or CSV): all of them, or none if a row is wrong."""
    audit.origin.set("command")
    with file.open("rb") as stream:
        sheet = tabular.read(
            stream, file.name, limit=current_app.config["IMPORT_ROWS"], columns=COLUMNS
        )
    plan = services.plan_import(db.session, sheet, by=None, on=clock.today(get_timezone()))
    if not plan.problems and not dry_run:
        _carry_out(plan)
    _report(plan, as_json=as_json, is_done=not dry_run and not plan.problems)
    sys.exit(1 if plan.problems else 0)


def _carry_out(plan: services.Plan) -> None:
    if sys.stderr.isatty():
        with click.progressbar(length=plan.writes, file=sys.stderr) as bar:
            services.carry_out(db.session, plan, by=None, progress=bar.update)
    else:
        services.carry_out(db.session, plan, by=None)
    db.session.commit()


def _report(plan: services.Plan, *, as_json: bool, is_done: bool) -> None:
    numbers = {
        "new": len(plan.additions),
        "changed": len(plan.revisions),
        "unchanged": plan.unchanged,
        "approvals": plan.decisions,
        "bad_rows": plan.bad_rows,
    }
    problems = [_told(problem) for problem in plan.problems]
    if as_json:
        answer: dict[str, Any] = numbers | {
            "imported": is_done,
            "ignored_columns": plan.ignored,
            "problems": problems,
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _print(numbers, plan.ignored, is_done=is_done)
    for problem in problems:
        click.echo("{row}, {column} “{value}”: {reason} {remedy}".format(**problem), err=True)


def _print(numbers: dict[str, int], ignored: list[str], *, is_done: bool) -> None:
    click.echo("Imported." if is_done else "Nothing has been changed.")
    for name, number in numbers.items():
        click.echo(f"{name.replace('_', ' '):<10} {number:>7}")
    if ignored:
        click.echo(f"Columns ignored: {', '.join(ignored)}")


def _told(problem: tabular.Problem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "reason": problem.reason % problem.values if problem.values else problem.reason,
        "remedy": problem.remedy % problem.values if problem.values else problem.remedy,
    }


@group.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def export(file: Path, language: str, as_json: bool) -> None:  # noqa: FBT001
    """Write the whole register into FILE, as its ending says: .xlsx or .csv."""
    if file.suffix.lower() not in {".xlsx", ".csv"}:
        raise click.UsageError("FILE must end in .xlsx or .csv.")
    filters = Filters(on=clock.today(get_timezone()), sort="code")
    rows = list(services.export_rows(db.session, filters, None, language))
    headers = tabular.labels(services.COLUMNS, language)
    with file.open("wb") as target:
        if file.suffix.lower() == ".csv":
            tabular.write_csv(target, headers, rows)
        else:
            with force_locale(language):
                tabular.write_xlsx(target, headers, rows, sheet=_("Register of systems"))
    answer = {"systems": len(rows), "file": str(file)}
    click.echo(json.dumps(answer) if as_json else f"{len(rows)} systems written to {file}.")
