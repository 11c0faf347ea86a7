"""Our part in other people's drills: standing, what came and what we answered."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.core.orm import Base, Identified, Line, Prose, fk
from drills.core.text import N_, named
from drills.exercises.models.series import Edition, Round

if TYPE_CHECKING:
    from drills.exercises.models.drills import Drill
    from drills.exercises.models.received import ReceivedInject


class Entered(StrEnum):
    """As what we entered an edition; ``Drill.part`` says what we are in the drill as such."""

    PLAYER = "player"
    EXCON = "excon"
    PLAYER_AND_EXCON = "player_and_excon"
    DOMESTIC_PLAYER = "domestic_player"
    SUPPORT = "support"
    OBSERVER = "observer"


ENTERED = named(
    {
        Entered.PLAYER: N_("Player in the international game"),
        Entered.EXCON: N_("Exercise control of the host"),
        Entered.PLAYER_AND_EXCON: N_("Player and exercise control"),
        Entered.DOMESTIC_PLAYER: N_("Player in the domestic round"),
        Entered.SUPPORT: N_("Support team"),
        Entered.OBSERVER: N_("Observer of the round"),
    }
)


@dataclass(frozen=True, slots=True)
class ParticipationDetails:
    """Our standing in an edition; what is not known stays None."""

    edition_id: int
    score: float | None = None
    score_of: float | None = None
    rank: int | None = None
    rank_of: int | None = None
    rank_scope: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class OurPart:
    """As what we entered, in which round, and what came of it."""

    entered: Entered | None
    round_id: int | None
    score: float | None
    score_of: float | None
    rank: int | None
    rank_of: int | None
    rank_scope: str
    source: str
    prize: str
    feedback: str
    lessons: str


class Participation(Identified, Base):
    """Our part in an edition of a series; score and rank are ours, not the edition's.

    An edition may have several: each is a drill of its own in the register. Rank and its
    denominator belong to the scoreboard of ``round``, where one is named. Invitation, decision
    and certificate are documents of the drill (``DrillDocument``).
    """

    __tablename__ = "participation"
    __table_args__ = (
        sa.CheckConstraint(
            "rank IS NULL OR (rank >= 1 AND (rank_of IS NULL OR rank <= rank_of))",
            name="rank_in_range",
        ),
    )

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE", unique=True)
    edition_id: Mapped[int] = fk("edition.id")
    round_id: Mapped[int | None] = fk("edition_round.id")
    entered: Mapped[Entered | None]
    score: Mapped[float | None]
    score_of: Mapped[float | None]
    rank: Mapped[int | None]
    rank_of: Mapped[int | None]
    rank_scope: Mapped[Line]
    source: Mapped[Line]
    prize: Mapped[Line] = mapped_column(server_default="")
    feedback: Mapped[Prose] = mapped_column(server_default="")
    lessons: Mapped[Prose] = mapped_column(server_default="")

    edition: Mapped[Edition] = relationship(lazy="joined")
    round: Mapped[Round | None] = relationship()
    drill: Mapped["Drill"] = relationship(back_populates="participation")
    received: Mapped[list["ReceivedInject"]] = relationship(
        back_populates="participation",
        cascade="all, delete-orphan",
        order_by="(ReceivedInject.received_at, ReceivedInject.id)",
    )

    @property
    def entered_label(self) -> str:
        return ENTERED[self.entered] if self.entered else ""

    @property
    def title(self) -> str:
        return self.edition.title
