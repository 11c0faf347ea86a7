"""What people type about a dossier and its papers."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from drills.approvals.models import OCCASIONS, PAPER_STATES, Occasion, PaperState, Regime
from drills.approvals.models.details import DossierDetails, PaperDetails
from drills.core.orm import TITLE_MAX
from drills.files.fields import AttachmentField, MarkingField
from drills.systems.models import LEVELS
from drills.web.fields import PersonField, UnitField
from drills.web.forms import Form

PROSE_MAX = 10_000


def choices(labels: Any) -> list[SelectChoice]:
    return [SelectChoice(str(key), _(label)) for key, label in labels.items()]


class Versioned(Form):
    """``version`` is the one the person had before them when they began to write."""

    version = HiddenField()

    def known_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isdecimal() else 0


class DossierForm(Versioned):
    regime_id = SelectField(_l("Rule set"), coerce=int)
    level = SelectField(_l("Level proposed"), coerce=int)
    occasion = SelectField(_l("Occasion"), coerce=Occasion)
    marking = MarkingField(_l("Marking"))
    appraising_unit_id = UnitField(_l("Unit that appraises"), empty=_l("A body outside"))
    appraising_body = StringField(
        _l("Body outside that appraises"),
        [Length(max=TITLE_MAX)],
        description=_l("Such as a ministry; left empty when a unit of ours appraises."),
    )
    independent_body = StringField(
        _l("Independent council or unit"),
        [Length(max=TITLE_MAX)],
        description=_l("Needed when the unit that appraises also operates the system."),
    )
    approving_unit_id = UnitField(_l("Unit that approves"), empty=_l("A body outside"))
    approving_body = StringField(
        _l("Body outside that approves"),
        [Length(max=TITLE_MAX)],
        description=_l("At level 5 the list is approved outside, the plan by the owner."),
    )
    appraiser_id = PersonField(_l("Asked to appraise"), empty=_l("Nobody in particular"))
    approver_id = PersonField(_l("Asked to decide"), empty=_l("Nobody in particular"))
    note = TextAreaField(_l("Note"), [Length(max=PROSE_MAX)], render_kw={"rows": 3})
    determination_id = HiddenField()

    def __init__(self, regimes: list[Regime], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.regime_id.choices = [SelectChoice(str(r.id), r.name) for r in regimes]
        self.level.choices = [SelectChoice(str(n), _("Level %(number)s", number=n)) for n in LEVELS]
        self.occasion.choices = choices(OCCASIONS)

    def details(self) -> DossierDetails:
        text = str(self.determination_id.data or "")
        return self.to(
            DossierDetails,
            determination_id=int(text) if text.isdecimal() else None,
            occasion=Occasion(self.occasion.data),
            marking=self.marking.marking,
        )


class PaperForm(Versioned):
    file = AttachmentField(
        _l("File"), description=_l("PDF, Word, Excel, image or ZIP. Earlier revisions are kept.")
    )
    marking = MarkingField(_l("Marking"))
    state = RadioField(_l("How far it is"), [InputRequired()], coerce=PaperState)
    note = TextAreaField(_l("Note"), [Length(max=PROSE_MAX)], render_kw={"rows": 3})

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.state.choices = choices(PAPER_STATES)

    def details(self) -> PaperDetails:
        return self.to(PaperDetails, state=PaperState(self.state.data))
