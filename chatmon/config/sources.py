"""The layers that a value is looked up in, the strongest first."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from chatmon.config.configuration import Configuration, Environment, Given, find
from chatmon.config.options import BY_NAME
from chatmon.config.origin import DEFAULT, InvalidSetting, Layer, Origin

_SAYS: Final = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class Sources(msgspec.Struct, frozen=True):
    """Command line, environment and configuration file. `origins` collects where each value that was asked for came from, by name."""

    given: Given
    environment: Environment
    configuration: Configuration = msgspec.field(default_factory=Configuration)
    origins: dict[str, Origin] = {}

    def value(self, name: str) -> Any:
        """An option's value: a text, or, from the file, what the file's schema made of it; None where there is none.

        Raises `InvalidSetting` for an environment variable that is to say yes or no and says neither.
        """
        value, origin = self._look_up(name)
        self.origins[name] = origin
        return value

    def _look_up(self, name: str) -> tuple[Any, Origin]:
        option = BY_NAME[name]
        if option.is_flag and self.given.get(name):
            return True, Origin(Layer.FLAG, option.flag)
        text, origin = find(name, self.given, self.environment)
        if text is not None:
            return (_switch(text, origin) if option.is_flag else text), origin
        # What is said of no deployment may be said of all screens.
        if entry := self.configuration.options.get(name) or self.configuration.ui.get(name):
            return entry.value, entry.origin
        return option.default if not option.is_flag else False, DEFAULT

    def switch(self, name: str) -> bool:
        """Whether something is on. Raises `InvalidSetting`."""
        return bool(self.value(name))

    def number(self, name: str) -> float:
        """A number within its bounds. Raises `InvalidSetting`."""
        value, bounds = self.value(name), BY_NAME[name].bounds
        assert value is not None
        assert bounds is not None
        try:
            return float(value) if isinstance(value, int | float) else bounds.parse(value)
        except ValueError as error:
            raise InvalidSetting(f"{self.origins[name]} {error}") from None


def _switch(text: str, origin: Origin) -> bool:
    """Yes or no, as an environment variable says it."""
    if text.strip().lower() not in _SAYS:
        raise InvalidSetting(f"{origin} needs 1 or 0, true or false")
    return _SAYS[text.strip().lower()]
