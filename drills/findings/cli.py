"""``drills drills``: a whole drill from a workbook, and into one."""

import json
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale

from drills.audit import services as audit
from drills.core import clock, tabular
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.exercises.models import Drill
from drills.extensions import db
from drills.findings import whole


@click.group("drills")
def group() -> None:
    """Record a past drill from a workbook; write a drill into one."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be recorded; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def import_(file: Path, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001
    """Record the drill of FILE (XLSX) with all its sheets, or nothing if a cell is wrong."""
    audit.origin.set("command")
    at, zone = clock.now(), ZoneInfo(current_app.config["TIME_ZONE"])
    limit = current_app.config["IMPORT_ROWS"]
    with file.open("rb") as stream:
        pages = tabular.pages(stream, file.name, limit=limit)
    plan = whole.plan(db.session, pages, by=None, at=at, zone=zone)
    code = ""
    if not plan.problems and not dry_run:
        code = whole.carry_out(db.session, plan, by=None, at=at, source=file.name).code
        db.session.commit()
    _report(plan, code, as_json=as_json)
    sys.exit(1 if plan.problems else 0)


@group.command()
@click.argument("drill")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@with_appcontext
def export(drill: str, file: Path, language: str) -> None:
    """Write DRILL, named by its code, into FILE (.xlsx): it can be imported again."""
    if file.suffix.lower() != ".xlsx":
        raise click.UsageError("FILE must end in .xlsx.")
    found = db.session.scalars(sa.select(Drill).where(Drill.code == drill)).one_or_none()
    if found is None:
        raise DomainError(N_("There is no drill with the code “%(code)s”."), code=drill)
    record = whole.record(db.session, found)
    with file.open("wb") as target, force_locale(language):
        whole.write(target, record, record.known.columns, language)
    click.echo(f"{found.code} written to {file}.")


def _report(plan: whole.WholePlan, code: str, *, as_json: bool) -> None:
    problems = [_told(problem) for problem in plan.problems]
    if as_json:
        answer: dict[str, Any] = {"imported": bool(code), "code": code, **plan.counts}
        answer |= {"like": plan.likely, "ignored": plan.ignored, "problems": problems}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo(f"Recorded as {code}." if code else "Nothing has been changed.")
        for name, number in plan.counts.items():
            click.echo(f"{name:<12} {number:>7}")
        if plan.ignored:
            click.echo(f"Not read: {', '.join(plan.ignored)}")
        if plan.likely:
            click.echo(f"{plan.likely} has the same title and begins at the same moment.")
    for problem in problems:
        line = "{sheet}, {row}, {column} “{value}”: {reason} {remedy}"
        click.echo(line.format(**problem).rstrip(), err=True)


def _told(problem: whole.Mistake) -> dict[str, Any]:
    values = problem.values
    return {
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "reason": problem.reason % values if values else problem.reason,
        "remedy": problem.remedy % values if values else problem.remedy,
    }
