"""What people type around the list of injects."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from drills.core.orm import TITLE_MAX
from drills.exercises.models import AUDIENCES, Audience
from drills.web.forms import Form


class ColumnForm(Form):
    label = StringField(_l("Name of the column"), [InputRequired(), Length(max=TITLE_MAX)])
    audience = SelectField(_l("Who sees it"), coerce=Audience)
    is_for_all = BooleanField(_l("For every drill, not for this one alone"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.audience.choices = [SelectChoice(a.value, _(label)) for a, label in AUDIENCES.items()]


class MselFileForm(Form):
    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l("XLSX, CSV, or a CEXF document (JSON)."),
        render_kw={"accept": ".xlsx,.csv,.json"},
    )
