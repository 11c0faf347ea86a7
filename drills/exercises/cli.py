"""``drills msel``: import and export of the list of injects of a drill."""

import json
import sys
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from drills.audit import services as audit
from drills.core import tabular
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.exercises.models import Drill
from drills.exercises.services import msel as services
from drills.exercises.services.msel import ColumnSet, cexf, reception
from drills.extensions import db

SETS = (*(chosen.value for chosen in ColumnSet), cexf.FORMAT)


@click.group("msel")
def group() -> None:
    """Import and export the list of injects of a drill."""


@group.command("import")
@click.argument("drill")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def import_(drill: str, file: Path, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001
    """Import the injects of FILE (XLSX, CSV or CEXF) into DRILL: all, or none if a row is wrong.

    The columns are recognised: ours, those of the Standard, MITRE and HSEEP sets, and common
    Vietnamese ones.
    """
    audit.origin.set("command")
    known = services.known(db.session, _drill(drill))
    limit = current_app.config["IMPORT_ROWS"]
    received = reception.receive(known, file.read_bytes(), file.name, limit=limit)
    plan = services.plan_import(known, received.pages, received.layout)
    is_done = not plan.problems and not dry_run
    if is_done:
        services.carry_out(db.session, known, plan, by=None, source=file.name)
        db.session.commit()
    _report(plan, as_json=as_json, is_done=is_done)
    sys.exit(1 if plan.problems else 0)


@group.command()
@click.argument("drill")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--set", "chosen", type=click.Choice(SETS), default="ours", show_default=True)
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@with_appcontext
def export(drill: str, file: Path, chosen: str, language: str) -> None:
    """Write the injects of DRILL into FILE, as its ending says: .xlsx, .csv, or .json for CEXF."""
    ending = file.suffix.lower().removeprefix(".")
    endings = {"json"} if chosen == cexf.FORMAT else {"xlsx", "csv"}
    if ending not in endings:
        raise click.UsageError(f"FILE must end in .{' or .'.join(sorted(endings))}.")
    known = services.known(db.session, _drill(drill))
    if chosen == cexf.FORMAT:
        document = cexf.dump(known, known.injects, known.columns)
        file.write_text(json.dumps(document, ensure_ascii=False, indent=2), encoding="utf-8")
    else:
        table = services.table(known, known.injects, known.columns, ColumnSet(chosen), language)
        with file.open("wb") as target:
            services.write(target, *table, ending=ending, sheet="MSEL")
    click.echo(f"{len(known.injects)} injects written to {file}.")


def _drill(code: str) -> Drill:
    found = db.session.scalars(sa.select(Drill).where(Drill.code == code)).one_or_none()
    if found is None:
        raise DomainError(N_("There is no drill with the code “%(code)s”."), code=code)
    return found


def _report(plan: services.MselPlan, *, as_json: bool, is_done: bool) -> None:
    numbers = {
        "new": len(plan.additions),
        "changed": len(plan.changes),
        "unchanged": plan.unchanged,
        "bad_rows": plan.bad_rows,
    }
    problems = [_told(problem) for problem in plan.problems]
    if as_json:
        answer: dict[str, Any] = numbers | {
            "imported": is_done,
            "ignored_columns": plan.layout.ignored,
            "new_sides": list(plan.new_sides.values()),
            "new_objectives": plan.new_objectives,
            "problems": problems,
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo("Imported." if is_done else "Nothing has been changed.")
        for name, number in numbers.items():
            click.echo(f"{name.replace('_', ' '):<10} {number:>7}")
        _name("Columns ignored", plan.layout.ignored)
        _name("Sides the drill did not have", list(plan.new_sides.values()))
    for problem in problems:
        click.echo("{row}, {column} “{value}”: {reason} {remedy}".format(**problem), err=True)


def _name(what: str, names: list[str]) -> None:
    if names:
        click.echo(f"{what}: {', '.join(names)}")


def _told(problem: tabular.Problem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "reason": problem.reason % problem.values if problem.values else problem.reason,
        "remedy": problem.remedy % problem.values if problem.values else problem.remedy,
    }
