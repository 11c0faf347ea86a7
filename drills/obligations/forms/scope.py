"""Whom a version of a rule is for, as people choose it."""

from collections.abc import Iterable
from typing import Any, ClassVar

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice

from drills.extensions import db
from drills.obligations.forms.grouped import GroupedForm, Groups
from drills.obligations.kinds.reading import ASKED, Scope
from drills.units.models import Unit
from drills.web.fields import TicksField, UnitsField

_CONDITIONS = tuple(Scope.__dataclass_fields__)


class _UnitCodesField(UnitsField):
    """Units, which a rule knows by their codes."""

    def process_data(self, value: Any) -> None:
        codes = tuple(value or ())
        found = db.session.execute(sa.select(Unit.code, Unit.id).where(Unit.code.in_(codes)))
        ids = {row[0]: row[1] for row in found}
        if gone := [code for code in codes if code not in ids]:
            self.description = _(
                "The rule names units that are not there: %(codes)s. They will be left out;"
                " if no unit is chosen, the rule is for all of them.",
                codes=", ".join(gone),
            )
        super().process_data([ids[code] for code in codes if code in ids])

    @property
    def codes(self) -> list[str]:
        query = sa.select(Unit.code).where(Unit.id.in_(self.ids)).order_by(Unit.code)
        return list(db.session.scalars(query)) if self.ids else []


def _level_field(label: Any, **more: Any) -> SelectField:
    numbers = [SelectChoice(level, str(level)) for level in range(1, 6)]
    return SelectField(
        label,
        choices=[SelectChoice("", _l("Any level")), *numbers],
        coerce=lambda value: int(value) if value else None,
        **more,
    )


class ScopeForm(GroupedForm):
    """Only the conditions stay that make sense for the kind of subject; all are optional."""

    tiers = TicksField(
        _l("Only units of these tiers"),
        description=_l("With none ticked, the rule is for units of every tier."),
    )
    units = _UnitCodesField(
        _l("Only these units"),
        description=_l(
            "These alone, without the units under them, and what is theirs. With none chosen, all."
        ),
    )
    has_systems = BooleanField(_l("Only units that operate systems"))
    has_team = BooleanField(_l("Only units with a response team"))
    level_from = _level_field(_l("From level"))
    level_to = _level_field(_l("Up to level"))
    is_approved = BooleanField(_l("Only systems whose level is approved"))
    core_only = BooleanField(_l("Core members only"))
    operates_from_level = _level_field(
        _l("Only who answers for a system from this level on"),
        description=_l("These are asked whether or not they belong to a team."),
    )
    is_live = BooleanField(_l("Only live-fire drills"))

    groups: ClassVar[Groups] = ((_l("Whom it is for"), _CONDITIONS),)

    def narrow(self, subject: str, tiers: Iterable[tuple[str, str]]) -> None:
        """Keep what may be asked of a kind of subject; ``tiers`` are codes and names."""
        for name in set(_CONDITIONS) - ASKED[subject]:
            del self[name]
        if "tiers" in self:
            names = dict(tiers)
            names |= {code: code for code in self.tiers.object_data or () if code not in names}
            self.tiers.choices = [SelectChoice(code, name) for code, name in names.items()]

    def validate_level_to(self, field: SelectField) -> None:
        if field.data and self.level_from.data and field.data < self.level_from.data:
            raise ValidationError(_("This is below the level the rule begins with."))

    def scope(self) -> dict[str, Any]:
        """In the shape of ``kinds.reading``: the conditions that are asked, and no other."""
        found = {name: self[name].data for name in _CONDITIONS if name in self}
        if "units" in found:
            found["units"] = self.units.codes
        return {name: value for name, value in found.items() if value}
