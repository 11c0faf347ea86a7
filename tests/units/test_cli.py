import json

import pytest
import sqlalchemy as sa

from drills.units.models import Succession, Unit


@pytest.fixture
def root(make):
    return make.root()


def write(tmp_path, text, name="units.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def count(session):
    return session.scalar(sa.select(sa.func.count(Unit.id)))


def test_units_are_imported_all_or_none(cli, root, session, tmp_path):
    good = write(tmp_path, "Mã;Tên;Cấp;Lạ\nA;Sở A;Sở;x\nB;Sở B;;\n")
    dry = cli("units", "import", good, "--dry-run", "--json")
    assert (dry.exit_code, json.loads(dry.stdout)["new"], count(session)) == (0, 2, 1)
    assert "Lạ" in dry.stderr
    assert cli("units", "import", good).exit_code == 0
    assert count(session) == 3
    bad = cli("units", "import", write(tmp_path, "Mã;Tên;Cấp\nC;;Xyz\nD;D;Sở\n"))
    assert (bad.exit_code, count(session)) == (1, 3)
    assert "Row 2, Tên đơn vị" in bad.stderr
    assert "Row 2, Cấp, “Xyz”" in bad.stderr
    assert cli("units", "import", tmp_path / "none.csv").exit_code == 2


def test_what_is_exported_can_be_imported(cli, root, make, tmp_path):
    make.unit(name="Sở Y tế")
    for name in ("a.xlsx", "a.csv"):
        assert cli("units", "export", tmp_path / name).exit_code == 0
        again = cli("units", "import", tmp_path / name, "--json")
        assert json.loads(again.stdout)["unchanged"] == 2
    assert cli("units", "export", tmp_path / "a.doc").exit_code == 2


def test_all_provinces_are_loaded_and_may_be_loaded_again(cli, root, session):
    result = cli("units", "load-provinces", "--all", "--json")
    assert result.exit_code == 0, result.output
    assert count(session) >= 1 + 34 + 3321 + 52
    assert session.scalar(sa.select(sa.func.count(Succession.id))) == 52
    again = json.loads(cli("units", "load-provinces", "--all", "--json").stdout)
    assert again["new"] == 0
    assert cli("units", "load-provinces").exit_code == 2
    assert cli("units", "load-provinces", "--province", "Kon Tum").exit_code == 1
