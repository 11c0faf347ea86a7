"""What people type about a rule: its name, a version of it, both for a new one, a whole file."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, Self

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
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from drills.core.days import read_date
from drills.core.orm import TITLE_MAX
from drills.obligations.forms.choosing import Choice
from drills.obligations.forms.grouped import GroupedForm, Groups
from drills.obligations.forms.scope import ScopeForm
from drills.obligations.kinds.cadence import MONTHS_OF_YEAR
from drills.obligations.models import ObligationRule, RuleDetails, SubjectKind, VersionDetails
from drills.web.fields import DayField
from drills.web.forms import Form

TEXT_MAX = 4000
FILE_MAX = 200_000
_LEAP_YEAR = "2024"
_KEPT: Mapping[str, frozenset[str]] = {
    "rolling": frozenset({"months"}),
    "period": frozenset({"months", "starts", "before"}),
    "after": frozenset({"days", "hours"}),
    "given": frozenset({"first_due"}),
}
"""Which fields each way of counting has."""
_COUNTING = ("months", "starts", "before", "days", "hours", "first_due")


class RuleForm(GroupedForm):
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

    groups: ClassVar[Groups] = (
        (
            _l("The rule"),
            ("title_vi", "title_en", "counted_from", "ends_on", "is_active", "reminds"),
        ),
    )

    def applied(self, rule: RuleDetails) -> RuleDetails:
        names = RuleForm.groups[0][1]
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


def _days_or_hours(form: "VersionForm", field: IntegerField) -> None:
    if len([one for one in (form.days, form.hours) if any(one.raw_data or ())]) != 1:
        field.errors = []
        raise StopValidation(_("Write either days or hours, one of the two."))


class VersionForm(ScopeForm):
    """Only the fields stay that the rule's way of counting has."""

    valid_from = DayField(
        _l("Valid from"),
        [InputRequired()],
        description=_l("A period that has begun by then runs to its end as it was."),
    )
    months = IntegerField(_l("Every how many months"), [InputRequired(), NumberRange(1, 120)])
    starts = _DayOfYearField(
        _l("A period begins on"),
        [Optional()],
        description=_l("Left empty: on the day it is due before, or else on 1 January."),
    )
    before = _DayOfYearField(
        _l("Due before"),
        [Optional()],
        description=_l("Strictly: before 20/12 means 19/12 at the latest."),
    )
    days = IntegerField(
        _l("Within how many days"),
        [_days_or_hours, Optional(), NumberRange(1, 366)],
        description=_l("Write either days or hours, one of the two."),
    )
    hours = IntegerField(_l("Within how many hours"), [Optional(), NumberRange(1, 744)])
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

    groups: ClassVar[Groups] = (
        (_l("How often"), ("valid_from", *_COUNTING, "grace_days", "lead")),
        *ScopeForm.groups,
        (_l("Basis and source"), ("legal_basis", "article", "source", "is_local_choice")),
    )
    way = ""
    """How it is counted, a key of ``_KEPT``."""

    @classmethod
    def of(cls, subject: str, way: str, tiers: Iterable[tuple[str, str]], **given: Any) -> Self:
        """A form for what is counted in a ``way``, asked of a kind of ``subject``."""
        form = cls(**given)
        form.way = way
        for name in set(_COUNTING) - _KEPT[way]:
            del form[name]
        form.narrow(subject, tiers)
        return form

    @classmethod
    def after(cls, rule: ObligationRule, tiers: Iterable[tuple[str, str]]) -> Self:
        """A form for the next version of a rule, filled in as the last one."""
        last = rule.versions[-1]
        counted = {name: last.cadence.get(name) for name in _COUNTING}
        lead = ", ".join(str(day) for day in last.lead_days)
        data = {**last.scope, **counted, "lead": lead}
        return cls.of(rule.subject_kind, last.cadence["kind"], tiers, obj=last, data=data)

    def validate_lead(self, field: StringField) -> None:
        parts = [part.strip() for part in (field.data or "").split(",") if part.strip()]
        if not all(part.isdigit() and int(part) <= 366 for part in parts):
            raise ValidationError(_("Write whole numbers of days up to 366, such as 30, 7, 1."))

    def details(self) -> VersionDetails:
        days = {int(part) for part in (self.lead.data or "").split(",") if part.strip()}
        assert self.valid_from.data
        return VersionDetails(
            valid_from=self.valid_from.data,
            cadence=self._cadence(),
            scope=self.scope(),
            legal_basis=self.legal_basis.data or "",
            article=self.article.data or "",
            source=self.source.data or "",
            is_local_choice=bool(self.is_local_choice.data),
            grace_days=self.grace_days.data or 0,
            lead_days=tuple(sorted(days, reverse=True)),
        )

    def _cadence(self) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": self.way}
        for name in sorted(set(_COUNTING) & set(self._fields)):
            field = self[name]
            value: Any = field.value if isinstance(field, _DayOfYearField) else field.data
            if value:
                found[name] = value.isoformat() if name == "first_due" else value
        return found


class NewRuleForm(RuleForm, VersionForm):
    """A rule and its first version. Of whom, and what meets it, was chosen before."""

    groups: ClassVar[Groups] = (*RuleForm.groups, *VersionForm.groups)

    @classmethod
    def begun(cls, choice: Choice, tiers: Iterable[tuple[str, str]], on: date) -> Self:
        """A form filled in with what is most likely: from the year of ``on``, every year."""
        first = date(on.year, 1, 1)
        likely = {"months": MONTHS_OF_YEAR, "is_active": True, "reminds": True, "lead": "30, 7"}
        data = {**likely, "counted_from": first, "valid_from": first}
        return cls.of(choice.subject, choice.way, tiers, data=data)

    def rule(self, choice: Choice, key: str) -> RuleDetails:
        subject, versions = SubjectKind(choice.subject), (self.details(),)
        return self.applied(RuleDetails(key, "", "", subject, choice.met_by, versions))


class FileForm(Form):
    text = TextAreaField(
        _l("Rules as TOML or JSON"),
        [InputRequired(), Length(max=FILE_MAX)],
        description=_l("A rule whose key is known is revised, any other is added."),
        render_kw={"rows": 20, "spellcheck": "false"},
    )
    confirmed = HiddenField()
