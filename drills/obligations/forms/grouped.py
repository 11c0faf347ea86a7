"""A form whose fields stand in groups, each under a heading of its own."""

from collections.abc import Iterator
from typing import Any, ClassVar

from wtforms import Field

from drills.web.forms import Form

Groups = tuple[tuple[Any, tuple[str, ...]], ...]


class GroupedForm(Form):
    groups: ClassVar[Groups] = ()
    """Headings and the names of the fields below them; fields may be missing."""

    def grouped(self) -> Iterator[tuple[Any, list[Field]]]:
        """The groups that have a field left."""
        for heading, names in self.groups:
            if found := [self[name] for name in names if name in self]:
                yield heading, found
