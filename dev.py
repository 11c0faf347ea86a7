#!/usr/bin/env python3
"""The developer's three commands; nothing but Python 3.11 or newer is needed to start them.

python3 dev.py run  [options of drills serve]   pages and reminders on http://127.0.0.1:8000
python3 dev.py test [options of pytest]         every check; with options, pytest alone
python3 dev.py lock                             pin the dependencies anew
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

BUILD = "requirements-build.lock"
RUNTIME = "requirements.lock"
DEVELOPMENT = "requirements-dev.lock"
CONTAINED = {RUNTIME: (RUNTIME,), DEVELOPMENT: (DEVELOPMENT, RUNTIME)}
"""Which locks are satisfied when one is installed: the larger contains the smaller."""

SDIST_ONLY = "flask-principal"
DATABASE = "postgresql://drills:drills@127.0.0.1:5432/drills_test"
ENABLE_POSTGRESQL = (
    "sudo apt-get install -y postgresql && sudo -u postgres psql"
    " -c \"CREATE ROLE drills LOGIN PASSWORD 'drills'\""
    ' -c "CREATE DATABASE drills_test OWNER drills"'
)
ENABLE_CHROMIUM = "sudo apt-get install -y chromium fonts-noto-core"
SAME_ON_ANY_DATABASE = [
    "tests/core/test_cli.py",
    "tests/test_docs.py",
    "tests/test_house.py",
    "tests/test_translations.py",
    "tests/web",
    "tests/documents",
    "tests/demo/test_demo.py",
    "tests/exercises/test_secrecy.py::test_no_address_tells_what_has_not_been_released",
]
PARALLEL = ["-n", "auto", "--maxprocesses=4", "--dist=worksteal"]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def call(*command: object, quiet: bool = False, database: str = "") -> int:
    """The exit code of ``command``, run in the checkout; ``database`` is the tests' own."""
    words = [str(word) for word in command]
    output = subprocess.DEVNULL if quiet else None
    environment = os.environ | {"DRILLS_TEST_DATABASE_URL": database}
    # the tests start a hundred processes: without bytecode each would compile the program anew
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.call(words, cwd=ROOT, env=environment, stdout=output, stderr=output)


def insist(*command: object) -> None:
    if code := call(*command):
        sys.exit(code)


def become(*command: object) -> None:
    """Replace this process, so that signals and the exit code are the program's own."""
    os.chdir(ROOT)
    if os.name == "nt":
        sys.exit(call(*command))
    os.execv(str(command[0]), [str(word) for word in command])


def ready(lock: str) -> None:
    """Have ``.venv`` hold exactly what ``lock`` names; at once when nothing has changed."""
    stamp, wanted = VENV / lock, _fingerprint(lock)
    if PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    print(f"Installing {lock} into .venv …", file=sys.stderr, flush=True)
    pip = _environment()
    hashed = [*pip, "install", "-q", "--disable-pip-version-check", "--require-hashes"]
    binary = ["--only-binary=:all:", "--no-deps"]
    insist(*hashed, *binary, "-r", BUILD)
    insist(
        *hashed, *binary, f"--no-binary={SDIST_ONLY}", "--no-build-isolation", "--use-pep517",
        "-r", lock,
    )  # fmt: skip
    for name in CONTAINED[lock]:
        (VENV / name).write_text(_fingerprint(name), encoding="ascii")


def _fingerprint(lock: str) -> str:
    content = (ROOT / BUILD).read_bytes() + (ROOT / lock).read_bytes()
    return hashlib.sha256(sys.version.encode() + content).hexdigest()


def _environment() -> list[object]:
    """Make ``.venv`` if need be; the command of the pip that installs into it.

    Debian's Python comes without ``ensurepip``: then the system's pip, if there is one, works
    on the environment from outside.
    """
    own_pip = not call(sys.executable, "-m", "pip", "--version", quiet=True)
    if not PYTHON.exists():
        options = ["--without-pip"] if own_pip else []
        if call(sys.executable, "-m", "venv", *options, VENV):
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit("Python lacks venv or pip. On Debian: sudo apt-get install -y python3-venv")
    return [sys.executable, "-m", "pip", "--python", PYTHON] if own_pip else [PYTHON, "-m", "pip"]


