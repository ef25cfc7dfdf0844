"""A monitor whose polls a test makes by hand, and the real app over it: time passes only where the test lets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any

from rich.segment import Segment
from textual import events
from textual.color import Color
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Label

from chatmon.api.errors import ChatApiError
from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, WAITING, Answer, ChatResource, Participant
from chatmon.config.screen import ScreenSettings
from chatmon.history.reader import HistoryReader
from chatmon.monitor.clock import Moment
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import answered, failed
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.monitor.pseudonyms import REAL_NAMES, Naming
from chatmon.monitor.transcripts import RequestTranscript, Transcripts
from chatmon.ui.app import ChatmonApp
from chatmon.ui.screens.board import BoardScreen

NOON = 1_795_348_800.0
"""UTC seconds at which the standing clock begins: 12:00:00."""
CAPABILITIES = ("SendMessage", "Complete")


class StandingClock:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.set_back = 0.0

    def now(self) -> Moment:
        return Moment(self.seconds, NOON + self.seconds - self.set_back)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:  # noqa: ARG002 - no time passes
        await event.wait()


class Watched:
    """A monitor that never polls by itself. `answer` and `fail` are what polls would have brought."""

    def __init__(self) -> None:
        self.clock = StandingClock()
        self.monitor = Monitor(self._never_opens, pace=Pace(interval=2.0), clock=self.clock, random=Random(7))

    async def _never_opens(self, _: Monitor) -> ChatApi:
        return await asyncio.Future()

    def answer(
        self,
        chat_id: str,
        state: str | None = CHATTING,
        *,
        customer: str | None = "Chris",
        agents: Iterable[str] = ("Kristi",),
        capabilities: tuple[str, ...] = CAPABILITIES,
        label: str = "",
    ) -> None:
        """A poll that gave a chat; it is watched from now on."""
        people = [] if customer is None else [Participant("1", customer, CUSTOMER)]
        people += [Participant(str(number), name, AGENT) for number, name in enumerate(agents, 2)]
        self.monitor.watch([(chat_id, label or None)])
        now = self.clock.now()
        resource = ChatResource(state=state, participants=tuple(people), capabilities=capabilities, id=chat_id)
        self.monitor.board.apply(answered(chat_id, now, now, Answer(resource, 200)))

    def fail(self, chat_id: str, error: ChatApiError) -> None:
        """A poll that gave none."""
        self.monitor.watch([(chat_id, None)])
        now = self.clock.now()
        self.monitor.board.apply(failed(chat_id, now, now, error))


def chat_id(number: int) -> str:
    """Ids whose order is that of their numbers."""
    return f"{number:08d}-0000-4000-8000-000000000000"


def waiting_chats(number: int) -> Watched:
    """So many chats that wait, the first one longest; each customer is named after the chat's number."""
    watched = Watched()
    for place in range(number):
        watched.answer(chat_id(place), WAITING, customer=f"Customer {place}", agents=())
        watched.clock.seconds += 1
    return watched


class Dashboard:
    """The running app as a user sees and handles it."""

    def __init__(self, app: ChatmonApp, pilot: Pilot[int], watched: Watched) -> None:
        self.app = app
        self.pilot = pilot
        self.watched = watched

    @property
    def board(self) -> BoardScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, BoardScreen))

    @property
    def selected(self) -> str | None:
        return self.app.session.selected

    @property
    def rows(self) -> list[str]:
        return self.board.table.keys

    @property
    def strips(self) -> list[Strip]:
        return self.app.screen._compositor.render_strips()

    @property
    def lines(self) -> list[str]:
        """The screen's text, line by line."""
        return ["".join(segment.text for segment in strip) for strip in self.strips]

    @property
    def segments(self) -> list[Segment]:
        """The screen's text with the colours it is sent in."""
        strips = (strip.apply_filter(one, Color(0, 0, 0)) for one in self.app._filters for strip in self.strips)
        return [segment for strip in (strips if self.app._filters else self.strips) for segment in strip]

    @property
    def rows_of_events(self) -> list[str]:
        """What the events screen lists, without its scroll bar."""
        return [line[:-2] for line in self.lines[3:-1]]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def place(self) -> str:
        """The name of the screen on top."""
        return str(getattr(self.app.screen, "PLACE", type(self.app.screen).__name__))

    @property
    def notices(self) -> list[str]:
        return [notice.message for notice in self.app._notifications]

    @property
    def said_of_the_filter(self) -> str:
        return str(self.board.filter_bar.query_one("Label.-said", Label).content)

    async def press(self, *keys: str) -> None:
        """Press keys as the terminal sends them; a letter is its own key."""
        for key in keys:
            self._send(key)
            await self.settle(rounds=2)
        await self.settle()

    async def burst(self, text: str, *keys: str) -> None:
        """Type a text and press keys faster than anything can happen in between, as over a slow line."""
        for key in (*text, *keys):
            self._send(key)
        await self.settle(rounds=4 * len(text))

    def _send(self, key: str) -> None:
        name = key if len(key) > 1 or key.isalnum() else _character_to_key(key)
        self.app.post_message(events.Key(name, key if len(key) == 1 else None))

    async def type(self, text: str) -> None:
        await self.press(*text)

    async def settle(self, rounds: int = 6) -> None:
        """Let everything that was asked for happen. No time passes: whoever waits for a moment is not waited for."""
        for _ in range(rounds):
            await self.pilot._wait_for_screen()
            self.app.screen._on_timer_update()

    async def refresh(self, seconds: float = 0.0) -> None:
        """Let time pass and show what changed, as the app does once a second."""
        self.watched.clock.seconds += seconds
        self.app._show_changes()
        await self.settle()


@asynccontextmanager
async def dashboard(watched: Watched, size: tuple[int, int] = (120, 30), **options: Any) -> AsyncIterator[Dashboard]:
    """The app over a watched monitor, with the options of `app_over`."""
    app = app_over(watched, **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        shown = Dashboard(app, pilot, watched)
        await shown.settle()
        yield shown


def app_over(
    watched: Watched,
    *,
    ascii_only: bool = False,
    history: HistoryReader | None = None,
    saved_at: Path | None = None,
    naming: Naming = REAL_NAMES,
    transcripts: RequestTranscript | None = None,
    **settings: Any,
) -> ChatmonApp:
    """The app, not yet running; `settings` are those of the screen, `transcripts` is asked for transcripts where they are on."""
    screen = ScreenSettings(ascii=ascii_only, timezone=UTC, **settings)
    reader = None if transcripts is None else Transcripts(watched.monitor, transcripts)
    return ChatmonApp(
        watched.monitor, screen, source="gws.example.com", history=history, saved_at=saved_at, naming=naming, transcripts=reader
    )
