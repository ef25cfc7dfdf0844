"""What a shell offers for a value: files, profiles of the configuration, chats of the history. Whatever is wrong, it offers nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

MAX_CHATS: Final = 50
"""Chats that are offered, the newest ones."""
_PLAIN: Final = re.compile(r"[\w.@:-]+", re.ASCII)
"""What no shell takes for anything but a word; other names are not offered."""

Candidates = list["CompletionItem[str]"]


def files(_context: click.Context, _parameter: click.Parameter, beginning: str) -> Candidates:
    """Files, which the shell itself knows."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(beginning, type="file")]


def profiles(context: click.Context, _parameter: click.Parameter, beginning: str) -> Candidates:
    """The profiles of the configuration file that is meant so far."""
    from chatmon.config import InvalidSetting, load

    try:
        configuration = load(context.params, os.environ, for_profile=False)
    except InvalidSetting:
        return []
    return _offered((name, "") for name in configuration.profiles if name.startswith(beginning))


def chats(context: click.Context, _parameter: click.Parameter, beginning: str) -> Candidates:
    """The newest chats of the history that is meant so far, with their labels; none where pseudonyms are shown."""
    from chatmon.cli.recorded import reader_of
    from chatmon.config import InvalidSetting, load, resolve_privacy
    from chatmon.history.errors import HistoryError

    try:
        configuration = load(context.params, os.environ)
        if resolve_privacy(context.params, os.environ, configuration):
            return []
        reader = reader_of(context.params, configuration)
        named = set(context.params.get("ids") or ()) | set(context.params.get("chats") or ())
        return _offered(chat for chat in reader.newest_chats(MAX_CHATS + len(named), beginning) if chat[0] not in named)
    except (InvalidSetting, HistoryError):
        return []


def _offered(named: Iterable[tuple[str, str]]) -> Candidates:
    from click.shell_completion import CompletionItem

    from chatmon.api.sanitise import clean

    return [CompletionItem(name, help=clean(told) or None) for name, told in islice(named, MAX_CHATS) if _PLAIN.fullmatch(name)]
