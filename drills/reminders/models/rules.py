"""Rules: how long before or after what, to whom, in which hours."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Timestamped, Versioned, fk
from drills.core.text import N_
from drills.reminders.kinds import KINDS, Direction, Kind, LeadUnit
from drills.workdays.models import WorkingCalendar

AMOUNT_MAX = 400
MORNING = time(8)
OPENS, CLOSES = time(8), time(17)
"""Working hours, for the rules that keep to them."""
KIND_MAX = 40


class Hours(StrEnum):
    ANY = "any"
    WORKING = "working"


class ChannelPolicy(StrEnum):
    """By mail alone, or by the channels the person has chosen as well."""

    MAIL = "mail"
    CHOICE = "choice"


LEAD_TIMES = {
    (Direction.BEFORE, LeadUnit.DAYS): (N_("%(num)s day before"), N_("%(num)s days before")),
    (Direction.BEFORE, LeadUnit.HOURS): (N_("%(num)s hour before"), N_("%(num)s hours before")),
    (Direction.BEFORE, LeadUnit.WORKING_DAYS): (
        N_("%(num)s working day before"),
        N_("%(num)s working days before"),
    ),
    (Direction.AFTER, LeadUnit.DAYS): (N_("%(num)s day after"), N_("%(num)s days after")),
    (Direction.AFTER, LeadUnit.HOURS): (N_("%(num)s hour after"), N_("%(num)s hours after")),
    (Direction.AFTER, LeadUnit.WORKING_DAYS): (
        N_("%(num)s working day after"),
        N_("%(num)s working days after"),
    ),
}
HOURS = {
    Hours.ANY: N_("at any time"),
    Hours.WORKING: N_("in working hours of working days"),
}
CHANNEL_POLICIES = {
    ChannelPolicy.MAIL: N_("by mail only"),
    ChannelPolicy.CHOICE: N_("by mail and the channels a person has chosen"),
}


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

    def due_at(
        self, anchor: datetime | date, zone: ZoneInfo, calendar: WorkingCalendar | None = None
    ) -> datetime:
        """When to remind of ``anchor``, a moment or a day in ``zone``; in UTC.

        A local hour that the clock skips that day moves forward, one that it shows twice is
        taken the first time.
        """
        calendar = calendar or WorkingCalendar()
        wall = self._wall(anchor, zone)
        sign = 1 if self.direction is Direction.AFTER else -1
        if self.unit is LeadUnit.HOURS:
            start = anchor if isinstance(anchor, datetime) else wall.replace(tzinfo=zone)
            due = start.astimezone(UTC) + sign * timedelta(hours=self.amount)
        else:
            day = self._day(wall.date(), sign, calendar)
            due = datetime.combine(day, wall.time()).replace(tzinfo=zone).astimezone(UTC)
        if self.hours is not Hours.WORKING:
            return due
        latest = wall if sign < 0 else None
        local = into_working_hours(due.astimezone(zone).replace(tzinfo=None), calendar, latest)
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)

    def _wall(self, anchor: datetime | date, zone: ZoneInfo) -> datetime:
        if isinstance(anchor, datetime):
            return anchor.astimezone(zone).replace(tzinfo=None, fold=0)
        return datetime.combine(anchor, self.at_time or MORNING)

    def _day(self, day: date, sign: int, calendar: WorkingCalendar) -> date:
        if self.unit is not LeadUnit.WORKING_DAYS:
            return day + sign * timedelta(days=self.amount)
        if sign > 0:
            return calendar.add(day, self.amount)
        for _ in range(self.amount):
            day = calendar.last_before(day)
        return day

    @property
    def reach(self) -> timedelta:
        """At least as long as the rule's lead time, whatever clocks and days off do."""
        if self.unit is LeadUnit.HOURS:
            length = timedelta(hours=self.amount)
        elif self.unit is LeadUnit.DAYS:
            length = timedelta(days=self.amount, hours=26)
        else:
            length = timedelta(days=self.amount * 3 + 20)
        return length + timedelta(days=14 if self.hours is Hours.WORKING else 0)

    @classmethod
    def visible_to(cls, _person: Person) -> sa.ColumnElement[bool]:
        return sa.true()


def into_working_hours(
    wall: datetime, calendar: WorkingCalendar, latest: datetime | None
) -> datetime:
    """The next moment of working hours; the last opening before ``latest`` if that comes first."""
    day = wall.date()
    if calendar.is_working(day) and OPENS <= wall.time() <= CLOSES:
        return wall
    if not calendar.is_working(day) or wall.time() > CLOSES:
        day = calendar.add(day, 1)
    found = datetime.combine(day, OPENS)
    if latest is not None and found >= latest:
        found = datetime.combine(calendar.last_before(latest.date()), OPENS)
    return found
