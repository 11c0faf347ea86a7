"""A rule set as forms: one for each of its parts, every field named by its path in the data."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from drills.approvals.forms.levels import CountField, TicksField
from drills.approvals.kinds import BODIES, DECISIONS, INTERVALS, LEVELS, UNITS, Fault
from drills.core.text import N_
from drills.web.fields import DayField
from drills.web.forms import Form

PARTS = {
    "head": N_("Name, validity, legal basis"),
    "criteria": N_("Criteria"),
    "authorities": N_("Who appraises, who decides"),
    "papers": N_("Papers of the dossier"),
    "limits": N_("Time limits"),
    "intervals": N_("Intervals"),
}
"""What can be changed on a page; the rest is changed in the file."""
NOTE_MAX = 2000
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One field: where its value stands, how it is typed, what is meant where nothing stands."""

    path: str
    label: str
    make: Callable[..., Field]
    default: Any = None

    def shown(self, data: Data) -> Any:
        """The value as its field shows it: a list of texts line by line, a day as a day."""
        value = _get(data, self.path)
        if value is None:
            return self.default
        if self.make is DayField:
            return date.fromisoformat(value)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return "\n".join(value)
        return value


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    cells: list[Cell]
    wide: list[Cell] = field(default_factory=list)
    """Those that need a line of their own."""


def _line(label: str, **more: Any) -> Field:
    return StringField(label, [Length(max=1000)], **more)


def _lines(label: str, **more: Any) -> Field:
    return TextAreaField(label, [Length(max=4000)], render_kw={"rows": 3}, **more)


def _pick(labels: Mapping[Any, str]) -> Callable[..., Field]:
    def make(label: str) -> Field:
        return SelectField(label, choices=[SelectChoice(str(k), _(v)) for k, v in labels.items()])

    return make


def _levels(label: str) -> Field:
    choices = [SelectChoice(str(n), _("Level %(number)s", number=n)) for n in LEVELS]
    return TicksField(label, choices=choices, coerce=int)


def groups_of(part: str, data: Data) -> list[Group]:
    return list(_GROUPS[part](data))


def _head(_data: Data) -> Iterator[Group]:
    yield Group(
        _("Name, validity, legal basis"),
        [
            Cell("name", _("Name"), _line),
            Cell("name_en", _("Name in English"), _line),
            Cell("valid_from", _("In force from"), DayField),
            Cell("valid_to", _("In force until"), DayField),
            Cell("standard", _("Standard"), _line),
        ],
        [Cell("legal_basis", _("Legal basis, a text a line"), _lines)],
    )


def _limits(_data: Data) -> Iterator[Group]:
    steps = {
        "validity": _("Check that the dossier is complete"),
        **{f"appraisal.{n}": _("Appraisal at level %(number)s", number=n) for n in LEVELS},
        "approval": _("Approval"),
    }
    for step, title in steps.items():
        path = f"limits.{step}"
        yield Group(
            title,
            [
                Cell(f"{path}.number", _("Number; empty for no limit"), CountField),
                Cell(f"{path}.unit", _("Counted in"), _pick(UNITS)),
                Cell(f"{path}.article", _("Article"), _line),
            ],
        )


def _intervals(_data: Data) -> Iterator[Group]:
    for what, title in INTERVALS.items():
        for level in LEVELS:
            path = f"intervals.{what}.{level}"
            yield Group(
                f"{_(title)}, {_('Level %(number)s', number=level)}",
                [
                    Cell(f"{path}.months", _("Months; empty for none"), CountField),
                    Cell(f"{path}.source", _("Source"), _line),
                    Cell(f"{path}.is_local_choice", _("Our own choice"), BooleanField),
                ],
            )


def _authorities(data: Data) -> Iterator[Group]:
    switch = "one_person_may_appraise_and_approve"
    for level in LEVELS:
        path = f"authorities.{level}"
        asked = [one["kind"] for one in data["authorities"][str(level)]["decisions"]]
        yield Group(
            _("Level %(number)s", number=level),
            [
                Cell(f"{path}.appraiser", _("Appraises"), _pick(BODIES)),
                *(
                    Cell(f"{path}.decisions.{n}.by", _(DECISIONS[kind]), _pick(BODIES))
                    for n, kind in enumerate(asked, start=1)
                ),
                Cell(f"{path}.article", _("Article"), _line),
            ],
            [
                Cell(f"{path}.appraiser_vi", _("Name of a body outside"), _line),
                Cell(f"{path}.appraiser_en", _("Name of a body outside, in English"), _line),
                Cell(
                    f"{path}.needs_opinion",
                    _("Needs the opinion of the specialised unit"),
                    BooleanField,
                ),
                *(
                    [
                        Cell(
                            f"{switch}.{level}",
                            _("One person may appraise and approve"),
                            BooleanField,
                        )
                    ]
                    if level <= 2
                    else []
                ),
            ],
        )


