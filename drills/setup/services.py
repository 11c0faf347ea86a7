"""Making an empty database somebody's: the one place that knows every feature's beginnings."""

import csv
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from drills import resources
from drills.accounts import services as accounts
from drills.accounts.models import Person, Role
from drills.approvals.services import regimes
from drills.audit import services as audit
from drills.core.errors import Conflict
from drills.core.text import N_, fold
from drills.demo import services as demo
from drills.exercises.services import seed_series
from drills.obligations.services import rules as obligations
from drills.reminders.services import seed_rules
from drills.roster.services import skills
from drills.units.models import Organisation, Tier, Unit, UnitDetails
from drills.units.services import create_unit, seed_tiers
from drills.workdays import services as workdays

TOKEN_FILE = "first-run-token"  # noqa: S105 - the name of a file
DEMONSTRATION = "UBND tỉnh Lam Giang"
ADMINISTRATORS = {"vi": "Quản trị viên", "en": "Administrator"}
AGENCIES = {"vi": "Cơ quan của tôi", "en": "My agency"}


class AlreadySetUp(Conflict):
    """There is an organisation: a second one would take over the first one's data."""

    def __init__(self) -> None:
        super().__init__(N_("This installation has been set up already. Sign in."))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpDetails:
    """``password`` has been checked against the profile; ``demo`` loads the year 2024."""

    name: str
    email: str
    password: str
    language: str
    organisation: str
    organisation_en: str = ""
    tier: str = "province"
    time_zone: str = "Asia/Ho_Chi_Minh"
    demo: bool = False


def tiers() -> list[dict[str, str]]:
    """The tiers an organisation may start from: ``code``, ``name_vi``, ``name_en``."""
    with (resources.DATA / "tiers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def set_up(session: Session, details: SetUpDetails, *, as_of: date) -> Person:
    """Create the organisation and its first administrator; raises ``AlreadySetUp``.

    Of two who try at once the database's keys let only one through.
    """
    if session.get(Organisation, 1):
        raise AlreadySetUp
    try:
        person = _begin(session, details, as_of)
    except IntegrityError:
        raise AlreadySetUp from None
    seed_rules(session)
    seed_series(session)
    regimes.load_shipped(session)
    obligations.load_shipped(session, as_of)
    skills.load_shipped(session, by=None)
    workdays.seed(session, range(as_of.year - 1, as_of.year + 2))
    if details.demo:
        demo.load(session, as_of=as_of, by=person)
    return person


def _begin(session: Session, details: SetUpDetails, as_of: date) -> Person:
    root = _root(session, details, seed_tiers(session))
    home = Organisation(
        id=1,
        root_id=root.id,
        language=details.language,
        time_zone=details.time_zone,
        approvals_since=as_of,
    )
    session.add(home)
    session.flush()
    session.refresh(home, ["root"])
    person = accounts.create(
        session,
        accounts.AccountDetails(
            name=details.name,
            email=details.email,
            unit_id=root.id,
            roles=frozenset({Role.ADMINISTRATOR}),
            language=details.language,
            time_zone=details.time_zone,
        ),
        by=None,
        password=details.password,
    )
    audit.record(session, "set_up", root, by=person)
    return person


def _root(session: Session, details: SetUpDetails, known: dict[str, Tier]) -> Unit:
    unit = UnitDetails(
        code=code_of(details.organisation),
        name=details.organisation,
        name_en=details.organisation_en,
        tier_id=known[details.tier].id,
        parent_id=None,
    )
    return create_unit(session, unit, by=None)


def code_of(name: str) -> str:
    """``UBND tỉnh Lam Giang`` is known as ``UBNDTLG`` until somebody gives another code."""
    parts = (word if word.isupper() else word[:1] for word in name.split())
    letters = fold("".join(parts)).upper()
    return "".join(letter for letter in letters if letter.isalnum())[:20] or "GOC"
