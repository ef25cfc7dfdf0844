"""What is in force, and where each value came from."""

from chatmon.config.settings import (
    DEFAULT,
    OPTIONS,
    Bounds,
    Environment,
    Given,
    InvalidSetting,
    Layer,
    Option,
    Origin,
    Settings,
    resolve,
    resolve_pace,
    typed_path,
)

__all__ = [
    "DEFAULT",
    "OPTIONS",
    "Bounds",
    "Environment",
    "Given",
    "InvalidSetting",
    "Layer",
    "Option",
    "Origin",
    "Settings",
    "resolve",
    "resolve_pace",
    "typed_path",
]
