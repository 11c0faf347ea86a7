"""What people can do: skills, how far each of them has come, and the certificates they hold."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.accounts.models import Person
from drills.core.orm import (
    Base,
    Code,
    Identified,
    Line,
    Name,
    Prose,
    SortKey,
    Timestamped,
    Title,
    fk,
)
from drills.core.text import N_, named, sort_key
from drills.files.models import StoredFile
from drills.roster.models.people import ExpertGroup

LEVEL_MAX = 4
LEVELS = {
    0: N_("cannot do it yet"),
    1: N_("knows the basics"),
    2: N_("does it under guidance"),
    3: N_("does it alone"),
    4: N_("can teach it"),
}
HOLDER_FROM = 3
"""Who does it alone holds a skill; with one holder it stands and falls with that person."""


class Framework(StrEnum):
    NICE = "nice"
    ECSF = "ecsf"


FRAMEWORKS = named({Framework.NICE: "NICE", Framework.ECSF: "ECSF"})


class WorkRole(Identified, Base):
    """A work role of the NICE Framework, or a profile of the ECSF of the European Union.

    Its ``name`` is that of the framework, in English.
    """

    __tablename__ = "work_role"
    __table_args__ = (sa.UniqueConstraint("framework", "code"),)

    framework: Mapped[Framework]
    code: Mapped[Code]
    name: Mapped[Title]
    name_vi: Mapped[Title]

    def title(self, language: str) -> str:
        return self.name if language == "en" else self.name_vi

    @property
    def key(self) -> str:
        """``nice:PD-WRL-003``, as the data file names it."""
        return f"{self.framework.value}:{self.code}"


@dataclass(frozen=True, slots=True)
class SkillDetails:
    """``valid_months``: after how many months it is assessed anew; None for never."""

    code: str
    name_vi: str
    name_en: str
    expert_group: ExpertGroup
    valid_months: int | None = None
    is_active: bool = True
    work_role_ids: tuple[int, ...] = ()


skill_work_role = sa.Table(
    "skill_work_role",
    Base.metadata,
    sa.Column(
        "skill_id", sa.ForeignKey("skill.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
    sa.Column(
        "work_role_id",
        sa.ForeignKey("work_role.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)


class Skill(Identified, Timestamped, Base):
    """Something a response team needs somebody to be able to do.

    ``is_active`` is false for one that is no longer assessed; what was assessed stays.
    """

    __tablename__ = "skill"
    __table_args__ = (
        sa.CheckConstraint("valid_months IS NULL OR valid_months > 0", name="valid_months"),
    )

    code: Mapped[Code] = mapped_column(unique=True)
    name_vi: Mapped[Title]
    name_en: Mapped[Title]
    sort: Mapped[SortKey]
    expert_group: Mapped[ExpertGroup]
    valid_months: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)

    work_roles: Mapped[list[WorkRole]] = relationship(
        secondary=skill_work_role, order_by=(WorkRole.framework.desc(), WorkRole.code)
    )

    @validates("name_vi")
    def _index(self, _key: str, value: str) -> str:
        self.sort = sort_key(value)
        return value

    def title(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_vi

    @property
    def name(self) -> str:
        return self.name_vi

    @classmethod
    def visible_to(cls, _person: Person) -> sa.ColumnElement[bool]:
        return sa.true()


@dataclass(frozen=True, slots=True)
class CompetenceDetails:
    level: int
    evidence: str
    assessed_on: date
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A cell of the matrix: what stood in it for whoever typed, and what shall; None: nothing."""

    was: int | None
    level: int | None


class Competence(Identified, Timestamped, Base):
    """How far one person has come in one skill, who says so and what shows it.

    Level 0 was assessed, too; who was never assessed has no row.
    """

    __tablename__ = "competence"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "skill_id"),
        sa.CheckConstraint(f"level BETWEEN 0 AND {LEVEL_MAX}", name="level_in_range"),
    )

    person_id: Mapped[int] = fk("person.id", ondelete="CASCADE")
    skill_id: Mapped[int] = fk("skill.id")
    level: Mapped[int]
    evidence: Mapped[Prose]
    file_id: Mapped[int | None] = fk("stored_file.id")
    assessed_on: Mapped[date]
    assessed_by_id: Mapped[int | None] = fk("person.id")
    expires_on: Mapped[date | None] = mapped_column(index=True)

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    skill: Mapped[Skill] = relationship()
    assessed_by: Mapped[Person | None] = relationship(foreign_keys=[assessed_by_id])
    file: Mapped[StoredFile | None] = relationship()

    @property
    def level_label(self) -> str:
        return LEVELS[self.level]

    def has_expired(self, on: date) -> bool:
        return self.expires_on is not None and self.expires_on < on

    @classmethod
    def held(cls, on: date) -> sa.ColumnElement[bool]:
        """Those good enough to count somebody as a holder of the skill on that day."""
        return sa.and_(
            cls.level >= HOLDER_FROM, sa.or_(cls.expires_on.is_(None), cls.expires_on >= on)
        )

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.person_id.in_(_people_seen_by(person))


class CertificateKind(StrEnum):
    """``STATUTORY``: Law 116/2025/QH15, Article 34.2, and Decree 333/2026, Article 24.8."""

    STATUTORY = "statutory"
    PROFESSIONAL = "professional"
    COURSE = "course"


CERTIFICATE_KINDS = named(
    {
        CertificateKind.STATUTORY: N_(
            "Required by law of those who operate systems of level 3 to 5"
        ),
        CertificateKind.PROFESSIONAL: N_("Professional"),
        CertificateKind.COURSE: N_("Of a course"),
    }
)


@dataclass(frozen=True, slots=True)
class CertificateDetails:
    name: str
    kind: CertificateKind
    issuer: str = ""
    number: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
    skill_ids: tuple[int, ...] = ()


certificate_skill = sa.Table(
    "certificate_skill",
    Base.metadata,
    sa.Column(
        "certificate_id",
        sa.ForeignKey("certificate.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sa.Column("skill_id", sa.ForeignKey("skill.id"), primary_key=True, index=True),
)


class Certificate(Identified, Timestamped, Base):
    """A certificate that a person holds; without ``expires_on`` it holds for good."""

    __tablename__ = "certificate"
    __table_args__ = (
        sa.CheckConstraint(
            "issued_on IS NULL OR expires_on IS NULL OR issued_on <= expires_on",
            name="dates_in_order",
        ),
    )

    person_id: Mapped[int] = fk("person.id", ondelete="CASCADE")
    name: Mapped[Name]
    kind: Mapped[CertificateKind] = mapped_column(default=CertificateKind.PROFESSIONAL)
    issuer: Mapped[Line]
    number: Mapped[Line]
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None] = mapped_column(index=True)
    file_id: Mapped[int | None] = fk("stored_file.id")

    person: Mapped[Person] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    skills: Mapped[list[Skill]] = relationship(secondary=certificate_skill, order_by=Skill.sort)

    @property
    def kind_label(self) -> str:
        return CERTIFICATE_KINDS[self.kind]

    def has_expired(self, on: date) -> bool:
        return self.expires_on is not None and self.expires_on < on

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.person_id.in_(_people_seen_by(person))


def _people_seen_by(person: Person) -> sa.Select[int]:
    """The person themselves are always among them."""
    seen = sa.or_(Person.visible_to(person), Person.id == person.id)
    return sa.select(Person.id).where(seen)
