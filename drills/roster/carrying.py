"""Writing what a list of members says, hundreds of people at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.roster.models import (
    PRIMARY,
    ChannelKind,
    ContactChannel,
    ExpertGroup,
    Expertise,
    Member,
    Profile,
)
from drills.roster.rows import Reading

if TYPE_CHECKING:
    from drills.roster.imports import Plan

_OF_THE_PERSON = ("position", "phone", "mobile")


class Kept:
    """What is kept of many people, read by three statements."""

    def __init__(self, session: Session, people: Iterable[Person]) -> None:
        ids = [person.id for person in people]
        profiles = session.scalars(sa.select(Profile).where(Profile.person_id.in_(ids)))
        self.profiles = {profile.person_id: profile for profile in profiles}
        groups = session.execute(
            sa.select(Expertise.person_id, Expertise.expert_group).where(
                Expertise.person_id.in_(ids)
            )
        )
        self.groups: dict[int, set[ExpertGroup]] = {}
        for person_id, group in groups:
            self.groups.setdefault(person_id, set()).add(group)
        rows = session.scalars(sa.select(ContactChannel).where(ContactChannel.person_id.in_(ids)))
        self.channels: dict[int, list[ContactChannel]] = {}
        for row in rows:
            self.channels.setdefault(row.person_id, []).append(row)

    def profile(self, person: Person) -> Profile:
        empty = {"languages": [], "school": "", "field": "", "degree": ""}
        more = {"pgp_key": "", "pgp_fingerprint": ""}
        made = Profile(person_id=person.id, **empty, **more)
        return self.profiles.setdefault(person.id, made)

    def has(self, person: Person, kind: ChannelKind, value: str) -> bool:
        rows = self.channels.get(person.id, [])
        return any((row.kind, row.value) == (kind, value) for row in rows)


def compare(session: Session, plan: "Plan") -> None:
    """Note what is new of people known already; of whom nothing is, nothing happens to them."""
    readings = [r for r in (*plan.additions, *plan.changes) if r.person]
    kept = Kept(session, [r.person for r in readings if r.person])
    for reading in readings:
        assert reading.person
        reading.news = _news(reading, reading.person, kept)
    plan.present += [r.new.name for r in plan.changes if not r.news]
    plan.changes = [r for r in plan.changes if r.news]


def _news(reading: Reading, person: Person, kept: Kept) -> dict[str, list[str]]:
    """Before and after of each column the row would change."""
    profile = kept.profiles.get(person.id)
    groups = kept.groups.get(person.id, set())
    preferred = next((r.kind for r in kept.channels.get(person.id, []) if r.is_preferred), None)
    pairs: dict[str, tuple[Any, Any]] = {
        **{name: (getattr(person, name), getattr(reading.new, name)) for name in _OF_THE_PERSON},
        **{name: (getattr(profile, name, None), new) for name, new in reading.texts.items()},
        "expert_groups": (sorted(groups), sorted(reading.groups)),
        **{kind.value: _pair(person, kind, new, kept) for kind, new in reading.channels},
        "preferred": (preferred, reading.preferred),
    }
    return {k: [_text(old), _text(new)] for k, (old, new) in pairs.items() if new and new != old}


def _pair(person: Person, kind: ChannelKind, value: str, kept: Kept) -> tuple[str, str]:
    """A channel known already is nothing new; one that is not stands beside those known."""
    return (value if kept.has(person, kind, value) else "", value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return str(value) if value else ""


def add(session: Session, readings: Sequence[Reading], by: Person | None) -> None:
    """Put new people on record and let everybody join the team of their row."""
    made: dict[str, Person] = {}
    for reading in readings:
        if reading.person is None:
            person = made.get(reading.key) or Person(**asdict(reading.new))
            reading.person = made[reading.key] = person
    session.add_all(made.values())
    session.flush()
    session.add_all(audit.entry("created", person, by=by) for person in made.values())
    for reading in readings:
        if reading.team and reading.person:
            details = asdict(reading.details)
            session.add(Member(team=reading.team, person=reading.person, **details))
            change = {"member": ["", reading.person.name]}
            session.add(audit.entry("member added", reading.team, by=by, changes=change))
    session.flush()


def fill_in(session: Session, readings: Sequence[Reading], by: Person | None) -> None:
    """Write profile, groups and channels; a row of somebody known leaves what it does not name."""
    kept = Kept(session, [r.person for r in readings if r.person])
    for reading in readings:
        assert reading.person
        _fill(session, reading, reading.person, kept)
        if reading.news:
            changes: dict[str, Any] = dict(reading.news)
            session.add(audit.entry("revised", reading.person, by=by, changes=changes))
    session.flush()


def _fill(session: Session, reading: Reading, person: Person, kept: Kept) -> None:
    for name in _OF_THE_PERSON:
        setattr(person, name, getattr(reading.new, name) or getattr(person, name))
    if reading.texts:
        _write_profile(session, kept.profile(person), reading.texts)
    if reading.groups:
        _write_groups(session, person, reading.groups, kept)
    unknown = [pair for pair in reading.channels if not kept.has(person, *pair)]
    for kind, value in unknown:
        _keep(session, person, kind, value, kept)
    if reading.preferred:
        _prefer(session, person, reading.preferred, kept)


def _write_profile(session: Session, profile: Profile, texts: Mapping[str, Any]) -> None:
    for name, value in texts.items():
        setattr(profile, name, value)
    session.add(profile)


def _write_groups(
    session: Session, person: Person, wanted: frozenset[ExpertGroup], kept: Kept
) -> None:
    there = kept.groups.setdefault(person.id, set())
    if gone := there - wanted:
        session.execute(
            sa.delete(Expertise).where(
                Expertise.person_id == person.id, Expertise.expert_group.in_(gone)
            )
        )
    session.add_all(Expertise(person_id=person.id, expert_group=g) for g in sorted(wanted - there))
    kept.groups[person.id] = set(wanted)


def _keep(
    session: Session, person: Person, kind: ChannelKind, value: str, kept: Kept
) -> ContactChannel:
    row = ContactChannel(person_id=person.id, kind=kind, value=value, is_preferred=False)
    kept.channels.setdefault(person.id, []).append(row)
    session.add(row)
    return row


def _prefer(session: Session, person: Person, kind: ChannelKind, kept: Kept) -> None:
    """The first way of that kind; nothing if there is none."""
    rows = kept.channels.get(person.id, [])
    primary = getattr(person, PRIMARY[kind]) if kind in PRIMARY else ""
    chosen = next((r for r in rows if r.kind is kind and r.value == (primary or r.value)), None)
    if chosen is None and primary:
        chosen = _keep(session, person, kind, primary, kept)
        rows = kept.channels[person.id]
    if chosen is None or chosen.is_preferred:
        return
    for row in rows:
        row.is_preferred = False
    session.flush()
    chosen.is_preferred = True
