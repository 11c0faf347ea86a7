"""The list of injects in the browser: read, edited as a table, imported, exported."""

import io
import json
import re

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.exercises.models import (
    DrillPerson,
    Inject,
    InjectStatus,
    MselColumn,
    MselMapping,
    Part,
    Side,
)
from tests.browser import Browser
from tests.exercises.sheets import chronogram, imported, workbook

HEADER = ["STT", "Thời gian", "Tình huống", "Nội dung", "Đơn vị nhận", "Hành động mong đợi"]


def inject(make, drill, number, title="Thư lừa đảo", **given):
    defaults = {"position": int(number) * 10, "offset_seconds": int(number) * 600}
    return make.save(Inject(drill_id=drill.id, number=str(number), title=title, **defaults | given))


@pytest.fixture
def drill(make):
    make.organisation()
    return make.drill()


@pytest.fixture
def three(make, drill):
    return [inject(make, drill, n, f"Tình huống {n}", content=f"Nội dung {n}") for n in (1, 2, 3)]


def sheet(page):
    """What a browser without JavaScript would send of the table."""
    data = []
    for field in page.select("form[data-sheet] [name]"):
        if field.name == "button" or field["name"] == "csrf_token":
            continue
        if field.get("type") == "checkbox":
            if field.has_attr("checked"):
                data.append((field["name"], field["value"] if field.has_attr("value") else "on"))
        elif field.name == "select":
            chosen = field.select_one("option[selected]")
            data.append((field["name"], chosen["value"] if chosen else ""))
        else:
            text = field.get_text().removeprefix("\n") if field.name == "textarea" else None
            data.append((field["name"], field.get("value", "") if text is None else text))
    return Sent(data)


class Sent:
    def __init__(self, pairs):
        self.pairs = pairs

    def write(self, thing, **texts):
        key = thing if isinstance(thing, str) else str(thing.id)
        wanted = {f"{key}.{name}": value for name, value in texts.items()}
        self.pairs = [(n, wanted.pop(n, v)) for n, v in self.pairs] + list(wanted.items())
        return self

    def new(self, key="n1", **texts):
        self.pairs += [("row", key), *((f"{key}.{name}", text) for name, text in texts.items())]
        return self

    @property
    def data(self):
        found = {}
        for name, value in self.pairs:
            found.setdefault(name, []).append(value)
        return found


def table(drill):
    return f"/drills/{drill.id}/msel/edit"


def numbers(session, drill):
    query = sa.select(Inject.number).where(Inject.drill_id == drill.id)
    return list(session.scalars(query.order_by(Inject.position, Inject.id)))


def test_the_table_saves_what_was_changed_in_one_entry(browser, session, drill, three):
    sent = sheet(browser.get(table(drill)))
    sent.write(three[1], title="Mã độc", time="H+1:30").new(number="4", title="Tin đồn")
    browser.post(table(drill), sent.data)
    assert numbers(session, drill) == ["1", "2", "3", "4"]
    assert (three[1].title, three[1].offset_seconds) == ("Mã độc", 5400)
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "msel_revised")).one()
    assert entry.changes == {
        "2 title": ["Tình huống 2", "Mã độc"],
        "2 offset_seconds": ["1200", "5400"],
        "4 +": ["", "Tin đồn"],
    }


def test_saving_the_table_untouched_changes_nothing(browser, session, drill, three):
    before = [one.version for one in three]
    browser.post(table(drill), sheet(browser.get(f"{table(drill)}?columns=all")).data)
    session.expire_all()
    assert [one.version for one in three] == before
    assert session.scalars(sa.select(Entry).where(Entry.verb == "msel_revised")).all() == []


def test_rows_are_deleted_moved_and_renumbered(browser, session, drill, three):
    first, second, third = three
    sent = sheet(browser.get(table(drill)))
    rows = [value for name, value in sent.pairs if name == "row"]
    sent.pairs = [pair for pair in sent.pairs if pair[0] != "row"]
    sent.pairs = [("row", key) for key in reversed(rows)] + sent.pairs
    sent.write(first, number="2").write(second, number="1").write(third, drop="on")
    browser.post(table(drill), sent.data)
    assert numbers(session, drill) == ["1", "2"]
    assert (first.number, second.number) == ("2", "1")


