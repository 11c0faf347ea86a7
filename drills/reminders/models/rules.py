"""Rules: how long before or after what, to whom, in which hours."""

from datetime import time
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Timestamped, Versioned, fk
from drills.core.text import N_, named
from drills.reminders.kinds import KINDS, Direction, Kind, LeadUnit
from drills.reminders.models.lead_times import LEAD_TIMES, MORNING, Hours, LeadTime

AMOUNT_MAX = 400
KIND_MAX = 40


class ChannelPolicy(StrEnum):
    """By mail alone, or by the channels the person has chosen as well."""

    MAIL = "mail"
    CHOICE = "choice"


CHANNEL_POLICIES = named(
    {
        ChannelPolicy.MAIL: N_("by mail only"),
        ChannelPolicy.CHOICE: N_("by mail and the channels a person has chosen"),
    }
)


class RuleAudience(Base):
    """One of the groups of people a rule speaks to, by the name its kind gives it."""

    __tablename__ = "rule_audience"

    rule_id: Mapped[int] = fk("reminder_rule.id", ondelete="CASCADE", primary_key=True)
    audience: Mapped[str] = mapped_column(sa.String(KIND_MAX), primary_key=True)


class RulePerson(Base):
    """Somebody a rule names; reminded of the subjects they may see."""

    __tablename__ = "rule_person"

    rule_id: Mapped[int] = fk("reminder_rule.id", ondelete="CASCADE", primary_key=True)
    person_id: Mapped[int] = fk("person.id", primary_key=True)

    person: Mapped[Person] = relationship()


class ReminderRule(Identified, Timestamped, Versioned, Base):
    """Remind ``amount`` ``unit`` before or after what a kind counts from.

    The moment is computed, never stored. ``at_time`` is the local hour if the kind counts from
    a day. With ``is_digest`` the message waits for the daily digest of its reader.
    """

    __tablename__ = "reminder_rule"
    __table_args__ = (
        sa.UniqueConstraint("kind", "direction", "amount", "unit"),
        sa.CheckConstraint(f"amount BETWEEN 0 AND {AMOUNT_MAX}", name="amount_in_range"),
    )

    kind: Mapped[str] = mapped_column(sa.String(KIND_MAX))
    amount: Mapped[int]
    unit: Mapped[LeadUnit] = mapped_column(default=LeadUnit.DAYS)
    direction: Mapped[Direction] = mapped_column(default=Direction.BEFORE)
    at_time: Mapped[time] = mapped_column(default=MORNING)
    hours: Mapped[Hours] = mapped_column(default=Hours.ANY)
    channel: Mapped[ChannelPolicy] = mapped_column(default=ChannelPolicy.CHOICE)
    is_digest: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)

    targets: Mapped[list[RuleAudience]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=RuleAudience.audience
    )
    named: Mapped[list[RulePerson]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=RulePerson.person_id
    )

    @validates("kind")
    def _known_kind(self, _name: str, key: str) -> str:
        return KINDS[key].key

    @property
    def about(self) -> Kind:
        return KINDS[self.kind]

    @property
    def audiences(self) -> frozenset[str]:
        return frozenset(target.audience for target in self.targets)

    def speak_to(self, audiences: frozenset[str]) -> None:
        kept = [target for target in self.targets if target.audience in audiences]
        more = sorted(audiences - self.audiences)
        self.targets = [*kept, *(RuleAudience(audience=audience) for audience in more)]

    @property
    def label(self) -> tuple[str, str]:
        """Two msgids with a place for ``num``: of one and of more."""
        return LEAD_TIMES[self.direction, self.unit]

    @property
    def lead_time(self) -> LeadTime:
        return LeadTime(self.amount, self.unit, self.direction, self.at_time, self.hours)

    @classmethod
    def visible_to(cls, _person: Person) -> sa.ColumnElement[bool]:
        return sa.true()
