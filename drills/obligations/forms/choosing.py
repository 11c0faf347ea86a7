"""What a new rule is about: what meets the duty, of whom it is asked, how its time is counted."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from drills.core.text import N_
from drills.obligations.kinds.reading import CADENCE_KEYS
from drills.obligations.kinds.satisfaction import KINDS, Kind
from drills.obligations.models import SUBJECT_KINDS, SubjectKind
from drills.web.forms import Form

WAYS = {
    "rolling": N_("Every so many months, from the last time on"),
    "period": N_("Once in each period, such as a year"),
    "after": N_("Within days or hours of what happened"),
    "given": N_("As long as the record is good"),
}
"""How time is counted, by the keys of cadences in files."""
_TO_CHOOSE = ("rolling", "period")


@dataclass(frozen=True, slots=True)
class Choice:
    """Keys of ``KINDS``, ``SUBJECT_KINDS`` and ``WAYS`` that go together."""

    met_by: str
    subject: str
    way: str

    @property
    def labels(self) -> tuple[str, str, str]:
        """Msgids, in the same order."""
        return KINDS[self.met_by].label, _subject(self.subject), WAYS[self.way]

    def query(self) -> dict[str, str]:
        return asdict(self)


def _subject(key: str) -> str:
    return SUBJECT_KINDS[SubjectKind(key)]


def _names(labels: Iterable[str]) -> str:
    return ", ".join(_(label) for label in labels)


def _ways(kind: Kind) -> list[str]:
    return [CADENCE_KEYS[one] for one in kind.cadences]


class ChoiceForm(Form):
    """Sent in the address. Where there is but one possibility, nothing has to be chosen."""

    met_by = SelectField(_l("What meets the duty"), [InputRequired()])
    subject = RadioField(
        _l("Of whom"),
        choices=[SelectChoice(key.value, _l(label)) for key, label in SUBJECT_KINDS.items()],
        validate_choice=False,
        description=_l("Of whom it can be asked stands behind what meets the duty."),
    )
    way = RadioField(
        _l("How time is counted"),
        choices=[SelectChoice(key, _l(WAYS[key])) for key in _TO_CHOOSE],
        validate_choice=False,
        description=_l(
            "Heeded where there is a choice. A check, a decision and a certificate say themselves"
            " how long they are good; what follows an event is due so long after it."
        ),
    )
    step = HiddenField(default="2")
    """Without it in the address the form is filled in, but was not sent."""

    def offer(self) -> None:
        rows = [SelectChoice("", _("Choose what meets it"))]
        for key, kind in KINDS.items():
            subjects = _names(_subject(one) for one in kind.subjects)
            rows.append(SelectChoice(key, f"{_(kind.label)} · {subjects}"))
        self.met_by.choices = rows

    def validate_subject(self, field: RadioField) -> None:
        kind = KINDS.get(self.met_by.data or "")
        if kind and not field.data and len(kind.subjects) == 1:
            field.data = kind.subjects[0]
        if kind and field.data not in kind.subjects:
            possible = _names(_subject(one) for one in kind.subjects)
            raise ValidationError(_("This duty can be asked of: %(possible)s.", possible=possible))

    def validate_way(self, field: RadioField) -> None:
        kind = KINDS.get(self.met_by.data or "")
        ways = _ways(kind) if kind else []
        if len(ways) == 1:
            field.data = ways[0]
        if ways and field.data not in ways:
            possible = _names(WAYS[one] for one in ways)
            raise ValidationError(_("Its time can be counted so: %(possible)s.", possible=possible))

    def choice(self) -> Choice | None:
        """What was chosen, or None if nothing was yet or it does not go together."""
        return self.to(Choice) if self.step.raw_data and self.validate() else None
