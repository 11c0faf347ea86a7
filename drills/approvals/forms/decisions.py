"""What people type when they decide, and when they record what was decided before."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from drills.approvals.forms.dossiers import PROSE_MAX, Versioned, choices
from drills.approvals.models import ConditionDetails
from drills.approvals.models.details import Ruling
from drills.core.orm import TITLE_MAX
from drills.core.text import normal
from drills.systems.models import DECISION_KINDS, LEVELS, DecisionKind
from drills.web.fields import DayField

CONDITION_ROWS = 3


class ConditionRow(PlainForm):  # type: ignore[misc]
    text = StringField(_l("Condition"), [Length(max=PROSE_MAX)])
    due_on = DayField(_l("Due"))


class _Signed(Versioned):
    number = StringField(
        _l("Decision number"),
        [InputRequired(), Length(max=TITLE_MAX)],
        render_kw={"data-focus": True},
    )
    signed_on = DayField(_l("Date of the decision"), [InputRequired()])
    authority = StringField(_l("Authority that decided"), [InputRequired(), Length(max=TITLE_MAX)])
    signer = StringField(_l("Signer"), [InputRequired(), Length(max=TITLE_MAX)])
    signer_title = StringField(_l("Title of the signer"), [Length(max=TITLE_MAX)])
    valid_until = DayField(_l("Valid until"), description=_l("Empty: until it is superseded."))
    review_due_on = DayField(_l("Review due"))
    basis = TextAreaField(
        _l("Legal basis in addition"),
        [Length(max=PROSE_MAX)],
        description=_l("Only what the rule set does not say already."),
        render_kw={"rows": 2},
    )

    def _holds_together(self) -> bool:
        signed = self.signed_on.data
        for field in (self.valid_until, self.review_due_on):
            if signed and field.data and field.data <= signed:
                field.errors = [*field.errors, _("This day lies before the decision.")]
        return not self.errors

    def holds(self) -> bool:
        return bool(self.validate_on_submit()) and self._holds_together()


class DecisionForm(_Signed):
    """``step`` is ``record`` once the person has looked at what they are about to record."""

    kind = SelectField(_l("What is decided"), coerce=DecisionKind)
    conditions = FieldList(FormField(ConditionRow), min_entries=CONDITION_ROWS, max_entries=20)
    step = HiddenField()

    def __init__(self, kinds: list[DecisionKind], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind.choices = choices({kind: DECISION_KINDS[kind] for kind in kinds})

    def ruling(self, owner_id: int | None) -> Ruling:
        return self.to(
            Ruling, kind=DecisionKind(self.kind.data), conditions=self._conditions(owner_id)
        )

    def _conditions(self, owner_id: int | None) -> tuple[ConditionDetails, ...]:
        return tuple(
            ConditionDetails(text, owner_id, row.due_on.data)
            for row in self.conditions
            if (text := normal(row.text.data or ""))
        )


class BatchDecisionForm(_Signed):
    """One document for several systems."""

    step = HiddenField()

    def ruling(self) -> Ruling:
        return self.to(Ruling, kind=DecisionKind.LEVEL)


class HistoricalForm(_Signed):
    level = SelectField(_l("Level"), coerce=int)
    conditions = TextAreaField(_l("Conditions"), [Length(max=PROSE_MAX)], render_kw={"rows": 2})

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.level.choices = [SelectChoice(str(n), _("Level %(number)s", number=n)) for n in LEVELS]

    def holds_on(self, on: date) -> bool:
        if self.holds() and self.signed_on.data and self.signed_on.data > on:
            self.signed_on.errors = [_("This day lies in the future.")]
        return not self.errors and self.is_submitted()
