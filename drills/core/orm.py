"""The declarative base and the column vocabulary every model is written in."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedColumn,
    declared_attr,
    mapped_column,
)
from sqlalchemy.types import TypeDecorator

from drills.core import clock

CODE_MAX = 40
NAME_MAX = 300
TITLE_MAX = 200
EMAIL_MAX = 254
PHONE_MAX = 40


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC on every backend."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class BinaryOrdered(TypeDecorator[str]):
    """Text compared by code point on every backend: sort keys, folded text, tree paths."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        length = self.impl_instance.length  # type: ignore[attr-defined]
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(sa.String(length, collation=collation))


def _values(members: type[enum.Enum]) -> list[str]:
    return [member.value for member in members]


def enumeration(members: type[enum.StrEnum], *, checked: bool = True) -> sa.Enum:
    """The values of ``members`` as text; ``checked``: by a constraint of the column."""
    return sa.Enum(
        members,
        native_enum=False,
        length=32,
        values_callable=_values,
        create_constraint=checked,
    )


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: sa.JSON(),
        enum.StrEnum: enumeration(enum.StrEnum),
    }

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {sa.inspect(self).identity}>"


Code = Annotated[str, mapped_column(sa.String(CODE_MAX))]
Name = Annotated[str, mapped_column(sa.String(NAME_MAX))]
Title = Annotated[str, mapped_column(sa.String(TITLE_MAX))]
Email = Annotated[str, mapped_column(sa.String(EMAIL_MAX))]
Phone = Annotated[str, mapped_column(sa.String(PHONE_MAX), default="")]
Prose = Annotated[str, mapped_column(sa.Text, default="")]
Line = Annotated[str, mapped_column(sa.String(TITLE_MAX), default="")]
Folded = Annotated[str, mapped_column(BinaryOrdered(1000), default="")]
SortKey = Annotated[str, mapped_column(BinaryOrdered(1000), default="", index=True)]
Path = Annotated[str, mapped_column(BinaryOrdered(200), default="", index=True)]


def fk(target: str, *, ondelete: str | None = None, **column: Any) -> MappedColumn[Any]:
    """A foreign key that is always indexed.

    ``info=MOVES`` on one to a unit: the row goes to the successor when units merge.
    """
    return mapped_column(sa.ForeignKey(target, ondelete=ondelete), index=True, **column)


MOVES = {"moves_with_unit": True}


PERSONAL = {"personal": True}
"""``info`` of a text beside a ``person_id``: it is emptied when the person's data are removed."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What goes to the successor of a person who moves post; ``label`` is a msgid.

    ``is_open`` says of a model and a moment which of its rows still have to be done. ``name``
    says what a row is called where it has neither code, title nor name. ``may_take`` says of a row
    and a person whether they may hand it over to themselves.
    """

    label: str
    is_open: Callable[[Any, datetime], sa.ColumnElement[bool]]
    name: Callable[[Any], str] | None = None
    may_take: Callable[[Any, Any], bool] | None = None


def handed_over(
    label: str,
    is_open: Callable[[Any, datetime], sa.ColumnElement[bool]],
    name: Callable[[Any], str] | None = None,
    may_take: Callable[[Any, Any], bool] | None = None,
) -> dict[str, Any]:
    """``info`` of a foreign key to a person: the row is handed over with their other work."""
    return {"handed_over": HandedOver(label, is_open, name, may_take)}


@dataclass(frozen=True, slots=True)
class Settles:
    """What stands against undoing a merger: a row made after it that refers to what moved.

    ``message`` is a msgid with a place for ``%(names)s``; ``since`` names the column that says
    when the row was made; ``name`` says what it is called if it has no code, title or name.
    """

    message: str
    since: str
    name: Callable[[Any], str] | None = None


def settles(
    message: str, since: str = "created_at", name: Callable[[Any], str] | None = None
) -> dict[str, Any]:
    """``info`` of a foreign key to a unit, or to something that moves with one."""
    return {"settles": Settles(message, since, name)}


class Identified:
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class Timestamped:
    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(
        default=clock.now, onupdate=clock.now, sort_order=91
    )


class Versioned:
    """A record two people may have open at once: the second to save is told, not overruled."""

    version: Mapped[int] = mapped_column(sort_order=92)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy hands over the class
        return {"version_id_col": cls.version}


def contains(column: Any, words: str) -> sa.ColumnElement[bool]:
    """Whether a folded ``column`` holds every word of ``words``, itself already folded."""
    conditions = (column.contains(word, autoescape=True) for word in words.split())
    return sa.and_(sa.true(), *conditions)


def under(column: Any, path: str) -> sa.ColumnElement[bool]:
    """Whether a tree path lies at or below ``path`` (``1.5.``): one range of the index."""
    return sa.and_(column >= path, column < f"{path[:-1]}/")
