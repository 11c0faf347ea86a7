"""Asking the people of the roster whether their numbers are right, and what they answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.roster.models import (
    EMAILS,
    AskState,
    AskVia,
    ChannelKind,
    CheckDetails,
    CheckedTeam,
    ContactAsk,
    ContactCheck,
    ContactCorrection,
    CorrectedNumbers,
    Member,
    Team,
)
from drills.roster.services.confirming import confirm_ways
from drills.units.models import Unit
from drills.web.links import fresh_nonce

NUMBERS = {ChannelKind.MOBILE: "mobile", ChannelKind.FIXED_PHONE: "phone"}
"""What a person may correct by their link."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many people of a check are in each state."""

    counts: Mapping[AskState, int]

    @property
    def asked(self) -> int:
        return sum(self.counts.values())

    def of(self, *states: AskState) -> int:
        return sum(self.counts.get(state, 0) for state in states)


def open_check(
    session: Session, details: CheckDetails, *, by: Person, at: datetime
) -> ContactCheck:
    """Ask everybody the details name; the first letters are due at once."""
    people = session.scalars(concerned(details, by, at)).all()
    return ask(session, details, people, by=by, at=at)


def ask(
    session: Session,
    details: CheckDetails,
    people: Sequence[int],
    *,
    by: Person | None,
    at: datetime,
) -> ContactCheck:
    """The same for ``people``, whoever the details name."""
    if details.closes_at <= at:
        raise DomainError(N_("The last day to answer is over already."))
    if not people:
        raise DomainError(N_("Nobody of the roster is meant: choose other teams or another unit."))
    check = ContactCheck(
        name=details.name,
        purpose=details.purpose,
        unit_id=details.unit_id,
        opened_at=at,
        opened_by_id=by.id if by else None,
        closes_at=details.closes_at,
        retry_days=details.retry_days,
        rounds=details.rounds,
    )
    session.add(check)
    session.flush()
    session.add_all(CheckedTeam(check_id=check.id, team_id=team) for team in details.team_ids)
    session.add_all(
        ContactAsk(check=check, person_id=person, nonce=fresh_nonce(), ask_at=at)
        for person in people
    )
    audit.record(
        session, "contact_check.opened", check, by=by, changes={"people": ["", str(len(people))]}
    )
    return check


def concerned(details: CheckDetails, by: Person, at: datetime) -> sa.Select[Any]:
    """The ids of those to ask, as far as ``by`` sees the teams they are in today."""
    teams = visible(Team, by).with_only_columns(Team.id)
    query = (
        sa.select(Member.person_id)
        .distinct()
        .join(Member.person)
        .where(
            Member.current(at.astimezone(by.zone).date()),
            Member.team_id.in_(teams),
            Person.removed_at.is_(None),
        )
    )
    if details.team_ids:
        return query.where(Member.team_id.in_(details.team_ids))
    place = sa.select(Unit.path).where(Unit.id == details.unit_id).scalar_subquery()
    inside = sa.select(Unit.id).where(sa.func.substr(Unit.path, 1, sa.func.length(place)) == place)
    return query.where(Person.unit_id.in_(inside))


def standing(session: Session, checks: Iterable[ContactCheck], at: datetime) -> dict[int, Standing]:
    """By the id of the check, in one question for all of them."""
    state = ContactAsk.state_at(at).label("state")
    ids = [check.id for check in checks]
    rows = session.execute(
        sa.select(ContactAsk.check_id, state, sa.func.count())
        .join(ContactAsk.check)
        .join(ContactAsk.person)
        .where(ContactAsk.check_id.in_(ids))
        .group_by(ContactAsk.check_id, sa.text("state"))
    )
    found: dict[int, dict[AskState, int]] = {identity: {} for identity in ids}
    for check_id, name, count in rows:
        found[check_id][AskState(name)] = count
    return {identity: Standing(counts) for identity, counts in found.items()}


def confirm(session: Session, ask: ContactAsk, *, at: datetime) -> None:
    """The person says by their link that everything is still right."""
    _answer(session, ask, AskVia.LINK, at)
    confirm_ways(session, ask.person, at)
    audit.record(session, "contact.confirmed", ask.person, by=ask.person)


