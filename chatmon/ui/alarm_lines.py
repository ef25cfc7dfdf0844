"""An alarm in full, as lines: why it was raised, since when, what ends it, and whether the user knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from chatmon.api.sanitise import clean
from chatmon.monitor.alarms import Alarm
from chatmon.monitor.chat import Chat
from chatmon.ui import glyphs
from chatmon.ui.alarm_marks import ChatAlarms, alarm_style, is_pressing, is_since_exact
from chatmon.ui.keymap import AS_THEY_ARE, OFF, key_of
from chatmon.ui.lines import EMPTY, Line, Span, boxed
from chatmon.ui.times import moment_of_day, time_of_day


def alarm_lines(
    alarms: ChatAlarms, chat: Chat, width: int, *, timezone: tzinfo | None, keymap: Mapping[str, str] = AS_THEY_ARE
) -> list[Line]:
    """A box for each alarm of a chat, the worst first, in lines of at most `width` terminal cells."""
    return [one for alarm in alarms for one in (EMPTY, *alarm_box(alarm, chat, width, timezone=timezone, keymap=keymap))]


def alarm_box(
    alarm: Alarm, chat: Chat | None, width: int, *, timezone: tzinfo | None, keymap: Mapping[str, str] = AS_THEY_ARE
) -> list[Line]:
    """One alarm explained; `chat` is None for that of an agent. `keymap` are the keys that were chosen for bindings, by their ids."""
    style = alarm_style(alarm)
    headline = (Span(f"{glyphs.WARN} {clean(alarm.why)}", f"{style} strong" if is_pressing(alarm) else style),)
    since = moment_of_day(alarm.since.utc, timezone, exact=is_since_exact(alarm, chat))
    rest = f"{since} {glyphs.SEPARATOR} ends when {clean(alarm.clears)}"
    return boxed([headline, (Span(rest, "dim"),), _known_of(alarm, timezone, keymap)], style, width)


def _known_of(alarm: Alarm, timezone: tzinfo | None, keymap: Mapping[str, str]) -> tuple[Span, ...]:
    """Whether the user knows of an alarm; where not, the keys that say so."""
    if not alarm.holds:
        return (Span("no longer so: over in a few seconds", "dim"),)
    if alarm.snoozed_until is not None and alarm.acknowledged:
        return (Span(f"snoozed until {time_of_day(alarm.snoozed_until, timezone)}", "dim"),)
    if alarm.acknowledged:
        return (Span("acknowledged", "dim"),)
    if keymap.get("acknowledge") == OFF:
        return (Span("not acknowledged", "dim"),)
    acknowledge, snooze = key_of("acknowledge", keymap), key_of("snooze", keymap)
    return (Span(acknowledge, "key"), Span(" acknowledges  ", "dim"), Span(snooze, "key"), Span(" snoozes", "dim"))
