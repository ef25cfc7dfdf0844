"""What is in force: every setting from its flag, else from the environment, else from the configuration file, else from its default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from chatmon.config.configuration import Configuration, Environment, Given
from chatmon.config.connection import endpoint
from chatmon.config.listening import ListenAddress, listen_address
from chatmon.config.origin import InvalidSetting, Layer, Origin
from chatmon.config.schema import DEFAULT_DAYS, ON_REQUEST
from chatmon.config.sources import Sources
from chatmon.paths import typed_path

if TYPE_CHECKING:  # these pull in ssl and the rest of the monitor, which `--help` does not need
    from chatmon.api.endpoint import Endpoint
    from chatmon.config.screen import ScreenSettings
    from chatmon.monitor.alarms import Thresholds
    from chatmon.monitor.pace import Pace

_RULES_OF_ONE_NUMBER: Final = ("unattended", "requeued", "churn", "idle", "abandoned", "unseen", "overload", "service_level")


class HistorySettings(msgspec.Struct, frozen=True):
    """Where events are recorded: `file` where one is named, nowhere where `is_off`, else as the command does it. `days` are kept."""

    file: Path | None = None
    is_off: bool = False
    days: float = DEFAULT_DAYS


class Settings(msgspec.Struct, frozen=True):
    """Everything `watch` and `poll` share, checked. `metrics` is where figures can be read; None: nowhere.

    `deadline` is in seconds; `ids_file` a path, `-` for standard input, or None; `on_alarm` a program and its arguments, or nothing;
    `privacy` says that pseudonyms are shown and printed; `transcripts` that the transcript of a chat may be read when its user asks for it,
    which the profile alone can say; `origins` by option name, or `header apikey` and such.
    """

    endpoint: Endpoint
    pace: Pace
    metrics: ListenAddress | None
    deadline: float
    ids_file: str | None
    thresholds: Thresholds
    on_alarm: tuple[str, ...]
    screen: ScreenSettings
    history: HistorySettings
    privacy: bool
    transcripts: bool
    configuration: Configuration
    origins: Mapping[str, Origin] = {}


def resolve(given: Given, environment: Environment, configuration: Configuration | None = None, *, reads_secrets: bool = True) -> Settings:
    """The settings in force; unless it `reads_secrets`, without those that are kept elsewhere. Raises `InvalidSetting`."""
    configuration = configuration or Configuration()
    sources = Sources(given, environment, configuration)
    return Settings(
        ids_file=sources.value("ids_file"),
        endpoint=endpoint(sources, reads_secrets=reads_secrets),
        pace=_pace(sources),
        metrics=_metrics(sources),
        deadline=sources.number("timeout"),
        thresholds=resolve_thresholds(configuration),
        on_alarm=on_alarm(configuration),
        screen=resolve_screen(given, configuration),
        history=_history(sources),
        privacy=sources.switch("privacy"),
        transcripts=_transcripts(configuration),
        configuration=configuration,
        origins=sources.origins,
    )


def resolve_pace(given: Given, environment: Environment) -> Pace:
    """The pace alone, for whoever talks to no deployment. Raises `InvalidSetting`."""
    return _pace(Sources(given, environment))


def resolve_privacy(given: Given, environment: Environment, configuration: Configuration) -> bool:
    """Whether pseudonyms are shown and printed. Raises `InvalidSetting`."""
    return Sources(given, environment, configuration).switch("privacy")


def resolve_metrics(given: Given, environment: Environment) -> tuple[ListenAddress | None, Origin]:
    """Where figures can be read, None being nowhere, and where that was set, for whoever talks to no deployment.

    Raises `InvalidSetting`.
    """
    sources = Sources(given, environment)
    return _metrics(sources), sources.origins["metrics"]


def _metrics(sources: Sources) -> ListenAddress | None:
    text = sources.value("metrics")
    try:
        return None if text is None else listen_address(text)
    except ValueError as error:
        raise InvalidSetting(f"{sources.origins['metrics']} {error}") from None


def _pace(sources: Sources) -> Pace:
    from chatmon.monitor.pace import Pace

    return Pace(
        interval=sources.number("interval"),
        max_rate=sources.number("max_rate"),
        idle_every=int(sources.number("idle_every")),
        max_concurrency=int(sources.number("max_concurrency")),
    )


def _transcripts(configuration: Configuration) -> bool:
    entry = configuration.options.get("transcripts")
    return entry is not None and entry.value == ON_REQUEST


def _history(sources: Sources) -> HistorySettings:
    days = sources.configuration.options.get("history_days")
    kept = DEFAULT_DAYS if days is None else days.value
    if sources.value("no_history"):
        if sources.given.get("history"):
            raise InvalidSetting("--history and --no-history contradict each other; give one of them")
        return HistorySettings(is_off=True, days=kept)
    file = sources.value("history")
    is_off = file is None and sources.origins["history"].layer is Layer.FILE
    return HistorySettings(None if file is None else typed_path(file), is_off, kept)


def resolve_thresholds(configuration: Configuration) -> Thresholds:
    """When there is an alarm."""
    from chatmon.monitor.alarms import Thresholds

    limits = {name: configuration.alarms[name].value for name in _RULES_OF_ONE_NUMBER if name in configuration.alarms}
    if waiting := configuration.alarms.get("waiting"):
        limits.update({f"waiting_{level}": seconds for level, seconds in waiting.value.items()})
    return Thresholds(**limits)


def on_alarm(configuration: Configuration) -> tuple[str, ...]:
    """The program that gets each alarm, with its arguments; nothing where there is none."""
    entry = configuration.alarms.get("on_alarm")
    return entry.value or () if entry else ()


def resolve_screen(given: Given, configuration: Configuration) -> ScreenSettings:
    """The settings of the screens. The command line has a word on theme and signs alone."""
    from chatmon.config.screen import ScreenSettings

    chosen = {name: entry.value for name, entry in configuration.ui.items() if name != "privacy"}
    if given.get("theme"):
        chosen["theme"] = given["theme"]
    if given.get("ascii"):
        chosen["ascii"] = True
    chosen["wallboard"] = bool(given.get("wallboard"))
    return ScreenSettings(
        profile=configuration.profile,
        filters={name: entry.value for name, entry in configuration.filters.items()},
        keys={name: entry.value for name, entry in configuration.keys.items()},
        **chosen,
    )
