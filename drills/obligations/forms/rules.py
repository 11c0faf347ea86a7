"""What people type about a rule: its name, a new version of it, a whole file."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from drills.core.days import read_date
from drills.core.orm import TITLE_MAX
from drills.obligations.models import RuleDetails, RuleVersion, VersionDetails
from drills.web.fields import DayField
from drills.web.forms import Form

TEXT_MAX = 4000
FILE_MAX = 200_000
_LEAP_YEAR = "2024"


class RuleForm(Form):
    title_vi = StringField(_l("Name in Vietnamese"), [InputRequired(), Length(max=TITLE_MAX)])
    title_en = StringField(_l("Name in English"), [Length(max=TITLE_MAX)])
    counted_from = DayField(
        _l("Counted from"),
        [InputRequired()],
        description=_l("Nobody owes anything for the time before this day."),
    )
    ends_on = DayField(_l("In force up to and with"))
    is_active = BooleanField(_l("In force"))
    reminds = BooleanField(
        _l("Send reminders"),
        description=_l("Untick where reminders of another kind are sent for the same thing."),
    )

    def applied(self, rule: RuleDetails) -> RuleDetails:
        names = ("title_vi", "title_en", "counted_from", "ends_on", "is_active", "reminds")
        return replace(rule, **{name: self[name].data for name in names})


def _month_day(text: str) -> str:
    """``20/12`` as ``12-20``, empty if it is no day of every year."""
    found = read_date(f"{text.strip()}/{_LEAP_YEAR}") if text.strip() else None
    return f"{found:%m-%d}" if found and (found.month, found.day) != (2, 29) else ""


def _as_written(value: str | None) -> str:
    return "/".join(reversed(value.split("-"))) if value else ""


class _DayOfYearField(StringField):  # type: ignore[misc]
    """A day of every year, typed as 20/12, handed over as 12-20."""

    def process_data(self, value: Any) -> None:
        self.data = _as_written(value)

    def pre_validate(self, _form: Any) -> None:
        if self.data and not _month_day(self.data):
            raise ValidationError(_("Write a day of every year, such as 20/12."))

    @property
    def value(self) -> str | None:
        return _month_day(self.data or "") or None


class VersionForm(Form):
    """Only the fields stay that the rule's way of counting has."""

    valid_from = DayField(
        _l("Valid from"),
        [InputRequired()],
        description=_l("A period that has begun by then runs to its end as it was."),
    )
    months = IntegerField(_l("Every how many months"), [InputRequired(), NumberRange(1, 120)])
    starts = _DayOfYearField(_l("A period begins on"), [Optional()])
    before = _DayOfYearField(
        _l("Due before"),
        [Optional()],
        description=_l("Strictly: before 20/12 means 19/12 at the latest."),
    )
    days = IntegerField(_l("Within how many days"), [InputRequired(), NumberRange(1, 366)])
    hours = IntegerField(_l("Within how many hours"), [InputRequired(), NumberRange(1, 744)])
    first_due = DayField(_l("The first by"))
    grace_days = IntegerField(
        _l("Days of grace"), [InputRequired(), NumberRange(0, 366)], default=0
    )
    lead = StringField(
        _l("Remind so many days before"),
        [Length(max=TITLE_MAX)],
        description=_l("Numbers parted by commas. From the greatest on it counts as due soon."),
    )
    legal_basis = TextAreaField(_l("Legal basis"), [Length(max=TEXT_MAX)])
    article = StringField(_l("Article"), [Length(max=TITLE_MAX)])
    source = TextAreaField(_l("Source and notes"), [Length(max=TEXT_MAX)])
    is_local_choice = BooleanField(_l("Local choice: the law sets no such value"))

    @classmethod
    def of(cls, version: RuleVersion) -> "VersionForm":
        lead = ", ".join(str(day) for day in version.lead_days)
        given = {name: version.cadence.get(name) for name in _FIELDS}
        form = cls(obj=version, data={**given, "lead": lead})
        kept = _KEPT[version.cadence["kind"]]
        if version.cadence["kind"] == "after":
            kept = {"hours"} if "hours" in version.cadence else {"days"}
        for name in _FIELDS - kept:
            delattr(form, name)
        return form

    def validate_lead(self, field: StringField) -> None:
        parts = [part.strip() for part in (field.data or "").split(",") if part.strip()]
        if not all(part.isdigit() and int(part) <= 366 for part in parts):
            raise ValidationError(_("Write whole numbers of days up to 366, such as 30, 7, 1."))

    def details(self, before: RuleVersion) -> VersionDetails:
        """The version, with the scope of the one before."""
        days = {int(part) for part in (self.lead.data or "").split(",") if part.strip()}
        assert self.valid_from.data
        return VersionDetails(
            valid_from=self.valid_from.data,
            cadence=self._cadence(before.cadence["kind"]),
            scope=before.scope,
            legal_basis=self.legal_basis.data or "",
            article=self.article.data or "",
            source=self.source.data or "",
            is_local_choice=bool(self.is_local_choice.data),
            grace_days=self.grace_days.data or 0,
            lead_days=tuple(sorted(days, reverse=True)),
        )

    def _cadence(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": kind}
        for name in sorted(_FIELDS & set(self._fields)):
            field = self[name]
            value: Any = field.value if isinstance(field, _DayOfYearField) else field.data
            if value:
                found[name] = value.isoformat() if name == "first_due" else value
        return found


_KEPT: dict[str, set[str]] = {
    "rolling": {"months"},
    "period": {"months", "starts", "before"},
    "after": {"days", "hours"},
    "given": {"first_due"},
}
_FIELDS = {name for names in _KEPT.values() for name in names}


class FileForm(Form):
    text = TextAreaField(
        _l("Rules as TOML or JSON"),
        [InputRequired(), Length(max=FILE_MAX)],
        description=_l("A rule whose key is known is revised, any other is added."),
        render_kw={"rows": 20, "spellcheck": "false"},
    )
    confirmed = HiddenField()
