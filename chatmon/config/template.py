"""The first configuration file: every setting with its meaning and what holds without it, commented out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Final

from chatmon.config.schema import ALARMS, FILTERS, PROFILE, UI, Table

WIDTH: Final = 100
"""Characters of a line of comment."""

_INTRODUCTION: Final = (
    "The configuration of chatmon. What begins with # and a letter is a setting that is not in force: take the # away.",
    "A flag counts more than an environment variable, that more than this file, and this more than the default.",
    "chatmon config show tells what is in force and where each value is from.",
)


def first_file(bindings: Iterable[tuple[str, str, str]]) -> str:
    """The text of the file. `bindings` are ids of bindings, their keys and what they do."""
    keys = ((name, f'"{keys}"', f"{does[:1].upper()}{does[1:]}.") for name, keys, does in bindings)
    parts = (
        *_comment(*_INTRODUCTION),
        "",
        *_comment("The deployment that is meant without --profile."),
        'profile = "prod"',
        "",
        *_comment("A deployment. There can be several, each with a name of its own; paths are relative to the folder of this file."),
        *_table("[profiles.prod]", _settings(PROFILE)),
        *_comment("When a chat or an agent needs a person; false switches a rule off. Also for one deployment: [profiles.prod.alarms]"),
        *_table("[alarms]", _settings(ALARMS)),
        *_comment("How the dashboard looks."),
        *_table("[ui]", _settings(UI)),
        *_comment("Filters of the board, each shown by its key."),
        *_table("[filters]", _settings(FILTERS)),
        *_comment("Other keys for what the dashboard can do: several with commas between them, each for one thing alone."),
        *_table("[keys]", keys),
    )
    return "\n".join(parts).rstrip() + "\n"


def _settings(table: Table) -> Iterator[tuple[str, str, str]]:
    return ((key.name, key.default, key.help) for key in table.values())


def _table(header: str, settings: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    yield header
    said = ""
    for name, value, meaning in settings:
        if meaning != said:
            yield from _comment(meaning)
        said = meaning
        yield f"#{name} = {value}"
    yield ""


def _comment(*sentences: str) -> Iterator[str]:
    for sentence in sentences:
        yield from (f"# {line}" for line in wrap(sentence, WIDTH - 2))
