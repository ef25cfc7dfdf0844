"""Draws the pictures of the README: `python screenshots/take.py [FOLDER]`.

Every screen is that of the real dashboard over a seeded contact centre, watched on a clock that stands still: the same pictures each
time, and a test that fails when one of them is out of date.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from random import Random

from chatmon.api.errors import ChatApiError, NotFound, Timeout
from chatmon.api.resource import Answer, decode
from chatmon.config.screen import ScreenSettings
from chatmon.monitor.clock import Moment
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import answered, failed
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.simulator.contact_centre import ContactCentre
from chatmon.simulator.server import represent
from chatmon.ui.app import ChatmonApp

FOLDER = Path(__file__).parent
SEED = 4
CHATS = 38
STEP = 2.0
"""Seconds of the contact centre between two rounds of polls."""
OPENED_AT = 1_795_356_000.0
"""UTC seconds at which the watching begins: 14:00 on a Sunday in November."""
WATCHED_SECONDS = 900.0
FORGET_AFTER = 20.0
FAILING = (5, 17)
"""Places, in the order of watching, of chats whose last polls failed."""


@dataclass(frozen=True)
class Picture:
    """A screen to draw: its name, the size in terminal cells, and the keys that lead to it."""

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...] = ()
    theme: str = "dark"
    ascii_only: bool = False


PICTURES = (
    Picture("board", (160, 45), ("p", *("down",) * 3, "p", *("down",) * 3)),
    Picture("board-80x24", (80, 24)),
    Picture("board-light", (120, 32), theme="light"),
    Picture("chat", (120, 32), ("pagedown", *("down",) * 3, "enter")),
    Picture("wall", (160, 45), (*("p", "down") * 3, "G", *("up", "up", "p") * 3, "w")),
    Picture("alarms", (120, 32), ("l",)),
    Picture("agents", (120, 32), ("A",)),
    Picture("events", (120, 32), ("e",)),
    Picture("help", (160, 50), ("question_mark",)),
)


class StandingClock:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Moment:
        """The instant it stands at."""
        return Moment(self.seconds, OPENED_AT + self.seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:  # noqa: ARG002 - no time passes
        """No time passes: only the event ends the wait."""
        await event.wait()


async def _open_nothing(_: Monitor) -> ChatApi:
    """The polls are over before the screen is drawn."""
    return await asyncio.Future()


def watched_monitor() -> Monitor:
    """A monitor that has watched the contact centre for some minutes."""
    clock = StandingClock()
    monitor = Monitor(_open_nothing, pace=Pace(interval=STEP), clock=clock, random=Random(SEED))
    centre = ContactCentre(chats=CHATS, seed=SEED)
    vanished: dict[str, float] = {}
    while clock.seconds < WATCHED_SECONDS:
        _follow(monitor, centre, vanished)
        _round(monitor, centre, last=clock.seconds + STEP >= WATCHED_SECONDS)
        monitor.review()
        clock.seconds += STEP
        for event in centre.advance(clock.seconds):
            if event.kind == "vanished":
                vanished[event.chat_id] = event.at
    clock.seconds = WATCHED_SECONDS - STEP + 1.2
    return monitor


def _follow(monitor: Monitor, centre: ContactCentre, vanished: dict[str, float]) -> None:
    """Watch the chats that arrived, and those no longer that vanished some time ago."""
    now = monitor.clock.now().monotonic
    monitor.watch((chat_id, chat.label) for chat_id in centre.chat_ids() if (chat := centre.chat(chat_id)) is not None)
    for chat_id, at in vanished.items():
        if now - at > FORGET_AFTER:
            monitor.unwatch(chat_id)


def _round(monitor: Monitor, centre: ContactCentre, *, last: bool) -> None:
    """Poll every chat once, without a network."""
    for place, (chat_id, outcome) in enumerate(list(_answers(monitor, centre))):
        begun = monitor.clock.now()
        monitor.statistics.sent(begun.monotonic)
        latency = 0.012 + 0.0007 * (place * 7 % 40)
        at = Moment(begun.monotonic + latency, begun.utc + latency)
        if last and place in FAILING:
            outcome = Timeout("no whole answer within 5 s")
        if isinstance(outcome, ChatApiError):
            monitor.board.apply(failed(chat_id, begun, at, outcome))
        else:
            monitor.board.apply(answered(chat_id, begun, at, outcome))
        monitor.statistics.over(latency, outcome.kind if isinstance(outcome, ChatApiError) else None)


def _answers(monitor: Monitor, centre: ContactCentre) -> Iterator[tuple[str, Answer | ChatApiError]]:
    for chat in monitor.board.chats:
        simulated = centre.chat(chat.id)
        resource = None if simulated is None else decode(represent(simulated).body).chat
        if resource is None:
            yield chat.id, NotFound("statusCode 6: the server does not know the chat", http_status=404)
        else:
            yield chat.id, Answer(resource, 200)


async def draw(picture: Picture) -> str:
    """A picture as SVG."""
    app = ChatmonApp(
        watched_monitor(),
        ScreenSettings(theme=picture.theme, ascii=picture.ascii_only, timezone=UTC),
        source="demo · simulated contact centre",
    )
    async with app.run_test(size=picture.size) as pilot:
        await pilot.pause()
        for key in picture.keys:
            await pilot.press(key)
        await pilot.pause()
        return app.export_screenshot(title="chatmon")


def main() -> None:
    """Draw every picture into the folder."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for picture in PICTURES:
        (folder / f"{picture.name}.svg").write_text(asyncio.run(draw(picture)), encoding="utf-8")


if __name__ == "__main__":
    main()
