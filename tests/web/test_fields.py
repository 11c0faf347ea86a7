from datetime import date, time

import pytest
from flask import g
from werkzeug.datastructures import MultiDict

from drills.accounts.models import Role
from drills.core import database
from drills.core.days import read_clock, read_day
from drills.web import pick
from drills.web.fields import (
    ClockField,
    DayField,
    PersonField,
    UnitField,
    UnitsField,
)
from drills.web.forms import Form

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("23/11/2026", date(2026, 11, 23)),
        ("1.2.2026", date(2026, 2, 1)),
        ("1-2-26", date(2026, 2, 1)),
        ("23/11", date(2026, 11, 23)),
        ("2026-11-05", date(2026, 11, 5)),
        ("Hôm nay", TODAY),
        ("hom qua", date(2026, 11, 22)),
        ("Yesterday", date(2026, 11, 22)),
        ("31/02/2026", None),
        ("2026-13-45", None),
        ("soon", None),
        ("23/11/0026", None),
    ],
)
def test_days_as_people_write_them(text, day):
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "clock"),
    [("8:05", time(8, 5)), ("08h30", time(8, 30)), ("8h", time(8)), ("24:00", None), ("x", None)],
)
def test_times_as_people_write_them(text, clock):
    assert read_clock(text) == clock


class Sample(Form):
    day = DayField("Day")
    at = ClockField("At")
    unit_id = UnitField("Unit")
    units = UnitsField("Units")
    person_id = PersonField("Person")


@pytest.fixture
def filled(app, make):
    """Fill the form as the administrator of the tree, or as ``as_``."""

    def fill(sent=None, *, as_=None, **before):
        person = as_ or make.person(role=Role.ADMINISTRATOR)
        database.begin_reading()
        context = app.test_request_context("/", method="POST" if sent is not None else "GET")
        context.push()
        contexts.append(context)
        g._login_user = person
        return Sample(MultiDict(sent or []) if sent is not None else None, data=before)

    contexts = []
    yield fill
    for context in reversed(contexts):
        context.pop()
    database.begin_writing()


def values(field):
    return [choice.value for choice in field.iter_choices()]


def test_a_day_is_shown_as_written_in_viet_nam_and_a_mistake_as_typed(filled):
    form = filled([("day", "2026-11-05"), ("at", "8h")])
    assert form.validate()
    assert (form.day.data, form.at.data) == (date(2026, 11, 5), time(8))
    assert 'value="05/11/2026"' in form.day()
    assert 'value="08:00"' in form.at()
    wrong = filled([("day", "31/02/2026")])
    assert not wrong.validate()
    assert 'value="31/02/2026"' in wrong.day()
    assert wrong.day.data is None


def test_units_that_have_ended_stay_only_where_they_were_chosen(filled, make):
    old = make.unit(active_to=date(2025, 6, 30))
    now = make.unit()
    fresh = filled()
    assert str(now.id) in values(fresh.unit_id)
    assert str(old.id) not in values(fresh.unit_id)
    assert str(old.id) in values(filled(unit_id=old.id).unit_id)
    assert filled([("unit_id", str(old.id))], unit_id=old.id).validate()
    assert not filled([("unit_id", str(old.id))]).validate()


def test_what_lies_outside_the_scope_is_neither_offered_nor_named(filled, make):
    mine, other = make.unit(), make.unit(name="Đơn vị kín")
    officer = make.person(role=Role.UNIT_OFFICER, unit=mine)
    form = filled([("units", str(mine.id)), ("units", str(other.id))], as_=officer)
    assert not form.validate()
    assert "Đơn vị kín" not in form.units()
    assert filled([("units", str(mine.id))], as_=officer).units.data == (mine.id,)


def test_many_rows_are_searched_for_and_may_be_typed(filled, make, monkeypatch):
    monkeypatch.setattr(pick, "FEW", 2)
    health = make.unit(code="SYT", name="Sở Y tế")
    make.unit(code="STC", name="Sở Tài chính")
    make.unit(name="Xã Hòa Bình")
    make.unit(name="Xã Hòa Bình")
    form = filled([("unit_id-text", "so y te"), ("units-text", "stc; Sở Y tế · SYT")])
    assert form.validate(), form.errors
    assert form.unit_id.data == health.id
    assert len(form.units.data) == 2
    assert 'data-pick-from="/pick/units"' in form.unit_id()
    assert values(form.unit_id) == ["", str(health.id)]
    twice = filled([("unit_id-text", "Xã Hòa Bình")])
    assert not twice.validate()
    assert 'value="Xã Hòa Bình"' in twice.unit_id()


def test_pickers_of_one_form_share_one_query(filled, make, queries):
    make.unit()
    form = filled()
    with queries() as seen:
        for field in (form.unit_id, form.units):
            assert len(values(field)) >= 2
    assert len([statement for statement in seen if "FROM unit" in statement]) == 1


def test_the_server_finds_without_accents(browser, make):
    make.unit(code="SYT", name="Sở Y tế Đà Nẵng")
    found = browser.raw("/pick/units?q=y te da nang").json
    assert [item["text"] for item in found["items"]] == ["Sở Y tế Đà Nẵng · SYT"]
    assert browser.raw("/pick/people?q=nguyen").json["items"]
    assert browser.raw("/pick/nothing").status_code == 404
