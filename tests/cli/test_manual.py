"""The help of every command, and the versions that a bug report needs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.metadata import version

import click
import pytest

from chatmon.cli import versions
from chatmon.cli.main import cli

from .conftest import Invoke


def commands(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command by the words that call it."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, *path, name)


EVERY = list(commands(cli))


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_help_says_what_a_command_does_with_examples_and_exit_codes_in_80_columns(
    chatmon: Invoke, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("HOME", "/home/a-supervisor")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name)
    text = chatmon(*command, "--help").stdout
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert text.startswith(f"Usage: {' '.join(('chatmon', *command))} ")
    assert re.search(r"\n\nExamples:\n  \S", text)
    codes = dict(re.findall(r"^  (\d+) +(\w.*)$", text.partition("\nExit codes:\n")[2], re.MULTILINE))
    assert codes.keys() >= {"0", "2", "70", "130"}
    if "--config FILE" in text:
        assert "\n  ~/.config/chatmon/config.toml " in text


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_every_option_says_what_it_does_and_its_default(command: tuple[str, ...]) -> None:
    found: click.Command = cli
    for name in command:
        assert isinstance(found, click.Group)
        below = found.get_command(click.Context(found), name)
        assert below is not None
        found = below
    options = [one for one in found.params if isinstance(one, click.Option) and one.name != "version"]
    assert [one.name for one in options if not re.search(r"\w.*\.( Repeatable\.)? \[default: [^]]+\]$", one.help or "", re.DOTALL)] == []


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_every_example_is_a_line_that_the_commands_understand(chatmon: Invoke, command: tuple[str, ...]) -> None:
    text = chatmon(*command, "--help").stdout.partition("Examples:\n")[2].partition("\n\n")[0].replace("\\\n", "")
    lines = [part for line in text.splitlines() for part in re.findall(r"chatmon [^|<>)]*", line.partition("       in ~")[0])]
    assert lines
    for line in lines:
        _, *words = shlex.split(line.rstrip(' "'))
        found: click.Command = cli
        while isinstance(found, click.Group):
            name, below, words = found.resolve_command(click.Context(found), words)
            assert below is not None
            found = below
        found.make_context(name, words).close()


def test_the_first_line_of_the_versions_is_chatmons_own_and_the_others_are_those_of_what_it_stands_on(
    chatmon: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-\x1b[31mred")
    first, *others = chatmon("--version").stdout.splitlines()
    assert first == f"chatmon {version('chatmon')}"
    told = dict(line.split(maxsplit=1) for line in others)
    assert told.keys() >= {"CPython", "textual", "rich", "httpx", "aiohttp", "msgspec", "SQLite"}
    assert told["textual"] == version("textual")
    assert "\x1b" not in told["TERM"]


def test_the_libraries_of_extras_are_told_whether_they_are_installed_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    required = ["click>=8.2", 'msgspec>=0.20; extra == "metrics"', "no-such-library<2; extra == 'serve'", 'pytest>=8.4; extra == "dev"']
    monkeypatch.setattr("importlib.metadata.requires", lambda _: required)
    told = dict(versions.versions())
    assert told["no-such-library"] == "is not installed (extra serve)"
    assert told["msgspec"] == f"{version('msgspec')} (extra metrics)"
    assert "pytest" not in told
