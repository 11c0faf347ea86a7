from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from drills.reminders.models import AMOUNT_MAX, LeadUnit
from drills.reminders.services import RuleDetails
from drills.web.forms import Form

UNITS = {LeadUnit.DAYS: _l("days before"), LeadUnit.HOURS: _l("hours before")}


class RuleForm(Form):
    amount = IntegerField(
        _l("How long before"), [InputRequired(), NumberRange(1, AMOUNT_MAX)], render_kw={"size": 4}
    )
    unit = SelectField(
        _l("Counted in"),
        choices=[SelectChoice(unit, label) for unit, label in UNITS.items()],
        description=_l("Days keep the local hour of the drill; hours are counted exactly."),
    )
    for_participants = BooleanField(_l("To everybody who takes part"), default=True)
    for_lead = BooleanField(_l("To the person who leads the drill"), default=True)

    def details(self) -> RuleDetails:
        return self.to(RuleDetails, unit=LeadUnit(self.unit.data))
