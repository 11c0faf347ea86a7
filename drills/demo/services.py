"""Loading the demonstration year, once, into a register that holds no systems yet."""

import random
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.approvals.services.regimes import load_shipped
from drills.audit import services as audit
from drills.core.errors import NotAllowedNow
from drills.core.text import N_
from drills.demo import (
    aftercare,
    duty,
    obligations,
    people,
    played,
    procedures,
    register,
    skills,
    tree,
    year,
)
from drills.demo import roster as records
from drills.documents.models import LetterheadDetails
from drills.documents.services import keep_letterhead
from drills.exercises.models import Drill
from drills.exercises.services import seed_series
from drills.systems.models import InformationSystem
from drills.units.models import Organisation, Ranking, Unit
from drills.units.services import seed_tiers

SEED = 2024
LETTERHEAD = partial(
    LetterheadDetails,
    agency="ỦY BAN NHÂN DÂN TỈNH LAM GIANG",
    place="Lam Giang",
    authority="CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH LAM GIANG",
    signer_on_behalf="TM. ỦY BAN NHÂN DÂN",
    signer_for="KT. CHỦ TỊCH",
)
RANKING_SOURCE = (
    "Báo cáo tổng kết năm 2024 của Sở Thông tin và Truyền thông, ngày 31/12/2024: số đã công bố, "
    "không do phần mềm tính. Số liệu minh họa."
)


@dataclass(frozen=True, slots=True)
class Summary:
    """How much of everything was loaded."""

    units: int
    systems: int
    dossiers: int
    people: int
    members: int
    drills: int
    editions_linked: int


def load(session: Session, *, as_of: date, by: Person | None) -> Summary:
    """Load the invented province of Lam Giang with its year 2024 and a drill in eight days.

    Review dates, dossiers and the coming drill are set from ``as_of``. NotAllowedNow if there is no
    organisation yet, if it was loaded before, or if the register already holds something.
    """
    home = _ready(session)
    seed_tiers(session)
    seed_series(session)
    province = tree.build(session, home.root)
    roster = people.build(province, random.Random(SEED))  # noqa: S311 - invented names, no secret
    systems = register.build(province, as_of)
    session.add_all([roster.team, *roster.people(), *roster.members, *systems])
    session.flush()
    desk = _approve(session, home, province, systems, as_of)
    drills = year.build(session, province, roster, systems, as_of)
    session.add(_rank(home.root))
    home.is_demo = True
    session.flush()
    made: list[Any] = [
        *province.units.values(),
        *systems,
        *desk.systems,
        roster.team,
        *roster.people(),
        *desk.people,
        *drills,
    ]
    session.add_all([audit.entry("loaded as demonstration", thing, by=by) for thing in made])
    session.flush()
    _live_on(session, drills, roster, as_of)
    records.build(session, roster)
    skills.build(session, roster, as_of)
    return Summary(
        units=len(province.units),
        systems=len(systems) + len(desk.systems),
        dossiers=len(desk.dossiers),
        people=len(roster.people()) + len(desk.people),
        members=len(roster.members),
        drills=len(drills),
        editions_linked=sum(1 for drill in drills if drill.participation),
    )


def _live_on(session: Session, drills: list[Drill], roster: people.Roster, as_of: date) -> None:
    """What happened since: drills played, the duty, what is required by when."""
    played.play(session, drills, roster, as_of, roster.lead)
    duty.build(session, roster, as_of)
    obligations.build(session, roster, as_of)


def _approve(
    session: Session,
    home: Organisation,
    province: tree.Province,
    systems: list[InformationSystem],
    as_of: date,
) -> procedures.Desk:
    """Decisions, plans and dossiers. Its people act while they are made, and then no longer."""
    load_shipped(session)
    keep_letterhead(session, LETTERHEAD(home.root.id), by=None)
    home.approvals_since = aftercare.KEPT_SINCE
    aftercare.build(session, systems, as_of)
    desk = procedures.build(session, province, systems, as_of)
    for person in desk.people:
        person.active = False
    return desk


def _rank(root: Unit) -> Ranking:
    return Ranking(
        unit=root,
        indicator="Số hệ thống thông tin được phê duyệt cấp độ an toàn",
        rank=3,
        out_of=63,
        scope="63 tỉnh, thành phố",
        as_of=date(2024, 12, 31),
        source=RANKING_SOURCE,
    )


def _ready(session: Session) -> Organisation:
    home = session.get(Organisation, 1)
    if home is None:
        raise NotAllowedNow(N_("Set up the organisation first, then load the demonstration year."))
    if home.is_demo:
        raise NotAllowedNow(N_("The demonstration year has already been loaded."))
    if session.scalar(sa.select(InformationSystem.id).limit(1)):
        raise NotAllowedNow(
            N_("The register already holds systems: load the demonstration into an empty one.")
        )
    taken = session.scalar(sa.select(Unit.code).where(Unit.code.in_(list(tree.codes()))).limit(1))
    if taken:
        raise NotAllowedNow(
            N_("The code “%(code)s” of the demonstration belongs to a unit of yours."), code=taken
        )
    return home
