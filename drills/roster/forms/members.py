from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice

from drills.web.forms import Form

XLSX, VCARD = "xlsx", "vcf"


class ExportForm(Form):
    kind = RadioField(
        _l("File"),
        choices=[
            SelectChoice(XLSX, _l("Excel sheet, which can be imported again")),
            SelectChoice(VCARD, _l("vCard, for address books and telephones")),
        ],
        default=XLSX,
    )
    is_open = BooleanField(
        _l("With personal data"),
        description=_l(
            "Addresses, numbers and education in full. Without it they are masked. That you took "
            "them out stands in the audit log."
        ),
    )
