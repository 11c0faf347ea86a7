"""Every message a person can meet has its Vietnamese, with the same places to fill."""

import re
from collections import defaultdict
from pathlib import Path

import flask_wtf.csrf
import pytest
import wtforms
from babel.messages import extract, pofile

from drills import resources
from drills.extensions import read_catalogue

WORDS = {
    "_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None,
    "ngettext": (1, 2), "_n": (1, 2), "lazy_ngettext": (1, 2), "N_n": (1, 2),
}  # fmt: skip
PLACE = re.compile(r"%\((\w+)\)[sd]")
PO_FILES = sorted((resources.TRANSLATIONS / "vi").glob("*.po"))


def messages_of(folder, pattern, method):
    for path in sorted(folder.rglob(pattern)):
        with path.open("rb") as source:
            for _line, message, _comments, _context in extract.extract(
                method, source, keywords=WORDS, options={"silent": "false"}
            ):
                for text in (message,) if isinstance(message, str) else message:
                    if text:
                        yield text, path


def ours():
    yield from messages_of(resources.PACKAGE, "*.py", "python")
    yield from messages_of(resources.TEMPLATES, "*.html", "jinja2")
    yield from messages_of(resources.TEMPLATES, "*.txt", "jinja2")


def of_wtforms():
    path = Path(wtforms.__file__).parent / "locale" / "wtforms.pot"
    with path.open("rb") as source:
        for message in pofile.read_po(source):
            if message.id:
                yield from ((text, path) for text in message_ids(message))


def of_flask_wtf():
    path = Path(flask_wtf.csrf.__file__)
    for text in re.findall(r'ValidationError\("([^"]+)"\)', path.read_text(encoding="utf-8")):
        yield text, path


def message_ids(message):
    return message.id if isinstance(message.id, tuple) else (message.id,)


@pytest.fixture(scope="module")
def translated():
    """Every English text with its Vietnamese ones; a plural's English has the same one."""
    found = defaultdict(set)
    for path in PO_FILES:
        with path.open("rb") as source:
            for message in pofile.read_po(source, locale="vi"):
                strings = message.string if isinstance(message.string, tuple) else [message.string]
                for text in message_ids(message):
                    found[text].update(strings)
    found.pop("", None)
    return found


@pytest.mark.parametrize("messages", [ours, of_wtforms, of_flask_wtf])
def test_every_message_has_its_vietnamese(translated, messages):
    found = list(messages())
    assert found
    missing = {f"{path.name}: {text}" for text, path in found if not any(translated.get(text, ()))}
    assert missing == set()


def test_a_message_has_one_vietnamese_wherever_it_stands(translated):
    assert {text: strings for text, strings in translated.items() if len(strings) > 1} == {}


@pytest.mark.parametrize("path", PO_FILES, ids=lambda path: path.stem)
def test_translations_fill_the_same_places(path):
    """Babel always hands a plural its number, whether or not the English singular shows it."""
    wrong = {}
    with path.open("rb") as source:
        for message in pofile.read_po(source, locale="vi"):
            strings = message.string if isinstance(message.string, tuple) else [message.string]
            known = {place for text in message_ids(message) for place in PLACE.findall(text)}
            needed = set(PLACE.findall(message_ids(message)[0])) - {"num"}
            for string in strings:
                filled = set(PLACE.findall(string)) - {"num"}
                if not needed <= filled or not filled <= known:
                    wrong[message.id] = string
    assert wrong == {}


def test_nothing_is_translated_that_nobody_says(translated):
    said = {text for text, _path in [*ours(), *of_wtforms(), *of_flask_wtf()]}
    stale = {text for text in translated if text not in said}
    from flask_security.core import _default_messages

    theirs = {str(text) for text, _kind in _default_messages.values()}
    assert stale - theirs == set()


@pytest.mark.parametrize("path", PO_FILES, ids=lambda path: path.stem)
def test_a_catalogue_can_be_read_and_has_nothing_fuzzy(path):
    with path.open("rb") as source:
        catalogue = pofile.read_po(source, locale="vi")
    assert [m.id for m in catalogue if m.id and m.fuzzy] == []


def test_the_merged_catalogue_speaks_vietnamese():
    catalogue = read_catalogue("vi")
    assert catalogue.gettext("This field is required.") == "Trường này bắt buộc nhập."
    text = catalogue.ngettext("%(num)s day left", "%(num)s days left", 4)
    assert text % {"num": 4} == "còn 4 ngày"
