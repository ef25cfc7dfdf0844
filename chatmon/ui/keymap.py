"""Keys that the user chose for bindings: which would do, and how the bindings are written with them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from textual.binding import Binding, BindingsMap, InvalidBinding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, format_key

from chatmon.ui import glyphs
from chatmon.ui.keys import GIVE_WAY_IN_REPLAY, HELP_SECTIONS, OFF_IN_REPLAY, REPLAY_KEYS

_MODIFIERS = frozenset({"ctrl", "shift", "alt", "meta", "super", "hyper"})
_NAMED_KEYS = frozenset({str(key.value) for key in Keys} | set(KEY_NAME_REPLACEMENTS.values()))

BINDINGS: Mapping[str, tuple[Binding, ...]] = {
    str(name): tuple(binding for _, section in HELP_SECTIONS for binding in section if binding.id == name)
    for name in dict.fromkeys(binding.id for _, section in HELP_SECTIONS for binding in section)
}
"""All bindings by their ids; several bear one id where a key means the same on several screens."""


OFF = ""
"""Stands for the keys of a binding that has none for the time being. Nobody can choose it."""
AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})
"""The keys that were chosen where none were."""

_WRITTEN = {
    "up": glyphs.ASCENDING,
    "down": glyphs.DESCENDING,
    "left": glyphs.BACKWARD,
    "right": glyphs.CHANGED,
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "shift+tab": "Shift+Tab",
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "space": "Space",
    "home": "Home",
    "end": "End",
    "ctrl+p": "Ctrl+P",
    "ctrl+c": "Ctrl+C",
    "ctrl+z": "Ctrl+Z",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
}


class InvalidKeys(ValueError):
    """The keys of a binding cannot be used; the message goes on after the binding's id."""

    def __init__(self, binding: str, message: str) -> None:
        super().__init__(message)
        self.binding = binding


def check_keymap(keymap: Mapping[str, str]) -> None:
    """Whether every key exists and means one thing alone. The ids must be known. Raises `InvalidKeys`."""
    for binding, keys in keymap.items():
        unknown = next((key for key in _keys(keys) or (keys,) if not _exists(key)), None)
        if unknown is not None:
            raise InvalidKeys(
                binding, f"has no such key as {unknown}; keys are written like p, P, ctrl+p, f5, question_mark, with commas between"
            )
    together = _together()
    meanings: dict[str, str] = {}
    # What was chosen is looked at last, so that it is what is refused.
    for binding in (*(binding for binding in BINDINGS if binding not in keymap), *keymap):
        for key in keys_of(binding, keymap):
            other = meanings.setdefault(key, binding)
            if other != binding and frozenset({other, binding}) not in together:
                raise InvalidKeys(binding, f"cannot have the key {key}, which is that of {other}; choose another, or another for {other}")


def keymap_in_replay(keymap: Mapping[str, str]) -> dict[str, str]:
    """The keymap of a replay: each key there means one thing alone, if `check_keymap` lets `keymap` pass."""
    replays = {key for binding in REPLAY_KEYS for key in keys_of(binding.id or "", keymap)}
    left = {name: ",".join(key for key in keys_of(name, keymap) if key not in replays) for name in GIVE_WAY_IN_REPLAY}
    return {**keymap, **left, **dict.fromkeys(OFF_IN_REPLAY, OFF)}


def rebound(bindings: Iterable[Binding], keymap: Mapping[str, str]) -> tuple[Binding, ...]:
    """The bindings with the keys that were chosen for them, those that are off left out.

    What several bindings of one id did is that of the first.
    """
    written: dict[tuple[str | None, str], Binding] = {}
    for binding in bindings:
        chosen = keymap.get(binding.id or "")
        if chosen == OFF:
            continue
        written.setdefault((binding.id, binding.action), binding if chosen is None else binding.with_key(",".join(_keys(chosen))))
    return tuple(written.values())


def written(key: str) -> str:
    """A key, named as Textual does, as the help writes it."""
    return _WRITTEN.get(key, format_key(key))


def key_of(binding: str, keymap: Mapping[str, str]) -> str:
    """The first key of a binding, as the help writes it; empty where it is off. The id must be known."""
    return "" if keymap.get(binding) == OFF else written(keys_of(binding, keymap)[0])


def keys_of(binding: str, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of a binding, as Textual names them. The id must be known."""
    if binding in keymap:
        return _keys(keymap[binding])
    return tuple(key for one in BINDINGS[binding] for key in _keys(one.key))


@cache
def _together() -> frozenset[frozenset[str]]:
    """The pairs of bindings that share a key as it is: they never meet on one screen."""
    meanings: dict[str, set[str]] = {}
    for binding in BINDINGS:
        for key in keys_of(binding, {}):
            meanings.setdefault(key, set()).add(binding)
    return frozenset(frozenset({one, other}) for sharing in meanings.values() for one in sharing for other in sharing)


@cache
def _keys(keys: str) -> tuple[str, ...]:
    """Keys as Textual names them."""
    try:
        return tuple(BindingsMap([Binding(keys, "_", "_")]).key_to_bindings)
    except InvalidBinding:
        return ()


def _exists(key: str) -> bool:
    *modifiers, name = key.split("+")
    if not _MODIFIERS.issuperset(modifiers):
        return False
    if (len(name) == 1 and name.isalnum()) or name in _NAMED_KEYS:
        return True
    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return False
    return True
