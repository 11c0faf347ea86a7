"""Who may reach what: every route of the URL map, every role, own units and strangers'."""

from datetime import date

import pytest

from drills.accounts.models import Role
from drills.accounts.permissions import GRANTED_IF_ANY, Permission, permits
from drills.approvals.models import (
    Act,
    Check,
    CheckKind,
    Condition,
    Determination,
    Dossier,
    DossierPaper,
    Measure,
    Override,
)
from drills.documents.models import Letterhead
from drills.exercises.models import (
    DrillDocument,
    Edition,
    Invitation,
    LogKind,
    Observation,
    Participation,
    PlannedDrill,
    ReceivedInject,
    Recurrence,
    Series,
)
from drills.findings.models import Lesson
from drills.obligations.models import Exemption, ObligationRecord
from drills.roster.models import (
    ChannelKind,
    ContactChannel,
    ContactCorrection,
    ShiftOverride,
    TrainingAttendance,
)
from drills.systems.models import Decision, SavedView
from drills.units.models import Succession
from drills.web import errors
from tests.browser import Browser

ROLES = list(Role)
BESIDE_THE_POINT = {200, 302, 400, 404, 409, 422}
"""What a permitted request may answer: the page, or that the empty request makes no sense."""


def routes(app, method):
    """(address pattern, permission, names of its ids) of each route with a permission."""
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        if isinstance(access, Permission) and method in rule.methods:
            yield rule, access


def plain(app, method):
    return [(rule.rule, access) for rule, access in routes(app, method) if not rule.arguments]


def addresses(app, things, method):
    """Addresses of the routes whose only argument is the id of one of ``things``."""
    for rule, access in routes(app, method):
        names = [f"{type(thing).__tablename__}_id" for thing in things]
        for thing, name in zip(things, names, strict=True):
            if rule.arguments == {name}:
                with app.test_request_context():
                    yield rule.build({name: thing.id})[1], access, thing


def received(make, unit):
    """An inject that the host of somebody else's drill sent to a unit."""
    series = make.save(Series(code=f"S{unit.id}", name="ACID"))
    part = Participation(edition=Edition(series=series, year=2026, source="csa.gov.sg"))
    make.drill(unit=unit, participation=part)
    return make.save(ReceivedInject(participation=part, number="1"))


def planned(make, unit, drill, person):
    """What is planned of a drill and of the years."""
    programme = make.programme(unit=unit)
    line = {"year": 2026, "kind_key": "tabletop", "title": "Quý IV", "unit": unit}
    recurring = {"kind_key": "tabletop", "every_months": 3, "first_on": date(2026, 1, 1)}
    return [
        make.objective(drill),
        make.vulnerability(drill, is_restricted=False),
        make.save(Invitation(drill=drill, person=person, invited_at=make.now)),
        make.save(DrillDocument(drill=drill, title="Kế hoạch")),
        programme,
        make.save(PlannedDrill(programme=programme, **line)),
        make.save(Recurrence(name="Hằng quý", unit=unit, **recurring)),
    ]


def on_duty(make, unit, person):
    """A team's shift with a stand-in, and a contact check with what was answered."""
    shift = make.shift(team=make.team(unit=unit), person=person)
    part = {"starts_at": make.now, "ends_at": shift.ends_at, "person": make.person(unit=unit)}
    ask = make.ask(person, unit=unit)
    said = {"ask": ask, "mobile": "0912 345 678", "proposed_at": make.now}
    return [
        shift,
        make.save(ShiftOverride(shift=shift, **part)),
        ask.check,
        ask,
        make.save(ContactCorrection(**said)),
    ]


def on_record(make, unit, person):
    """What is known of a person, and of a unit that was merged."""
    on = date(2026, 7, 1)
    ended = make.unit(parent=unit, active_to=date(2026, 6, 30))
    return [
        make.save(ContactChannel(person=person, kind=ChannelKind.ZALO, value="0912")),
        make.save(Succession(predecessor=ended, successor=unit, on=on, merged_at=make.now)),
    ]


def proposed(make, system, person):
    """A dossier of a system with a paper, a decision, and an exception that was asked for."""
    regime = make.regimes()["nd-331-2026"]
    dossier = make.save(Dossier(code=f"HSCD-{system.id}", system=system, regime=regime, level=3))
    pins = {"number": "1/QĐ", "signed_on": date(2024, 1, 1), "authority": "UBND", "level": 3}
    asked = {"act": Act.APPROVE, "reason": "Đi công tác", "asked_by": make.person()}
    levels = {"answers": {}, "reasons": [], "proposed_level": 3, "level": 3, "at": make.now}
    decision = Decision(system=system, recorded_at=make.now, is_historical=True, **pins)
    made = {"kind": CheckKind.COMPLIANCE, "done_on": date(2025, 1, 1), "done_by": "Tổ kiểm tra"}
    plan = {"key": "backup", "group": "Dữ liệu", "label": "Sao lưu", "position": 1}
    return [
        dossier,
        make.save(Condition(decision=decision, text="Bổ sung sao lưu")),
        make.save(Check(system=system, **made)),
        make.save(Measure(system=system, **plan)),
        make.save(Determination(system=system, regime=regime, **levels)),
        make.save(DossierPaper(dossier=dossier, key="design", label="Thiết kế", position=1)),
        decision,
        make.save(Override(dossier=dossier, person=person, **asked)),
    ]


def qualified(make, unit, person, skill):
    """What is known of somebody's skills, and a course they were at."""
    event = make.training(unit=unit)
    return [
        make.competence(person, skill, 3),
        make.certificate(person),
        event,
        make.save(TrainingAttendance(training_event=event, person=make.person(unit=unit))),
    ]


