"""The dossier that proposes a level (*hồ sơ đề xuất cấp độ*) and the states it goes through."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.approvals.models.regimes import Regime
from drills.core.orm import (
    MOVES,
    Base,
    Code,
    Identified,
    Line,
    Name,
    Prose,
    Timestamped,
    Versioned,
    fk,
    handed_over,
    settles,
)
from drills.core.text import N_, named
from drills.files.models import Marking, StoredFile
from drills.systems.models import InformationSystem
from drills.units.models import Unit


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    """Sent; whether it is complete has not been said yet."""
    IN_APPRAISAL = "in_appraisal"
    """Received complete: the clock of the appraisal runs."""
    RETURNED = "returned"
    """Back with the operator for supplement: the clock stands."""
    APPRAISED = "appraised"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What is done to a dossier, and by which of its parties; every act is an event."""

    CREATE = "create"
    EDIT = "edit"
    SUBMIT = "submit"
    RECEIVE = "receive"
    RETURN = "return"
    RESUBMIT = "resubmit"
    APPRAISE = "appraise"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    OVERRIDE = "override"


PREPARING = frozenset({Act.CREATE, Act.EDIT, Act.SUBMIT, Act.RESUBMIT})
"""Whoever has done one of these has prepared the dossier."""
APPRAISING = frozenset({Act.RECEIVE, Act.RETURN, Act.APPRAISE})
DECIDING = frozenset({Act.APPROVE, Act.REFUSE})

NEXT: Mapping[State, Mapping[Act, State]] = {
    State.DRAFT: {
        Act.EDIT: State.DRAFT,
        Act.SUBMIT: State.SUBMITTED,
        Act.WITHDRAW: State.WITHDRAWN,
    },
    State.SUBMITTED: {
        Act.RECEIVE: State.IN_APPRAISAL,
        Act.RETURN: State.RETURNED,
        Act.WITHDRAW: State.WITHDRAWN,
    },
    State.IN_APPRAISAL: {
        Act.RETURN: State.RETURNED,
        Act.APPRAISE: State.APPRAISED,
        Act.WITHDRAW: State.WITHDRAWN,
    },
    State.RETURNED: {
        Act.EDIT: State.RETURNED,
        Act.RESUBMIT: State.SUBMITTED,
        Act.WITHDRAW: State.WITHDRAWN,
    },
    State.APPRAISED: {
        Act.RETURN: State.RETURNED,
        Act.APPROVE: State.APPROVED,
        Act.REFUSE: State.REFUSED,
        Act.WITHDRAW: State.WITHDRAWN,
    },
    State.APPROVED: {},
    State.REFUSED: {},
    State.WITHDRAWN: {},
}
"""The state machine: in a state, each act that is possible and where it leads."""

OPEN = frozenset(state for state, acts in NEXT.items() if acts)
EDITABLE = frozenset({State.DRAFT, State.RETURNED})

STATES = named(
    {
        State.DRAFT: N_("Drafting"),
        State.SUBMITTED: N_("Sent for appraisal"),
        State.IN_APPRAISAL: N_("Being appraised"),
        State.RETURNED: N_("Returned for supplement"),
        State.APPRAISED: N_("Appraised, awaiting approval"),
        State.APPROVED: N_("Approved"),
        State.REFUSED: N_("Refused"),
        State.WITHDRAWN: N_("Withdrawn by its operator"),
    }
)
ACTS = named(
    {
        Act.CREATE: N_("opened the dossier"),
        Act.EDIT: N_("worked on the dossier"),
        Act.SUBMIT: N_("sent it for appraisal"),
        Act.RECEIVE: N_("received it as complete"),
        Act.RETURN: N_("returned it for supplement"),
        Act.RESUBMIT: N_("sent it again"),
        Act.APPRAISE: N_("appraised it"),
        Act.APPROVE: N_("approved it"),
        Act.REFUSE: N_("refused it"),
        Act.WITHDRAW: N_("withdrew it"),
        Act.OVERRIDE: N_("used an exception to the separation of duties"),
    }
)


class Verdict(StrEnum):
    FOR = "for"
    AGAINST = "against"


VERDICTS = named({Verdict.FOR: N_("In favour"), Verdict.AGAINST: N_("Against")})


class Occasion(StrEnum):
    """Why a level is determined: 331/2026/NĐ-CP, articles 10 and 25."""

    FIRST = "first"
    CHANGE = "change"
    INCIDENT = "incident"
    PERIODIC = "periodic"
    REQUEST = "request"


