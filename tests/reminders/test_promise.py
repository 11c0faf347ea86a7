"""The fault bench in its short form: see ``bench.faults``."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import POSTGRESQL

ROOT = Path(__file__).parents[2]


def test_whatever_goes_wrong_nothing_is_lost_and_nothing_doubled_outside_the_window(template):
    command = [sys.executable, "-m", "bench.faults", "--short", *filter(None, [POSTGRESQL])]
    found = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert found.returncode == 0, found.stdout + found.stderr
    total = found.stdout.splitlines()[-1]
    assert total.startswith("ALL")
    assert "lost 0  doubled outside the window 0" in total
