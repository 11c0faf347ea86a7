"""People: those who sign in, with their roles, and those who are only reached by mail."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_security import RoleMixin, UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.core.orm import (
    MOVES,
    Base,
    Email,
    Folded,
    Identified,
    Line,
    Name,
    Phone,
    SortKey,
    Timestamped,
    Versioned,
    fk,
)
from drills.core.text import N_, fold, name_key, named
from drills.units.models import Unit


class Role(StrEnum):
    """What a person may do in general; permissions are derived from it."""

    ADMINISTRATOR = "administrator"
    SECURITY_TEAM = "security_team"
    MANAGER = "manager"
    UNIT_OFFICER = "unit_officer"
    IR_MEMBER = "ir_member"
    AUDITOR = "auditor"

    def get_permissions(self) -> frozenset[str]:
        """None for Flask-Security, which asks: permissions are granted by our own table."""
        return frozenset()


ROLE_NAMES = named(
    {
        Role.ADMINISTRATOR: N_("Administrator"),
        Role.SECURITY_TEAM: N_("Security team"),
        Role.MANAGER: N_("Manager (approver)"),
        Role.UNIT_OFFICER: N_("Unit officer"),
        Role.IR_MEMBER: N_("Incident-response member"),
        Role.AUDITOR: N_("Auditor (read only)"),
    }
)


def _token() -> str:
    return uuid.uuid4().hex


class Grant(Identified, RoleMixin, Base):
    """One role of one person."""

    __tablename__ = "role_grant"
    __table_args__ = (sa.UniqueConstraint("person_id", "role"),)

    person_id: Mapped[int] = fk("person.id", ondelete="CASCADE")
    role: Mapped[Role]

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.role.value


class Person(Identified, Timestamped, Versioned, UserMixin, Base):
    """Somebody the agency knows. ``active`` says whether they may sign in.

    ``unit`` is where they work, ``scope`` the unit whose tree they see: their own unless set.
    """

    __tablename__ = "person"

    name: Mapped[Name]
    sort: Mapped[SortKey]
    search: Mapped[Folded]
    email: Mapped[Email | None] = mapped_column(unique=True)  # type: ignore[assignment]
    position: Mapped[Line]
    phone: Mapped[Phone]
    mobile: Mapped[Phone]
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    scope_id: Mapped[int | None] = fk("unit.id", info=MOVES)
    language: Mapped[str] = mapped_column(sa.String(2), default="vi")
    time_zone: Mapped[str] = mapped_column(sa.String(64), default="Asia/Ho_Chi_Minh")

    active: Mapped[bool] = mapped_column(default=False)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True, default=_token)
    last_sign_in_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    """When the personal data was removed at the person's request; only a pseudonym is left."""
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255))
    totp_counter: Mapped[int | None] = mapped_column(sa.BigInteger)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(sa.JSON)

    grants: Mapped[list[Grant]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=Grant.id
    )
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    own_scope: Mapped[Unit | None] = relationship(foreign_keys=[scope_id])

    @validates("name", "email")
    def _index(self, key: str, value: str | None) -> str | None:
        if key == "email":
            value = value.strip().lower() or None if value else None
        parts = {"name": self.name, "email": self.email} | {key: value}
        self.search = fold(" ".join(part or "" for part in parts.values()))
        if key == "name" and value:
            self.sort = name_key(value)
        return value

    @property
    def roles(self) -> frozenset[Role]:  # type: ignore[override]
        return frozenset(grant.role for grant in self.grants)

    def has_role(self, role: Any) -> bool:
        return role in self.roles

    @property
    def scope(self) -> Unit:
        return self.own_scope or self.unit

    @property
    def sees_all(self) -> bool:
        """Whether the scope is the root of the tree, so that no filter is needed."""
        return self.scope.parent_id is None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[0], words[-1]) if word).upper() if words else "?"

    @classmethod
    def visible_to(cls, person: "Person") -> sa.ColumnElement[bool]:
        if person.sees_all:
            return sa.true()
        return cls.unit_id.in_(Unit.ids_under(person.scope.path))


class SignInAttempt(Identified, Base):
    """One try to sign in, or to have a password reset, that has not come to a good end.

    ``key`` says what it counts against: ``account:<e-mail>``, ``address:<IP>`` or
    ``reset:<e-mail>``, for accounts that do not exist as well.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (sa.Index("ix_sign_in_attempt_key_at", "key", "at"),)

    key: Mapped[Name]
    at: Mapped[datetime] = mapped_column(index=True)
