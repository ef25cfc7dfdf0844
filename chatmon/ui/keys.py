"""Every key of chatmon, as data: help, key bar, palette and the README's table are made from it.

Each binding has an id, so that it can be bound to other keys, a word for the key bar and a tooltip, which is its line in the help.
"""

from __future__ import annotations

from textual.binding import Binding, BindingType

ENTER = "⏎"
"""As the key bar writes it, where it may show more than ASCII."""


def _key(keys: str, action: str, word: str, tooltip: str, *, shown: bool = False, display: str | None = None, name: str = "") -> Binding:
    """A binding; its id is that of the action, or `name` where several bindings share one."""
    return Binding(keys, action, word, show=shown, key_display=display, tooltip=tooltip, id=name or action.split("(")[0])


MOVE_KEYS = (
    _key("up,k", "cursor_up", "up", "one row up"),
    _key("down,j", "cursor_down", "down", "one row down"),
    _key("pageup", "page_up", "page up", "one page up"),
    _key("pagedown", "page_down", "page down", "one page down"),
    _key("home,g", "first", "first", "first row"),
    _key("end,G", "last", "last", "last row"),
)
SCROLL_KEYS = (
    _key("up,k", "scroll_up", "up", "one line up"),
    _key("down,j", "scroll_down", "down", "one line down"),
    _key("pageup", "page_up", "page up", "one page up"),
    _key("pagedown", "page_down", "page down", "one page down"),
    _key("home,g", "scroll_home", "top", "to the top"),
    _key("end,G", "scroll_end", "end", "to the end"),
)
ALARM_KEYS = (
    _key("a", "acknowledge", "acknowledge", "acknowledge the alarms of the chat or the agent", shown=True),
    _key("z", "snooze", "snooze", "acknowledge them for some minutes"),
)
CHAT_KEYS = (
    _key("p", "pin", "pin", "pin or unpin the chat: pinned chats stand on the wall", shown=True, name="pin_chat"),
    _key("r", "poll_now", "poll now", "poll the chat now"),
    _key("y", "copy_id", "copy id", "copy the chat's whole id"),
    _key("t", "transcript", "transcript", "read the chat's transcript: only where the profile allows it, after a warning"),
    _key("x", "unwatch", "stop watching", "stop watching the chat; o takes it back"),
)
BOARD_KEYS = (
    _key("enter", "open", "open", "open the chat full screen", shown=True, display=ENTER),
    _key("slash", "filter", "filter", "show only chats that match: words, state:waiting, agent:kristi, !inverts", shown=True, display="/"),
    _key("s", "sort", "sort", "sort by the next column", shown=True),
    _key("S", "reverse_sort", "reverse", "sort the other way round"),
    _key("tab", "app.focus_next", "next pane", "to the next pane", display="tab", name="next_pane"),
    _key("shift+tab", "app.focus_previous", "previous pane", "to the previous pane", name="previous_pane"),
    _key("escape", "back", "back", "back to the list, or clear the filter", display="esc"),
)
OPEN_KEYS = (
    _key("escape", "back", "back", "back to the board", shown=True, display="esc"),
    _key("left", "previous_chat", "previous", "the chat above it on the board"),
    _key("right", "next_chat", "next", "the chat below it on the board"),
)
TRANSCRIPT_KEYS = (
    _key("escape", "back", "back", "back to where the transcript was opened", shown=True, display="esc"),
    _key("t", "read_on", "read on", "read on where it ended: one more cursor-moving read", shown=True, name="transcript"),
)
LIST_KEYS = (
    _key("enter", "open", "open", "to the chat, or the agent's chats, on the board", shown=True, display=ENTER),
    _key("escape", "back", "back", "back to the board", shown=True, display="esc"),
)
EVENT_KEYS = (
    _key("slash", "filter", "filter", "list only what matches: words, kind:alarm, chat:6524, state:waiting", shown=True, display="/"),
    _key("y", "copy_line", "copy line", "copy the line as text"),
)
WALL_KEYS = (
    _key("enter", "open", "open", "open the chat full screen", shown=True, display=ENTER),
    _key("tab", "app.focus_next", "next pane", "to the next pane", shown=True, name="next_pane"),
    _key("shift+tab", "app.focus_previous", "previous pane", "to the previous pane", name="previous_pane"),
    _key("escape", "back", "back", "back to the board", shown=True, display="esc"),
)
HELP_KEYS = (_key("escape", "back", "back", "back to where the help was opened", shown=True, display="esc"),)
PIN_KEYS = tuple(
    _key(str(number), f"go_to_pin({number})", "pinned pane", "to the pinned pane of that number", name=f"pin_{number}")
    for number in range(1, 10)
)
FILTER_KEYS = tuple(
    _key(
        f"f{number}",
        f"saved_filter({number})",
        "saved filter",
        "the saved filter of that number; once more clears it",
        name=f"filter_{number}",
    )
    for number in range(1, 5)
)
APP_KEYS = (
    _key("n", "next_alarm", "next alarm", "the next chat with an alarm that is not acknowledged", shown=True),
    _key("N", "previous_alarm", "previous alarm", "the previous one"),
    _key("b", "show_board", "board", "the board: all chats"),
    _key("l", "show_alarms", "alarms", "every alarm, and what is wrong beside the polls", shown=True),
    _key("A", "show_agents", "agents", "the agents and their chats", shown=True),
    _key("e", "show_events", "events", "what happened, newest last", shown=True),
    _key("w", "show_wall", "wall", "the wall: pinned chats alone", shown=True),
    _key("space", "pause", "pause", "pause the screen; polling goes on", shown=True),
    _key("o", "watch", "watch", "watch another chat", shown=True),
    _key("plus", "slower", "slower", "poll less often", display="+"),
    _key("minus", "faster", "faster", "poll more often", display="-"),
    _key("ctrl+p", "command_palette", "palette", "find a command or a chat", display="^p"),
    _key("question_mark", "show_help", "help", "the help: every key and sign", shown=True, display="?"),
    *FILTER_KEYS,
    _key("q", "quit", "quit", "end chatmon", shown=True),
    _key("ctrl+c", "interrupt", "quit", "end chatmon", display="^c"),
    _key("ctrl+z", "suspend_process", "suspend", "back to the shell; fg takes it up again", display="^z"),
)
REPLAY_KEYS = (
    _key("space", "play", "play", "play the recording, or stop it", shown=True),
    _key("plus", "play_faster", "faster", "play faster, up to 600 seconds in one", shown=True, display="+"),
    _key("minus", "play_slower", "slower", "play slower", shown=True, display="-"),
    _key("left_square_bracket", "previous_event", "event before", "to the event before", display="["),
    _key("right_square_bracket", "next_event", "event", "to the next event", shown=True, display="[ ]"),
    _key("left_curly_bracket", "previous_raised", "alarm before", "to where the alarm before was raised", display="{"),
    _key("right_curly_bracket", "next_raised", "alarm", "to where the next alarm was raised", shown=True, display="{ }"),
    _key("g", "go_to_time", "go to", "to a time of day; Home goes to the first row", shown=True),
)
"""Of a replay, in place of the keys that they share with the live board."""
GIVE_WAY_IN_REPLAY = ("first", "scroll_home")
"""Bindings that share keys with one of `REPLAY_KEYS`, and are left without those in a replay."""
OFF_IN_REPLAY = ("watch", "unwatch", "poll_now", "transcript", "acknowledge", "snooze", "pause", "slower", "faster")
"""Bindings that have no key in a replay: what was recorded stays as it is."""

