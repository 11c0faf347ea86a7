"""The wheel, made from the source archive, serves pages wherever it is installed."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.e2e.conftest import Installation

pytestmark = pytest.mark.package
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the source archive and the wheel made from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def test_the_wheel_carries_all_that_is_needed_and_nothing_else(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    for name in (
        "drills/config.py",
        "drills/templates/base.html",
        "drills/static/app.css",
        "drills/migrations/versions/0001_first_tables.py",
        "drills/translations/vi/shell.po",
        "drills/data/tiers.csv",
    ):
        assert name in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"drills"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_source_archive_can_be_developed_from(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"dev.py", "Makefile", "requirements.lock", "README.md", ".env.example"} <= names
    assert not {name for name in names if ".venv" in name or name.startswith("instance")}


def test_the_wheel_serves_its_first_page_from_elsewhere(built, tmp_path):
    python = installed(built, tmp_path / "venv")
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    installation = Installation(data, python=python, folder="/")
    said = installation.start()
    try:
        link = next(word for word in said.split() if "/first-run?token=" in word)
        assert "<h1" in installation.read(link)
        assert "{" in installation.read(f"{installation.address}/static/app.css")
    finally:
        installation.stop()


def installed(built, folder):
    """The Python of a new environment that sees the locked packages, and the wheel."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / "bin" / "python"
    site = next((folder / "lib").glob("python*")) / "site-packages"
    (site / "locked.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    return python
