"""``drills dossiers``: the procedure from the command line, through the services of the pages."""

import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NoReturn

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from flask_babel import force_locale, get_timezone
from flask_babel import gettext as _

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.approvals.models import ACTS, Dossier, Verdict
from drills.approvals.models.desk import TURNS, Turn, listed, whole
from drills.approvals.models.details import Opinion, Receipt, Ruling
from drills.approvals.models.parties import holder
from drills.approvals.services import deciding, duties, procedure
from drills.approvals.services.asked import review_due
from drills.audit import services as audit
from drills.core import clock
from drills.core.days import read_day
from drills.core.errors import DomainError
from drills.extensions import db
from drills.systems.models import DecisionKind

AS = click.option("--as", "email", required=True, help="E-mail of the person who acts.")
JSON = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


@click.group("dossiers")
def group() -> None:
    """List dossiers, show one, and act on it in the name of a person."""
    audit.origin.set("command")


def _person(email: str) -> Person:
    found = db.session.scalar(sa.select(Person).where(Person.email == email.strip().lower()))
    if found is None or not found.active:
        raise click.UsageError(f"Nobody with an account has the address {email}.")
    return found


def _dossier(code: str, person: Person) -> Dossier:
    query = visible(Dossier, person).where(Dossier.code == code).options(*whole())
    found = db.session.scalars(query).unique().one_or_none()
    if found is None:
        raise click.UsageError(f"{person.name} sees no dossier {code}.")
    return found


def _today() -> date:
    return clock.today(get_timezone())


def _day(text: str | None) -> date:
    day = read_day(text, _today()) if text else _today()
    if day is None:
        raise click.UsageError(f"{text} is no day. Write it as 23/11/2026.")
    return day


def _told(dossier: Dossier) -> dict[str, Any]:
    return {
        "code": dossier.code,
        "system": dossier.system.code,
        "name": dossier.system.name,
        "level": dossier.level,
        "state": dossier.state.value,
        "with": holder(dossier),
    }