def run(options: Sequence[str]) -> None:
    ready(RUNTIME)
    become(PYTHON, "-m", "drills", "serve", *options)


def test(options: Sequence[str]) -> None:
    ready(DEVELOPMENT)
    if options:
        become(PYTHON, "-m", "pytest", *options)
    must_have_all = os.environ.get("DRILLS_REQUIRE_ALL") == "1"
    failed = [name for name, command in _steps().items() if not _step(name, command)]
    missing = _missing()
    if "PostgreSQL" not in missing and not _pytest_on_postgresql():
        failed.append("pytest on PostgreSQL")
    for name, line in missing.items():
        print(f"\nSKIPPED: what needs {name} did not run. To enable it:\n    {line}")
        failed += [f"{name} is missing"] if must_have_all else []
    print("\nFailed: " + ", ".join(failed) if failed else "\nAll checks passed.")
    sys.exit(bool(failed))


def _steps() -> dict[str, list[object]]:
    python = [PYTHON, "-m"]
    return {
        "format": [*python, "ruff", "format", "--check", "-q", "."],
        "lint": [*python, "ruff", "check", "-q", "."],
        "types": [*python, "mypy"],
        "import contracts": [BIN / "lint-imports", "--no-logo"],
        "templates": [BIN / "djlint", "templates", "--lint", "--quiet"],
        "dependencies": [*python, "deptry", "."],
        "pytest": [*python, "pytest", "-q", *PARALLEL],
    }


def _step(name: str, command: Sequence[object], database: str = "") -> bool:
    """Run one check, say its name, time and verdict; whether it passed."""
    print(f"── {name}", flush=True)
    began = time.monotonic()
    code = call(*command, database=database)
    verdict = "FAILED" if code else "passed"
    print(f"── {name}: {verdict} in {time.monotonic() - began:.1f} s\n", flush=True)
    return code == 0


def _missing() -> dict[str, str]:
    """What this machine lacks for all checks to run, each with the line that mends it."""
    chromium = os.environ.get("DRILLS_CHROMIUM") or any(map(shutil.which, CHROMIUM_NAMES))
    lacking = {} if chromium else {"Chromium": ENABLE_CHROMIUM}
    probe = f"import psycopg; psycopg.connect({_database()!r}, connect_timeout=3).close()"
    if call(PYTHON, "-c", probe, quiet=True):
        lacking["PostgreSQL"] = ENABLE_POSTGRESQL
    return lacking


def _database() -> str:
    return os.environ.get("DRILLS_TEST_DATABASE_URL", DATABASE)


def _pytest_on_postgresql() -> bool:
    command = [PYTHON, "-m", "pytest", "-q", *PARALLEL, "-m", "not browser and not package"]
    command += [f"--deselect={name}" for name in SAME_ON_ANY_DATABASE]
    return _step("pytest on PostgreSQL", command, _database())


def lock(_options: Sequence[str]) -> None:
    ready(DEVELOPMENT)
    common = [
        "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header",
        "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "-q",
    ]  # fmt: skip
    compile_ = [PYTHON, "-m", "uv", "pip", "compile", *common]
    insist(*compile_, "requirements-build.in", "-o", BUILD)
    extras = ["--extra", "postgres", "--extra", "channels"]
    insist(*compile_, "pyproject.toml", *extras, "-o", RUNTIME)
    development = ["pyproject.toml", "requirements-dev.in", *extras, "-c", RUNTIME]
    insist(*compile_, *development, "-o", DEVELOPMENT)


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - the one place where it can be older
        sys.exit("Python 3.11 or newer is needed.")
    what, *options = sys.argv[1:] or ["help"]
    commands = {"run": run, "test": test, "lock": lock}
    if what not in commands:
        print(__doc__)
        sys.exit(0 if what in {"help", "-h", "--help"} else 2)
    commands[what](options)


if __name__ == "__main__":
    main()
