"""What the foundation promises about the data, on the database this suite runs on."""

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from drills.accounts.models import Person, Role
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.audit.models import Entry
from drills.extensions import db
from drills.systems.models import InformationSystem
from drills.units.models import Unit


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET verb = 'x'", "DELETE FROM audit_entry"]
)
def test_the_audit_trail_can_only_grow(session, make, statement):
    audit.record(session, "created", make.unit(), by=None)
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(sa.text(statement))


def test_the_audit_trail_notes_the_difference_even_if_a_query_flushes_midway(session, make):
    unit = make.unit(name="Cũ")
    with audit.changing(session, "revised", unit, by=None):
        unit.name = "Mới"
        session.scalars(sa.select(Unit)).all()
    assert session.scalars(sa.select(Entry.changes)).one() == {"name": ["Cũ", "Mới"]}


def test_nothing_changed_leaves_no_entry(session, make):
    unit = make.unit()
    with audit.changing(session, "revised", unit, by=None):
        unit.name = str(unit.name)
    assert session.scalars(sa.select(Entry)).all() == []


def test_no_update_is_lost_between_writers(app, make, session):
    unit = make.unit(contact_phone="0")
    session.commit()
    with app.app_context():
        factory = db.sessionmaker

    def add_ten():
        for _ in range(10):
            with factory.begin() as own:
                row = own.get_one(Unit, unit.id, with_for_update=True)
                row.contact_phone = str(int(row.contact_phone) + 1)

    threads = [threading.Thread(target=add_ten) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.refresh(unit)
    assert unit.contact_phone == "30"


def test_the_second_to_save_an_old_copy_is_told(app, make, session):
    unit = make.unit()
    session.commit()
    with app.app_context():
        factory = db.sessionmaker
    with factory() as other:
        other.get_one(Unit, unit.id).name = "Người kia sửa"
        other.commit()
    unit.name = "Tôi sửa"
    with pytest.raises(StaleDataError):
        session.flush()


def test_a_person_sees_their_own_branch_of_the_tree_only(session, make):
    health, schools = make.unit(), make.unit()
    clinic = make.unit(parent=health)
    officer = make.person(role=Role.UNIT_OFFICER, unit=health)
    seen = set(session.scalars(visible(Unit, officer)))
    assert seen == {health, clinic}
    assert schools not in seen
    make.system(owner=clinic)
    hidden = make.system(owner=schools)
    assert hidden not in session.scalars(visible(InformationSystem, officer)).all()


def test_people_sort_by_given_name(session, make):
    for name in ("Trần Văn Đức", "Nguyễn Thị Ánh", "Lê Văn Dũng", "Phạm Ân"):
        make.person(name=name)
    names = session.scalars(sa.select(Person.name).order_by(Person.sort)).all()
    assert names == ["Nguyễn Thị Ánh", "Phạm Ân", "Lê Văn Dũng", "Trần Văn Đức"]
