"""A chat in full, as lines: what a pane beside the board, a tile of the wall and the full-screen chat show of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from chatmon.api.resource import IDLE
from chatmon.api.sanitise import clean
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.chat import Chat, Presence
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.alarm_lines import alarm_lines
from chatmon.ui.alarm_marks import ChatAlarms, alarm_sign, waiting_style, worst
from chatmon.ui.keymap import AS_THEY_ARE, OFF, key_of
from chatmon.ui.lines import EMPTY, Line, Span, boxed, cut, fit, line, spread, wrap
from chatmon.ui.timeline_lines import timeline_lines
from chatmon.ui.times import age, moment_of_day, time_of_day
from chatmon.ui.wording import chat_sign, clock_shown, nickname, state_word, time_shown

INDENT = "  "
NARROW = 36
"""A pane of fewer terminal cells says states in short and leaves out since when someone is there, and how often the chat is polled."""
RECENT_SECONDS = 60.0
"""A capability that was gained or lost less than so many seconds ago is marked."""


def chat_lines(
    chat: Chat,
    timeline: Sequence[Event],
    snapshot: Snapshot,
    width: int,
    *,
    timezone: tzinfo | None,
    alarms: ChatAlarms = (),
    title: str = "",
    keymap: Mapping[str, str] = AS_THEY_ARE,
) -> list[Line]:
    """All of a chat in lines of at most `width` terminal cells; `title` stands at the right of the first, such as the number of a pin.

    `keymap` are the keys that were chosen for bindings, by their ids.
    """
    details = detail_lines(chat, timeline, snapshot, width, timezone=timezone, alarms=alarms, title=title, keymap=keymap)
    return [*details, EMPTY, *timeline_lines(timeline, width, now=snapshot.now.utc, timezone=timezone)] if timeline else details


def detail_lines(
    chat: Chat,
    timeline: Sequence[Event],
    snapshot: Snapshot,
    width: int,
    *,
    timezone: tzinfo | None,
    alarms: ChatAlarms = (),
    title: str = "",
    keymap: Mapping[str, str] = AS_THEY_ARE,
) -> list[Line]:
    """What is known of a chat now: state, alarms, trouble, participants, capabilities."""
    inner = max(10, width - len(INDENT) - 1)
    lines = [_headline(chat, alarms, snapshot, width, title), *_identity(chat, snapshot, inner)]
    if width >= NARROW:
        lines += _pace(chat, alarms, snapshot, inner)
    lines += alarm_lines(alarms, chat, width, timezone=timezone, keymap=keymap)
    lines += _trouble(chat, snapshot, inner, keymap)
    if chat.resource is not None:
        lines += [
            EMPTY,
            _title("Participants"),
            *_participants(chat.presences, inner, timezone),
            *_not_kept(chat.resource.more_participants),
        ]
        lines += [EMPTY, _title("May be done now"), *_capabilities(chat, timeline, snapshot, inner)]
        lines += _not_kept(chat.resource.more_capabilities)
    return [cut(one, width) for one in lines]


def _title(text: str) -> Line:
    return line(" ", Span(text, "title"))


def _headline(chat: Chat, alarms: ChatAlarms, snapshot: Snapshot, width: int, title: str) -> Line:
    alarm = worst(alarms)
    state = chat_sign(chat)
    sign = state if alarm is None else alarm_sign(alarm)
    narrow = width < NARROW
    left: list[Span] = [Span(" "), Span(sign.glyph, sign.style), Span(" "), Span(state_word(chat, short=narrow), f"{state.style} strong")]
    if time_shown(chat, snapshot.now) is not None:
        style = waiting_style(alarms) or state.style
        left += [Span("  " if narrow else "   for ", "dim"), Span(clock_shown(chat, snapshot.now), f"{style} strong")]
    return spread(tuple(left), (Span(f" {title}  ", "key"),) if title else (), width)


def _identity(chat: Chat, snapshot: Snapshot, width: int) -> list[Line]:
    lines = [line(" ", Span(part, "dim")) for part in _pieces(clean(chat.id), width)]
    seconds = chat.age(snapshot.now)
    seen = "not seen yet" if seconds is None else f"seen {age(seconds)} ago"
    if snapshot.is_recorded and seconds is not None and seconds < 1:
        seen = "seen without a gap"
    latency = "" if chat.latency is None else f", {chat.latency * 1000:.0f} ms"
    label = clean(chat.label)
    spans = [Span(" ")]
    if label:
        spans += [Span(fit(label, min(len(label), width // 2))), Span(f"  {glyphs.SEPARATOR}  ", "dim")]
    spans.append(Span(seen + latency, "failing" if snapshot.is_stale(chat) and chat.health is not Health.GONE else "dim"))
    return [*lines, Line(tuple(spans))]


def _pace(chat: Chat, alarms: ChatAlarms, snapshot: Snapshot, width: int) -> list[Line]:
    """How often a chat is polled that would be polled more rarely if nobody looked at it."""
    is_slow = chat.state == IDLE and chat.health is Health.OK and snapshot.idle_every > 1
    if not is_slow or any(alarm.holds for alarm in alarms):
        return []
    shown, else_ = (f"{round(intervals * snapshot.interval, 1):g} s" for intervals in (1, snapshot.idle_every))
    return [line(" ", Span(part, "dim")) for part in wrap([f"polled every {shown} while shown,", f"else every {else_}"], width)]


def _pieces(text: str, width: int) -> list[str]:
    """An id is shown whole, in as many lines as it needs."""
    return [text[start : start + width] for start in range(0, len(text), width)] or [""]


_WHAT_NEXT = {
    Health.FAILING: "the last known state is shown; chatmon keeps asking",
    Health.DENIED: "asked again every half minute; {poll_now} asks now",
    Health.GONE: "what was last seen is shown; {poll_now} asks once more, {unwatch} stops watching",
    Health.NOT_FOUND: "never seen: is the id right? {poll_now} asks now, {unwatch} stops watching",
}
_ALL_DENIED = "the server lets nobody in: one chat is asked every half minute; {poll_now} puts this one first"

_WHAT_WAS_SHOWN = {
    Health.FAILING: "the last known state is shown",
    Health.DENIED: "the last known state is shown",
    Health.GONE: "what was last seen is shown",
    Health.NOT_FOUND: "never seen: the id was wrong, perhaps",
}
"""The same where nobody can do anything any more."""


def _trouble(chat: Chat, snapshot: Snapshot, width: int, keymap: Mapping[str, str]) -> list[Line]:
    """Why the chat is not as it should be, what rests on it and what happens next."""
    if chat.health in _WHAT_NEXT:
        style = "dim" if chat.health is Health.GONE else "failing"
        headline = state_word(chat) if chat.error is None else clean(chat.error.message)
        if chat.failures > 1:
            headline += f" ({chat.failures} polls)"
        if keymap.get("poll_now") == OFF:
            what_next = _WHAT_WAS_SHOWN[chat.health]
        else:
            is_of_all = chat.health is Health.DENIED and snapshot.circuit is Circuit.DENIED
            what_next = _ALL_DENIED if is_of_all else _WHAT_NEXT[chat.health]
            what_next = what_next.format(poll_now=key_of("poll_now", keymap), unwatch=key_of("unwatch", keymap))
        return [EMPTY, *boxed([(Span(headline, f"{style} strong"),), (Span(what_next, "dim"),)], style, width)]
    if snapshot.is_stale(chat):
        return [EMPTY, *boxed([(Span("not asked for more than three of its intervals", "failing strong"),)], "failing", width)]
    return []


def _participants(presences: Sequence[Presence], width: int, timezone: tzinfo | None) -> list[Line]:
    if not presences:
        return [line(INDENT, " ", Span("nobody is listed", "dim"))]
    here = [one for one in presences if one.left is None]
    gone = [one for one in presences if one.left is not None]
    return [_participant(one, width, timezone) for one in [*here, *reversed(gone)]]


def _not_kept(more: int) -> list[Line]:
    """That the server lists more than is kept."""
    return [line(INDENT, " ", Span(f"and {more:,} more, which are not kept", "dim"))] if more else []


_TYPE_STYLES = {"Customer": "waiting", "Agent": "chatting"}


def _participant(presence: Presence, width: int, timezone: tzinfo | None) -> Line:
    participant = presence.participant
    name_width = max(8, min(24, width - 28))
    name = fit(nickname(participant), name_width)
    kind = fit(clean(participant.type) or "(no type)", 9)
    if presence.left is not None:
        return line(INDENT, " ", Span(f"{name} {kind} left {time_of_day(presence.left, timezone)}", "dim"))
    style = _TYPE_STYLES.get(participant.type, "")
    if width < NARROW - len(INDENT) - 1:
        return line(INDENT, " ", Span(name, "bright"), " ", Span(kind, style))
    since = moment_of_day(presence.since, timezone, exact=presence.since_exact)
    return line(INDENT, " ", Span(name, "bright"), " ", Span(kind, style), " ", Span(since, "dim"))


def _capabilities(chat: Chat, timeline: Sequence[Event], snapshot: Snapshot, width: int) -> list[Line]:
    now = () if chat.resource is None else chat.resource.capabilities
    recent = [event for event in timeline if snapshot.now.utc - event.at <= RECENT_SECONDS and event.capability is not None]
    gained = {event.capability for event in recent if event.kind is EventKind.CAPABILITY_GAINED}
    lost = [event.capability or "" for event in recent if event.kind is EventKind.CAPABILITY_LOST and event.capability not in now]
    if chat.health is not Health.OK:
        lost = []
    if not now and not lost:
        return [line(INDENT, " ", Span("nothing", "dim"))]
    separator = f" {glyphs.SEPARATOR} "
    names = [(glyphs.JOINED if name in gained else "") + clean(name) for name in now]
    lines = [line(INDENT, " ", Span(part)) for part in wrap(names, width - 1, separator)]
    if lost:
        marked = [glyphs.LEFT + clean(name) for name in dict.fromkeys(lost)]
        lines += [line(INDENT, " ", Span(part, "dim")) for part in wrap(marked, width - 1, separator)]
    return lines
