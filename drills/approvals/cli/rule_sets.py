"""``drills regimes``: the rule sets, in and out of files."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import get_timezone

from drills.approvals.kinds import LEVELS, BadRules, json_text, parse, toml_text
from drills.approvals.models import Regime
from drills.approvals.services import regimes as services
from drills.approvals.services.asked import rules_of
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db

_as_json = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
_version = click.option("--version", type=int, help="An earlier version (default: the newest).")


@click.group("regimes")
def regimes() -> None:
    """The rule sets: what the law asks at each level."""


@regimes.command("list")
@_as_json
@with_appcontext
def list_(as_json: bool) -> None:  # noqa: FBT001 - click hands flags over by name
    """List the newest version of each rule set."""
    lawful = {
        offer.regime.id for offer in services.for_new(db.session, clock.today(get_timezone()))
    }
    rows = [_head(one) | {"lawful_today": one.id in lawful} for one in services.current(db.session)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        mark = "*" if row["lawful_today"] else " "
        click.echo(
            f"{mark} {row['code']:<16} {row['version']:>3}  {row['valid_from']} – "
            f"{row['valid_to'] or '':<10}  {row['name']}"
        )
    click.echo("* may be used for new dossiers today")


@regimes.command()
@click.argument("code")
@_version
@_as_json
@with_appcontext
def show(code: str, version: int | None, as_json: bool) -> None:  # noqa: FBT001
    """Show the rule set CODE in short: who appraises, the time limits, the checks."""
    regime = _found(code, version)
    rules, told = rules_of(regime), _head(regime)
    told["levels"] = [
        {
            "level": level,
            "criteria": sum(one.level == level for one in rules.criteria),
            "appraiser": str(rules.authorities[level].appraiser),
            "approver": str(rules.authorities[level].approver),
            "papers": [paper.key for paper in rules.papers_for(level)],
            "appraisal_limit": rules.appraisal[level].number,
            "appraisal_unit": str(rules.appraisal[level].unit),
            "check_months": rules.interval("check", level).months,
            "measures": len(rules.measures[level]),
        }
        for level in LEVELS
    ]
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _table(told))


def _table(told: dict[str, Any]) -> str:
    lines = [f"{told['name']}, version {told['version']} ({told['code']})", told["legal_basis"], ""]
    lines.append("level  appraises         decides           limit         check  measures")
    for row in told["levels"]:
        limit = f"{row['appraisal_limit']} {row['appraisal_unit']}"
        lines.append(
            f"{row['level']:<6} {row['appraiser']:<17} {row['approver']:<17} "
            f"{limit if row['appraisal_limit'] else 'none':<13} "
            f"{row['check_months'] or 'none':>5}  {row['measures']:>8}"
        )
    return "\n".join(lines)


@regimes.command()
@click.argument("code")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_version
@with_appcontext
def export(code: str, file: Path, version: int | None) -> None:
    """Write the rule set CODE into FILE, as its ending says: .toml or .json."""
    writers = {".toml": toml_text, ".json": json_text}
    if (write := writers.get(file.suffix.lower())) is None:
        raise click.UsageError("FILE must end in .toml or .json.")
    regime = _found(code, version)
    file.write_text(write(regime.rules), encoding="utf-8")
    click.echo(f"{regime.code}, version {regime.version}, written to {file}.")


@regimes.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--note", required=True, help="Why this version is made.")
@_as_json
@with_appcontext
def import_(file: Path, note: str, as_json: bool) -> None:  # noqa: FBT001
    """Take in FILE (TOML or JSON) as the next version of the rule set whose code it names."""
    audit.origin.set("command")
    try:
        data = parse(file.read_text(encoding="utf-8-sig"), is_json=file.suffix.lower() == ".json")
        regime = services.take_in(db.session, data, note, by=None)
    except UnicodeDecodeError:
        raise DomainError(N_("The file is no text in UTF-8.")) from None
    except BadRules as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        sys.exit(1)
    db.session.commit()
    told = _head(regime)
    sentence = f"{regime.code}: version {regime.version} is made."
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else sentence)


def _found(code: str, version: int | None) -> Regime:
    versions = services.versions(db.session, code)
    found = [one for one in versions if version in (None, one.version)]
    if not found:
        raise DomainError(N_("There is no such rule set: %(code)s"), code=code)
    return found[0]


def _head(regime: Regime) -> dict[str, Any]:
    return {
        "code": regime.code,
        "version": regime.version,
        "name": regime.name,
        "legal_basis": regime.legal_basis,
        "valid_from": regime.valid_from.isoformat(),
        "valid_to": regime.valid_to.isoformat() if regime.valid_to else None,
        "note": regime.note,
        "shipped": regime.is_shipped,
    }
