"""Rule sets: those that are shipped, those that count today, and new versions of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from drills import resources
from drills.accounts.models import Person
from drills.approvals.kinds import Dated, Rules, parse
from drills.approvals.models import Regime
from drills.approvals.services.asked import rules_of
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError
from drills.core.text import N_

FOLDER = resources.DATA / "regimes"
SHIPPED = "Bộ quy tắc đi kèm phần mềm."


@dataclass(frozen=True, slots=True)
class Offer:
    """A rule set that may be used on a day, with what has to be heeded then."""

    regime: Regime
    cautions: tuple[Dated, ...] = ()

    @property
    def needs_basis(self) -> bool:
        """Whether the legal basis of what is decided that day has to be entered by hand."""
        return any(caution.needs_basis for caution in self.cautions)


def shipped() -> list[dict[str, Any]]:
    """The rule sets that come with the program."""
    paths = sorted(FOLDER.glob("*.toml"))
    return [parse(path.read_text(encoding="utf-8"), is_json=False) for path in paths]


def load_shipped(session: Session) -> int:
    """Take in the rule sets that come with the program; returns how many versions were added.

    A rule set nobody has touched follows the program; once an agency has made a version of its
    own, that one stays in force.
    """
    return sum(_take_in(session, data) for data in shipped())


def _take_in(session: Session, data: dict[str, Any]) -> bool:
    last = newest(session, data["code"])
    if last is not None and (not last.is_shipped or last.rules == data):
        return False
    regime = _version(data, (last.version if last else 0) + 1)
    regime.is_shipped, regime.note = True, SHIPPED
    try:
        with session.begin_nested():
            session.add(regime)
    except IntegrityError:  # another process has started at the same moment
        return False
    audit.record(session, "regime.shipped", regime, by=None)
    return True


def _version(data: Mapping[str, Any], number: int) -> Regime:
    rules = Rules.of(data)
    return Regime(
        code=rules.code,
        version=number,
        name=rules.name.vi,
        name_en=rules.name.en,
        legal_basis="\n".join(rules.legal_basis),
        valid_from=rules.valid_from,
        valid_to=rules.valid_to,
        rules=dict(data),
    )


def newest(session: Session, code: str) -> Regime | None:
    """The version of ``code`` that counts for new dossiers."""
    query = sa.select(Regime).where(Regime.code == code).order_by(Regime.version.desc()).limit(1)
    return session.scalars(query).one_or_none()


def current(session: Session) -> list[Regime]:
    """The newest version of each rule set, the latest law first."""
    last = sa.select(Regime.code, sa.func.max(Regime.version)).group_by(Regime.code)
    query = sa.select(Regime).where(sa.tuple_(Regime.code, Regime.version).in_(last))
    return list(session.scalars(query.order_by(Regime.valid_from.desc(), Regime.id)))


def versions(session: Session, code: str) -> Sequence[Regime]:
    query = sa.select(Regime).where(Regime.code == code).order_by(Regime.version.desc())
    return session.scalars(query.options(sa.orm.joinedload(Regime.made_by))).unique().all()


def for_new(session: Session, on: date) -> list[Offer]:
    """The rule sets a dossier may be opened under on a day, the latest law first."""
    found = (regime for regime in current(session) if regime.is_valid(on))
    return [Offer(regime, rules_of(regime).cautions_on(on)) for regime in found]


def revise(
    session: Session, regime: Regime, data: Mapping[str, Any], note: str, *, by: Person | None
) -> Regime:
    """Make ``data`` the next version of a rule set. BadRules with a path for each mistake.

    Conflict if ``regime`` is not the newest version any more; the old one is never changed.
    """
    last = newest(session, regime.code)
    if last is None or last.id != regime.id:
        raise Conflict(
            N_("There is a newer version of this rule set. Open it and repeat your change.")
        )
    if not note:
        raise DomainError(N_("Say why this version is made: the law that changed, or the reason."))
    if data.get("code") != regime.code:
        raise DomainError(N_("The code of a rule set cannot change: %(code)s."), code=regime.code)
    if dict(data) == regime.rules:
        raise DomainError(N_("Nothing differs from the version before."))
    return _add(session, data, regime.version + 1, note, by=by)


def take_in(session: Session, data: Mapping[str, Any], note: str, *, by: Person | None) -> Regime:
    """Take in a whole file: the next version of the rule set it names, or a first one."""
    code = Rules.of(data).code
    if last := newest(session, code):
        return revise(session, last, data, note, by=by)
    if not note:
        raise DomainError(N_("Say why this version is made: the law that changed, or the reason."))
    return _add(session, data, 1, note, by=by)


def _add(
    session: Session, data: Mapping[str, Any], number: int, note: str, *, by: Person | None
) -> Regime:
    regime = _version(data, number)
    regime.note, regime.made_by = note, by
    try:
        with session.begin_nested():
            session.add(regime)
    except IntegrityError as error:
        raise Conflict(
            N_("There is a newer version of this rule set. Open it and repeat your change.")
        ) from error
    audit.record(session, "regime.revised", regime, by=by, changes={"note": ["", note]})
    return regime


def before(session: Session, regime: Regime) -> Regime | None:
    """The version before ``regime``."""
    query = sa.select(Regime).where(
        Regime.code == regime.code, Regime.version == regime.version - 1
    )
    return session.scalars(query).one_or_none()
