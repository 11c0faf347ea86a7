"""``drills msel`` on the command line."""

import json

import pytest
import sqlalchemy as sa

from drills.exercises.models import Inject
from tests.exercises.sheets import chronogram, workbook


@pytest.mark.parametrize(
    ("chosen", "ending"),
    [("ours", "xlsx"), ("standard", "csv"), ("mitre", "xlsx"), ("hseep", "csv"), ("cexf", "json")],
)
def test_what_is_exported_is_imported_without_difference(cli, make, tmp_path, chosen, ending):
    make.organisation()
    drill = make.drill()
    first, second = tmp_path / "in.xlsx", tmp_path / f"out.{ending}"
    first.write_bytes(workbook(chronogram("standard")))
    assert cli("msel", "import", drill.code, first).exit_code == 0
    assert cli("msel", "export", drill.code, second, "--set", chosen).exit_code == 0
    answer = json.loads(cli("msel", "import", drill.code, second, "--json").output)
    assert (answer["new"], answer["changed"], answer["unchanged"]) == (0, 0, 60)


def test_a_dry_run_changes_nothing(cli, make, session, tmp_path):
    make.organisation()
    drill, path = make.drill(), tmp_path / "in.xlsx"
    path.write_bytes(workbook(chronogram("hseep", 3)))
    answer = json.loads(cli("msel", "import", drill.code, path, "--dry-run", "--json").output)
    assert (answer["new"], answer["imported"]) == (3, False)
    assert session.scalar(sa.select(sa.func.count(Inject.id))) == 0


def test_every_bad_row_is_told_and_nothing_is_saved(cli, make, session, tmp_path):
    make.organisation()
    drill, path = make.drill(), tmp_path / "in.xlsx"
    rows = chronogram("mitre", 3)
    rows[1][1], rows[3][0] = "bậy", ""
    path.write_bytes(workbook(rows))
    result = cli("msel", "import", drill.code, path)
    assert result.exit_code == 1
    assert "2, Local Time “bậy”" in result.output
    assert "4, ID “”" in result.output
    assert session.scalar(sa.select(sa.func.count(Inject.id))) == 0


def test_a_drill_that_is_not_there_is_named(cli, make, tmp_path):
    make.organisation()
    path = tmp_path / "in.xlsx"
    path.write_bytes(workbook(chronogram("mitre", 1)))
    result = cli("msel", "import", "DT-1999-01", path)
    assert result.exit_code == 1
    assert "DT-1999-01" in result.output