def test_every_mistake_is_told_where_it_was_made_and_nothing_is_saved(browser, drill, three):
    sent = sheet(browser.get(table(drill)))
    sent.write(three[0], time="khi nào rỗi", sides="ai đó").write(three[1], number="3", title="")
    page = browser.post(table(drill), sent.data, status=422)
    told = [line.get_text() for line in page.select(".errors li")]
    assert len(told) == 4
    links = {link["href"].removeprefix("#") for link in page.select(".errors li a")}
    assert links == {field["id"] for field in page.select("[aria-invalid]")}
    written = page.select_one(f'[name="{three[0].id}.time"]')
    assert written["value"] == "khi nào rỗi"
    assert three[0].offset_seconds == 600


def test_a_second_editor_is_shown_both_texts(browser, session, drill, three):
    mine = sheet(browser.get(table(drill))).write(three[0], title="Của tôi")
    theirs = sheet(browser.get(table(drill))).write(three[0], title="Của họ")
    browser.post(table(drill), theirs.data)
    page = browser.post(table(drill), mine.data, status=409)
    assert page.select_one(".diff del").get_text() == "Của họ"
    assert page.select_one(".diff ins").get_text() == "Của tôi"
    assert three[0].title == "Của họ"
    browser.post(table(drill), sheet(page).data)
    session.expire_all()
    assert three[0].title == "Của tôi"


def test_two_editors_of_different_rows_do_not_meet(browser, session, drill, three):
    mine = sheet(browser.get(table(drill))).write(three[0], title="Một mới")
    theirs = sheet(browser.get(table(drill))).write(three[1], title="Hai mới")
    browser.post(table(drill), theirs.data)
    browser.post(table(drill), mine.data)
    assert [one.title for one in three[:2]] == ["Một mới", "Hai mới"]


def test_a_row_deleted_meanwhile_is_not_lost(browser, session, drill, three):
    mine = sheet(browser.get(table(drill))).write(three[0], title="Còn cần")
    gone = sheet(browser.get(table(drill))).write(three[0], drop="on")
    browser.post(table(drill), gone.data)
    page = browser.post(table(drill), mine.data, status=409)
    browser.post(table(drill), sheet(page).data)
    found = session.scalars(sa.select(Inject).where(Inject.number == "1")).one()
    assert found.title == "Còn cần"


def test_a_released_inject_is_not_edited(browser, session, make, drill, three):
    opened = sheet(browser.get(table(drill))).write(three[0], title="Khác")
    three[0].status, three[0].released_at = InjectStatus.RELEASED, make.now
    session.commit()
    page = browser.post(table(drill), opened.data, status=422)
    assert "đã phát" in page.select_one(".errors").get_text()
    fixed = browser.get(table(drill)).select_one(f'tr[data-key="{three[0].id}"]')
    assert fixed.select("textarea, input[type=text]") == []
    browser.post(table(drill), Sent([("row", str(three[0].id)), (f"{three[0].id}.drop", "on")]).data,
                 status=422)  # fmt: skip


@pytest.mark.parametrize(
    ("act", "expected"),
    [("down:{0}", "213"), ("up:{1}", "213"), ("copy:{0}", "1423"), ("add", "1234")],
)
def test_rows_are_arranged_without_javascript(browser, session, drill, three, act, expected):
    sent = sheet(browser.get(table(drill)))
    sent.pairs.append(("do", act.format(*(one.id for one in three))))
    page = browser.post(table(drill), sent.data, status=200)
    assert "".join(field["value"] for field in page.select('[name$=".number"]')) == expected
    assert numbers(session, drill) == ["1", "2", "3"]
    browser.post(table(drill), sheet(page).write("n1", title="Mới").data if "4" in expected
                 else sheet(page).data)  # fmt: skip
    assert "".join(numbers(session, drill)) == expected


def test_injects_cannot_wait_for_one_another(browser, drill, three):
    address = f"{table(drill)}?columns=all"
    sent = sheet(browser.get(address))
    sent.write(three[0], depends_on="2").write(three[1], depends_on="1")
    page = browser.post(address, sent.data, status=422)
    assert "chờ lẫn nhau" in page.select_one(".errors").get_text()


