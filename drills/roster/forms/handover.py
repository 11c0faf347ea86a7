from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length, Optional

from drills.core.orm import TITLE_MAX
from drills.roster.services.handover import HandoverDetails
from drills.web.fields import DayField, PersonField
from drills.web.forms import Form


class HandoverForm(Form):
    successor_id = PersonField(_l("Successor"), [InputRequired()])
    on = DayField(_l("First day of the successor"), [InputRequired()])
    decision_number = StringField(_l("Decision number"), [Length(max=TITLE_MAX)], default="")
    decision_date = DayField(_l("Decision date"), [Optional()])

    def details(self) -> HandoverDetails:
        return self.to(HandoverDetails)
