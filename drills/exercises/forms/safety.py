"""The safety record of a live-fire drill, and what it found."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from drills.core.orm import TITLE_MAX
from drills.exercises.fields import SYSTEMS
from drills.exercises.forms.versions import VersionField
from drills.exercises.models import (
    SEVERITIES,
    Drill,
    SafetyDetails,
    SafetyRecord,
    Severity,
    Vulnerability,
    VulnerabilityDetails,
)
from drills.files.fields import AttachmentField
from drills.web.fields import ClockField, DayField, RowField
from drills.web.forms import Form

_MOMENTS = ("window_from", "window_to", "backup_at")


class SafetyForm(Form):
    """Moments are a day and a time in the zone of the drill."""

    authorisation_number = StringField(_l("Number of the authorisation"), [Length(max=TITLE_MAX)])
    authorisation_date = DayField(_l("Date of the authorisation"), [Optional()])
    file = AttachmentField(_l("The authorisation, signed"))
    rules = TextAreaField(
        _l("Rules of engagement"),
        description=_l("What may be done to which system, and what may not be touched."),
    )
    tools = TextAreaField(_l("Tools allowed"))
    depth = TextAreaField(
        _l("How deep it may go"),
        description=_l("For example: prove access, read nothing, change nothing."),
    )
    window_from_day = DayField(_l("Window: first day"), [Optional()])
    window_from_time = ClockField(_l("From"), [Optional()])
    window_to_day = DayField(_l("Window: last day"), [Optional()])
    window_to_time = ClockField(_l("Until"), [Optional()])
    stop_condition = TextAreaField(_l("When it has to stop"))
    stop_word = StringField(
        _l("Stop word"),
        [Length(max=TITLE_MAX)],
        description=_l("Whoever says or writes it stops the drill at once."),
    )
    rollback = TextAreaField(_l("The way back"))
    backup_at_day = DayField(_l("Backup taken on"), [Optional()])
    backup_at_time = ClockField(_l("Time of the backup"), [Optional()])
    backup_by = StringField(_l("Backup taken by"), [Length(max=TITLE_MAX)])
    backup_where = StringField(_l("Where the backup lies"), [Length(max=TITLE_MAX)])
    contact = StringField(_l("Contact on call"), [Length(max=TITLE_MAX)])
    contact_phone = StringField(_l("Phone of the contact"), [Length(max=TITLE_MAX)])
    version = VersionField()

    def validate_window_to_day(self, field: DayField) -> None:
        first, last = (self.window_from_day.data, field.data)
        if first and last and last < first:
            raise ValidationError(_("The window would close before it opens."))

    def details(self, drill: Drill) -> SafetyDetails:
        return self.to(SafetyDetails, **{name: self._moment(name, drill.zone) for name in _MOMENTS})

    def _moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """A first day without a time begins at midnight, a last one ends with the day."""
        day, at = self[f"{name}_day"].data, self[f"{name}_time"].data
        if day is None:
            return None
        default = time(23, 59) if name == "window_to" else time(0, 0)
        return datetime.combine(day, at or default, zone)


def safety_data(record: SafetyRecord | None, drill: Drill) -> dict[str, Any]:
    days = {*_MOMENTS, "authorisation_date"}
    names = [field for field in SafetyDetails.__dataclass_fields__ if field not in _MOMENTS]
    if record is None:
        return {name: "" for name in names if name not in days} | {"version": 0}
    shown: dict[str, Any] = {name: getattr(record, name) for name in (*names, "version")}
    for name in _MOMENTS:
        if at := getattr(record, name):
            local = at.astimezone(drill.zone)
            shown |= {f"{name}_day": local.date(), f"{name}_time": local.time()}
    return shown


class VulnerabilityForm(Form):
    severity = SelectField(
        _l("Severity"),
        choices=[SelectChoice(s.value, _l(label)) for s, label in SEVERITIES.items()],
        coerce=Severity,
        default=Severity.HIGH,
    )
    title = StringField(
        _l("Vulnerability"),
        [InputRequired(), Length(max=TITLE_MAX)],
        description=_l("What it is, without the way to use it."),
    )
    system_id = RowField(_l("System"), source=SYSTEMS)
    found_on = DayField(_l("Found on"), [InputRequired()])
    fix_by = DayField(_l("To be mended by"), [Optional()])
    fixed_on = DayField(_l("Mended on"), [Optional()])
    note = TextAreaField(_l("Remarks"))
    is_restricted = BooleanField(_l("Only for those who control the drill"), default=True)
    version = VersionField()

    def details(self, drill: Drill, before: Vulnerability | None) -> VulnerabilityDetails:
        """The moment of discovery keeps its time as long as its day is not changed."""
        if before and before.found_at.astimezone(drill.zone).date() == self.found_on.data:
            found_at = before.found_at
        else:
            assert self.found_on.data is not None
            found_at = datetime.combine(self.found_on.data, time(12, 0), drill.zone)
        return self.to(VulnerabilityDetails, found_at=found_at)


def vulnerability_data(one: Vulnerability, drill: Drill) -> dict[str, Any]:
    names = ("severity", "title", "system_id", "fix_by", "fixed_on", "note", "is_restricted")
    shown: dict[str, Any] = {name: getattr(one, name) for name in (*names, "version")}
    return shown | {"found_on": one.found_at.astimezone(drill.zone).date()}
