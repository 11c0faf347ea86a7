import io
from datetime import date
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from drills.audit.models import Entry
from drills.core import tabular
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.units import services
from drills.units.models import Merger, RankingDetails, Succession, Tier, Unit, UnitDetails
from drills.units.services import provinces

LEFT = date(2025, 6, 30)
ON = date(2025, 7, 1)


@pytest.fixture
def tiers(session):
    return services.seed_tiers(session)


def details(make, code="SYT", name="Sở Y tế", **given):
    defaults = {"parent_id": make.root().id, "tier_id": make.tier().id}
    return UnitDetails(code=code, name=name, **defaults | given)


def verbs(session, unit):
    query = sa.select(Entry.verb).where(Entry.subject_kind == "unit", Entry.subject_id == unit.id)
    return list(session.scalars(query.order_by(Entry.id)))


def sheet(text):
    return tabular.read(io.BytesIO(text.encode()), "units.csv", limit=1000)


def planned(session, text):
    return services.plan_import(session, sheet(text))


def test_tiers_are_seeded_once(session):
    services.seed_tiers(session)
    first = session.scalar(sa.select(sa.func.count(Tier.id)))
    services.seed_tiers(session)
    assert session.scalar(sa.select(sa.func.count(Tier.id))) == first >= 8


def test_a_unit_stands_under_its_parent_and_is_found_without_accents(session, make):
    unit = services.create_unit(session, details(make), by=None)
    assert unit.path == f"{make.root().path}{unit.id}."
    assert unit.search == "syt so y te"
    assert verbs(session, unit) == ["created"]


def test_only_the_first_unit_has_no_parent(session, tiers):
    root = UnitDetails("UBND", "UBND tỉnh", tiers["province"].id, None)
    assert services.create_unit(session, root, by=None).path
    with pytest.raises(DomainError, match="organisation already"):
        services.create_unit(session, UnitDetails("X", "X", tiers["other"].id, None), by=None)


def test_a_code_is_given_once(session, make):
    services.create_unit(session, details(make), by=None)
    with pytest.raises(DomainError, match="belongs to “Sở Y tế”"):
        services.create_unit(session, details(make, name="Khác"), by=None)


def test_moving_a_unit_takes_its_tree_along(session, make):
    one, two = make.unit(), make.unit()
    child = make.unit(parent=one)
    leaf = make.unit(parent=child)
    moved = UnitDetails(child.code, child.name, child.tier_id, two.id)
    services.revise(session, child, moved, by=None)
    session.refresh(leaf)
    assert child.path == f"{two.path}{child.id}."
    assert leaf.path == f"{child.path}{leaf.id}."
    assert verbs(session, child) == ["revised"]


def test_a_unit_cannot_come_under_itself(session, make):
    one = make.unit()
    child = make.unit(parent=one)
    with pytest.raises(DomainError, match="under itself"):
        services.revise(
            session, one, UnitDetails(one.code, one.name, one.tier_id, child.id), by=None
        )


def test_who_saves_second_is_told(session, make):
    unit = make.unit()
    with pytest.raises(Conflict):
        services.revise(session, unit, details(make), by=None, version=unit.version - 1)


def test_a_merger_moves_what_belongs_and_keeps_what_happened(session, make):
    by = make.person()
    old, new = make.unit(name="Sở Thông tin"), make.unit(name="Sở Khoa học")
    person = make.person(unit=old, scope_id=old.id)
    system, team = make.system(owner=old), make.team(unit=old)
    drill = make.drill(unit=old)
    child = make.unit(parent=old)
    gone = make.unit(parent=old, active_to=date(2020, 1, 1))
    version = system.version
    (succession,) = services.merge(session, new, Merger((old.id,), ON, "15/NQ-HĐND"), by=by)
    for thing in (person, system, team, drill, child, gone, old):
        session.refresh(thing)
    assert {person.unit_id, person.scope_id, system.owner_id, system.operator_id} == {new.id}
    assert (team.unit_id, child.parent_id) == (new.id, new.id)
    assert child.path == f"{new.path}{child.id}."
    assert (drill.unit_id, gone.parent_id, old.active_to) == (old.id, old.id, LEFT)
    assert system.version > version
    assert succession.moved == {
        "person.unit_id": [person.id],
        "person.scope_id": [person.id],
        "system.owner_id": [system.id],
        "system.operator_id": [system.id],
        "team.unit_id": [team.id],
        "unit.parent_id": [child.id],
    }
    assert (verbs(session, old), verbs(session, new)) == (["merged"], ["took over"])


def test_several_units_merge_at_once_or_not_at_all(session, make):
    one, two, ended = make.unit(), make.unit(), make.unit(active_to=date(2020, 1, 1))
    new = make.unit()
    with pytest.raises(NotAllowedNow, match="not active"):
        services.merge(session, new, Merger((one.id, ended.id), ON, ""), by=None)
    assert session.get(Unit, one.id).active_to is None
    assert len(services.merge(session, new, Merger((one.id, two.id), ON, ""), by=None)) == 2


def test_what_cannot_merge_says_why(session, make):
    parent = make.unit()
    child = make.unit(parent=parent)
    for successor, predecessor, said in (
        (child, parent, "lies under"),
        (child, child, "from itself"),
        (child, make.root(), "organisation itself"),
    ):
        with pytest.raises(DomainError, match=said):
            services.merge(session, successor, Merger((predecessor.id,), ON, ""), by=None)


def test_a_rank_keeps_its_denominator_and_source(session, make):
    unit = make.root()
    given = RankingDetails("Hệ thống được phê duyệt", 3, 63, "63 tỉnh", LEFT, "Bộ TT&TT")
    assert services.add_ranking(session, unit, given, by=None).out_of == 63
    assert verbs(session, unit) == ["ranked"]
    with pytest.raises(DomainError, match="larger"):
        services.add_ranking(session, unit, RankingDetails("x", 64, 63, "", LEFT, ""), by=None)