def owed(make, unit, person):
    """Something a unit has to do, a note that it was done, and an exemption from it."""
    obligation = make.obligation(unit)
    names = ("rule_id", "subject_kind", "subject_id", "unit_id")
    of = {name: getattr(obligation, name) for name in names}
    days = {"from_on": date(2026, 1, 1), "to_on": date(2026, 12, 31)}
    return [
        obligation,
        make.save(ObligationRecord(**of, done_on=date(2026, 3, 1))),
        make.save(Exemption(**of, **days, reason="Chuyển trụ sở", asked_by=person)),
    ]


@pytest.fixture
def _refusals_undrawn(monkeypatch):
    """Thousands are refused, and drawing the page that says so takes longest."""
    monkeypatch.setattr(errors, "render_template", lambda *_args, **_more: "")


@pytest.fixture
def world(make):
    """Two departments side by side, each with one of everything."""
    make.organisation()
    branches, skill = [], make.skill()
    for _ in range(2):
        unit = make.unit()
        person = make.person(unit=unit)
        drill = make.drill(unit=unit, people=[person])
        finding = make.finding(drill, is_restricted=False)
        system = make.system(owner=unit)
        branches.append(
            [
                unit,
                system,
                *proposed(make, system, person),
                make.team(unit=unit),
                make.save(Letterhead(unit=unit)),
                make.save(SavedView(owner=person, page="systems", name="Của tôi")),
                drill,
                person,
                *on_record(make, unit, person),
                finding,
                make.save(Lesson(drill=drill, text="Gọi điện sớm hơn")),
                make.inject(drill, released_at=make.now),
                make.line(drill, kind=LogKind.RELEASED),
                make.save(Observation(drill=drill, at=make.now, text="Báo chậm")),
                received(make, unit),
                make.action(drill, unit=unit, owner=person, finding=finding),
                *planned(make, unit, drill, person),
                *qualified(make, unit, person, skill),
                *on_duty(make, unit, person),
                *owed(make, unit, person),
            ]
        )
    return branches


@pytest.mark.usefixtures("_refusals_undrawn")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_the_pages_the_policy_grants_and_no_other(app, make, session, role):
    make.organisation()
    person = make.person(role=role)
    wrong = {}
    for path, permission in plain(app, "GET"):
        status = Browser(app, session, as_=person).raw(path).status_code
        granted = permits(person, permission)
        if (status == 403) == granted or (granted and status not in BESIDE_THE_POINT):
            wrong[path] = (status, permission)
    assert wrong == {}


@pytest.mark.usefixtures("_refusals_undrawn")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_sends_what_the_policy_grants_and_no_other(app, make, session, role):
    make.organisation()
    person = make.person(role=role)
    wrong = {}
    for path, permission in plain(app, "POST"):
        browser = Browser(app, session, as_=person)
        status = browser.client.post(path).status_code
        granted = permits(person, permission)
        if (status == 403) == granted or (granted and status not in BESIDE_THE_POINT):
            wrong[path] = (status, permission)
    assert wrong == {}


@pytest.mark.usefixtures("_refusals_undrawn")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_belongs_to_others_does_not_exist_for_a_stranger(app, session, make, world, method):
    own, foreign = world
    wrong = {}
    for role in ROLES:
        officer = make.person(role=role, unit=own[0])
        browser = Browser(app, session, as_=officer)
        for path, permission, _thing in addresses(app, foreign, method):
            send = browser.client.get if method == "GET" else browser.client.post
            status = send(path).status_code
            if status != 404:
                wrong[f"{role} {path}"] = (status, permission)
    assert wrong == {}


@pytest.mark.usefixtures("_refusals_undrawn")
def test_what_is_ones_own_is_there_or_refused_by_the_policy(app, session, make, world):
    own, _foreign = world
    wrong = {}
    for role in set(ROLES) - {Role.IR_MEMBER}:
        officer = make.person(role=role, unit=own[0])
        browser = Browser(app, session, as_=officer)
        for path, permission, thing in addresses(app, own, "GET"):
            status = browser.raw(path).status_code
            if (status == 403) == permits(officer, permission, thing):
                wrong[f"{role} {path}"] = (status, permission)
    assert wrong == {}


def test_a_visitor_is_sent_to_sign_in(app, make, session):
    make.organisation()
    browser = Browser(app, session)
    for path, _permission in plain(app, "GET"):
        answer = browser.raw(path)
        assert answer.status_code in {302, 401}, path
        if answer.status_code == 302:
            assert answer.location.startswith("/sign-in"), path


def test_a_response_member_sees_only_the_drills_they_take_part_in(app, session, make):
    make.organisation()
    member = make.person(role=Role.IR_MEMBER)
    theirs, other = make.drill(people=[member]), make.drill()
    browser = Browser(app, session, as_=member)
    browser.get(f"/drills/{theirs.id}/")
    browser.get(f"/drills/{other.id}/", status=404)


def test_the_policy_names_every_permission():
    assert set(GRANTED_IF_ANY) == set(Permission)


def test_a_request_that_the_browser_calls_cross_site_is_refused(app, make, session):
    make.organisation()
    browser = Browser(app, session, as_=make.person(role=Role.ADMINISTRATOR))
    answer = browser.client.post("/theme", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", ""]
)
def test_a_switch_leads_back_to_our_own_pages_only(app, make, session, target):
    make.organisation()
    answer = Browser(app, session).client.post("/theme", data={"theme": "dark", "next": target})
    assert answer.location == "/"
