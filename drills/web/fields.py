"""Form fields of our own: days as people write them, tick boxes, pickers of units and people."""

from collections.abc import Iterator, Sequence
from datetime import date, time
from typing import Any

from flask import url_for
from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import Field, SelectMultipleField
from wtforms.fields.choices import Choice, SelectFieldBase
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, Select, TextInput, html_params

from drills.core import clock
from drills.core.days import read_clock, read_day
from drills.web.pick import PEOPLE, UNITS, Source


class _WrittenField(Field):  # type: ignore[misc]
    """A text box whose text is understood; what is not understood is shown again as typed."""

    widget = TextInput()
    written = ""
    mistake: Any = ""

    def __init__(self, *args: Any, render_kw: dict[str, Any] | None = None, **more: Any) -> None:
        given = {"autocomplete": "off"} | (render_kw or {})
        super().__init__(*args, render_kw=given, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.written, self.data = text, self.understand(text) if text else None
        if text and self.data is None:
            raise ValueError(self.mistake)

    def understand(self, text: str) -> Any:
        raise NotImplementedError

    def show(self, value: Any) -> str:
        raise NotImplementedError

    def _value(self) -> str:
        return self.show(self.data) if self.data is not None else self.written


class DayField(_WrittenField):
    """A day, typed as people write it and shown as ``23/11/2026``. Data: a date or None."""

    mistake = _l("This is not a day of the calendar. Write it as 23/11/2026.")

    def understand(self, text: str) -> date | None:
        return read_day(text, clock.today(get_timezone()))

    def show(self, value: date) -> str:
        return value.strftime("%d/%m/%Y")


class ClockField(_WrittenField):
    """A time of day, shown as ``08:30``. Data: a naive time or None."""

    mistake = _l("This is not a time of day. Write it as 08:30.")

    def understand(self, text: str) -> time | None:
        return read_clock(text)

    def show(self, value: time) -> str:
        return value.strftime("%H:%M")


class TicksField(SelectMultipleField):  # type: ignore[misc]
    """Tick boxes. Data: a list of keys."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class _PickWidget:
    """A select that ``pick.js`` turns into a search line.

    Where the rows are too many to send, it holds the chosen ones only, and a text box takes
    codes or names; with JavaScript the search line asks the server instead of that box.
    """

    def __call__(self, field: "_PickField", **attributes: Any) -> Markup:
        attributes.setdefault("data-pick", True)
        if field.source.few() is not None:
            return Markup(Select(multiple=field.is_many)(field, **attributes))  # noqa: S704
        attributes["data-pick-from"] = url_for("pick.find", key=field.source.key)
        select = Select(multiple=field.is_many)(field, **attributes)
        text = html_params(
            type="text",
            name=field.text_name,
            value=field.written,
            aria_label=_("%(field)s: code or exact name", field=field.label.text),
            placeholder=_("Code or exact name"),
            autocomplete="off",
            data_pick_text=True,
            **{"class": "field"},
        )
        return Markup(f"{select}<input {text}>")  # noqa: S704 - both parts are escaped already


class _PickField(SelectFieldBase):  # type: ignore[misc]
    """Rows picked by id. What was picked before stays on offer, whoever looks at it."""

    widget = _PickWidget()
    is_many = False

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] | None = None,
        *,
        source: Source,
        empty: Any = "",
        **more: Any,
    ) -> None:
        super().__init__(label, validators, **more)
        self.source, self.empty = source, empty
        self.written = ""
        self.before: tuple[int, ...] = ()
        self.ids: tuple[int, ...] = ()

    @property
    def text_name(self) -> str:
        return f"{self.name}-text"

    def process(self, formdata: Any, *given: Any, **more: Any) -> None:
        if formdata is not None:
            self.written = formdata.get(self.text_name, "").strip()
        super().process(formdata, *given, **more)

    def process_data(self, value: Any) -> None:
        values = value if isinstance(value, list | tuple | set) else [value]
        self.before = self.ids = tuple(_identity(one) for one in values if one is not None)
        self._hand_over()

    def process_formdata(self, valuelist: list[str]) -> None:
        if not all(value.isdigit() for value in valuelist if value):
            raise ValueError(_("Choose from the list."))
        self.ids = tuple(dict.fromkeys(int(value) for value in valuelist if value))
        self._hand_over()
        if self.written:
            self._take_written()

    def _take_written(self) -> None:
        """Add what was typed instead of chosen; several are parted by semicolons."""
        for text in self.written.split(";") if self.is_many else [self.written]:
            found = self.source.named(text.strip()) if text.strip() else []
            if text.strip() and len(found) != 1:
                raise ValueError(_unclear(text.strip(), found))
            self.ids = tuple(dict.fromkeys((*self.ids, *found))) if self.is_many else tuple(found)
        self.written = ""
        self.raw_data = [str(identity) for identity in self.ids]
        self._hand_over()

    def _hand_over(self) -> None:
        raise NotImplementedError

    def pre_validate(self, _form: Any) -> None:
        few = self.source.few()
        asked = {identity for identity in self.ids if identity not in self.before}
        known = set(few) if few is not None else self.source.allowed(asked)
        if asked - known:
            self.ids = tuple(identity for identity in self.ids if identity not in asked - known)
            raise ValidationError(_("Choose from the list."))

    def iter_choices(self) -> Iterator[Choice]:
        few = self.source.few()
        missing = [i for i in (*self.before, *self.ids) if i not in (few or {})]
        if not self.is_many:
            yield Choice("", self.empty, not self.ids, {})
        for identity, text in (self.source.labels(missing) | dict(few or {})).items():
            yield Choice(str(identity), text, identity in self.ids, {})


def _identity(value: Any) -> int:
    return value if isinstance(value, int) else int(value.id)


def _unclear(text: str, found: list[int]) -> str:
    message = (
        _("“%(text)s” names more than one. Give its code.", text=text)
        if found
        else _("Nothing you may see has the code or the name “%(text)s”.", text=text)
    )
    return str(message)


class RowField(_PickField):
    """One row of a source. Data: its id, or None."""

    data: int | None

    def _hand_over(self) -> None:
        self.data = self.ids[0] if self.ids else None


class RowsField(_PickField):
    """Several rows of a source. Data: a tuple of ids; takes ids or the rows themselves."""

    is_many = True
    data: tuple[int, ...]

    def _hand_over(self) -> None:
        self.data = self.ids


class UnitField(RowField):
    def __init__(self, *args: Any, source: Source = UNITS, **more: Any) -> None:
        super().__init__(*args, source=source, **more)


class UnitsField(RowsField):
    def __init__(self, *args: Any, source: Source = UNITS, **more: Any) -> None:
        super().__init__(*args, source=source, **more)


class PersonField(RowField):
    def __init__(self, *args: Any, source: Source = PEOPLE, **more: Any) -> None:
        super().__init__(*args, source=source, **more)


class PeopleField(RowsField):
    def __init__(self, *args: Any, source: Source = PEOPLE, **more: Any) -> None:
        super().__init__(*args, source=source, **more)
