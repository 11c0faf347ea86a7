"""Form fields for files. A file that would be refused is a mistake of the form, in words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from drills.core.errors import DomainError
from drills.files import services
from drills.files.kinds import ENDINGS
from drills.files.models import MARKING_NAMES, Marking
from drills.files.names import REFUSAL
from drills.files.receiving import limit
from drills.web.errors import explain

SECRET = "state_secret"  # noqa: S105 - a grade of documents


def _accepts(given: dict[str, Any] | None) -> dict[str, Any]:
    return {"accept": ",".join(ENDINGS)} | (given or {})


def _examine(upload: FileStorage) -> None:
    try:
        services.examine(upload.stream, upload.filename or "", limit=limit())
    except DomainError as error:
        raise StopValidation(explain(error)) from None


class AttachmentField(FileField):  # type: ignore[misc]
    """One file. Data: the upload, or None; examined before the form counts as valid."""

    data: FileStorage | None

    def __init__(self, *args: Any, render_kw: dict[str, Any] | None = None, **more: Any) -> None:
        super().__init__(*args, render_kw=_accepts(render_kw), **more)

    def pre_validate(self, _form: Any) -> None:
        if self.data:
            _examine(self.data)


class AttachmentsField(MultipleFileField):  # type: ignore[misc]
    """Several files. Data: a list of uploads; each is examined."""

    data: list[FileStorage]

    def __init__(self, *args: Any, render_kw: dict[str, Any] | None = None, **more: Any) -> None:
        super().__init__(*args, render_kw=_accepts(render_kw), **more)

    def pre_validate(self, _form: Any) -> None:
        for upload in self.data or ():
            try:
                _examine(upload)
            except StopValidation as error:
                text = _("%(file)s: %(mistake)s", file=upload.filename, mistake=str(error))
                raise StopValidation(text) from None


def has_file(_form: Any, field: Any) -> None:
    """The validator of a field that may not stay empty."""
    if not field.data:
        raise StopValidation(_("Choose a file."))


has_file.field_flags = {"required": True}  # type: ignore[attr-defined]


class MarkingField(SelectField):  # type: ignore[misc]
    """Who a file is meant for. Data: a Marking; a state secret is refused with the reason."""

    def __init__(self, label: Any = None, **more: Any) -> None:
        super().__init__(
            label or _l("Marking"),
            coerce=str,
            choices=self._choices,
            default=Marking.INTERNAL.value,
            **more,
        )

    @staticmethod
    def _choices() -> list[SelectChoice]:
        ours = [SelectChoice(m.value, _(name)) for m, name in MARKING_NAMES.items()]
        return [*ours, SelectChoice(SECRET, _("State secret (MẬT, TỐI MẬT, TUYỆT MẬT)"))]

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data == SECRET:
            raise StopValidation(_(REFUSAL))

    @property
    def marking(self) -> Marking:
        return Marking(self.data)
