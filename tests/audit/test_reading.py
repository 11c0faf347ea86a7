"""An entry is read in words: names for numbers, words for codes, days as people write them."""

from datetime import date
from itertools import pairwise

import pytest
import sqlalchemy as sa

from drills.audit import services as audit
from drills.audit import words
from drills.core.orm import Base
from drills.core.text import name_of
from drills.exercises.models import Inject, InjectStatus
from drills.findings.models import ActionState
from tests.conftest import NOW

ENUMERATED = [
    column
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, sa.Enum) and column.type.enum_class
]
CHANGED = (
    "certificate", "check_record", "competence", "condition", "contact_check",
    "corrective_action", "delegation", "dossier", "dossier_paper", "drill", "edition",
    "edition_round", "exemption", "finding", "lesson", "measure", "member", "objective",
    "obligation_record", "organisation", "participation", "person", "person_channel",
    "planned_drill", "programme", "received_inject", "recurrence", "reminder_rule",
    "safety_record", "scenario", "series", "shift", "skill", "suppressed_address", "system",
    "team", "training_event", "unit", "vulnerability",
)  # fmt: skip
"""The kinds of things whose changes are noted column by column."""


@pytest.mark.parametrize("column", ENUMERATED, ids=str)
def test_every_value_of_an_enumeration_has_a_name(column):
    assert [v for v in column.type.enums if name_of(column.type.enum_class, v) is None] == []


@pytest.mark.parametrize("kind", CHANGED)
def test_every_column_that_may_change_has_a_name(kind, make):
    model = next(m.class_ for m in Base.registry.mappers if m.local_table.name == kind)
    assert set(audit.columns(model())) - {"id"} - words.FIELDS.keys() == set()


def changes(browser):
    return {
        li.select_one("span").text: [li.select_one(tag).text for tag in ("del", "ins")]
        for li in browser.get("/audit/").select(".diff li")
    }


def test_states_people_and_days_of_an_action_are_told_by_name(browser, session, make):
    doer = make.person(name="Lê Thị Hoa")
    action = make.action()
    with audit.changing(session, "done", action, by=browser.person):
        action.state, action.done_by_id, action.done_at = ActionState.DONE, doer.id, NOW
        action.due_on = date(2026, 12, 31)
    told = changes(browser)
    assert told["Người làm"] == ["—", "Lê Thị Hoa"]
    assert told["Làm xong lúc"] == ["—", "23/11/2026, 09:00"]
    assert told["Tình trạng"][1] == "Đã làm, chờ xác minh"
    assert told["Thời hạn"][1] == "31/12/2026"
    assert "Lê Thị Hoa" in browser.raw("/audit/export.csv").text


def test_what_must_not_be_named_stays_a_number(browser, session, make):
    """The name of an inject may be what its reader must not know yet."""
    drill = make.drill()
    secret = make.save(Inject(drill_id=drill.id, number="1", title="Bí mật tuyệt đối"))
    later = make.save(Inject(drill_id=drill.id, number="2", title="Sau"))
    with audit.changing(session, "revised", later, by=browser.person):
        later.depends_on_id, later.status = secret.id, InjectStatus.SKIPPED
    page = browser.get("/audit/")
    assert "Bí mật" not in page.text


def test_all_entries_of_a_page_are_read_with_one_query_for_each_kind_of_name(
    browser, session, make, queries
):
    units = [make.unit() for _ in range(30)]
    people = [make.person() for _ in range(5)]

    def note(count):
        for unit, other in pairwise(units[:count]):
            audit.record(
                session, "moved", make.drill(unit=unit), by=people[0],
                changes={"unit_id": [str(unit.id), str(other.id)], "lead_id": ["", str(people[1].id)]},
            )  # fmt: skip

    note(2)
    with queries() as few:
        browser.get("/audit/")
    note(25)
    with queries() as many:
        browser.get("/audit/")
    assert len(many) == len(few)
