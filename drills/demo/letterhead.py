"""How the invented province writes its documents."""

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.documents import services as documents
from drills.documents.models import LetterheadDetails
from drills.units.models import Unit


def write(session: Session, root: Unit, *, by: Person | None) -> None:
    """The head and the signature of the province, unless somebody has written one before."""
    if documents.letterhead(session, root):
        return
    details = LetterheadDetails(
        unit_id=root.id,
        agency=root.name,
        authority=root.name,
        place="Lam Giang",
        signer_on_behalf="TM. ỦY BAN NHÂN DÂN",
        signer_for="KT. CHỦ TỊCH",
        signer_title="PHÓ CHỦ TỊCH",
        signer_name="Trần Quang Hải",
        recipients="Như trên\nCông an tỉnh (để phối hợp)\nLưu: VT, CNTT",
    )
    documents.keep_letterhead(session, details, by=by)