BAR_ORDER = (
    "open",
    "back",
    "read_on",
    "play",
    "play_faster",
    "play_slower",
    "next_event",
    "next_raised",
    "go_to_time",
    "pin",
    "filter",
    "sort",
    "next_alarm",
    "acknowledge",
    "app.focus_next",
    "show_alarms",
    "show_agents",
    "show_events",
    "show_wall",
    "pause",
    "watch",
)
"""Actions as they stand in the key bar, most wanted first: where there is little room the last are left out."""

HELP_SECTIONS = (
    ("Everywhere", APP_KEYS),
    ("The board", BOARD_KEYS),
    ("A chat", (*CHAT_KEYS, *PIN_KEYS)),
    ("Alarms", ALARM_KEYS),
    ("Rows", MOVE_KEYS),
    ("A replay", REPLAY_KEYS),
    ("A pane, a page", SCROLL_KEYS),
    ("An open chat", OPEN_KEYS),
    ("A transcript", TRANSCRIPT_KEYS),
    ("The wall", WALL_KEYS),
    ("Alarms, agents, events", LIST_KEYS),
    ("Events", EVENT_KEYS),
    ("Help", HELP_KEYS),
)

MODAL_KEYS: list[BindingType] = [Binding("ctrl+c", "app.interrupt", "end chatmon", show=False, priority=True)]
"""What a modal screen has beside its own: it lets no key through to the app, and a field would copy with this one."""
