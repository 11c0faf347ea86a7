"""A real server on a free port with data of its own, real mail on loopback, a real browser."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import sync_playwright

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("DRILLS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "Chim sẻ bay qua đèo Bò"
ADMINISTRATOR = "quan.tri@lamgiang.example"
ORGANISATION = "UBND tỉnh Lam Giang"
_FOLDER = tempfile.TemporaryDirectory(prefix="drills-made-")
MADE = Path(_FOLDER.name)


class Installation:
    """``drills`` as an operator has it: settings in the environment, commands as processes."""

    def __init__(self, data, *, python=sys.executable, folder=None, **settings):
        self.python, self.folder = str(python), folder or data
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("DRILLS_")} | {
            "DRILLS_DATA": str(data),
            "DRILLS_PORT": str(self.port),
            "DRILLS_PUBLIC_URL": self.address,
            **({} if folder else {"PYTHONPATH": str(ROOT)}),
            **settings,
        }
        self.data = data
        self.process = None

    def command(self, *words):
        """Start ``drills …``; the process, its output to be read."""
        return subprocess.Popen(
            [self.python, "-m", "drills", *words],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words, code=0):
        process = self.command(*words)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == code, output
        return output

    def start(self):
        """Serve; everything the console says before the first page can be opened."""
        self.process = self.command("serve")
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        self.read(f"{self.address}/healthz")
        return "".join(said)

    def read(self, address):
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.read().decode()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.communicate(timeout=30)
            assert self.process.returncode == 0
            self.process = None

    def set_up(self, *options):
        """What ``drills init`` makes of these options: made once, then copied."""
        made = MADE / hashlib.sha256(repr(options).encode()).hexdigest()
        if not made.exists():
            secret = self.data / "password"
            secret.write_text(PASSWORD, encoding="utf-8")
            self.run(
                *("init", "--admin-email", ADMINISTRATOR, "--admin-password-file", str(secret)),
                *("--organisation", ORGANISATION),
                *options,
            )
            shutil.copytree(self.data, made)
        else:
            shutil.copytree(made, self.data, dirs_exist_ok=True)


@pytest.fixture
def mailbox():
    """The letters that arrived at a real SMTP server; ``mailbox.url`` leads to it."""

    class Box(list):
        async def handle_DATA(self, server, session, envelope):
            self.append(envelope)
            return "250 kept"

    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    box.url = f"smtp://127.0.0.1:{controller.port}"
    yield box
    controller.stop()


@pytest.fixture
def installation(tmp_path, mailbox):
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    installation = Installation(
        data, DRILLS_MAIL_URL=mailbox.url, DRILLS_MAIL_FROM="Thao Trường <drills@lamgiang.example>"
    )
    yield installation
    installation.stop()


@pytest.fixture(scope="module")
def chromium():
    """One browser for each module: while it runs, Flask must not be used in this process."""
    if not CHROMIUM:
        message = "no Chromium; to enable: sudo apt-get install -y chromium fonts-noto-core"
        (pytest.fail if os.environ.get("DRILLS_REQUIRE_ALL") == "1" else pytest.skip)(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page of a fresh browser. Whatever its console says fails the test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="vi-VN")
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(f"{message.text} at {page.url}"))
    page.on("pageerror", lambda error: said.append(f"{error} at {page.url}"))
    page.set_default_timeout(20_000)
    yield page
    context.close()
    refused = re.compile(r"status of (422|403|404|409)")
    assert [message for message in said if not refused.search(message)] == []


def sign_in(page, address, email=ADMINISTRATOR, password=PASSWORD):
    page.goto(f"{address}/sign-in")
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("main form.form button[type=submit]")
    page.wait_for_url(f"{address}/")


def choose(page, field, text):
    """Type into the box that replaced a list and take the first that is found."""
    box = page.locator(f"select#{field} + .pick")
    box.locator("input").click()
    box.locator("input").fill(text)
    box.locator("[role=option]").first.wait_for()
    box.locator("input").press("Enter")


CHECKER = "kiem.tra@lamgiang.example"
_SECOND = """
import sqlalchemy as sa
from drills import create_app
from drills.accounts.models import Grant, Person, Role
from drills.accounts.passwords import hashed
from drills.exercises.services import seed_series
from drills.extensions import db

with create_app().app_context():
    session = db.session
    first = session.scalars(sa.select(Person)).first()
    person = Person(name="Trần Văn Kiểm", email=CHECKER, unit_id=first.unit_id, active=True)
    person.password, person.grants = hashed(PASSWORD), [Grant(role=Role.SECURITY_TEAM)]
    session.add(person)
    seed_series(session)
    session.commit()
"""


@pytest.fixture
def office(installation):
    """A province where one person runs drills and another verifies; letters leave when told."""
    installation.set_up()
    installation.environment["DRILLS_TICK_SECONDS"] = "3600"
    script = f"CHECKER, PASSWORD = {CHECKER!r}, {PASSWORD!r}\n{_SECOND}"
    done = subprocess.run(
        [installation.python, "-c", script],
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    installation.start()
    return installation


def send(page):
    page.click("main form.form button[type=submit]")
    page.wait_for_load_state()


def enter(page, office, email):
    page.context.clear_cookies()
    sign_in(page, office.address, email)


def attach(page, name, text):
    page.set_input_files(
        "[name=file]", {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    )


def downloaded(page, press):
    """The bytes of the file that ``press`` brings."""
    with page.expect_download() as waiting:
        press()
    return waiting.value.path().read_bytes()


def linked(mailbox, part):
    """The newest link that a letter holds to an address with ``part`` in it."""
    letters = (message_from_bytes(one.content, policy=policy.default) for one in mailbox)
    bodies = (letter.get_body(("plain",)).get_content() for letter in letters)
    return [found for body in bodies for found in re.findall(rf"http\S*/{part}/\S+", body)][-1]
