"""What a player may not know: no route, search, export, feed, letter or error page tells it.

Every address of the URL map is asked twice, before and after the secrets are written. What a
player is answered may not differ, so that not even the number of injects can be told; and no
secret word may stand in it. A route that is added later is asked as well.
"""

import io
import itertools
import re
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.accounts.permissions import Permission
from drills.core.orm import Base
from drills.exercises.models import (
    CONTROL,
    Drill,
    DrillDocument,
    DrillPerson,
    DrillTeam,
    Inject,
    InjectSide,
    InjectStatus,
    LogEntry,
    LogKind,
    MselColumn,
    Observation,
    Part,
    ScenarioDetails,
    Side,
    Status,
    Vulnerability,
)
from drills.exercises.services import msel
from drills.exercises.services.conduct import releasing
from drills.exercises.services.feeds import make_feed
from drills.exercises.services.scenarios import write_scenario
from drills.web import errors
from tests.browser import Browser
from tests.exercises.sheets import imported, workbook

WORD = "TUYETMAT"
HEADER = [
    "STT", "Thời gian", "Pha", "Tình huống", "Nội dung", "Nơi phát", "Đơn vị nhận", "Kênh",
    "Hành động mong đợi", "Ghi chú", "Thời gian tình huống", "Dự phòng", "Cột riêng",
]  # fmt: skip
PLAIN_TEXTS = {
    "token": ["x" * 30],
    "name": ["none"],
    "key": ["people", "units", "teams", "systems", "drills", "scenarios", "after_action_report"],
    "part": ["narrative", "strengths", "levels"],
    "language": ["vi"],
    "kind": ["json"],
    "filename": [],
    "year": [2026],
    "column_id": [1],
    "table": ["drill", "inject"],
    "subject_id": [1, 2],
    "met_by": ["drill_of_unit"],
}
"""What stands in an address for an argument that is not the id of a row."""
ROWS_MAX = 2
EVERYBODYS = {"/", "/drills/", "/search", "/audit/", "/scenarios/"}
NEW_EACH_TIME = re.compile(
    r'(name="(?:csrf[_-]token|client_id)"(?: type="hidden")? (?:content|value)=")[^"]*'
)


@pytest.fixture(autouse=True)
def _refusals_by_value(monkeypatch):
    """Two answers in three are refusals, and drawing them takes longest: each says all that its
    page is drawn from, and one in ten is drawn as well.
    """
    count, draw = itertools.count(), errors.render_template

    def refused(template, error, **more):
        if error.status not in {403, 404}:
            return draw(template, error=error, **more)
        if next(count) % 10 == 0:
            assert WORD not in draw(template, error=error, **more).replace(f"q={WORD}", "")
        return repr((template, error))

    monkeypatch.setattr(errors, "render_template", refused)


@pytest.fixture
def world(make):
    """A drill that runs, with two sides, and one inject that everybody has received."""
    make.organisation()
    starts_at = make.now - timedelta(hours=1)
    unit = make.unit()
    drill = make.drill(unit=unit, starts_at=starts_at, status=Status.RUNNING, title="Diễn tập thử")
    soc = make.save(Side(drill_id=drill.id, key="soc", name="SOC"))
    other = make.save(Side(drill_id=drill.id, key="other", name="Bên kia"))
    released = {"status": InjectStatus.RELEASED, "released_at": make.now - timedelta(minutes=9)}
    make.save(Inject(drill_id=drill.id, number="0", title="Đã phát cho mọi bên", **released))
    make.save(MselColumn(key="own", label="Cột riêng", audience="players"))
    team = make.team(unit=unit)
    make.save(DrillTeam(drill_id=drill.id, team_id=team.id, part=Part.PLAYER))
    return SimpleNamespace(drill=drill, unit=unit, soc=soc, other=other, team=team)


def player(make, world, role, part):
    """Somebody with this role in the installation and this part in the drill."""
    person = make.person(role=role, unit=world.unit)
    if part == "member":
        make.member(team=world.team, person=person)
    elif part is not None:
        side = None if part is Part.OBSERVER else world.soc.id
        link = DrillPerson(drill_id=world.drill.id, person_id=person.id, part=part, side_id=side)
        make.save(link)
    return person


