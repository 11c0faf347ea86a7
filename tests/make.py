"""Builders. Every argument has a default, so a test states only what it is about."""

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Grant, Person, Role
from drills.approvals.models import Regime
from drills.approvals.services.regimes import current, load_shipped
from drills.exercises.models import (
    ClockAct,
    ClockEvent,
    Drill,
    DrillPerson,
    Inject,
    InjectStatus,
    LogEntry,
    Objective,
    Part,
    Programme,
    Scenario,
    ScenarioVersion,
    Severity,
    Side,
    Status,
    Vulnerability,
)
from drills.findings.models import CorrectiveAction, Finding
from drills.obligations.models import (
    Obligation,
    ObligationRule,
    RuleVersion,
    Standing,
    SubjectKind,
)
from drills.roster.models import (
    Certificate,
    Competence,
    ContactAsk,
    ContactCheck,
    Member,
    Shift,
    Skill,
    Team,
    TrainingEvent,
)
from drills.systems.models import InformationSystem
from drills.units.models import Organisation, Tier, Unit


@dataclass
class Make:
    session: Session
    now: datetime
    _serial: itertools.count = field(default_factory=lambda: itertools.count(1))

    def tier(self, code="department", position=30) -> Tier:
        found = self.session.scalars(sa.select(Tier).where(Tier.code == code)).one_or_none()
        return found or self.save(
            Tier(code=code, name_vi=f"Cấp {code}", name_en=code, position=position)
        )

    def root(self) -> Unit:
        query = sa.select(Unit).where(Unit.parent_id.is_(None)).order_by(Unit.id).limit(1)
        found = self.session.scalars(query).one_or_none()
        return found or self._unit(code="ROOT", name="UBND tỉnh Thử", parent=None)

    def organisation(self) -> Organisation:
        return self.session.get(Organisation, 1) or self.save(Organisation(root=self.root()))

    def unit(self, *, parent: Unit | None = None, **given) -> Unit:
        return self._unit(parent=parent or self.root(), **given)

    def _unit(self, *, parent, **given) -> Unit:
        n = next(self._serial)
        defaults = {"code": f"U{n}", "name": f"Đơn vị {n}", "tier": self.tier()}
        unit = self.save(Unit(**defaults | given, parent_id=parent.id if parent else None))
        unit.path = f"{parent.path if parent else ''}{unit.id}."
        return self.save(unit)

    def person(self, *, role: Role | None = None, roles=(), **given) -> Person:
        n = next(self._serial)
        roles = (role,) if role else roles
        defaults = {
            "name": f"Nguyễn Văn {n}",
            "email": f"p{n}@lamgiang.example",
            "unit": given.pop("unit", None) or self.root(),
            "active": bool(roles),
        }
        person = Person(**defaults | given)
        person.grants = [Grant(role=role) for role in roles]
        return self.save(person)

    def system(self, **given) -> InformationSystem:
        n = next(self._serial)
        owner = given.pop("owner", None) or self.root()
        defaults = {
            "code": f"HT-{n:04}",
            "name": f"Hệ thống {n}",
            "owner": owner,
            "operator": owner,
        }
        return self.save(InformationSystem(**defaults | given))

    def team(self, **given) -> Team:
        defaults = {
            "name": f"Đội {next(self._serial)}",
            "unit": given.pop("unit", None) or self.root(),
        }
        return self.save(Team(**defaults | given))

    def member(self, **given) -> Member:
        defaults = {
            "team": given.pop("team", None) or self.team(),
            "person": given.pop("person", None) or self.person(),
            "starts_on": date(2024, 1, 1),
        }
        return self.save(Member(**defaults | given))

    def skill(self, code="MALWARE", **given) -> Skill:
        defaults = {"name_vi": f"Kỹ năng {code}", "name_en": code, "expert_group": "defence"}
        return self.save(Skill(code=code, **defaults | given))

    def competence(self, person: Person, skill: Skill, level: int, **given) -> Competence:
        defaults = {"assessed_on": self.now.date()}
        return self.save(Competence(person=person, skill=skill, level=level, **defaults | given))

    def certificate(self, person: Person | None = None, **given) -> Certificate:
        defaults = {"name": f"Chứng chỉ {next(self._serial)}"}
        return self.save(Certificate(person=person or self.person(), **defaults | given))

    def training(self, **given) -> TrainingEvent:
        day = self.now.date()
        defaults = {"title": f"Khóa học {next(self._serial)}", "starts_on": day, "ends_on": day}
        unit = given.pop("unit", None) or self.root()
        return self.save(TrainingEvent(unit=unit, **defaults | given))

    def shift(self, **given) -> Shift:
        """On duty from an hour ago until in eight hours."""
        starts_at = given.pop("starts_at", self.now - timedelta(hours=1))
        defaults = {
            "team": given.pop("team", None) or self.team(),
            "person": given.pop("person", None) or self.person(),
            "starts_at": starts_at,
            "ends_at": self.now + timedelta(hours=8),
        }
        return self.save(Shift(**defaults | given))

    def ask(self, person: Person | None = None, **given) -> ContactAsk:
        """A person asked in a contact check of their own, open for two weeks."""
        defaults = {
            "name": f"Kiểm tra {next(self._serial)}",
            "unit": given.pop("unit", None) or self.root(),
            "opened_at": self.now,
            "closes_at": self.now + timedelta(days=14),
            "retry_days": 3,
            "rounds": 3,
        }
        check = self.save(ContactCheck(**defaults | given))
        asked = {"person": person or self.person(), "nonce": "n", "ask_at": self.now}
        return self.save(ContactAsk(check=check, **asked))

    def drill(self, *, people=(), **given) -> Drill:
        n = next(self._serial)
        starts_at = given.pop("starts_at", self.now + timedelta(days=10))
        defaults = {
            "code": f"DT-2026-{n:02}",
            "title": f"Diễn tập {n}",
            "kind_key": "tabletop",
            "unit": given.pop("unit", None) or self.root(),
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=3),
            "time_zone": "Asia/Ho_Chi_Minh",
            "status": Status.PLANNED,
        }
        drill = Drill(**defaults | given)
        drill.people = [DrillPerson(person=person) for person in people]
        return self.save(drill)

    def named(self, drill: Drill, person: Person, part: Part, **given) -> DrillPerson:
        """Name ``person`` in ``drill`` as ``part``."""
        return self.save(DrillPerson(drill_id=drill.id, person=person, part=part, **given))

    def side(self, drill: Drill, key="soc", **given) -> Side:
        defaults = {"name": f"Bên {key}"}
        return self.save(Side(drill_id=drill.id, key=key, **defaults | given))

    def objective(self, drill: Drill, **given) -> Objective:
        defaults = {"text": f"Mục tiêu {next(self._serial)}"}
        return self.save(Objective(drill=drill, **defaults | given))

    def scenario(self, **given) -> Scenario:
        """A scenario with one version."""
        story = given.pop("story", "Mã độc tống tiền vào máy chủ tệp FS-01.")
        defaults = {
            "title": f"Kịch bản {next(self._serial)}",
            "unit": given.pop("unit", None) or self.root(),
        }
        scenario = Scenario(**defaults | given)
        scenario.versions = [
            ScenarioVersion(number=1, summary="Tống tiền", story=story, written_at=self.now)
        ]
        return self.save(scenario)

    def inject(self, drill: Drill, *, sides=(), **given) -> Inject:
        """An inject that is planned, or with ``released_at`` released."""
        n = next(self._serial)
        status = InjectStatus.RELEASED if given.get("released_at") else InjectStatus.PLANNED
        defaults = {
            "number": str(n),
            "position": n,
            "offset_seconds": None if given.get("planned_at") else n * 60,
            "title": f"Tình huống {n}",
            "status": status,
        }
        return self.save(Inject(drill=drill, sides=list(sides), **defaults | given))

    def clock(self, drill: Drill, *events: tuple[ClockAct, datetime]) -> None:
        """The events of the exercise clock, in order."""
        for number, (act, at) in enumerate(events, start=1):
            self.save(ClockEvent(drill_id=drill.id, number=number, act=act, at=at))

    def line(self, drill: Drill, **given) -> LogEntry:
        """A line of the log, now unless ``at`` says otherwise."""
        at = given.get("at", self.now)
        seconds = int((at - drill.starts_at).total_seconds())
        defaults = {"at": at, "recorded_at": self.now, "exercise_seconds": seconds, "text": "Ghi"}
        return self.save(LogEntry(drill=drill, **defaults | given))

    def vulnerability(self, drill: Drill, **given) -> Vulnerability:
        defaults = {
            "title": f"Lỗ hổng {next(self._serial)}",
            "severity": Severity.HIGH,
            "found_at": self.now,
        }
        return self.save(Vulnerability(drill=drill, **defaults | given))

    def finding(self, drill: Drill | None = None, **given) -> Finding:
        defaults = {"text": f"Hạn chế {next(self._serial)}"}
        return self.save(Finding(drill=drill or self.drill(), **defaults | given))

    def action(self, drill: Drill | None = None, **given) -> CorrectiveAction:
        n = next(self._serial)
        drill = drill or self.drill()
        defaults = {
            "code": f"KP-2026-{n:03}",
            "text": f"Khắc phục {n}",
            "owner": given.pop("owner", None) or self.person(),
            "unit": drill.unit,
            "due_on": (self.now + timedelta(days=30)).date(),
        }
        return self.save(CorrectiveAction(drill=drill, **defaults | given))

    def obligation(self, unit: Unit) -> Obligation:
        """What a unit owes by the one rule of the test: a note every year."""
        query = sa.select(ObligationRule).where(ObligationRule.key == "yearly")
        rule = self.session.scalars(query).one_or_none() or self.save(
            ObligationRule(
                key="yearly",
                title_vi="Việc hằng năm",
                subject_kind=SubjectKind.UNIT,
                met_by="noted",
                counted_from=date(2026, 1, 1),
                versions=[
                    RuleVersion(
                        valid_from=date(2020, 1, 1), cadence={"kind": "period", "months": 12}
                    )
                ],
            )
        )
        given = {"rule_id": rule.id, "subject_kind": SubjectKind.UNIT, "subject_id": unit.id}
        state = {"state": Standing.NOT_YET, "updated_at": self.now}
        return self.save(Obligation(**given, **state, unit_id=unit.id))

    def programme(self, **given) -> Programme:
        defaults = {
            "name": f"Chương trình {next(self._serial)}",
            "unit": given.pop("unit", None) or self.root(),
            "from_year": 2026,
            "to_year": 2028,
        }
        return self.save(Programme(**defaults | given))

    def regimes(self) -> dict[str, Regime]:
        """The shipped rule sets, by code."""
        load_shipped(self.session)
        self.session.commit()
        return {regime.code: regime for regime in current(self.session)}

    def save(self, thing):
        self.session.add(thing)
        self.session.commit()
        return thing
