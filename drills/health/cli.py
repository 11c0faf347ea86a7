"""``drills doctor``."""

import json
import sys
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext

from drills.extensions import db
from drills.health.checks import Deployment, Finding, Verdict, examine

_COLOURS = {Verdict.GOOD: "green", Verdict.NOTE: "yellow", Verdict.PROBLEM: "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def doctor(as_json: bool) -> None:  # noqa: FBT001 - click hands flags over by name
    """Say what is wrong with this deployment and how to mend it; exit 1 if anything is."""
    findings = examine(Deployment(current_app.config, db.engine))
    is_well = all(finding.verdict is not Verdict.PROBLEM for finding in findings)
    if as_json:
        answer = {"ok": is_well, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _print(findings)
    sys.exit(not is_well)


def _print(findings: list[Finding]) -> None:
    for finding in findings:
        verdict = click.style(f"{finding.verdict:8}", fg=_COLOURS[finding.verdict])
        click.echo(f"{verdict} {finding.check:15} {finding.seen}")
        if finding.remedy:
            click.echo(f"{'':25}→ {finding.remedy}")
