"""What is in force, and where each value came from: flag > environment > profile of the configuration file > default."""

from chatmon.config.configuration import Configuration, Environment, Given, load, locate
from chatmon.config.listening import ListenAddress
from chatmon.config.nearest import nearest
from chatmon.config.options import OPTIONS, Bounds, Option
from chatmon.config.origin import DEFAULT, InvalidSetting, Layer, Origin
from chatmon.config.settings import (
    HistorySettings,
    Settings,
    on_alarm,
    resolve,
    resolve_metrics,
    resolve_pace,
    resolve_privacy,
    resolve_screen,
    resolve_thresholds,
)
from chatmon.paths import typed_path

__all__ = [
    "DEFAULT",
    "OPTIONS",
    "Bounds",
    "Configuration",
    "Environment",
    "Given",
    "HistorySettings",
    "InvalidSetting",
    "Layer",
    "ListenAddress",
    "Option",
    "Origin",
    "Settings",
    "load",
    "locate",
    "nearest",
    "on_alarm",
    "resolve",
    "resolve_metrics",
    "resolve_pace",
    "resolve_privacy",
    "resolve_screen",
    "resolve_thresholds",
    "typed_path",
]
