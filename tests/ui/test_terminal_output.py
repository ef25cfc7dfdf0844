"""Whatever strangers write, every byte that steers the terminal is chatmon's own: whole boards in the real app, its output taken down."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.drivers.headless_driver import HeadlessDriver
from wcwidth import wcwidth

from chatmon.api.errors import InvalidChatId
from chatmon.api.resource import ChatResource, Participant, parse_chat_id
from chatmon.monitor.clock import Moment
from chatmon.monitor.observation import Observation, PollError
from tests.examples import examples
from tests.ui.strategies import HOSTILE
from tests.ui.watched import NOON, Dashboard, Watched, dashboard

COLUMNS, ROWS = 120, 30
PATIENCE = 60.0
"""Seconds after which what has not come is missing."""
OWN = re.compile(
    r"\x1b\[(?:0?|(?:[1-9]|2[1-9]|[34]8;2;\d{1,3};\d{1,3};\d{1,3}|[34]9)(?:;(?:[1-9]|2[1-9]|[34]8;2;\d{1,3};\d{1,3};\d{1,3}|[34]9))*)m"
    r"|\x1b\[\d+;\d+H|\x1b\[\?(?:25|2026)[hl]|\r?\n|\x1b\]9;chatmon: [ -~]*\x07|\x1b\]22;[a-z-]*\x07"
)
"""What is sent beside text: styles in full colour, the cursor's place, whole updates, the shape of the mouse, an alarm."""
SCREENS = ("b", "enter", "escape", "A", "e", "l", "w", "b")

NASTY = (
    "\x00\x07\x08\x1b[]0;m\\\x7f\x85\x90\x9b\x9c\t\r\n\u2028\u200b\u200d\u202e\u2066\ufeff\ufe0f\u0301\u0300\u0903"
    "\U0001f468\U0001f3fd\U0001f1e9\ud800張"
)
texts = st.one_of(
    st.sampled_from([text[:1_000] for text in HOSTILE]),
    st.text(NASTY, max_size=30),
    st.text(st.characters(exclude_categories=[]), max_size=30),
)
FLOOD = "Z" + "\u0300\u0301" * 60
"""The id of a chat, as ids may be."""


def _is_id(text: str) -> bool:
    try:
        return bool(parse_chat_id(text))
    except InvalidChatId:
        return False


ids = st.one_of(st.text(max_size=12), st.sampled_from(["Z" + "\u0300\u0301" * 60, "張" * 9, "\U0001f1e9\U0001f1ea\U0001f1e9"])).filter(
    _is_id
)
people = st.builds(Participant, texts, texts, st.sampled_from(["Agent", "Customer"]) | texts)
resources = st.builds(
    ChatResource,
    st.sampled_from(["WaitingForAgent", "Chatting", "Idle"]) | texts,
    st.lists(people, max_size=3, unique=True).map(tuple),
    st.lists(texts, max_size=3, unique=True).map(tuple),
)


class Told(NamedTuple):
    """A chat as it was polled twice."""

    chat_id: str
    label: str
    first: ChatResource
    then: ChatResource | PollError


told = st.builds(Told, ids, texts, resources, resources | st.builds(PollError, texts, texts))
boards = st.lists(told, max_size=4, unique_by=lambda one: one.chat_id)


CLIPBOARD = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


def steering(output: str) -> str:
    """What of an output steers a terminal and is not the program's own."""
    return "".join(character for character in OWN.sub("", output) if not character.isprintable())


class Stage:
    """The app on a terminal that takes down what is written to it. What is done with it is asked for from another thread."""

    def __init__(self, shown: Dashboard, written: list[str]) -> None:
        self.shown = shown
        self._written = written
        self._loop = asyncio.get_running_loop()

    async def _begin(self, board: list[Told]) -> None:
        watched = self.shown.watched
        monitor = watched.monitor
        for chat in list(monitor.board.chats):
            monitor.unwatch(chat.id)
        monitor.watch((one.chat_id, one.label) for one in board)
        for outcomes in ([one.first for one in board], [one.then for one in board]):
            watched.clock.seconds += 1.0
            at = Moment(watched.clock.seconds, NOON + watched.clock.seconds)
            for one, outcome in zip(board, outcomes, strict=True):
                resource, error = (None, outcome) if isinstance(outcome, PollError) else (outcome, None)
                monitor.board.apply(Observation(one.chat_id, at, at, resource=resource, error=error, http_status=200))
        monitor.review()

    def show(self, board: list[Told]) -> Iterator[str]:
        """Show other chats on every screen; what was written for each."""
        self._do(self._begin(board))
        for key in SCREENS:
            yield self.press(key)

    def press(self, *keys: str) -> str:
        """Press keys; what was written then."""
        self._written.clear()
        self._do(self._after(*keys))
        return "".join(self._written)

    async def _after(self, *keys: str) -> None:
        await self.shown.press(*keys)
        await self.shown.refresh()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    written: list[str] = []
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr(HeadlessDriver, "is_headless", property(lambda _: False))
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: written.append(data))
    async with dashboard(Watched(), (COLUMNS, ROWS), notify="osc9") as shown:
        yield Stage(shown, written)


async def test_no_byte_of_a_board_steers_the_terminal_and_every_line_is_as_wide_as_the_screen(stage: Stage) -> None:
    @examples(12, suppress_health_check=list(HealthCheck))
    @given(boards)
    def check(board: list[Told]) -> None:
        outputs = []
        for output in stage.show(board):
            outputs.append(output)
            assert steering(output) == ""
            for line in stage.shown.lines:
                assert cell_len(line) == sum(map(wcwidth, line)) == COLUMNS
        assert sum(map(bool, outputs)) > len(SCREENS) / 2

    await asyncio.to_thread(check)


@pytest.mark.parametrize("text", ["\x1b[31m", "\x1b]0;x\x07", "\x9b2J", "a\x08", "\u202e", "\u2066", "\x7f", "\ud800", "\u200b"])
def test_what_steers_is_seen_to(text: str) -> None:
    assert steering(f"\x1b[1;38;2;1;2;3mChatting{text}\x1b[0m\x1b[3;4H")


async def test_the_clipboard_gets_the_id_and_one_printable_line_and_notices_are_clean(stage: Stage) -> None:
    text = HOSTILE[0]
    board = [Told(FLOOD, text, ChatResource(text), PollError(text, text))]

    def check() -> None:
        copied: list[str] = []
        list(stage.show(board))
        for keys in ("y", ("e", "y"), ("b", "x")):
            output = stage.press(*keys)
            copied += [base64.b64decode(encoded).decode() for encoded in CLIPBOARD.findall(output)]
            assert steering(CLIPBOARD.sub("", output)) == ""
        assert len(copied) == 2
        assert copied[0] == FLOOD
        assert all(line.isprintable() for line in [*copied, *stage.shown.notices])

    await asyncio.to_thread(check)
