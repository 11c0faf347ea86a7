"""What people type about reminders: rules, a pause, their own settings."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from drills.core.text import N_, named
from drills.reminders.kinds import AUDIENCES, Direction, Kind, LeadUnit
from drills.reminders.models import (
    AMOUNT_MAX,
    CHANNEL_POLICIES,
    HOURS,
    MORNING,
    URL_MAX,
    ChannelPolicy,
    Hours,
)
from drills.reminders.services import RuleDetails
from drills.reminders.services.personal import SettingDetails, optional_kinds
from drills.reminders.services.state import SendingDetails
from drills.web.fields import ClockField, DayField, PeopleField, PersonField, TicksField
from drills.web.forms import Form

UNITS = named(
    {
        LeadUnit.DAYS: N_("days"),
        LeadUnit.HOURS: N_("hours"),
        LeadUnit.WORKING_DAYS: N_("working days"),
    }
)
DIRECTIONS = named(
    {Direction.BEFORE: N_("before it is due"), Direction.AFTER: N_("after it was due")}
)
REASON_MAX = 500
LIMIT_MAX = 100_000


def _choices(labels: dict[Any, str]) -> list[SelectChoice]:
    return [SelectChoice(key, _l(label)) for key, label in labels.items()]


class RuleForm(Form):
    """One rule of ``kind``, which says whom there is to remind."""

    amount = IntegerField(_l("How long"), [InputRequired(), NumberRange(0, AMOUNT_MAX)])
    unit = SelectField(_l("Counted in"), choices=_choices(UNITS))
    direction = SelectField(_l("Before or after"), choices=_choices(DIRECTIONS))
    at_time = ClockField(_l("At what time"), [Optional()])
    audiences = TicksField(_l("To whom"))
    person_ids = PeopleField(
        _l("And to these people"), [Optional()], description=_l("Of what they may see.")
    )
    hours = SelectField(_l("In which hours"), choices=_choices(HOURS))
    channel = SelectField(_l("By which way"), choices=_choices(CHANNEL_POLICIES))
    is_digest = BooleanField(_l("Wait for the daily digest of each person"))

    def __init__(self, kind: Kind, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind = kind
        self.audiences.choices = [SelectChoice(key, _(AUDIENCES[key])) for key in kind.audiences]
        if kind.is_immediate:
            for name in ("amount", "unit", "direction", "at_time"):
                del self[name]
        if not kind.groups:
            del self.is_digest

    def details(self) -> RuleDetails:
        """What an immediate kind is not asked stays as such kinds have it: at once."""
        at_once: dict[str, Any] = {
            "amount": 0,
            "unit": LeadUnit.HOURS,
            "direction": Direction.AFTER,
        }
        shown = (
            at_once
            if self.kind.is_immediate
            else {
                "amount": self.amount.data,
                "unit": LeadUnit(self.unit.data),
                "direction": Direction(self.direction.data),
                "at_time": self.at_time.data or MORNING,
            }
        )
        return RuleDetails(
            **shown,
            kind=self.kind.key,
            audiences=frozenset(self.audiences.data or ()),
            hours=Hours(self.hours.data),
            channel=ChannelPolicy(self.channel.data),
            is_digest=bool(self.kind.groups and self.is_digest.data),
            person_ids=tuple(self.person_ids.data),
        )


class PauseForm(Form):
    reason = TextAreaField(
        _l("Why nothing is to be sent"),
        [InputRequired(), Length(max=REASON_MAX)],
        description=_l("Everybody who opens the reminders reads it."),
        render_kw={"rows": 3},
    )


class SettingForm(Form):
    """One's own. Of a daily digest the hour is asked, and nothing of it means none."""

    digest_at = ClockField(
        _l("Daily digest at"),
        [Optional()],
        description=_l(
            "What can wait comes in one message a day, at this hour. Empty: each by itself."
        ),
    )
    away_from = DayField(_l("Away from"), [Optional()])
    away_to = DayField(_l("Away until"), [Optional()])
    deputy_id = PersonField(
        _l("Who stands in"),
        [Optional()],
        empty=_l("Nobody"),
        description=_l("They get your messages too, as far as they may see what it is about."),
    )
    kinds = TicksField(
        _l("Messages you may do without"),
        description=_l("Everything else is a duty and always comes."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kinds.choices = [SelectChoice(one.key, _(one.label)) for one in optional_kinds()]
        if not self.kinds.choices:
            del self.kinds

    def details(self) -> SettingDetails:
        kinds = frozenset(self.kinds.data or ()) if "kinds" in self else frozenset()
        return self.to(SettingDetails, kinds=kinds)


class SendingForm(Form):
    """Hours and limits of the whole installation."""

    quiet_from = ClockField(_l("Quiet from"), [Optional()])
    quiet_to = ClockField(_l("Quiet until"), [Optional()])
    per_minute = IntegerField(_l("Messages a minute"), [Optional(), NumberRange(0, LIMIT_MAX)])
    per_domain = IntegerField(
        _l("Messages a minute to one domain"), [Optional(), NumberRange(0, LIMIT_MAX)]
    )

    def __init__(self, config: Mapping[str, Any], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("per_minute", "per_domain"):
            setting = config[f"MAIL_{name.upper()}"]
            said = _("Empty: %(num)s, as the operator has set. 0: no limit.", num=setting)
            self[name].description = said if setting else _("Empty or 0: no limit.")

    def details(self) -> SendingDetails:
        return self.to(SendingDetails)


class ChannelForm(Form):
    url = StringField(
        _l("Address of the channel"),
        [InputRequired(), Length(max=URL_MAX)],
        description=_l("It holds tokens: it is kept, and never shown again."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