@group.command("list")
@AS
@click.option("--turn", type=click.Choice([turn.value for turn in Turn]), default="all")
@JSON
@with_appcontext
def list_(email: str, turn: str, as_json: bool) -> None:  # noqa: FBT001 - click's flags
    """List the dossiers PERSON sees; --turn decide, appraise or finish: those that wait."""
    person = _person(email)
    query = listed(db.session, person, Turn(turn), _today())
    rows = [_told(dossier) for dossier in db.session.scalars(query).unique()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo("{code}  {level}  {state:<12}  {name} ({with})".format(**row))
    click.echo(f"{TURNS[Turn(turn)]}: {len(rows)}")


@group.command()
@click.argument("code")
@AS
@JSON
@with_appcontext
def show(code: str, email: str, as_json: bool) -> None:  # noqa: FBT001
    """Show the dossier CODE with its papers and its history."""
    dossier = _dossier(code, _person(email))
    papers = [{"paper": p.label, "state": p.state.value} for p in dossier.papers]
    history = [
        {
            "at": event.at.isoformat(),
            "by": event.by.name if event.by else "",
            "act": event.act.value,
            "text": event.text,
        }
        for event in dossier.events
    ]
    if as_json:
        told = _told(dossier) | {"papers": papers, "history": history}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, value in _told(dossier).items():
        click.echo(f"{name:<8} {value}")
    for paper in papers:
        click.echo("  {state:<12} {paper}".format(**paper))
    for event in dossier.events:
        text = f": {event.text}" if event.text else ""
        who = event.by.name if event.by else ""
        click.echo(f"  {event.on:%d/%m/%Y} {who} {ACTS[event.act]}{text}")


Service = Callable[..., Any]


def _carry_out(code: str, email: str, service: Service, *value: Any, **more: Any) -> None:
    """One act, committed; a refusal for the sake of duties is noted before it is told."""
    by = _person(email)
    dossier = _dossier(code, by)
    at: datetime = clock.now()
    try:
        service(db.session, dossier, *value, by=by, at=at, version=dossier.version, **more)
    except duties.Barred as error:
        db.session.rollback()
        duties.note(db.session, error)
        db.session.commit()
        _fail(error)
    except DomainError as error:
        db.session.rollback()
        _fail(error)
    db.session.commit()
    click.echo(f"{dossier.code}: {dossier.state.value}")


def _fail(error: DomainError) -> NoReturn:
    with force_locale("en"):
        values = {k: _(v) if isinstance(v, str) and v else v for k, v in error.values.items()}
        click.echo(_(error.message, **values), err=True)
    sys.exit(1)


@group.command()
@click.argument("code")
@AS
@click.option("--text", default="", help="A covering note.")
@with_appcontext
def submit(code: str, email: str, text: str) -> None:
    """Send the dossier CODE, or send it again after a return."""
    _carry_out(code, email, procedure.submit, text=text)


@group.command()
@click.argument("code")
@AS
@click.option("--on", "on", default=None, help="The day it was complete; today if left out.")
@click.option("--independent-body", default="", help="Who appraises in place of the operator.")
@with_appcontext
def receive(code: str, email: str, on: str | None, independent_body: str) -> None:
    """Receive the dossier CODE as complete: the clock of the appraisal starts."""
    _carry_out(code, email, procedure.receive, Receipt(_day(on), independent_body))


@group.command("return")
@click.argument("code")
@AS
@click.option("--reason", required=True)
@with_appcontext
def return_(code: str, email: str, reason: str) -> None:
    """Return the dossier CODE for supplement."""
    _carry_out(code, email, procedure.return_, reason)


@group.command()
@click.argument("code")
@AS
@click.option("--verdict", type=click.Choice([v.value for v in Verdict]), required=True)
@click.option("--opinion", required=True)
@click.option("--number", required=True, help="Number of the opinion.")
@click.option("--on", "on", default=None, help="Date of the opinion; today if left out.")
@with_appcontext
def appraise(
    code: str, email: str, verdict: str, opinion: str, number: str, on: str | None
) -> None:
    """Record the outcome of the appraisal of CODE."""
    value = Opinion(Verdict(verdict), opinion, number, _day(on))
    _carry_out(code, email, procedure.appraise, value)


@group.command()
@click.argument("code")
@AS
@click.option("--number", required=True, help="Number of the decision.")
@click.option("--signer", required=True)
@click.option("--authority", default="", help="The approving body if left out.")
@click.option("--signed-on", default=None, help="Date of the decision; today if left out.")
@click.option("--kind", type=click.Choice([k.value for k in DecisionKind]), default="level")
@with_appcontext
def approve(  # noqa: PLR0913, PLR0917 - one option for each part of a decision
    code: str,
    email: str,
    number: str,
    signer: str,
    authority: str,
    signed_on: str | None,
    kind: str,
) -> None:
    """Record the decision on CODE."""
    dossier = _dossier(code, _person(email))
    day, decided = _day(signed_on), DecisionKind(kind)
    value = Ruling(
        number=number,
        signed_on=day,
        authority=authority or deciding.authority_for(dossier, decided),
        signer=signer,
        kind=decided,
        review_due_on=review_due(dossier, day),
    )
    _carry_out(code, email, deciding.approve, value)


@group.command()
@click.argument("code")
@AS
@click.option("--reason", required=True)
@with_appcontext
def refuse(code: str, email: str, reason: str) -> None:
    """Decide against the dossier CODE."""
    _carry_out(code, email, procedure.refuse, reason)


@group.command()
@click.argument("code")
@AS
@click.option("--reason", required=True)
@with_appcontext
def withdraw(code: str, email: str, reason: str) -> None:
    """Take the dossier CODE back before it is decided on."""
    _carry_out(code, email, procedure.withdraw, reason)