def test_parents_may_come_after_their_children(session, make, tiers):
    make.root()
    plan = planned(session, "Mã;Tên;Cấp;Cấp trên\nB2;Phòng;Đơn vị trực thuộc;A1\nA1;Sở;sở;\n")
    services.carry_out(session, plan, by=None)
    top, below = (session.scalar(sa.select(Unit).where(Unit.code == c)) for c in ("A1", "B2"))
    assert top.path == f"{make.root().path}{top.id}."
    assert below.path == f"{top.path}{below.id}."
    assert (top.tier.code, below.tier.code) == ("department", "subordinate")
    assert verbs(session, below) == ["created"]


def test_every_bad_row_is_told_at_once_and_nothing_is_saved(session, make, tiers):
    make.root()
    plan = planned(
        session,
        "Mã;Tên;Cấp;Cấp trên;Email;Từ ngày;Đến ngày\n"
        ";Không mã;;;;;\n"
        "A;Một;;;;;\n"
        "A;Hai;;;;;\n"
        "C;Ba;Sởx;;a b;31/02/2025;\n"
        "D;Bốn;;E;;;\n"
        "E;Năm;;D;;;\n"
        "F;Sáu;;ZZ;;;\n"
        "G;Bảy;;;;2025-07-01;30/06/2025\n",
    )
    found = {(p.row, p.column, p.value) for p in plan.problems}
    assert found == {
        (2, "Mã đơn vị", ""),
        (3, "Mã đơn vị", "A"),
        (4, "Mã đơn vị", "A"),
        (5, "Cấp", "Sởx"),
        (5, "Thư điện tử", "a b"),
        (5, "Hoạt động từ", "31/02/2025"),
        (6, "Mã đơn vị cấp trên", "E"),
        (7, "Mã đơn vị cấp trên", "D"),
        (8, "Mã đơn vị cấp trên", "ZZ"),
        (9, "Hoạt động đến", "30/06/2025"),
    }
    assert all(p.remedy and p.remedy % p.values and p.reason % p.values for p in plan.problems)
    with pytest.raises(DomainError, match="mistakes"):
        services.carry_out(session, plan, by=None)


def test_changes_are_shown_cell_by_cell(session, make, tiers):
    parent = make.unit(code="P")
    unit = make.unit(code="A", name="Cũ", contact_phone="1", tier=tiers["department"])
    same = make.unit(code="B", name="Giữ", tier=tiers["department"])
    plan = planned(session, "Mã;Tên;Điện thoại;Cấp trên;Màu\nA;Mới;;P;đỏ\nB;Giữ;;;\n")
    (change,) = plan.changed
    assert [(column.key, old, new) for column, old, new in change.cells] == [
        ("name", "Cũ", "Mới"),
        ("contact_phone", "1", ""),
        ("parent", "ROOT", "P"),
    ]
    assert (plan.unchanged, plan.ignored) == (1, ["Màu"])
    services.carry_out(session, plan, by=None)
    session.refresh(unit)
    assert (unit.name, unit.path, same.name) == ("Mới", f"{parent.path}{unit.id}.", "Giữ")
    assert verbs(session, unit) == ["revised"]


def test_a_large_list_is_planned_and_saved_with_few_statements(session, make, tiers, queries):
    make.root()
    lines = "".join(f"X{n};Xã {n};Xã;T\n" for n in range(500))
    with queries() as seen:
        plan = planned(session, f"Mã;Tên;Cấp;Cấp trên\nT;Tỉnh;Tỉnh;\n{lines}")
        services.carry_out(session, plan, by=None)
    assert len(plan.new) == 501

    assert len(seen) < 40


def test_a_province_is_loaded_with_its_past(session, make):
    make.root()
    plan = services.load_provinces(session, "quang ngai", by=None)
    now = session.scalar(sa.select(Unit).where(Unit.code == "DVHC-51"))
    assert (now.name, now.tier.code, now.active_from) == ("Tỉnh Quảng Ngãi", "province", ON)
    communes = sa.select(sa.func.count(Unit.id)).where(Unit.parent_id == now.id)
    assert session.scalar(communes) == 96
    before = session.scalars(sa.select(Succession).where(Succession.successor_id == now.id)).all()
    assert {one.predecessor.name for one in before} == {"Tỉnh Quảng Ngãi", "Tỉnh Kon Tum"}
    assert {one.predecessor.active_to for one in before} == {LEFT}
    again = services.load_provinces(session, "51", by=None)
    assert (len(plan.new) >= 99, len(again.new), again.unchanged) == (True, 0, len(plan.new))


def test_an_unmerged_province_has_no_predecessor(session, make):
    make.root()
    services.load_provinces(session, "Huế", by=None)
    assert session.scalar(sa.select(sa.func.count(Succession.id))) == 0
    with pytest.raises(DomainError, match="no province"):
        services.load_provinces(session, "Kon Tum", by=None)


def test_districts_are_history_where_the_library_knows_them(session, make, monkeypatch):
    make.root()
    known = SimpleNamespace(code=535, name="Huyện Lý Sơn", province_code=51)
    monkeypatch.setattr(provinces, "_districts", lambda: [known])
    services.load_provinces(session, "51", by=None)
    district = session.scalar(sa.select(Unit).where(Unit.code == "DVHC-535-2025"))
    assert (district.parent.name, district.active_to) == ("Tỉnh Quảng Ngãi", LEFT)
    assert district.parent.code == "DVHC-51-2025"