def test_all_fields_of_a_row_are_kept(browser, session, make, drill, three):
    side = make.save(Side(drill_id=drill.id, key="soc", name="Đội SOC"))
    column = make.save(MselColumn(drill_id=drill.id, key="tool", label="Công cụ"))
    address = f"{table(drill)}?columns=all"
    texts = {
        "sides": "soc", "channel": "Thư", "phase": "Pha 1", "sender": "Ban", "note": "a\nb",
        "situation_time": "D+1", "is_contingency": "x", "depends_on": "1",
        "detect_target_minutes": "10", "contain_target_minutes": "30", "column:tool": "Máy ảo",
    }  # fmt: skip
    browser.post(address, sheet(browser.get(address)).write(three[1], **texts).data)
    session.expire_all()
    found = three[1]
    assert found.sides == [side]
    assert (found.is_contingency, found.depends_on, found.note) == (True, three[0], "a\nb")
    assert (found.detect_target_minutes, found.extra) == (10, {column.key: "Máy ảo"})
    again = sheet(browser.get(address))
    assert (again.data[f"{found.id}.sides"][0], again.data[f"{found.id}.is_contingency"][0]) == ("soc", "x")  # fmt: skip


def test_players_and_evaluators_see_the_columns_meant_for_them(app, session, make, drill):
    audiences = ["control", "evaluators", "players"]
    for name in audiences:
        make.save(MselColumn(drill_id=drill.id, key=name, label=f"Cột {name}", audience=name))
    inject(make, drill, 1, extra={name: f"Chữ {name}" for name in audiences},
           status=InjectStatus.RELEASED, released_at=make.now)  # fmt: skip
    seen = {}
    for part in (Part.EXCON, Part.EVALUATOR, Part.PLAYER):
        person = make.person(role=Role.IR_MEMBER)
        make.save(DrillPerson(drill_id=drill.id, person_id=person.id, part=part))
        text = Browser(app, session, as_=person).get(f"/drills/{drill.id}/msel/").get_text()
        seen[part] = [name for name in audiences if f"Chữ {name}" in text and f"Cột {name}" in text]
    assert list(seen.values()) == [audiences, audiences[1:], audiences[2:]]


def test_the_list_is_narrowed_and_counted(browser, make, drill, three):
    inject(make, drill, 4, "Dự phòng", is_contingency=True, phase="Pha 2", offset_seconds=None)
    page = browser.get(f"/drills/{drill.id}/msel/?q=du+phong")
    assert len(page.select("tr[id]")) == 1
    page = browser.get(f"/drills/{drill.id}/msel/")
    assert [b.get_text() for b in page.select(".figs dd b")] == ["4", "0", "0", "0"]


def test_a_long_list_takes_few_queries(browser, make, session, drill, queries):
    side = make.save(Side(drill_id=drill.id, key="soc", name="SOC"))
    session.add_all(
        Inject(drill_id=drill.id, number=str(n), title=f"T{n}", position=n, sides=[side])
        for n in range(60)
    )
    session.commit()
    for address, most in (("", 8), ("edit", 11), ("edit?columns=all", 11)):
        with queries() as seen:
            browser.raw(f"/drills/{drill.id}/msel/{address}")
        reads = [s for s in seen if not s.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]
        assert len(reads) <= most, "\n".join(reads)


def upload(browser, drill, data, name="msel.xlsx", status=302):
    return browser.post(
        f"/drills/{drill.id}/msel/import", {"file": (io.BytesIO(data), name)}, status=status
    )


def fields(page, selector):
    found = {}
    for field in page.select(f"{selector} input[name]"):
        found.setdefault(field["name"], []).append(field.get("value", ""))
    return found


def test_a_sheet_is_looked_at_before_it_is_imported(browser, session, drill):
    preview = upload(browser, drill, workbook(chronogram("standard"))).location
    page = browser.get(preview)
    assert session.scalars(sa.select(Inject)).all() == []
    assert page.select_one(".figs b").get_text() == "60"
    answer = browser.post(preview, fields(page, ".head form"))
    assert answer.location.endswith("/msel/")
    assert len(numbers(session, drill)) == 60


def test_the_preview_names_every_bad_row_and_has_no_button(browser, session, drill):
    rows = [HEADER, [1, "bậy", "A", "…", "", ""], [1, "T+1", "B", "…", "", ""]]
    page = browser.get(upload(browser, drill, workbook(rows)).location)
    told = [
        [cell.get_text() for cell in row.select("td")] for row in page.select("#mistakes tbody tr")
    ]
    assert [line[:3] for line in told] == [["2", "Thời gian", "bậy"], ["3", "STT", "1"]]
    assert all(line[3] and line[4] for line in told)
    assert page.select(".head form") == []