def keep_secrets(session, make, drill):
    """Write what nobody but control may know: injects, a scenario, papers, notes, findings."""
    control = make.person(role=Role.ADMINISTRATOR)
    rows = [
        [n, f"T+{n}", *(f"{WORD} {h} {n}" for h in ("pha", "tên", "nội dung", "nơi phát")), "SOC",
         f"{WORD} kênh", f"{WORD} mong đợi", f"{WORD} chú", f"{WORD} giờ", "", f"{WORD} riêng"]
        for n in range(1, 13)
    ]  # fmt: skip
    imported(session, drill, workbook([HEADER, *rows]), f"{WORD}.xlsx", by=control)
    left_out = session.scalars(sa.select(Inject).where(Inject.number == "3")).one()
    releasing.leave_out(session, left_out, f"{WORD} lý do", by=control, at=make.now)
    later = session.scalars(sa.select(Inject).where(Inject.number == "4")).one()
    releasing.postpone(session, later, 5, by=control)
    details = ScenarioDetails(
        title=f"{WORD} kịch bản",
        unit_id=drill.unit_id,
        summary=f"{WORD} tóm tắt",
        story=f"{WORD} chuyện",
        threat=f"{WORD} đối tượng",
    )
    scenario = write_scenario(session, details, by=control, at=make.now)
    pin = sa.update(Drill).where(Drill.id == drill.id)
    session.execute(pin.values(scenario_version_id=scenario.versions[0].id))
    given = {"drill_id": drill.id}
    session.add_all(
        [
            DrillDocument(**given, kind="scenario", title=f"{WORD} tài liệu"),
            DrillDocument(**given, kind="other", title=f"{WORD} hạn chế", is_restricted=True),
            Observation(**given, inject_id=left_out.id, at=make.now, text=f"{WORD} quan sát"),
            Vulnerability(**given, severity="high", title=f"{WORD} lỗ hổng", found_at=make.now),
            LogEntry(
                **given,
                inject_id=left_out.id,
                kind=LogKind.NOTE,
                text=f"{WORD} nhật ký",
                at=make.now,
                exercise_seconds=60,
                recorded_at=make.now,
                by_id=control.id,
            ),
        ]
    )
    session.commit()


