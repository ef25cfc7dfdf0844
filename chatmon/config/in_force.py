"""Every value in force and where it is from, as a user may see it: secrets are masked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from chatmon.config.configuration import Entries, locate
from chatmon.config.connection import chosen_proxy, named_headers, why_unreadable
from chatmon.config.options import OPTIONS
from chatmon.config.origin import DEFAULT, InvalidSetting, Origin
from chatmon.config.references import is_reference, shown_reference
from chatmon.config.schema import DEFAULT_DAYS, OFF, TABLES, Table
from chatmon.config.sources import Sources

MASK: Final = "***"


class InForce(NamedTuple):
    """A setting: its name, its value as JSON has it (None: nothing), and where that is from.

    `problem` says, where the value is kept elsewhere and cannot be read there, why; it goes on after the value.
    """

    name: str
    value: Any
    origin: Origin
    problem: str | None = None


def _reference(name: str, reference: str, origin: Origin, sources: Sources) -> InForce:
    return InForce(name, shown_reference(reference), origin, why_unreadable(reference, origin, sources))


def in_force(sources: Sources, default_history: Path | None) -> Iterator[InForce]:
    """Every setting; `default_history` is where `watch` records unless told otherwise, None where it cannot.

    Raises `InvalidSetting` for what cannot be used.
    """
    configuration = sources.configuration
    yield _config_file(sources)
    yield InForce("profile", configuration.profile, configuration.profile_origin)
    for option in OPTIONS:
        if option.repeatable:
            for header in named_headers(sources):
                name = f"header {header.name}"
                is_kept = header.is_reference
                yield _reference(name, header.value, header.origin, sources) if is_kept else InForce(name, MASK, header.origin)
        elif option.name == "client_key_password":
            yield from _key_password(sources)
        elif option.in_profile and option.name not in {"contact_center_id", "proxy"}:
            value: Any = sources.number(option.name) if option.bounds else sources.value(option.name)
            if option.name == "url":
                value = _without_secrets(value)
            elif option.bounds and option.bounds.whole:
                value = int(value)
            yield InForce(option.name, value, sources.origins[option.name])
    proxy, origin = chosen_proxy(sources, str(sources.value("url") or "https:"))
    yield InForce("proxy", _without_secrets(proxy), origin)
    yield from _history(sources, default_history)
    transcripts = sources.configuration.options.get("transcripts")
    yield InForce("transcripts", transcripts.value if transcripts else OFF, transcripts.origin if transcripts else DEFAULT)
    for name, table in TABLES.items():
        yield from _table(name, table, getattr(configuration, name))
    for name, entry in configuration.keys.items():
        yield InForce(f"keys.{name}", entry.written, entry.origin)


def _config_file(sources: Sources) -> InForce:
    try:
        path, origin = locate(sources.given, sources.environment)
    except InvalidSetting:  # none is named, and there is no folder for one
        return InForce("config_file", None, DEFAULT)
    return InForce("config_file", str(path), origin)


def _history(sources: Sources, default: Path | None) -> Iterator[InForce]:
    name = "no_history" if sources.value("no_history") else "history"
    file, origin = sources.value(name), sources.origins[name]
    is_off = name == "no_history" or (file is None and origin is not DEFAULT)
    yield InForce("history", False if is_off else file or (str(default) if default else None), origin)
    days = sources.configuration.options.get("history_days")
    yield InForce("history_days", days.value if days else DEFAULT_DAYS, days.origin if days else DEFAULT)


def _key_password(sources: Sources) -> Iterator[InForce]:
    """Where the password of the client's key is kept; like a header it is listed where it is set."""
    reference = sources.value("client_key_password")
    if reference is not None and is_reference(reference):  # what is none is refused where it is used
        yield _reference("client_key_password", reference, sources.origins["client_key_password"], sources)


def _table(name: str, table: Table, entries: Entries) -> Iterator[InForce]:
    for key in table.values():
        entry = entries.get(key.name)
        value, origin = (entry.written, entry.origin) if entry else (key.value, DEFAULT)
        if key.name == "on_alarm" and entry and entry.value:
            value = [entry.value[0], *[MASK] * (len(entry.value) - 1)]
        yield InForce(f"{name}.{key.name}", value, origin)


def _without_secrets(url: str | None) -> str | None:
    """A URL without what could let somebody in."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    place = parts.netloc.rpartition("@")
    host = f"{MASK}@{place[2]}" if place[1] else place[2]
    hidden = f"?{MASK}" if parts.query or parts.fragment else ""
    return f"{parts.scheme}://{host}{parts.path}{hidden}"
