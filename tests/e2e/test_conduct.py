"""A drill run by two people at once: control at a desk, a player with a phone."""

import re
import subprocess
import time

import pytest

from tests.e2e.conftest import PASSWORD, sign_in

pytestmark = pytest.mark.browser
PREPARE = """
from datetime import timedelta
import sqlalchemy as sa
from flask_security.utils import hash_password
from drills import create_app
from drills.accounts.models import Grant, Person, Role
from drills.core import clock
from drills.exercises.models import Drill, DrillPerson, Inject, Part, Side
from drills.extensions import db

app = create_app()
with app.app_context():
    session, now = db.session, clock.now()
    lead = session.scalars(sa.select(Person)).first()
    drill = Drill(code="DT-2026-77", title="Mã độc tống tiền", kind_key="tabletop",
        unit_id=lead.unit_id, starts_at=now, ends_at=now + timedelta(hours=2),
        time_zone="Asia/Ho_Chi_Minh", lead_id=lead.id)
    player = Person(name="Bùi Anh Tuấn", email="tuan@lamgiang.example", unit_id=lead.unit_id,
        active=True, password=hash_password("Chim sẻ bay qua đèo Bò"))
    player.grants = [Grant(role=Role.IR_MEMBER)]
    session.add_all([drill, player])
    session.flush()
    side = Side(drill_id=drill.id, key="soc", name="SOC")
    session.add(side)
    session.flush()
    session.add(DrillPerson(drill_id=drill.id, person_id=player.id, part=Part.PLAYER,
        side_id=side.id))
    for number, title in (("1", "Thư lạ"), ("2", "Máy chủ FS-01 bị mã hoá")):
        session.add(Inject(drill_id=drill.id, number=number, position=int(number), title=title,
            content=f"Nội dung {number}", offset_seconds=int(number) * 600, sides=[side]))
    session.commit()
    print(drill.id)
"""


@pytest.fixture
def people(chromium):
    """Control at 1440, a player at 390; what their consoles say is checked at the end."""
    contexts, said = [], []
    for width, height in ((1440, 900), (390, 844)):
        size = {"width": width, "height": height}
        context = chromium.new_context(viewport=size, locale="vi-VN")
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        contexts.append((context, page))
    yield [page for _context, page in contexts]
    for context, _page in contexts:
        context.close()
    assert said == []


def log(page, line):
    page.fill("#quick-line", line)
    page.press("#quick-line", "Enter")


def told(page, text):
    page.locator("#board-log li", has_text=text).first.wait_for()


def ask_again(page):
    """What the page does by itself every fifteen seconds, now."""
    page.evaluate("dispatchEvent(new Event('online'))")


def test_nothing_is_lost_and_nothing_doubled(installation, people, tmp_path):
    installation.set_up()
    drill = prepare(installation, tmp_path)
    installation.start()
    control, player = people
    address = f"{installation.address}/drills/{drill}"
    sign_in(control, installation.address)
    sign_in(player, installation.address, email="tuan@lamgiang.example", password=PASSWORD)
    control.goto(f"{address}/conduct/")
    player.goto(f"{address}/play/")
    assert "Thư lạ" not in player.content()

    start_and_release_with_double_clicks(control)
    ask_again(player)
    player.locator("#board-injects", has_text="Thư lạ").wait_for()
    assert "FS-01" not in player.content()
    first_screen_of_a_phone(control, f"{address}/conduct/")

    stamp_with_a_double_click(control)
    a_stamp_survives_a_lost_connection(control)
    log_with_a_double_click(player, "1 đã báo cáo lãnh đạo")
    told(player, "lãnh đạo")
    lines_survive_a_lost_connection(player)
    nobody_sends_the_lines_of_another(player, installation.address, f"{address}/play/")
    lines_survive_a_restart(installation, control)

    ask_again(control)
    told(control, "gõ khi mất mạng 2")
    control.goto(f"{address}/log/")
    lines = control.locator("ol.log li").all_inner_texts()
    for once in (
        "lãnh đạo", "mất mạng 1", "mất mạng 2", "khởi động lại", "Phát tình huống", "Phát hiện",
        "đổi người",
    ):  # fmt: skip
        assert sum(once in line for line in lines) == 1, (once, lines)
    assert len(lines) == 8
    player.goto(f"{address}/conduct/")
    assert re.search(r"/play/$", player.url)
    control.goto(f"{address}/conduct/")
    assert control.locator(".big").inner_text() > "T+00:00:00"


