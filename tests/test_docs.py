"""What the documents promise exists, and what exists is in the documents."""

import re
from pathlib import Path

import click
import pytest
from flask import Config

from drills import resources
from drills.cli import main

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


def settings():
    config = Config(str(ROOT))
    config.from_pyfile(str(resources.CONFIG))
    return sorted(config)


def commands(group, path=()):
    context = click.Context(group)
    for name in sorted(group.commands):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands(main))


@pytest.mark.parametrize("name", settings())
def test_every_setting_is_in_the_example_of_the_environment(name):
    text = (ROOT / ".env.example").read_text("utf-8")
    assert re.search(rf"^# ?DRILLS_{name}=", text, re.MULTILINE)


def test_the_example_names_no_setting_that_does_not_exist():
    text = (ROOT / ".env.example").read_text("utf-8")
    named = set(re.findall(r"^# ?DRILLS_([A-Z_]+)=", text, re.MULTILINE))
    assert named == set(settings())


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_is_documented_with_its_options(path):
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    heading = f"### drills {' '.join(path)}\n"
    assert heading in text
    named = [o for p in COMMANDS[path].params if isinstance(p, click.Option) for o in p.opts]
    section = text[text.index(heading) + 1 :].split("\n### ")[0]
    assert [option for option in named if option not in section] == []


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_does(path):
    assert COMMANDS[path].help


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    found = LINK.findall(document.read_text("utf-8"))
    assert [link for link in found if not (document.parent / link).exists()] == []
