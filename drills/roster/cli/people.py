"""``drills people``: what operators do to the people of the roster."""

import json
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext

from drills.accounts.models import Person
from drills.accounts.services import by_email, normal_email
from drills.core import clock, tabular
from drills.core.days import read_date
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.roster import exports, imports
from drills.roster.columns import COLUMNS
from drills.roster.lists import Wanted
from drills.roster.services import handover, removal

as_json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


@click.group("people")
def people() -> None:
    """Hand over, export, import and remove people of the roster."""


def known(email: str) -> Person:
    """The person with this address; DomainError if there is none."""
    found = by_email(db.session, normal_email(email))
    if found is None:
        raise DomainError(N_("Nobody has the address %(email)s."), email=email)
    return found


@people.command("hand-over")
@click.argument("email")
@click.argument("successor")
@click.option("--on", "day", help="First day of the successor; today unless given.")
@click.option("--decision", default="", help="Number of the decision on the move.")
@click.option("--dry-run", is_flag=True, help="Only list what would go over.")
@as_json_option
@with_appcontext
def hand_over(
    email: str,
    successor: str,
    day: str | None,
    decision: str,
    dry_run: bool,  # noqa: FBT001 - click hands flags over by name
    as_json: bool,  # noqa: FBT001
) -> None:
    """Give everything open in the name of EMAIL to SUCCESSOR, in one act."""
    on = read_date(day) if day else clock.today(ZoneInfo(current_app.config["TIME_ZONE"]))
    if on is None:
        raise click.BadParameter(f"{day!r} is no day; write it as 2026-11-23.")
    person, to = known(email), known(successor)
    whole = handover.estate(db.session, person, by=None)
    rows = [{"as": item.label, "name": item.name} for item in whole.items]
    rows += [{"as": f"Member: {m.role.value}", "name": m.team.name} for m in whole.members]
    if not dry_run:
        details = handover.HandoverDetails(to.id, on, decision)
        handover.hand_over(db.session, person, details, by=None)
        db.session.commit()
    if as_json:
        click.echo(json.dumps({"open": rows, "done": not dry_run}, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['as']:<30}{row['name']}")
    click.echo("Nothing was changed." if dry_run else f"{len(rows)} went over.", err=dry_run)


@people.command("remove")
@click.argument("email")
@click.option("--asked-by", required=True, help="Who asked; without the name. It stays on record.")
@click.option("--reason", required=True, help="Why; without the name. It stays on record.")
@click.option("--by", "actor", required=True, help="Address of the administrator who does it.")
@with_appcontext
def remove(email: str, asked_by: str, reason: str, actor: str) -> None:
    """Remove the personal data of EMAIL; the record of drills stays under a pseudonym."""
    person = known(email)
    details = removal.RemovalDetails(asked_by, reason)
    removal.remove_personal_data(db.session, person, details, by=known(actor))
    db.session.commit()
    click.echo(f"The data are removed; the record reads {person.name}.")


@people.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--by", "actor", required=True, help="Address of whoever takes it out; on record.")
@click.option("--personal", is_flag=True, help="In full; otherwise personal data are masked.")
@with_appcontext
def export(file: Path, actor: str, personal: bool) -> None:  # noqa: FBT001
    """Write everybody into FILE, as its ending says: .xlsx, to be imported again, or .vcf."""
    kind = file.suffix.lower().removeprefix(".")
    if kind not in {"xlsx", "vcf"}:
        raise click.BadParameter("the name has to end in .xlsx or .vcf", param_hint="FILE")
    by = known(actor)
    found = exports.gathered(db.session, Wanted(on=clock.today(by.zone)), by)
    if kind == "vcf":
        file.write_text(exports.cards(found, is_open=personal), encoding="utf-8", newline="")
    else:
        headers = tabular.labels(COLUMNS, current_app.config["LANGUAGE"])
        rows = exports.sheet_rows(found, is_open=personal)
        tabular.write_xlsx(file, headers, rows, sheet="Thành viên")
    exports.note_export(db.session, by, kind, len(found), is_open=personal)
    db.session.commit()
    click.echo(f"{len(found)} people are in {file}.")


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@as_json_option
@with_appcontext
def import_(file: Path, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001
    """Import members from FILE, XLSX or CSV: all of it, or nothing if a row has a mistake."""
    today = clock.today(ZoneInfo(current_app.config["TIME_ZONE"]))
    with file.open("rb") as stream:
        sheet = tabular.read(stream, file.name, limit=current_app.config["IMPORT_ROWS"])
    plan = imports.plan(db.session, sheet, team=None, by=None, on=today)
    if not plan.problems and not dry_run:
        imports.carry_out(db.session, plan, by=None)
        db.session.commit()
    counts = {"added": len(plan.additions), "changed": len(plan.changes)}
    problems = [f"{p.row}, {p.column}, “{p.value}”: {p.reason} {p.remedy}" for p in plan.problems]
    if as_json:
        answer = counts | {"unchanged": len(plan.present), "problems": problems}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo(f"{counts['added']} rows add somebody, {counts['changed']} change something.")
        for problem in problems:
            click.echo(f"Row {problem}", err=True)
    sys.exit(1 if problems else 0)
