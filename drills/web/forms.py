"""The base form. Text is normalised; a form hands over a value object, never a request."""

from dataclasses import fields
from typing import Any, TypeVar

from flask_babel import get_locale
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FormField

from drills.core.text import normal
from drills.extensions import babel

T = TypeVar("T")


def _clean(value: Any) -> Any:
    """Text as it is stored; a member of an enum is text too and stays what it is."""
    return normal(value) if type(value) is str else value


class Form(FlaskForm):  # type: ignore[misc]
    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def bind_field(self, form: Any, unbound: Any, options: dict[str, Any]) -> Field:
            if not issubclass(unbound.field_class, FieldList | FormField):
                given = unbound.kwargs.pop("filters", ())
                unbound.kwargs["filters"] = given if _clean in given else [_clean, *given]
            return unbound.bind(form=form, **options)

        def get_translations(self, _form: Any) -> Any:
            return babel.catalogue.get_translations() if get_locale() else None

    def to(self, shape: type[T], **more: Any) -> T:
        """Build ``shape``, a dataclass, from the fields of the same names and ``more``."""
        names = [f.name for f in fields(shape) if f.name in self]  # type: ignore[arg-type]
        return shape(**{name: self[name].data for name in names} | more)
