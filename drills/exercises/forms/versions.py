"""Which version of a record somebody had before them when they opened its form."""

from wtforms import HiddenField


class VersionField(HiddenField):  # type: ignore[misc]
    """Data: a number; what is none counts as 0, which no record has."""

    data: int

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0] if valuelist else ""
        self.data = int(text) if text.isdigit() and text.isascii() else 0