def _papers(data: Data) -> Iterator[Group]:
    """Every paper; without a level it is asked of nobody."""
    for paper in data["papers"]:
        path = f"papers.{paper['key']}"
        yield Group(
            paper["vi"],
            [
                Cell(f"{path}.article", _("Article"), _line),
                Cell(f"{path}.is_required", _("Required"), BooleanField, default=True),
            ],
            [
                Cell(f"{path}.vi", _("In Vietnamese"), _lines),
                Cell(f"{path}.en", _("In English"), _lines),
                Cell(f"{path}.levels", _("Asked at"), _levels),
            ],
        )


def _criteria(data: Data) -> Iterator[Group]:
    for one in data["criteria"]:
        path = f"criteria.{one['key']}"
        yield Group(
            f"{_('Level %(number)s', number=one['level'])}: {one['article']}",
            [Cell(f"{path}.article", _("Article"), _line)],
            [
                Cell(f"{path}.vi", _("In Vietnamese"), _lines),
                Cell(f"{path}.en", _("In English"), _lines),
                Cell(f"{path}.when", _("Holds when (one line suffices)"), _lines),
            ],
        )


_GROUPS: Mapping[str, Callable[[Data], Iterator[Group]]] = {
    "head": _head,
    "criteria": _criteria,
    "authorities": _authorities,
    "papers": _papers,
    "limits": _limits,
    "intervals": _intervals,
}


class RulesForm(Form):
    note = TextAreaField(
        _l("Why this version is made"),
        [InputRequired(), Length(max=NOTE_MAX)],
        description=_l("Such as the document that changed the law. It is kept with the version."),
        render_kw={"rows": 2},
    )

    def written(self, data: Data, groups: list[Group]) -> dict[str, Any]:
        """``data`` with what the fields say in place of what it said."""
        new: dict[str, Any] = deepcopy(dict(data))
        for cell in (cell for group in groups for cell in (*group.cells, *group.wide)):
            typed = self[cell.path]
            if (typed.data or None) != (typed.object_data or None):
                _put(new, cell.path, _told(typed))
        return new

    def blame(self, faults: tuple[Fault, ...]) -> None:
        """Put each mistake beside its field, or on top where there is none."""
        elsewhere = []
        for fault in faults:
            reason = str(_(fault.reason, **fault.values))
            if fault.path in self:
                self[fault.path].errors = [*self[fault.path].errors, reason]
            else:
                elsewhere.append(f"{fault.path}: {reason}")
        self.form_errors = elsewhere


def rules_form(data: Data, groups: list[Group]) -> RulesForm:
    cells = [cell for group in groups for cell in (*group.cells, *group.wide)]
    fields = {cell.path: cell.make(cell.label) for cell in cells}
    shape: type[RulesForm] = type("PartForm", (RulesForm,), fields)
    return shape(data={cell.path: cell.shown(data) for cell in cells})


def _told(typed: Field) -> Any:
    """What a field says, as the data hold it; None where it says nothing."""
    if isinstance(typed, BooleanField):
        return bool(typed.data)
    if isinstance(typed, DayField):
        return typed.data.isoformat() if typed.data else None
    if typed.name.endswith((".when", "legal_basis")):
        return [line.strip() for line in (typed.data or "").splitlines() if line.strip()]
    return typed.data or None


def _step(holder: Any, name: str) -> Any:
    """The part of ``holder`` that ``name`` leads to: in a list by key, else by number from 1."""
    if isinstance(holder, list):
        keyed = next((one for one in holder if one.get("key") == name), None)
        return keyed if keyed is not None else holder[int(name) - 1]
    return holder.get(name)


def _get(data: Data, path: str) -> Any:
    found: Any = data
    for name in path.split("."):
        found = _step(found, name) if found is not None else None
    return found


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    """Write ``value`` at ``path``; what says nothing is left out."""
    way, _dot, last = path.rpartition(".")
    holder = _get(data, way) if way else data
    if value is None:
        holder.pop(last, None)
    else:
        holder[last] = value


class UploadRulesForm(Form):
    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l("TOML or JSON, as it was downloaded here and then changed."),
        render_kw={"accept": ".toml,.json"},
    )
    note = TextAreaField(
        _l("Why this version is made"),
        [InputRequired(), Length(max=NOTE_MAX)],
        render_kw={"rows": 2},
    )