def test_what_changed_since_the_preview_is_looked_at_again(browser, session, make, drill):
    rows = [HEADER, [1, "T+1", "A", "…", "", ""]]
    preview = upload(browser, drill, workbook(rows)).location
    sent = fields(browser.get(preview), ".head form")
    inject(make, drill, 1, "Người khác vừa thêm")
    page = browser.post(preview, sent, status=409)
    assert page.select_one("#changed")


def test_meanings_are_changed_and_kept_for_the_next_file(browser, session, drill):
    rows = [
        ["Mốc", "Chuyện gì", "Cho ai", "STT", "Lạ", "Nội dung"],
        ["T+5", "Thư", "SOC", 1, "z", "…"],
    ]
    preview = upload(browser, drill, workbook(rows)).location
    query = "m=time&m=title&m=sides&m=number&m=column&m=content&page=0&header=1"
    page = browser.get(f"{preview}?{query}")
    assert page.select_one("#new .name").get_text().startswith("Thư")
    browser.post(
        preview, fields(page, "#meanings form[method=post]") | {"name": "Của Sở", "do": "remember"}
    )
    kept = session.scalars(sa.select(MselMapping)).one()
    assert kept.mapping["moc"] == "time"
    again = browser.get(f"{upload(browser, drill, workbook(rows)).location}?saved={kept.id}")
    assert [s.select_one("option[selected]")["value"] for s in again.select("select[name=m]")] == [
        "time", "title", "sides", "number", "column", "content",
    ]  # fmt: skip


def test_a_file_without_a_header_is_refused_at_once(browser, drill):
    page = upload(browser, drill, workbook([[1, "T+15", "Thư"]]), status=422)
    assert "dòng tiêu đề" in page.select_one(".errors").get_text()


@pytest.mark.parametrize("chosen", ["ours", "standard", "mitre", "hseep", "cexf"])
def test_every_export_comes_back_without_difference(browser, session, drill, chosen):
    imported(session, drill, workbook(chronogram("standard")))
    answer = browser.raw(f"/drills/{drill.id}/msel/export?set={chosen}")
    assert answer.status_code == 200
    name = re.search(r'filename="(.+)"', answer.headers["Content-Disposition"])[1]
    page = browser.get(upload(browser, drill, answer.data, name).location)
    assert [b.get_text() for b in page.select(".figs b")] == ["0", "0", "60", "0"]


def test_a_foreign_cexf_document_keeps_what_it_came_with(browser, session, make, drill):
    first, second = "19272db1-a7c4-4cb3-aa33-df775b8fec8c", "c104aa37-e394-43ce-b82b-a733d3745468"
    evaluation = [{"result": "Event created", "parameters": [{"x": 1}], "score_range": [0, 20]}]
    document = {
        "exercise": {"uuid": "75d7460a", "name": "Phishing"},
        "inject_flow": [
            {"inject_uuid": first, "description": "A mail", "sequence": {"trigger": ["startex"]}},
            {
                "inject_uuid": second,
                "requirements": {"inject_uuid": first, "resolution_requirement": "Publishing"},
                "timing": {"triggered_at": 900},
            },
        ],
        "inject_payloads": [],
        "injects": [
            {"uuid": first, "name": "Mail", "action": "email_to_participants", "target_tool": "MISP",
             "inject_evaluation": evaluation},
            {"uuid": second, "name": "Traffic", "action": "network_connection"},
        ],
    }  # fmt: skip
    preview = upload(browser, drill, json.dumps(document).encode(), "x.json").location
    browser.post(preview, fields(browser.get(preview), ".head form"))
    one, two = session.scalars(sa.select(Inject).order_by(Inject.position)).all()
    assert (one.offset_seconds, two.offset_seconds, two.depends_on) == (0, 900, one)
    out = json.loads(browser.raw(f"/drills/{drill.id}/msel/export?set=cexf").data)
    assert [i["uuid"] for i in out["injects"]] == [first, second]
    assert out["injects"][0]["inject_evaluation"] == evaluation
    assert out["injects"][0]["target_tool"] == "MISP"
    assert out["inject_flow"][1]["timing"] == {"triggered_at": 900}
    again = browser.get(upload(browser, drill, json.dumps(document).encode(), "x.json").location)
    assert [b.get_text() for b in again.select(".figs b")] == ["0", "0", "2", "0"]


