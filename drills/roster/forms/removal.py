from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from drills.core.orm import TITLE_MAX
from drills.roster.services.removal import RemovalDetails
from drills.web.forms import Form


class RemovalForm(Form):
    asked_by = StringField(
        _l("Who asked for it"),
        [InputRequired(), Length(max=TITLE_MAX)],
        description=_l("Such as “the person, by letter 12/2026”; without the name."),
    )
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=TITLE_MAX)])
    is_sure = BooleanField(_l("I know that this cannot be taken back."), [InputRequired()])

    def details(self) -> RemovalDetails:
        return self.to(RemovalDetails)