def correct(session: Session, ask: ContactAsk, numbers: CorrectedNumbers, *, at: datetime) -> None:
    """The person gives other numbers: what is unchanged is confirmed, the rest is proposed."""
    person = ask.person
    changed = _changed(numbers, person)
    if not changed and not numbers.note:
        confirm(session, ask, at=at)
        return
    _answer(session, ask, AskVia.LINK, at)
    confirm_ways(session, person, at, but=changed)
    given = {name: getattr(numbers, name) for name in changed.values()}
    ask.correction = ContactCorrection(**given, note=numbers.note, proposed_at=at)
    audit.record(session, "contact.corrected", person, by=person, changes=_named(changed))


def _changed(said: CorrectedNumbers | ContactCorrection, person: Person) -> dict[ChannelKind, str]:
    """Those of ``NUMBERS`` for which something else was said."""
    return {
        kind: name
        for kind, name in NUMBERS.items()
        if getattr(said, name) and getattr(said, name) != getattr(person, name)
    }


def tick_off(session: Session, ask: ContactAsk, *, by: Person, at: datetime) -> None:
    """A caller has reached the person and their numbers are right."""
    _answer(session, ask, AskVia.CALL, at)
    ask.confirmed_by_id = by.id
    confirm_ways(session, ask.person, at, but=EMAILS)
    audit.record(session, "contact.called", ask.person, by=by)


def untick(session: Session, ask: ContactAsk, *, by: Person, at: datetime) -> None:
    """It was the wrong line of the list: the person has not been reached."""
    if ask.via is not AskVia.CALL:
        raise NotAllowedNow(N_("%(person)s has not been ticked off."), person=ask.name)
    _refuse_closed(ask.check, at)
    ask.confirmed_at, ask.via, ask.confirmed_by_id = None, None, None
    audit.record(session, "contact.call_taken_back", ask.person, by=by)


def _answer(session: Session, ask: ContactAsk, via: AskVia, at: datetime) -> None:
    """Only once: whoever comes second finds it answered."""
    _refuse_closed(ask.check, at)
    answered = session.execute(
        sa.update(ContactAsk)
        .where(ContactAsk.id == ask.id, ContactAsk.confirmed_at.is_(None))
        .values(confirmed_at=at, via=via)
    )
    if not answered.rowcount:  # type: ignore[attr-defined]
        raise NotAllowedNow(N_("%(person)s has answered already."), person=ask.name)
    session.refresh(ask)


def accept(session: Session, correction: ContactCorrection, *, by: Person, at: datetime) -> None:
    """Take the numbers over into the record of the person."""
    person = correction.ask.person
    changed = _changed(correction, person)
    for name in changed.values():
        setattr(person, name, getattr(correction, name))
    confirm_ways(session, person, correction.proposed_at, but=set(ChannelKind) - set(changed))
    _decide(correction, by=by, at=at, is_accepted=True)
    audit.record(session, "contact.accepted", person, by=by, changes=_named(changed))


def reject(session: Session, correction: ContactCorrection, *, by: Person, at: datetime) -> None:
    """Leave the record as it is."""
    _decide(correction, by=by, at=at, is_accepted=False)
    audit.record(session, "contact.rejected", correction.ask.person, by=by)


def _decide(correction: ContactCorrection, *, by: Person, at: datetime, is_accepted: bool) -> None:
    if correction.decided_at is not None:
        raise NotAllowedNow(N_("The correction has been decided on already."))
    correction.decided_at, correction.decided_by_id = at, by.id
    correction.is_accepted = is_accepted
    correction.mobile = correction.phone = correction.note = ""


def _named(changed: Mapping[ChannelKind, str]) -> dict[str, list[str]]:
    """That something changed, not what: numbers do not belong into the trail."""
    return {name: ["…", "…"] for name in changed.values()}


