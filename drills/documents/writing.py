"""Filling a ``.docx`` template, without ever letting it run code or take text for markup."""

import io
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from jinja2 import StrictUndefined, TemplateError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from drills import resources
from drills.core.errors import DomainError
from drills.core.text import N_

BUILT_IN = resources.PACKAGE / "documents" / "templates"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_PLAIN = (str, int, float, bool, date, type(None))
_UNKNOWN = re.compile(r"'([\w.\[\] ]+)' (?:is undefined|has no attribute '(\w+)')")


def built_in(key: str, language: str) -> Path:
    return BUILT_IN / f"{key}.{language}.docx"


def write(template: Path | IO[bytes], context: Mapping[str, Any], language: str) -> bytes:
    """The document. DomainError names what a template asks for that does not exist."""
    from docxtpl import DocxTemplate  # noqa: PLC0415 - slow to import, and seldom needed

    source = template if isinstance(template, io.IOBase) else str(template)
    document, values = DocxTemplate(source), plain(context)
    try:
        document.render(values, _environment(language), autoescape=True)
    except UndefinedError as error:
        raise DomainError(
            N_("The template uses a field that does not exist: %(field)s."), field=_field(error)
        ) from None
    except (TemplateError, SecurityError, TypeError, ValueError, ArithmeticError) as error:
        raise DomainError(
            N_("The template cannot be filled in: %(reason)s"), reason=str(error)
        ) from None
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def plain(value: Any) -> Any:
    """``value`` if it is made of text, numbers, days, lists and mappings alone, else TypeError.

    A template never gets hold of a record of the database.
    """
    if isinstance(value, str):
        return _CONTROL.sub("", value)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    raise TypeError(f"{type(value).__name__} is no plain value")


def long_day(day: date | None, language: str) -> str:
    """``ngày 05 tháng 01 năm 2026``: a nought before days under 10, and months 1 and 2 only.

    Appendix I of Decree 30/2020/NĐ-CP. Without a day, room to write it by hand.
    """
    if language == "en":
        return f"{day.day} {day:%B %Y}" if day else "……………"
    if day is None:
        return "ngày …… tháng …… năm ……"
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def _environment(language: str) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    environment.filters |= {
        "day": lambda value: value.strftime("%d/%m/%Y") if value else "",
        "long_day": lambda value: long_day(_date(value), language),
        "paragraphs": lambda text: [line for line in (text or "").splitlines() if line.strip()],
    }
    return environment


def _date(value: date | datetime | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def _field(error: UndefinedError) -> str:
    found = _UNKNOWN.search(str(error))
    return (found[2] or found[1]) if found else str(error)
