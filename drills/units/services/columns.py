"""The columns of the list of units, as it is imported and exported."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core.tabular import Column
from drills.units.models import Unit

CODE = Column("code", "Mã đơn vị", "Code", ("Mã", "Ký hiệu", "Unit code"), required=True)
NAME = Column("name", "Tên đơn vị", "Name", ("Tên", "Đơn vị", "Unit name"), required=True)
TIER = Column("tier", "Cấp", "Tier", ("Cấp đơn vị", "Loại đơn vị", "Phân cấp", "Level", "Type"))
PARENT = Column(
    "parent",
    "Mã đơn vị cấp trên",
    "Parent code",
    ("Cấp trên", "Mã cấp trên", "Trực thuộc", "Đơn vị cấp trên", "Parent", "Parent unit"),
)
NAME_EN = Column("name_en", "Tên tiếng Anh", "Name in English", ("Tên EN", "English name"))
CONTACT = Column("contact_name", "Người liên hệ", "Contact", ("Đầu mối", "Contact person"))
EMAIL = Column(
    "contact_email", "Thư điện tử", "E-mail", ("Email", "E-mail liên hệ", "Hộp thư", "Mail")
)
PHONE = Column("contact_phone", "Điện thoại", "Phone", ("Số điện thoại", "SĐT", "ĐT", "Telephone"))
ADDRESS = Column("address", "Địa chỉ", "Address", ("Trụ sở",))
FROM = Column("active_from", "Hoạt động từ", "Active from", ("Từ ngày", "Ngày thành lập", "From"))
TO = Column("active_to", "Hoạt động đến", "Active to", ("Đến ngày", "Ngày kết thúc", "To", "Until"))

COLUMNS = (CODE, NAME, TIER, PARENT, NAME_EN, CONTACT, EMAIL, PHONE, ADDRESS, FROM, TO)
TEXTS = (NAME, NAME_EN, CONTACT, EMAIL, PHONE, ADDRESS)
DAYS = (FROM, TO)


def export_rows(session: Session, person: Person | None) -> Iterator[tuple[object, ...]]:
    """Every unit that ``person`` (nobody: the operator) may see, parents first."""
    above = aliased(Unit)
    query = sa.select(Unit) if person is None else visible(Unit, person)
    rows = query.outerjoin(above, Unit.parent_id == above.id).add_columns(above.code)
    depth = sa.func.length(Unit.path) - sa.func.length(sa.func.replace(Unit.path, ".", ""))
    for unit, parent_code in session.execute(rows.order_by(depth, Unit.sort, Unit.id)):
        yield (
            unit.code,
            unit.name,
            unit.tier.name_vi,
            parent_code,
            unit.name_en,
            unit.contact_name,
            unit.contact_email,
            unit.contact_phone,
            unit.address,
            unit.active_from,
            unit.active_to,
        )
