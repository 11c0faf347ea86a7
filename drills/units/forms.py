"""What people type about units."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import FileField, HiddenField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core import tabular
from drills.core.orm import CODE_MAX, NAME_MAX, PHONE_MAX, TITLE_MAX
from drills.units.models import Tier, Unit
from drills.units.services.lists import ACTIVE, ANY, ENDED, Filters
from drills.units.services.provinces import ALL, province_names
from drills.web.fields import DayField, UnitField, UnitsField
from drills.web.forms import Form
from drills.web.language import spoken

ADDRESS = Regexp(r"[^@\s]+@[^@\s]+$", message=_l("Write it as name@agency.gov.vn."))
STATES = {ACTIVE: _l("Active"), ENDED: _l("Ended"), ANY: _l("All")}


def tier_name(tier: Tier) -> str:
    return tier.name_en if spoken() == "en" else tier.name_vi


def filters(session: Session, person: Person, given: Mapping[str, Any]) -> Filters:
    """What the address of the list asks for; what it cannot mean is left out."""
    chosen: Any = None
    if at := request.args.get("under", type=int):
        chosen = session.scalars(visible(Unit, person).where(Unit.id == at)).one_or_none()
    state = given.get("state", ACTIVE)
    return Filters(
        at=chosen or person.scope,
        words=given.get("q", "").strip()[:NAME_MAX],
        tiers=tuple(request.args.getlist("tier")),
        state=state if state in STATES else ACTIVE,
    )


class UnitForm(Form):
    name = StringField(_l("Name"), [InputRequired(), Length(max=NAME_MAX)])
    name_en = StringField(_l("Name in English"), [Length(max=NAME_MAX)])
    code = StringField(_l("Code"), [InputRequired(), Length(max=CODE_MAX)])
    tier_id = SelectField(_l("Tier"), [InputRequired()], coerce=int)
    parent_id = UnitField(_l("Unit above"), [InputRequired()], empty=_l("Choose a unit"))
    contact_name = StringField(_l("Contact"), [Length(max=TITLE_MAX)])
    contact_email = StringField(_l("E-mail"), [Optional(), Length(max=TITLE_MAX), ADDRESS])
    contact_phone = StringField(_l("Phone"), [Length(max=PHONE_MAX)])
    address = StringField(_l("Address"), [Length(max=TITLE_MAX)])
    active_from = DayField(_l("Active from"), description=_l("The first day, if it is known."))
    active_to = DayField(_l("Active until"), description=_l("The last day. Empty: still active."))
    version = HiddenField()

    def __init__(self, tiers: Iterable[Tier], *, is_root: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.tier_id.choices = [SelectChoice(tier.id, tier_name(tier)) for tier in tiers]
        if is_root:
            del self.parent_id

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        starts, ends = self.active_from.data, self.active_to.data
        if starts and ends and ends < starts:
            self.active_to.errors = [_("The last day lies before the first. Mend one of the two.")]
            return False
        return is_valid

    @property
    def seen_version(self) -> int | None:
        text = self.version.data or ""
        return int(text) if text.isdigit() else None


class MergeForm(Form):
    predecessor_ids = UnitsField(
        _l("Units that end"),
        [InputRequired()],
        description=_l("One or several. What belongs to them moves to this unit."),
    )
    on = DayField(
        _l("From"),
        [InputRequired()],
        description=_l("The first day of the new order; the units end the day before."),
    )
    decision = StringField(
        _l("Decision"),
        [InputRequired(), Length(max=TITLE_MAX)],
        description=_l("Number and date, as in Resolution 202/2025/QH15."),
    )


class UndoForm(Form):
    reason = StringField(
        _l("Why the merger is undone"),
        [InputRequired(), Length(max=TITLE_MAX)],
        description=_l("It stands in the audit log, with your name."),
    )


class RankingForm(Form):
    indicator = StringField(_l("Indicator"), [InputRequired(), Length(max=NAME_MAX)])
    rank = IntegerField(_l("Rank"), [InputRequired(), NumberRange(min=1)])
    out_of = IntegerField(_l("Out of"), [Optional(), NumberRange(min=1)])
    scope = StringField(
        _l("Among whom"),
        [Length(max=TITLE_MAX)],
        description=_l("Such as the 63 provinces of before July 2025."),
    )
    as_of = DayField(_l("As of"), [InputRequired()])
    source = StringField(
        _l("Source"),
        [InputRequired(), Length(max=TITLE_MAX)],
        description=_l("Who published it, where, when."),
    )


class UploadForm(Form):
    file = FileField(
        _l("File"),
        [InputRequired()],
        description=_l("XLSX, or CSV in UTF-8. Nothing is saved yet."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        upload = request.files.get(self.file.name)
        self.file.raw_data = [upload.filename] if upload and upload.filename else []
        return bool(super().validate(extra_validators))


class LoadForm(Form):
    province = SelectField(
        _l("Province"),
        [InputRequired()],
        description=_l(
            "With its communes, wards and special zones, and the provinces it was made of."
        ),
        render_kw={"data-pick": True},
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        names = [SelectChoice(code, name) for code, name in province_names()]
        self.province.choices = [SelectChoice(ALL, _l("All 34 provinces")), *names]


def read_upload(stream: Any, name: str) -> tabular.Sheet:
    return tabular.read(stream, name, limit=current_app.config["IMPORT_ROWS"])


def tier_options(
    rows: Iterable[Tier], chosen: tuple[str, ...]
) -> list[tuple[str, str, None, bool]]:
    """The tiers as the filter line offers them."""
    return [(tier.code, tier_name(tier), None, tier.code in chosen) for tier in rows]
