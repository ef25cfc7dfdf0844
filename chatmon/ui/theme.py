"""The two themes of chatmon: one quiet ground each; colour means state or severity and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

DARK = "chatmon-dark"
LIGHT = "chatmon-light"

_DARK_COLOURS = {
    "state-waiting": "#58a6ff",
    "state-chatting": "#56b97c",
    "state-idle": "#848d9a",
    "severity-warn": "#e3a341",
    "severity-critical": "#ff6069",
    "health-failing": "#b98af5",
    "text-dim": "#7d8694",
    "text-bright": "#f0f4f9",
    "text-title": "#939cab",
    "ground-head": "#171c25",
    "ground-cursor": "#1d3354",
    "ground-hover": "#1a212c",
    "ground-pane": "#161b23",
    "ground-badge": "#58a6ff",
    "text-badge": "#0d1117",
    "rule-quiet": "#2b323d",
}
_LIGHT_COLOURS = {
    "state-waiting": "#0b5cc4",
    "state-chatting": "#187741",
    "state-idle": "#626a75",
    "severity-warn": "#8f5a00",
    "severity-critical": "#c21f30",
    "health-failing": "#7437c2",
    "text-dim": "#5f6873",
    "text-bright": "#0b0e13",
    "text-title": "#515a66",
    "ground-head": "#e6e9ee",
    "ground-cursor": "#cfe0f7",
    "ground-hover": "#e9eef5",
    "ground-pane": "#eef0f4",
    "ground-badge": "#0b5cc4",
    "text-badge": "#ffffff",
    "rule-quiet": "#c9cfd8",
}


def _theme(name: str, *, dark: bool, background: str, foreground: str, colours: dict[str, str]) -> Theme:
    return Theme(
        name=name,
        dark=dark,
        background=background,
        surface=colours["ground-pane"],
        panel=colours["ground-head"],
        foreground=foreground,
        primary=colours["state-waiting"],
        secondary=colours["state-idle"],
        accent=colours["state-waiting"],
        warning=colours["severity-warn"],
        error=colours["severity-critical"],
        success=colours["state-chatting"],
        variables={
            **colours,
            "block-cursor-background": colours["ground-cursor"],
            "block-cursor-foreground": colours["text-bright"],
            "input-cursor-text-style": "reverse",
            "scrollbar": colours["rule-quiet"],
            "scrollbar-hover": colours["text-dim"],
            "scrollbar-active": colours["text-dim"],
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "scrollbar-corner-color": background,
        },
    )


class Ink(NamedTuple):
    """What a named style of a line looks like: colours are those of a theme, by their names."""

    colour: str = ""
    ground: str = ""
    bold: bool = False
    italic: bool = False


INKS = {
    "waiting": Ink("state-waiting"),
    "chatting": Ink("state-chatting"),
    "idle": Ink("state-idle"),
    "warn": Ink("severity-warn"),
    "critical": Ink("severity-critical", bold=True),
    "failing": Ink("health-failing"),
    "live": Ink("state-chatting"),
    "dim": Ink("text-dim"),
    "strong": Ink(bold=True),
    "bright": Ink("text-bright"),
    "italic": Ink(italic=True),
    "title": Ink("text-title", bold=True),
    "badge": Ink("text-badge", "ground-badge", bold=True),
    "old": Ink("text-badge", "health-failing", bold=True),
    "key": Ink("state-waiting", bold=True),
    "rule": Ink("rule-quiet"),
    "head": Ink("text-title", "ground-head", bold=True),
    "bar": Ink(ground="ground-head"),
    "cursor": Ink(ground="ground-cursor"),
    "hover": Ink(ground="ground-hover"),
}
"""The named styles of lines. One widget has many lines in many styles: looking them up costs no style sheet."""


def ink_style(names: str, variables: Mapping[str, str]) -> Style:
    """The style that some names mean together, in a theme whose variables are these."""
    return Style.chain(*(_style(INKS[name], variables) for name in names.split())) if names else Style.null()


def _style(ink: Ink, variables: Mapping[str, str]) -> Style:
    colours = [Color.parse(variables[name]).rich_color if name else None for name in (ink.colour, ink.ground)]
    return Style(color=colours[0], bgcolor=colours[1], bold=ink.bold or None, italic=ink.italic or None)


THEMES = (
    _theme(DARK, dark=True, background="#10141b", foreground="#c6cdd7", colours=_DARK_COLOURS),
    _theme(LIGHT, dark=False, background="#f8f9fb", foreground="#252b33", colours=_LIGHT_COLOURS),
)


def theme_defaults(*, dark: bool) -> dict[str, str]:
    """What the colours of chatmon are in a theme that does not know them."""
    return _DARK_COLOURS if dark else _LIGHT_COLOURS