def test_a_foreign_cexf_document_comes_out_without_loss(browser, session, make, drill):
    first, second, third = "aaaa-1", "bbbb-2", "cccc-3"
    document = {
        "exercise": {"uuid": "75d7460a", "name": "Phishing", "author": "MISP"},
        "schema": 2,
        "inject_flow": [
            {"inject_uuid": first, "description": "A mail", "reporting_callback": ["http://x"],
             "sequence": {"trigger": ["startex"], "completion_trigger": ["quiz"],
                          "followed_by": [second, third]}, "timing": {"triggered_at": 0}},
            {"inject_uuid": second, "timing": {"triggered_at": 900, "jitter": 30}, "weight": 2,
             "requirements": {"inject_uuid": first, "resolution_requirement": "Publishing"}},
            {"inject_uuid": third, "timing": {"triggered_at": 1800}},
        ],
        "inject_payloads": [
            {"inject_uuid": third, "body": "Ba"},
            {"name": "Chung", "parameters": {"a": [1, None]}},
            {"inject_uuid": first, "body": "Một"},
        ],
        "injects": [
            {"uuid": first, "name": "Mail", "action": "email", "inject_payload": {"to": ["a@b.example"]}},
            {"uuid": second, "name": "Traffic", "meta": {"difficulty": 3}},
            {"uuid": third, "name": "Call"},
        ],
    }  # fmt: skip
    preview = upload(browser, drill, json.dumps(document).encode(), "x.json").location
    browser.post(preview, fields(browser.get(preview), ".head form"))
    out = json.loads(browser.raw(f"/drills/{drill.id}/msel/export?set=cexf").data)
    assert out["inject_payloads"] == document["inject_payloads"]
    assert (out["schema"], out["exercise"]["author"]) == (2, "MISP")
    for ours, theirs in zip(out["inject_flow"], document["inject_flow"], strict=True):
        assert {key: ours[key] for key in theirs} == theirs
    for ours, theirs in zip(out["injects"], document["injects"], strict=True):
        assert {k: ours[k] for k in theirs if k != "meta"} == {
            k: theirs[k] for k in theirs if k != "meta"
        }
    assert out["injects"][1]["meta"]["difficulty"] == 3
    again = browser.get(upload(browser, drill, json.dumps(out).encode(), "y.json").location)
    assert [b.get_text() for b in again.select(".figs b")] == ["0", "0", "3", "0"]


def test_evaluators_do_not_get_what_other_programs_said(browser, session, make, drill):
    make.inject(drill, foreign={"inject": {"secret": "TUYETMAT"}})
    address = f"/drills/{drill.id}/msel/export?set=cexf"
    assert b"TUYETMAT" in browser.raw(address).data
    evaluator = make.person(role=Role.IR_MEMBER)
    make.named(drill, evaluator, Part.EVALUATOR)
    browser.sign_in(evaluator)
    assert b"TUYETMAT" not in browser.raw(address).data


def test_columns_are_added_renamed_and_taken_out(browser, session, drill):
    address = f"/drills/{drill.id}/msel/columns"
    browser.post(address, {"label": "Công cụ", "audience": "evaluators"})
    column = session.scalars(sa.select(MselColumn)).one()
    browser.post(address, {"label": "công cụ", "audience": "control"}, status=422)
    browser.post(f"{address}/{column.id}", {"label": "Phần mềm", "audience": "players"})
    session.expire_all()
    assert (column.label, column.audience) == ("Phần mềm", "players")
    browser.post(f"{address}/{column.id}", {"do": "drop"})
    assert session.scalars(sa.select(MselColumn)).all() == []


def test_evaluators_read_the_list_and_do_not_edit_it(app, session, make, drill, three):
    person = make.person(role=Role.SECURITY_TEAM)
    make.save(DrillPerson(drill_id=drill.id, person_id=person.id, part=Part.EVALUATOR))
    browser = Browser(app, session, as_=person)
    assert len(browser.get(f"/drills/{drill.id}/msel/").select("tr[id]")) == 3
    browser.get(table(drill), status=403)
    assert browser.raw(f"/drills/{drill.id}/msel/export").status_code == 200
