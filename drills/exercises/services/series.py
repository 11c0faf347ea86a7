import csv
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills import resources
from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.exercises.models import Edition, EditionDetails, Series, SeriesDetails


def add_series(session: Session, details: SeriesDetails, *, by: Person | None) -> Series:
    _refuse_taken(session, details.code, None)
    series = Series(**asdict(details))
    session.add(series)
    audit.record(session, "created", series, by=by)
    return series


def revise_series(
    session: Session, series: Series, details: SeriesDetails, *, by: Person | None
) -> None:
    _refuse_taken(session, details.code, series.id)
    with audit.changing(session, "revised", series, by=by):
        for name, value in asdict(details).items():
            setattr(series, name, value)


def add_edition(
    session: Session, series: Series, details: EditionDetails, *, by: Person | None
) -> Edition:
    """One more account of a year; a second source of the same year stands beside the first."""
    edition = Edition(**asdict(details), series=series)
    session.add(edition)
    audit.record(session, "created", edition, by=by)
    return edition


def revise_edition(
    session: Session, edition: Edition, details: EditionDetails, *, by: Person | None
) -> None:
    with audit.changing(session, "revised", edition, by=by):
        for name, value in asdict(details).items():
            setattr(edition, name, value)


def _refuse_taken(session: Session, code: str, own: int | None) -> None:
    taken = session.scalar(sa.select(Series.id).where(Series.code == code))
    if taken not in {None, own}:
        raise DomainError(N_("There is a series with the code “%(code)s” already."), code=code)


def seed_series(session: Session) -> int:
    """Add the international series and editions the program knows; how many rows were new.

    Run again it adds nothing and overwrites nothing.
    """
    series = {found.code: found for found in session.scalars(sa.select(Series))}
    added = [Series(**_series(row)) for row in _read("series") if row["code"] not in series]
    session.add_all(added)
    session.flush()
    series |= {one.code: one for one in added}
    known = set(session.execute(sa.select(Edition.series_id, Edition.year, Edition.source)).all())
    editions = [
        Edition(series=series[row["series"]], **_edition(row))
        for row in _read("drill_editions")
        if (series[row["series"]].id, int(row["year"]), row["source"]) not in known
    ]
    session.add_all(editions)
    session.flush()
    return len(added) + len(editions)


def _read(name: str) -> list[dict[str, str]]:
    with (resources.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _series(row: Mapping[str, str]) -> dict[str, Any]:
    cadence = {name: _number(row[name]) for name in ("every_months", "usual_month")}
    return dict(row) | cadence


def _edition(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        "year": int(row["year"]),
        "number": _number(row["edition_no"]),
        "starts_on": _day(row["starts_on"]),
        "ends_on": _day(row["ends_on"]),
        "theme": row["theme_en"],
        "theme_local": row["theme_local"],
        "teams": _number(row["teams"]),
        "economies": _number(row["economies"]),
        "note": row["note"],
        "source": row["source"],
        "read_on": _day(row["read_on"]),
    }


def _number(text: str) -> int | None:
    return int(text) if text else None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
