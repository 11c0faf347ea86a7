"""What the three kinds of files have in common: rows about people whom we know."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core.days import read_day
from drills.core.errors import DomainError
from drills.core.tabular import Column, Problem, Sheet, match
from drills.core.text import N_, fold
from drills.roster.models import Skill

T = TypeVar("T")

EMAIL = Column("email", "Thư điện tử", "E-mail", ("email", "hop thu", "dia chi thu"))
NAME = Column("name", "Họ và tên", "Name", ("ho ten", "hoc vien", "thanh vien", "full name"))


@dataclass(slots=True)
class Plan(Generic[T]):
    """What a file would do. ``entries`` change something, ``unchanged`` rows do not."""

    entries: list[T] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def refuse_mistakes(self) -> None:
        """DomainError if a row is wrong: then nothing is imported."""
        if self.problems:
            raise DomainError(
                N_(
                    "Nothing can be imported until every row is right. Mend the file and send it "
                    "again."
                )
            )


@dataclass(slots=True)
class Line:
    """One row of a file, and what is found wrong in it while it is read."""

    number: int
    texts: Mapping[str, str]
    labels: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def __getitem__(self, key: str) -> str:
        return self.texts[key]

    def wrong(self, key: str, reason: str, remedy: str) -> None:
        problem = Problem(self.number, self.labels[key], self.texts[key], reason, remedy)
        self.problems.append(problem)

    def day(self, key: str, today: date) -> date | None:
        found = read_day(self[key], today) if self[key] else None
        if self[key] and found is None:
            self.wrong(key, N_("This is not a day of the calendar."), N_("Write it as 23/11/2026."))
        return found

    def person(self, known: "People") -> Person | None:
        """Who the row is about, by the address, without one by the name."""
        email, name = self["email"].lower(), fold(self["name"])
        if not email and not name:
            self.wrong("name", N_("Nobody is named."), N_("Write an e-mail address or a name."))
            return None
        found = known.by_email.get(email) if email else known.by_name.get(name)
        if found is None:
            key, is_twice = ("email", False) if email else ("name", name in known.twice)
            self.wrong(key, *(_TWO if is_twice else _NOBODY))
        return found


_NOBODY = (
    N_("Nobody you may see has this name or address."),
    N_("Write the e-mail address, or enter the person first."),
)
_TWO = (N_("Several people have this name."), N_("Write the e-mail address instead."))


@dataclass(frozen=True, slots=True)
class People:
    by_email: Mapping[str, Person]
    by_name: Mapping[str, Person]
    twice: frozenset[str]
    """Folded names that several people have."""


def opened(sheet: Sheet, columns: Sequence[Column], plan: Plan[Any]) -> list[Line]:
    """The rows of ``sheet``; DomainError if a column is missing."""
    places, plan.ignored = match(sheet.headers, columns)
    labels = {column.key: column.label_vi for column in columns}
    return [
        Line(
            row.number,
            {c.key: row.cells[places[c.key]] if c.key in places else "" for c in columns},
            labels,
        )
        for row in sheet.rows
    ]


def people_of(session: Session, lines: Sequence[Line], by: Person) -> People:
    """The people that the file names, as far as ``by`` may see them."""
    emails = {line["email"].lower() for line in lines} - {""}
    names = {line["name"] for line in lines if not line["email"]} - {""}
    query = visible(Person, by).where(Person.removed_at.is_(None))
    found = session.scalars(query.where(sa.or_(Person.email.in_(emails), Person.name.in_(names))))
    by_email: dict[str, Person] = {}
    by_name: dict[str, Person] = {}
    twice: set[str] = set()
    for person in found.unique():
        name = fold(person.name)
        by_email[person.email or ""] = person
        twice |= {name} if name in by_name else set()
        by_name[name] = person
    kept = {name: person for name, person in by_name.items() if name not in twice}
    return People(by_email, kept, frozenset(twice))


def skills_of(session: Session) -> dict[str, Skill]:
    """Every skill by its code and both its names, folded."""
    found: dict[str, Skill] = {}
    for skill in session.scalars(sa.select(Skill).order_by(Skill.id)):
        for text in (skill.name_en, skill.name_vi, skill.code):
            found[fold(text)] = skill
    return found


@contextmanager
def importing() -> Iterator[None]:
    """The trail says of what happens meanwhile that it came from an import."""
    token = audit.origin.set("import")
    try:
        yield
    finally:
        audit.origin.reset(token)
