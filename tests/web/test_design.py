"""The look keeps its promises: macros, stylesheet, sprite, scripts and the page that shows them."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import render_template_string
from flask_babel import force_locale

from drills import resources
from drills.accounts.models import Role
from drills.accounts.permissions import Permission
from drills.web import filters, navigation
from drills.web.charts import HeatValue, Mark, heat_rows, heat_step, rank_chart, year_chart

SHEETS = ("app.css", "drills.css", "people.css")
STYLESHEETS = [(resources.STATIC / name).read_text(encoding="utf-8") for name in SHEETS]
STYLESHEET = "\n".join(STYLESHEETS)
PAGES = sorted(resources.TEMPLATES.rglob("*.html"))
OURS = [p for p in PAGES if "mail" not in p.parts]
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def draw(app):
    """Render a line of template that uses the macros, in English unless ``language`` says."""

    def render(source, language="en", **data):
        imports = (
            '{% import "ui/parts.html" as ui %}{% import "ui/form.html" as form_ui %}'
            '{% import "ui/table.html" as table %}{% import "ui/charts.html" as charts %}'
        )
        with app.test_request_context(), force_locale(language):
            return render_template_string(imports + source, **data)

    return render


# The stylesheet


def test_colours_are_written_only_where_the_tokens_are():
    body = STYLESHEET[STYLESHEET.index("@layer reset {") :]
    assert not re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(", body)


def test_the_stylesheet_stays_below_its_ceiling_and_on_its_floor():
    assert {path.name for path in resources.STATIC.glob("*.css")} == set(SHEETS)
    assert all(len(sheet.splitlines()) <= 700 for sheet in STYLESHEETS)
    rules = re.sub(r"/\*.*?\*/", "", STYLESHEET, flags=re.DOTALL)
    for unknown in ("light-dark(", "color-mix(", "oklch(", ":has(", "@scope", "popover", "url("):
        assert unknown not in rules, f"{unknown} is unknown to the oldest browsers we serve"
    assert not re.search(r"[{;]\s*&", rules), "nesting is unknown to the oldest browsers we serve"


def test_both_dark_themes_are_the_same():
    blocks = re.findall(r"color-scheme: dark;(.*?)\}", STYLESHEET, flags=re.DOTALL)
    assert len(blocks) == 2
    assert blocks[0].split() == blocks[1].split()


def _tokens(theme):
    """The colours of a theme by name; the dark ones overlay the light ones."""
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", part)) for part in _parts())
    return light if theme == "light" else light | dark


def _parts():
    start = STYLESHEET.index("color-scheme: dark")
    return STYLESHEET[:start], STYLESHEET[start : STYLESHEET.index("@layer reset {")]


def _luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT_PAIRS = [
    *((ink, on) for ink in ("ink", "ink-2", "ink-3") for on in ("canvas", "surface", "sunken")),
    *((ink, "surface") for ink in ("acc", "bad", "warn", "ok", "info")),
    *((ink, "canvas") for ink in ("acc", "bad", "warn")),
    *((ink, f"{ink}-soft") for ink in ("acc", "bad", "warn")),
    *(("ink", f"{on}-soft") for on in ("info", "acc", "warn", "bad")),
    *((f"on-l{n}", f"l{n}") for n in range(1, 6)),
    *(("on-q", f"q{n}") for n in range(1, 5)),
    ("on-q5", "q5"),
    ("on-acc", "acc"),
    ("on-acc", "acc-h"),
    ("on-strong", "strong"),
    ("canvas", "ink"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_pair_of_text_and_ground_can_be_read(theme):
    colours = _tokens(theme)
    weak = {
        f"{ink} on {on}": round(_contrast(colours[ink], colours[on]), 2)
        for ink, on in TEXT_PAIRS
        if _contrast(colours[ink], colours[on]) < 4.5
    }
    assert not weak
    assert _contrast(colours["line-ctl"], colours["surface"]) >= 3, "borders of controls"
    assert _contrast(colours["focus"], colours["canvas"]) >= 3, "the ring of the focus"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_levels_darken_or_lighten_step_by_step(theme):
    colours = _tokens(theme)
    steps = [_luminance(colours[f"l{n}"]) for n in range(1, 6)]
    assert steps in (sorted(steps), sorted(steps, reverse=True))


def test_tokens_are_the_ones_in_use():
    used = set(re.findall(r"var\((--[\w-]+)", STYLESHEET))
    defined = set(re.findall(r"(--[\w-]+):", STYLESHEET))
    assert used == defined


@pytest.mark.parametrize("path", OURS, ids=lambda p: str(p.relative_to(resources.TEMPLATES)))
def test_templates_use_only_classes_of_the_stylesheet(path):
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", STYLESHEET))
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = set()
    for value in re.findall(r'\bclass="([^"{}]*)"', text):
        names.update(value.split())
    assert names <= known


@pytest.mark.parametrize("path", OURS, ids=lambda p: str(p.relative_to(resources.TEMPLATES)))
def test_templates_keep_to_the_policy_and_the_sprite(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r'\sstyle="|\son[a-z]+="|javascript:', text)
    icons = set(re.findall(r'\bicon\("([a-z]+)"\)|\bicon="([a-z]+)"', text))
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', _sprite()))
    assert {a or b for a, b in icons} <= drawn


STATES = ("done", "turn", "late", "work", "wait", "idle", "live")


def _sprite():
    return (resources.STATIC / "img" / "icons.svg").read_text(encoding="utf-8")


def test_every_icon_of_the_menu_and_the_states_is_drawn(draw):
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', _sprite()))
    assert {entry.icon for entry in navigation.ENTRIES} <= drawn
    for kind in STATES:
        page = draw("{{ ui.state(kind, 'Words') }}", kind=kind)
        assert re.search(r"#(\w+)\"", page).group(1) in drawn
        assert "Words" in page, "colour and icon never stand alone"


def test_templates_name_only_states_that_are_drawn():
    for path in resources.TEMPLATES.rglob("*.html"):
        named = re.findall(r'ui\.state\("(\w+)"', path.read_text(encoding="utf-8"))
        assert set(named) <= set(STATES), path


def test_scripts_are_small_modules_without_markup_from_text():
    scripts = sorted(resources.STATIC.glob("*.js"))
    assert len(scripts) > 8
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 130, script.name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    every = "\n".join(script.read_text(encoding="utf-8") for script in scripts)
    imported = set(re.findall(r'(?:import|from) "\./(\w+)\.js"', every)) | {"app"}
    assert imported == {script.stem for script in scripts}


# The macros


def test_a_level_prints_its_number_and_an_undetermined_one_says_so(draw):
    assert "Cấp 3" in draw("{{ ui.level(3) }}", "vi")
    assert "Cấp độ 4" in draw("{{ ui.level(4, big=true) }}", "vi")
    assert "chưa xác định" in draw("{{ ui.level(none) }}", "vi")


def test_facts_show_a_dash_for_what_is_not_known_and_zero_for_zero(draw):
    page = draw("{{ ui.facts([('A', none), ('B', ''), ('C', 0)]) }}")
    assert page.count("—") == 2
    assert "<dd>0</dd>" in page


def test_text_from_people_is_escaped_everywhere(draw):
    evil = "<b onclick=x>&"
    page = draw(
        "{{ ui.facts([(e, e)]) }}{{ ui.row(e, '#', e, ui.state('done', e), lead=ui.level(2)) }}"
        "{{ ui.notice('info', e) }}{{ ui.empty(e, e, [(e, '#', true)]) }}{{ ui.changes([(e, e, e)]) }}"
        "{{ ui.log([{'title': e, 'text': e, 'quote': e, 'at': e}]) }}{{ table.name(e, '#', e) }}"
        "{{ ui.people([{'initials': e, 'name': e, 'note': e}]) }}{{ ui.crumbs([(e, '#'), (e, none)]) }}",
        e=evil,
    )
    assert "<b onclick" not in page
    assert page.count("&lt;b onclick=x&gt;&amp;") >= 20


def test_a_button_that_acts_is_a_form_with_a_token_and_asks_first(draw):
    page = draw(
        "{{ ui.post_button('Close', '/close', confirm='Really?', fields={'reason': 'a&b'}) }}"
    )
    assert 'method="post"' in page
    assert 'name="csrf_token"' in page
    assert 'data-confirm="Really?"' in page
    assert 'name="reason" value="a&amp;b"' in page


def test_the_bar_of_shares_gives_every_share_a_visible_part(draw):
    segments = [
        {"count": 1, "label": "few", "href": "#a"},
        {"count": 999, "label": "many", "href": "#b"},
        {"count": 0, "label": "none", "href": "#c"},
    ]
    page = draw("{{ ui.status_strip(segments) }}", segments=segments)
    assert 'class="f1"' in page
    assert 'class="f20"' in page
    assert "none" not in page


def test_a_table_always_has_a_caption_and_says_when_it_is_empty(draw):
    source = (
        "{% call(row) table.table('Systems', [{'label': 'Name', 'href': '?sort=name',"
        " 'sort': 'descending'}], rows, 'Nothing yet.') %}<tr><td>{{ row }}</td></tr>{% endcall %}"
    )
    full = draw(source, rows=["one"])
    assert "<caption" in full
    assert "Systems</caption>" in full
    assert 'aria-sort="descending"' in full
    assert "<td>one</td>" in full
    empty = draw(source, rows=[])
    assert "Nothing yet." in empty
    assert "<table" not in empty


def test_old_and_new_show_zero_and_no_as_values(draw):
    page = draw("{{ ui.changes([('Users', 0, 12), ('Note', none, '')]) }}")
    assert "<del>0</del>" in page
    assert "<del>—</del>" in page


# The page of components


def test_only_administrators_see_the_design_page(browser, make):
    browser.get("/_design")
    browser.sign_in(make.person(role=Role.AUDITOR))
    browser.get("/_design", status=403)


def test_the_form_on_the_design_page_ties_each_mistake_to_its_field(browser):
    page = browser.get("/_design")
    links = page.select(".errors a")
    assert len(links) == 4
    for link in links:
        field = page.select_one(f"[id='{link['href'][1:]}']")
        assert field, "the summary leads to the control"
    day = page.select_one("#held_on")
    assert day["aria-invalid"] == "true"
    assert day["aria-describedby"].split() == ["held_on-hint", "held_on-error"]
    assert page.select_one("#held_on-error").text.endswith("23/11/2026.")
    assert day["value"] == "2026-13-45", "what was typed is kept"
    code = page.select_one("#code")
    assert not code.has_attr("aria-invalid")
    assert code["aria-describedby"] == "code-hint"


def test_the_minority_is_marked_in_a_form(browser):
    marks = [mark.text for mark in browser.get("/_design").select("#form .mark")]
    assert len(marks) == 3
    assert len(set(marks)) == 1


def test_the_shell_offers_what_the_role_may_use(browser, app):
    page = browser.get("/_design")
    shown = {link["data-key"] for link in page.select(".side a[data-key]")}
    assert shown == {e.key for e in navigation.ENTRIES if e.endpoint in app.view_functions}
    assert page.select_one("form[data-theme-switch] input[name=next]")["value"] == "/_design"
    assert page.select_one("meta[name=csrf-token]")["content"]


def test_a_missing_page_offers_a_search(browser):
    page = browser.get("/no-such-page", status=404)
    assert page.select_one("main form input[name=q]")
    assert len(page.select("h1")) == 1


# The menu


@pytest.mark.parametrize(
    ("endpoint", "key"),
    [
        ("exercises.index", "drills"),
        ("exercises.show", "drills"),
        ("exercises.calendar", "calendar"),
        ("exercises.series", "series"),
        ("exercises.series_edit", "series"),
        ("systems.upload", "systems"),
        ("reminders.rules", "reminders"),
        ("reminders.outbox_message", "outbox"),
        ("accounts.settings", "settings"),
        ("accounts.edit", "accounts"),
        ("design.show", ""),
        (None, ""),
    ],
)
def test_a_page_stands_under_its_entry(endpoint, key):
    assert navigation.current_key(endpoint) == key


def test_entries_have_keys_of_their_own_and_a_permission():
    keys = [entry.key for entry in navigation.ENTRIES]
    assert len(keys) == len(set(keys))
    assert all(isinstance(entry.permission, Permission) for entry in navigation.ENTRIES)
    assert set(navigation.TAB_KEYS) <= set(keys)


# Dates, times and numbers


@pytest.fixture
def reads(app):
    def reader(language):
        context = app.test_request_context()
        context.push()
        return context, force_locale(language)

    opened = []

    def start(language):
        context, locale = reader(language)
        locale.__enter__()
        opened.append((context, locale))

    yield start
    for context, locale in reversed(opened):
        locale.__exit__(None, None, None)
        context.pop()


MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_dates_are_written_as_the_reader_writes_them(reads):
    reads("vi")
    assert filters.day(date(2026, 11, 3)) == "03/11/2026"
    assert filters.moment(MORNING, ZONE) == "23/11/2026, 08:00"
    assert filters.number(1860) == "1.860"
    reads("en")
    assert filters.day(date(2026, 11, 3)) == "3 Nov 2026"
    assert filters.number(1860) == "1,860"


def test_a_moment_late_in_the_utc_day_falls_on_the_readers_next_day(reads):
    reads("vi")
    assert filters.day(datetime(2026, 11, 22, 18, 0, tzinfo=UTC), ZONE) == "23/11/2026"


def test_a_zone_is_named_after_its_country(reads):
    assert filters.zone_name("Asia/Ho_Chi_Minh") == "Giờ Việt Nam"
    assert filters.zone_name("UTC") == "UTC"
    reads("en")
    assert filters.zone_name("Asia/Tokyo") == "Japan Time"


def test_a_span_names_the_second_day_only_when_it_differs(reads):
    reads("vi")
    noon, tomorrow = MORNING.replace(hour=5), MORNING.replace(day=24)
    assert filters.span(MORNING, noon, ZONE) == "23/11/2026, 08:00 đến 12:00"
    assert filters.span(MORNING, tomorrow, ZONE) == "23/11/2026, 08:00 đến 24/11/2026, 08:00"
    assert filters.span(MORNING, None, ZONE) == "23/11/2026, 08:00"


@pytest.mark.parametrize(
    ("day", "text"), [(27, "còn 4 ngày"), (23, "hôm nay"), (11, "quá 12 ngày")]
)
def test_days_left_are_told_from_the_day_given(reads, day, text):
    reads("vi")
    assert filters.days_left(date(2026, 11, day), date(2026, 11, 23)) == text


# The charts


def test_marks_stand_where_their_day_is_and_labels_stay_inside():
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    marks = [
        Mark(0, first, "New year", "#", "a"),
        Mark(0, last, "A very long name of a drill at the end of the year", "#", "plan"),
    ]
    chart = year_chart(2026, ("Live",), marks, date(2026, 7, 2))
    left, right = chart.marks
    assert left.x == chart.months[0].x
    assert right.is_left
    assert right.x <= chart.width
    assert chart.months[-1].x + chart.months[-1].width == chart.width - 12
    assert left.x < chart.today_x < right.x
    assert year_chart(2025, ("Live",), [], date(2026, 7, 2)).today_x is None


def test_crowded_labels_are_cut_rather_than_laid_over_each_other():
    marks = [
        Mark(0, date(2026, 3, day), "Ransomware at the data centre", "#", "a") for day in (1, 9)
    ]
    chart = year_chart(2026, ("Live",), marks, date(2026, 3, 1))
    assert len(chart.marks[0].label) < len(marks[0].label)
    assert chart.marks[0].mark.label == marks[0].label, "what is heard is never cut"


def test_the_best_rank_is_on_top_and_a_year_without_part_is_a_gap():
    chart = rank_chart([2022, 2023, 2024, 2025], [("ACID", [14, None, 3, 1])])
    line = chart.lines[0]
    assert [p.rank for p in line.points] == [14, 3, 1]
    assert line.points[2].y < line.points[1].y < line.points[0].y
    assert [[p.year for p in run] for run in line.runs] == [[2024, 2025]]
    assert chart.ticks[0][0] == 1
    assert chart.ticks[-1][0] >= 14


def test_a_rank_chart_without_any_rank_still_has_an_axis():
    chart = rank_chart([2026], [("ACID", [None])])
    assert chart.lines[0].points == ()
    assert len(chart.ticks) > 1


def test_heat_leaves_nothing_blank_and_the_largest_darkest():
    assert heat_step(0, 128) == 0
    assert heat_step(1, 128) == 1
    assert heat_step(128, 128) == 5
    rows = heat_rows([("a", [HeatValue(1), HeatValue(128)]), ("b", [HeatValue(0)])])
    assert [cell.step for row in rows for cell in row.cells] == [1, 5, 0]
    assert rows[0].total == 129


def test_commands_are_only_those_the_person_may_give(browser, make, app):
    def given():
        with app.test_request_context():
            return {item.key for item in navigation.commands(browser.person)}

    answered = {e.key for e in navigation.COMMANDS if e.endpoint in app.view_functions}
    assert given() == answered
    browser.sign_in(make.person(role=Role.AUDITOR))
    assert given() == answered & {"g h"}