def prepare(installation, tmp_path):
    script = tmp_path / "prepare.py"
    script.write_text(PREPARE, encoding="utf-8")
    done = subprocess.run(
        [installation.python, str(script)],
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


def start_and_release_with_double_clicks(control):
    control.locator(".clock .first button").click()
    control.locator("dialog.ask button[value=yes]").click()
    release = control.locator(".clock .first form[action$='/release'] button")
    release.wait_for()
    control.locator("header, .head").get_by_text("Đang diễn ra").first.wait_for()
    action = release.evaluate("b => b.form.action")
    # Two requests at the same moment, as a double click without scripts would send them.
    statuses = control.evaluate(
        """async (url) => {
            const body = new FormData(document.querySelector(`form[action="${new URL(url).pathname}"]`));
            const send = () => fetch(url, {method: "POST", body}).then((answer) => answer.status);
            return Promise.all([send(), send()]);
        }""",
        action,
    )
    assert statuses == [200, 200]
    ask_again(control)
    control.locator("#board-injects .now-row").wait_for()
    assert control.locator("#board-injects .now-row").count() == 1


def stamp_with_a_double_click(control):
    stamp = control.locator("#board-injects .stamps form[action$='/stamp'] button").first
    stamp.dblclick()
    control.locator("#board-injects .took").first.wait_for()


def a_stamp_survives_a_lost_connection(control):
    """It is noted when it was pressed, and pressed once is enough."""
    control.context.set_offline(True)
    stamp = control.locator("#board-injects .stamps form[action$='/stamp'] button").first
    stamp.click()
    queue = control.locator("[data-queue]")
    queue.filter(has_text="(1)").filter(has_text="Khống chế").wait_for()
    assert stamp.is_disabled()
    control.context.set_offline(False)
    ask_again(control)
    control.locator("#board-injects .took").nth(1).wait_for()
    queue.wait_for(state="hidden")


def log_with_a_double_click(player, line):
    player.fill("#quick-line", line)
    player.locator("[data-log] .line button").dblclick()


def first_screen_of_a_phone(control, address):
    control.set_viewport_size({"width": 390, "height": 844})
    control.goto(address)
    bar = control.locator(".tabbar").bounding_box()["y"]
    for what in (".clock .big", "[data-next]", ".clock .first button", ".quick .line"):
        box = control.locator(what).first.bounding_box()
        assert box["y"] + box["height"] <= bar, what
    control.set_viewport_size({"width": 1440, "height": 900})


def lines_survive_a_lost_connection(player):
    player.context.set_offline(True)
    log(player, "1 gõ khi mất mạng 1")
    log(player, "1 gõ khi mất mạng 2")
    queue = player.locator("[data-queue]")
    queue.filter(has_text="(2)").wait_for()
    player.context.set_offline(False)
    ask_again(player)
    told(player, "mất mạng 2")
    queue.wait_for(state="hidden")


def nobody_sends_the_lines_of_another(player, address, page):
    """A phone may go from hand to hand: a line waits for whoever typed it."""
    player.context.set_offline(True)
    log(player, "1 gõ rồi đổi người")
    player.locator("[data-queue]").filter(has_text="(1)").wait_for()
    player.context.clear_cookies()
    player.context.set_offline(False)
    player.wait_for_url("**/sign-in**")
    sign_in(player, address)
    player.goto(page)
    assert player.locator("[data-queue]").is_hidden()
    player.context.clear_cookies()
    sign_in(player, address, email="tuan@lamgiang.example", password=PASSWORD)
    player.goto(page)
    told(player, "đổi người")


def lines_survive_a_restart(installation, control):
    installation.stop()
    log(control, "1 soc khống chế khi khởi động lại")
    control.locator("[data-queue]").filter(has_text="(1)").wait_for()
    installation.start()
    deadline = time.monotonic() + 20
    while control.locator("[data-queue]").is_visible() and time.monotonic() < deadline:
        ask_again(control)
        control.wait_for_timeout(300)
    told(control, "khởi động lại")
