"""What people hand in and type about how their agency writes."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from drills.core.errors import DomainError
from drills.core.orm import NAME_MAX, TITLE_MAX
from drills.documents import services
from drills.documents.models import Letterhead, LetterheadDetails
from drills.files.fields import AttachmentField, has_file
from drills.web.errors import explain
from drills.web.fields import UnitField
from drills.web.forms import Form


class TemplateForm(Form):
    """A template, which is filled with the sample before it is believed."""

    file = AttachmentField(
        _l("Template"),
        [has_file],
        description=_l("A Word document (.docx) with the fields listed on this page."),
        render_kw={"accept": ".docx"},
    )

    def __init__(self, key: str, language: str, **more: Any) -> None:
        super().__init__(**more)
        self.key, self.language = key, language

    def validate_file(self, field: AttachmentField) -> None:
        assert field.data
        if not (field.data.filename or "").lower().endswith(".docx"):
            raise ValidationError(_("A template is a Word document: its name ends in .docx."))
        content = field.data.stream.read()
        field.data.stream.seek(0)
        try:
            services.try_out(content, self.key, self.language)
        except DomainError as error:
            raise ValidationError(explain(error)) from None


class LetterheadForm(Form):
    unit_id = UnitField(_l("Unit"), [InputRequired()], empty=_l("Choose a unit"))
    superior = StringField(
        _l("Agency above"),
        [Length(max=NAME_MAX)],
        default="",
        description=_l("First line of the head. Empty for the highest agency."),
    )
    agency = StringField(
        _l("Agency"),
        [Length(max=NAME_MAX)],
        default="",
        description=_l("Second line of the head. Empty: the name of the unit."),
    )
    authority = StringField(
        _l("Who decides"),
        [Length(max=NAME_MAX)],
        default="",
        description=_l(
            "Above the grounds of a decision, such as Giám đốc Sở Khoa học và Công nghệ."
        ),
    )
    place = StringField(
        _l("Place"),
        [Length(max=TITLE_MAX)],
        default="",
        description=_l("Before the date of a document, mostly the name of the province."),
    )
    signer_on_behalf = StringField(
        _l("Signs on behalf of"),
        [Length(max=TITLE_MAX)],
        default="",
        description=_l("Such as TM. ỦY BAN NHÂN DÂN or TL. CHỦ TỊCH."),
    )
    signer_for = StringField(
        _l("Signs for"),
        [Length(max=TITLE_MAX)],
        default="",
        description=_l("Such as KT. CHỦ TỊCH, for a deputy."),
    )
    signer_title = StringField(
        _l("Title of the signer"),
        [Length(max=TITLE_MAX)],
        default="",
        description=_l("Such as PHÓ CHỦ TỊCH."),
    )
    signer_name = StringField(_l("Name of the signer"), [Length(max=TITLE_MAX)], default="")
    recipients = TextAreaField(
        _l("Recipients"),
        [Length(max=2000)],
        default="",
        description=_l("One a line, the last one the archive: Lưu: VT, CNTT."),
    )

    @classmethod
    def of(cls, letterhead: Letterhead | None) -> "LetterheadForm":
        return cls(obj=letterhead)

    def to_details(self, unit_id: int) -> LetterheadDetails:
        return self.to(LetterheadDetails, unit_id=unit_id)
