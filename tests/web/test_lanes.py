"""Coordinates of the lanes of a drill and of dumbbells."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from drills.web.dumbbells import LEFT, WIDTH, Pair, dumbbells
from drills.web.lanes import TICKS_MAX, Bar, lanes
from tests.conftest import NOW

MINUTES = st.integers(-600, 6000)


@settings(deadline=None)
@given(st.lists(MINUTES, max_size=8), st.integers(0, 20_000))
def test_every_mark_stands_on_the_chart_and_ticks_stay_few(minutes, length):
    bars = [Bar(0, NOW + timedelta(minutes=m), "1", "") for m in minutes]
    chart = lanes(["SOC"], bars, NOW, NOW + timedelta(minutes=length), None)
    assert all(chart.left <= put.x <= chart.width for put in chart.bars)
    assert len(chart.ticks) <= TICKS_MAX + 2


def test_a_bar_ends_where_its_side_contained_it():
    bar = Bar(0, NOW, "1", "", NOW + timedelta(minutes=15), NOW + timedelta(minutes=30))
    (put,) = lanes(["SOC"], [bar], NOW, NOW + timedelta(minutes=60), None).bars
    assert put.detect_width == put.contain_width == 240
    assert put.contain_x == put.x + put.detect_width


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(0, 100_000)), min_size=1, max_size=8))
def test_dumbbells_stay_on_the_chart_and_gaps_are_not_drawn(values):
    chart = dumbbells([Pair("x", value, None) for value in values])
    if chart is None:
        assert all(value is None for value in values)
        return
    placed = [row.first_x for row in chart.rows]
    assert [x is None for x in placed] == [value is None for value in values]
    assert all(x is None or LEFT <= x <= LEFT + WIDTH + 0.1 for x in placed)