OCCASIONS = named(
    {
        Occasion.FIRST: N_("First determination"),
        Occasion.CHANGE: N_("The system has changed"),
        Occasion.INCIDENT: N_("After a serious incident"),
        Occasion.PERIODIC: N_("The approval expires"),
        Occasion.REQUEST: N_("At the request of an authority"),
    }
)


class PaperState(StrEnum):
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"


PAPER_STATES = named(
    {
        PaperState.NOT_STARTED: N_("Not started"),
        PaperState.IN_PROGRESS: N_("In progress"),
        PaperState.DONE: N_("Done"),
    }
)


class Determination(Identified, Base):
    """What was answered to the questions of a rule set, and the level that follows.

    ``answers`` by question key; ``reasons`` are the criteria that hold: ``key``, ``level``,
    ``article`` and both texts, as they read that day. ``override_reason`` is set if and only if
    ``level`` is not ``proposed_level``.
    """

    __tablename__ = "determination"
    __table_args__ = (
        sa.CheckConstraint("proposed_level BETWEEN 1 AND 5", name="proposed_in_range"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_in_range"),
    )

    system_id: Mapped[int] = fk("system.id")
    regime_id: Mapped[int] = fk("regime.id")
    answers: Mapped[dict[str, Any]]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    proposed_level: Mapped[int]
    level: Mapped[int]
    override_reason: Mapped[Prose]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = fk("person.id")

    system: Mapped[InformationSystem] = relationship()
    regime: Mapped[Regime] = relationship()
    by: Mapped[Person | None] = relationship()

    @property
    def title(self) -> str:
        return self.system.code

    @property
    def is_overridden(self) -> bool:
        return self.level != self.proposed_level

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        seen = sa.select(InformationSystem.id).where(InformationSystem.visible_to(person))
        return cls.system_id.in_(seen)


class Dossier(Identified, Timestamped, Versioned, Base):
    """One proposal of a level for one system, under one version of one rule set.

    ``appraising_unit`` and ``approving_unit`` are bodies of ours; a body outside (a ministry, an
    independent council) is named in ``appraising_body`` and ``approving_body``. When the
    appraising unit also operates the system, ``independent_body`` says who stands in for it
    (12/2022/TT-BTTTT, article 6). ``received_on`` is the day the dossier was complete.
    """

    __tablename__ = "dossier"
    __table_args__ = (
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_in_range"),
        sa.Index("ix_dossier_state_submitted", "state", "submitted_at"),
        sa.Index(
            "uq_dossier_open",
            "system_id",
            unique=True,
            sqlite_where=sa.text("state NOT IN ('approved', 'refused', 'withdrawn')"),
            postgresql_where=sa.text("state NOT IN ('approved', 'refused', 'withdrawn')"),
        ),
    )

    code: Mapped[Code] = mapped_column(unique=True)
    system_id: Mapped[int] = fk("system.id", info=settles(N_("Dossiers begun since: %(names)s.")))
    regime_id: Mapped[int] = fk("regime.id")
    determination_id: Mapped[int | None] = fk("determination.id")
    occasion: Mapped[Occasion] = mapped_column(default=Occasion.FIRST)
    level: Mapped[int]
    marking: Mapped[Marking] = mapped_column(default=Marking.INTERNAL)
    note: Mapped[Prose]
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    appraising_unit_id: Mapped[int | None] = fk("unit.id", info=MOVES)
    appraising_body: Mapped[Line]
    independent_body: Mapped[Line]
    approving_unit_id: Mapped[int | None] = fk("unit.id", info=MOVES)
    approving_body: Mapped[Line]
    appraiser_id: Mapped[int | None] = fk(
        "person.id",
        info=handed_over(N_("Dossier to appraise"), lambda dossier, _at: dossier.state.in_(OPEN)),
    )
    """Who is asked to appraise; anybody else with the right may, too."""
    approver_id: Mapped[int | None] = fk(
        "person.id",
        info=handed_over(N_("Dossier to decide"), lambda dossier, _at: dossier.state.in_(OPEN)),
    )
    submitted_at: Mapped[datetime | None]
    received_on: Mapped[date | None]
    appraised_at: Mapped[datetime | None]
    verdict: Mapped[Verdict | None]
    opinion: Mapped[Prose]
    opinion_number: Mapped[Line]
    opinion_date: Mapped[date | None]
    return_reason: Mapped[Prose]
    decided_at: Mapped[datetime | None]

    system: Mapped[InformationSystem] = relationship()
    regime: Mapped[Regime] = relationship()
    determination: Mapped[Determination | None] = relationship()
    appraising_unit: Mapped[Unit | None] = relationship(foreign_keys=[appraising_unit_id])
    approving_unit: Mapped[Unit | None] = relationship(foreign_keys=[approving_unit_id])
    appraiser: Mapped[Person | None] = relationship(foreign_keys=[appraiser_id])
    approver: Mapped[Person | None] = relationship(foreign_keys=[approver_id])
    papers: Mapped[list["DossierPaper"]] = relationship(
        back_populates="dossier",
        order_by="DossierPaper.position",
        cascade="all, delete-orphan",
    )
    events: Mapped[list["DossierEvent"]] = relationship(
        back_populates="dossier", order_by="DossierEvent.id"
    )

    @property
    def title(self) -> str:
        return self.system.name

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """Those who see the system, and those of the bodies that appraise and approve."""
        if person.sees_all:
            return sa.true()
        units = Unit.ids_under(person.scope.path)
        seen = sa.select(InformationSystem.id).where(InformationSystem.visible_to(person))
        return sa.or_(
            cls.system_id.in_(seen),
            cls.appraising_unit_id.in_(units),
            cls.approving_unit_id.in_(units),
        )


class DossierPaper(Identified, Versioned, Base):
    """One paper that the level asks for; ``key`` is that of the rule set."""

    __tablename__ = "dossier_paper"
    __table_args__ = (sa.UniqueConstraint("dossier_id", "key"),)

    dossier_id: Mapped[int] = fk("dossier.id", ondelete="CASCADE")
    key: Mapped[Code]
    label: Mapped[Name]
    label_en: Mapped[Name] = mapped_column(default="")
    position: Mapped[int]
    is_required: Mapped[bool] = mapped_column(default=True)
    state: Mapped[PaperState] = mapped_column(default=PaperState.NOT_STARTED)
    note: Mapped[Prose]

    dossier: Mapped[Dossier] = relationship(back_populates="papers")
    files: Mapped[list["PaperFile"]] = relationship(
        back_populates="paper", order_by="PaperFile.revision.desc()"
    )

    @property
    def file(self) -> "PaperFile | None":
        """The newest revision."""
        return self.files[0] if self.files else None

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.dossier_id.in_(sa.select(Dossier.id).where(Dossier.visible_to(person)))


class PaperFile(Identified, Base):
    """One revision of a paper's file; revisions are added, never replaced."""

    __tablename__ = "paper_file"
    __table_args__ = (sa.UniqueConstraint("paper_id", "revision"),)

    paper_id: Mapped[int] = fk("dossier_paper.id", ondelete="CASCADE")
    file_id: Mapped[int] = fk("stored_file.id")
    revision: Mapped[int]

    paper: Mapped[DossierPaper] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        seen = sa.select(DossierPaper.id).where(DossierPaper.visible_to(person))
        return cls.paper_id.in_(seen)


class DossierEvent(Identified, Base):
    """One act on a dossier. Rows are only added: they are what the clocks and duties are read from.

    ``for_id`` is the person in whose place ``by`` acted, under a delegation.
    """

    __tablename__ = "dossier_event"
    __table_args__ = (sa.Index("ix_dossier_event_dossier_at", "dossier_id", "at"),)

    dossier_id: Mapped[int] = fk(
        "dossier.id",
        info=settles(
            N_("Steps taken in its dossiers since: %(names)s."),
            "at",
            lambda event: f"{event.act.value} {event.on}",
        ),
    )
    act: Mapped[Act]
    at: Mapped[datetime]
    on: Mapped[date]
    """The day that counts for the clock: that of ``at`` where the agency is, or an earlier one
    stated by a paper (a dossier handed in on paper the day before)."""
    by_id: Mapped[int | None] = fk("person.id")
    for_id: Mapped[int | None] = fk("person.id")
    delegation_id: Mapped[int | None] = fk("delegation.id")
    text: Mapped[Prose]
    state_after: Mapped[State]

    dossier: Mapped[Dossier] = relationship(back_populates="events")
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
    on_behalf_of: Mapped[Person | None] = relationship(foreign_keys=[for_id])