def retry_now(session: Session, check: ContactCheck, *, by: Person, at: datetime) -> int:
    """Ask everybody who has not answered once more, now; how many those are."""
    _refuse_closed(check, at)
    count = _raise(session, ContactAsk.check_id == check.id, at)
    if not count:
        raise NotAllowedNow(N_("Nobody is left to ask by e-mail: telephone the others."))
    audit.record(
        session, "contact_check.retried", check, by=by, changes={"people": ["", str(count)]}
    )
    return count


def retry_due(session: Session, at: datetime) -> int:
    """Ask once more whoever has had no letter for as long as their check says; how many."""
    checks = session.execute(
        sa.select(ContactCheck.id, ContactCheck.retry_days, ContactCheck.rounds).where(
            ContactCheck.open_at(at)
        )
    )
    return sum(
        _raise(
            session,
            sa.and_(
                ContactAsk.check_id == check_id,
                ContactAsk.ask_number < rounds,
                ContactAsk.ask_at <= at - timedelta(days=days),
            ),
            at,
        )
        for check_id, days, rounds in checks.all()
    )


def _raise(session: Session, which: sa.ColumnElement[bool], at: datetime) -> int:
    """Ask once more where a letter may still go out."""
    may = (
        sa.select(ContactAsk.id)
        .join(ContactAsk.check)
        .join(ContactAsk.person)
        .where(which, ContactAsk.to_be_asked(at), ContactAsk.ask_at <= at)
    )
    raised = session.execute(
        sa.update(ContactAsk)
        .where(ContactAsk.id.in_(may))
        .values(ask_number=ContactAsk.ask_number + 1, ask_at=at)
        .execution_options(synchronize_session="fetch")
    )
    return int(raised.rowcount)  # type: ignore[attr-defined]


def close(session: Session, check: ContactCheck, *, by: Person, at: datetime) -> None:
    """End the check before its time: links of its letters lead nowhere from here on."""
    _refuse_closed(check, at)
    check.closed_at = at
    audit.record(session, "contact_check.closed", check, by=by)


def _refuse_closed(check: ContactCheck, at: datetime) -> None:
    if not check.is_open(at):
        raise NotAllowedNow(N_("The contact check “%(name)s” is over."), name=check.name)


def teams_named(session: Session, check: ContactCheck) -> Sequence[Team]:
    query = sa.select(Team).join(CheckedTeam, CheckedTeam.team_id == Team.id)
    return session.scalars(query.where(CheckedTeam.check_id == check.id).order_by(Team.sort)).all()


def asks_of(check: ContactCheck, at: datetime) -> sa.Select[Any]:
    """Everybody asked and their state, by name."""
    query: Any = sa.select(ContactAsk, ContactAsk.state_at(at).label("state"))
    joined = query.join(ContactAsk.check).join(ContactAsk.person)
    loaded: sa.Select[Any] = joined.options(
        contains_eager(ContactAsk.person).joinedload(Person.unit),
        contains_eager(ContactAsk.person).lazyload(Person.grants),
        contains_eager(ContactAsk.check),
        joinedload(ContactAsk.correction),
    )
    return loaded.where(ContactAsk.check_id == check.id).order_by(Person.sort, ContactAsk.id)


def unanswered(check: ContactCheck, at: datetime) -> sa.Select[Any]:
    """Those of them who have not answered."""
    return asks_of(check, at).where(ContactAsk.confirmed_at.is_(None))


def teams_of(session: Session, person: Person, at: datetime) -> Sequence[Team]:
    """The teams a person is in today."""
    today = at.astimezone(person.zone).date()
    mine = sa.select(Member.team_id).where(Member.person_id == person.id, Member.current(today))
    return session.scalars(sa.select(Team).where(Team.id.in_(mine)).order_by(Team.sort)).all()


def open_corrections(session: Session, check: ContactCheck) -> Sequence[ContactCorrection]:
    """Those nobody has decided on yet, the oldest first."""
    query = sa.select(ContactCorrection).join(ContactCorrection.ask)
    waiting = query.where(ContactAsk.check_id == check.id, ContactCorrection.decided_at.is_(None))
    loaded = waiting.options(contains_eager(ContactCorrection.ask).joinedload(ContactAsk.person))
    return session.scalars(loaded.order_by(ContactCorrection.id)).all()