def addresses(app, session, *, about_drill_alone):
    """Every address the URL map can make of the rows there are."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            is_about = "drill_id" in rule.arguments or rule.rule in EVERYBODYS
            is_probe = rule.endpoint.startswith("health.")
            if "GET" not in rule.methods or is_probe or (about_drill_alone and not is_about):
                continue
            names = sorted(rule.arguments)
            for values in itertools.product(*(_values(session, rule, name) for name in names)):
                yield rule.build(dict(zip(names, values, strict=True)))[1]


def _values(session, rule, name):
    table = Base.metadata.tables.get(name.removesuffix("_id"))
    if name.endswith("_id") and table is not None:
        ids = session.scalars(sa.select(table.c.id).order_by(table.c.id).limit(ROWS_MAX)).all()
        return list(ids) or [1]
    choices = getattr(rule._converters[name], "items", None)
    if choices:
        return sorted(choices)
    assert name in PLAIN_TEXTS, f"say in PLAIN_TEXTS what {name} of {rule} may be"
    return PLAIN_TEXTS[name]


def said(answer):
    """What an answer says: its text, or the texts inside a workbook, a document or an archive."""
    data = answer.data
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [f"{n}\n{archive.read(n).decode('utf-8', 'replace')}" for n in archive.namelist()
                     if not n.endswith("core.xml")]  # fmt: skip
        return "\n".join(sorted(parts))
    headers = answer.headers.get("ETag", "") + answer.headers.get("Location", "")
    return NEW_EACH_TIME.sub(r"\1", data.decode("utf-8", "replace")) + headers


def asked(browser, paths):
    """What is answered at each address, and when searching there for the secret word."""
    found = {}
    for path in paths:
        for query in ("", f"?q={WORD}") if path in EVERYBODYS or "/pick/" in path else ("",):
            answer = browser.raw(path + query)
            found[path + query] = (answer.status_code, said(answer))
            answer.close()
    return found


def leaks(answers):
    """Addresses where the word stands although nobody typed it there."""
    return [path for path, (_status, text) in answers.items() if WORD in text and "?q=" not in path]


WIDE = [Role.ADMINISTRATOR, Role.SECURITY_TEAM, Role.IR_MEMBER]
"""Asked at every address when they play. The roles between them, and the other parts, are asked at
the addresses of the drill and at those that are for everybody."""


def _is_narrow(role, part):
    return role not in WIDE or part is not Part.PLAYER


def _all_parts(role):
    """Red and blue are asked beside the widest roles; the rule itself is tried for all below."""
    knows_otherwise = role in {Role.ADMINISTRATOR, Role.SECURITY_TEAM}
    parts = [Part.PLAYER, Part.OBSERVER, "member", *([None] * (not knows_otherwise))]
    return [*parts, Part.RED, Part.BLUE] if role in WIDE else parts


@pytest.mark.parametrize("part", [part for part in Part if part not in CONTROL])
def test_the_rule_knows_no_part_outside_control(make, session, world, part):
    inject = make.inject(world.drill, sides=[world.soc])
    for role in Role:
        person = player(make, world, role, part)
        assert not world.drill.is_controlled_by(person)
        assert not world.drill.is_conducted_by(person)
        seen = sa.select(Inject.id).where(Inject.id == inject.id, Inject.visible_to(person))
        assert session.scalar(seen) is None


@pytest.mark.parametrize("role", list(Role))
def test_no_address_tells_what_has_not_been_released(app, session, make, world, role):
    """Every address for a player; for the other parts those of the drill and those for all."""
    people = {part: player(make, world, role, part) for part in _all_parts(role)}
    browsers = {part: Browser(app, session, as_=person) for part, person in people.items()}
    paths = {
        part: list(addresses(app, session, about_drill_alone=_is_narrow(role, part)))
        for part in people
    }
    before = {part: asked(browsers[part], paths[part]) for part in people}
    keep_secrets(session, make, world.drill)
    later = {part: asked(browsers[part], paths[part]) for part in people}
    narrow = _is_narrow(role, Part.PLAYER)
    new = set(addresses(app, session, about_drill_alone=narrow)) - set(paths[Part.PLAYER])
    later[Part.PLAYER] |= asked(browsers[Part.PLAYER], new)
    leaking = {part: found for part in people if (found := leaks(later[part]))}
    assert leaking == {}
    differing = {
        f"{role} {part} {path}": (text, later[part][path])
        for part in people
        for path, text in before[part].items()
        if later[part][path] != text
    }
    assert {path: _difference(*texts) for path, texts in differing.items()} == {}


def _difference(one, other):
    if one[0] != other[0]:
        return one[0], other[0]
    pairs = itertools.zip_longest(one[1].splitlines(), other[1].splitlines(), fillvalue="")
    return next(((a.strip()[:200], b.strip()[:200]) for a, b in pairs if a != b), "")


@pytest.mark.parametrize("role", [Role.SECURITY_TEAM, Role.ADMINISTRATOR, Role.IR_MEMBER])
def test_no_refusal_and_no_mistake_tells_it_either(app, session, make, world, role):
    """Whatever a player sends, with the numbers of the secret rows: the answer is silent."""
    person = player(make, world, role, Part.PLAYER)
    keep_secrets(session, make, world.drill)
    browser = Browser(app, session, as_=person)
    secret = session.scalars(sa.select(Inject).where(Inject.number == "5")).one()
    data = {
        "inject_id": secret.id, "inject": secret.id, "number": "5", "line": "5 soc khống chế",
        "text": "5 soc phát hiện", "depends_on": "5", "copy": world.drill.id, "what": "injects",
        "drill_id": world.drill.id, "kind": "detected", "side": "soc",
    }  # fmt: skip
    leaking = []
    with app.test_request_context():
        rules = [r for r in app.url_map.iter_rules() if "POST" in r.methods]
        paths = []
        for rule in rules:
            access = getattr(app.view_functions[rule.endpoint], "access", None)
            if rule.arguments & {"drill_id", "inject_id"} and isinstance(access, Permission):
                names = sorted(rule.arguments)
                values = [
                    [secret.id] if name == "inject_id" else _values(session, rule, name)
                    for name in names
                ]
                paths += [
                    rule.build(dict(zip(names, some, strict=True)))[1]
                    for some in itertools.product(*values)
                ]
    session.commit()
    for path in paths:
        answer = browser.client.post(path, data=data)
        if WORD in said(answer):
            leaking.append(path)
    pages = [f"/drills/{world.drill.id}/", f"/drills/{world.drill.id}/msel/"]
    assert leaking + leaks(asked(browser, pages)) == []


def test_the_word_is_there_for_control(app, session, make, world):
    """The test would prove nothing if nobody could find the word."""
    lead = make.person(role=Role.IR_MEMBER)
    world.drill.lead_id = lead.id
    session.commit()
    keep_secrets(session, make, world.drill)
    browser = Browser(app, session, as_=lead)
    found = leaks(asked(browser, addresses(app, session, about_drill_alone=True)))
    own = f"/drills/{world.drill.id}"
    assert {f"{own}/msel/", f"{own}/msel/export", f"{own}/msel/edit"} <= set(found)


def test_what_goes_to_one_side_is_unknown_to_the_other(app, session, make, world):
    person = player(make, world, Role.IR_MEMBER, Part.PLAYER)
    inject = make.save(
        Inject(
            drill_id=world.drill.id,
            number="9",
            title=WORD,
            content=WORD,
            status=InjectStatus.RELEASED,
            released_at=make.now,
        )
    )
    make.save(InjectSide(inject_id=inject.id, side_id=world.other.id))
    browser = Browser(app, session, as_=person)
    assert leaks(asked(browser, addresses(app, session, about_drill_alone=False))) == []


def test_a_released_inject_shows_its_content_and_not_what_is_expected(app, session, make, world):
    person = player(make, world, Role.IR_MEMBER, Part.PLAYER)
    keep_secrets(session, make, world.drill)
    inject = session.scalars(sa.select(Inject).where(Inject.number == "1")).one()
    inject.status, inject.released_at = InjectStatus.RELEASED, make.now
    session.commit()
    browser = Browser(app, session, as_=person)
    text = browser.get(f"/drills/{world.drill.id}/msel/").get_text()
    assert f"{WORD} nội dung 1" in text
    assert f"{WORD} nội dung 2" not in text
    answers = asked(browser, addresses(app, session, about_drill_alone=True))
    for kept in ("mong đợi", "chú"):
        told = [path for path, (_status, said_) in answers.items() if f"{WORD} {kept}" in said_]
        assert told == []


def test_columns_meant_for_players_are_told_with_the_inject_and_not_before(
    app, session, make, world
):
    """On the players' page, in its pulse and on the list; and on control's sheet of paper."""
    person = player(make, world, Role.IR_MEMBER, Part.PLAYER)
    make.save(MselColumn(drill_id=world.drill.id, key="inner", label="Chỉ điều hành"))
    extra = {"own": f"{WORD} cho đội", "inner": f"{WORD} nội bộ"}
    inject = make.inject(world.drill, number="9", extra=extra, sides=[world.soc])
    browser, drill = Browser(app, session, as_=person), f"/drills/{world.drill.id}"
    pages = [f"{drill}/play/", f"{drill}/play/pulse", f"{drill}/msel/"]
    before = asked(browser, list(addresses(app, session, about_drill_alone=True)))
    assert leaks(before) == []
    inject.status, inject.released_at = InjectStatus.RELEASED, make.now
    session.commit()
    after = asked(browser, list(addresses(app, session, about_drill_alone=True)))
    assert sorted(leaks(after)) == sorted(pages)
    assert all(f"{WORD} cho đội" in after[page][1] for page in pages)
    assert not [path for path, (_status, text) in after.items() if f"{WORD} nội bộ" in text]
    lead = make.named(world.drill, make.person(role=Role.IR_MEMBER), Part.LEAD).person
    paper = Browser(app, session, as_=lead).raw(f"{drill}/conduct/sheet").text
    assert f"{WORD} cho đội" in paper
    assert f"{WORD} nội bộ" in paper


def test_feeds_and_letters_are_silent(app, session, make, world, cli):
    person = player(make, world, Role.IR_MEMBER, Part.PLAYER)
    planned = make.drill(unit=world.unit, people=[person], starts_at=make.now + timedelta(days=3))
    keep_secrets(session, make, planned)
    _feed, token = make_feed(session, person, by=person, at=make.now)
    session.commit()
    assert WORD not in Browser(app, session).raw(f"/feed/{token}.ics").text
    preview = cli("reminders", "preview", "--until", "2026-12-31", "--json")
    assert preview.exit_code == 0
    assert WORD not in preview.output
    assert cli("reminders", "send", "--at", "2026-11-26 01:00").exit_code == 0
    tables = (t for name, t in Base.metadata.tables.items() if "delivery" in name or "mail" in name)
    rows = [str(session.execute(sa.select(table)).all()) for table in tables]
    letters = [path.read_text("utf-8", "replace") for path in _letters(app)]
    assert [text for text in (*rows, *letters) if WORD in text] == []


def _letters(app):
    from pathlib import Path

    return [path for path in Path(app.config["DATA"]).rglob("*.eml") if path.is_file()]


def test_an_export_for_evaluators_leaves_out_the_columns_of_control(app, session, make, world):
    drill = world.drill
    make.save(MselColumn(drill_id=drill.id, key="secret", label="Chỉ điều hành"))
    make.save(Inject(drill_id=drill.id, number="8", title="T", extra={"secret": WORD}))
    person = make.person(role=Role.IR_MEMBER)
    make.save(DrillPerson(drill_id=drill.id, person_id=person.id, part=Part.EVALUATOR))
    browser = Browser(app, session, as_=person)
    for chosen in ("ours", "standard", "mitre", "hseep", "cexf"):
        answer = browser.raw(f"/drills/{drill.id}/msel/export?set={chosen}")
        assert answer.status_code == 200
        assert WORD not in said(answer)
    assert len(msel.known(session, drill).injects) == 2
