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
from tempfile import TemporaryDirectory

from chatmon.api.errors import ChatApiError, NotFound, Timeout
from chatmon.api.resource import Answer, decode
from chatmon.api.transcript import Message, decode_messages
from chatmon.config.screen import ScreenSettings
from chatmon.history.reader import HistoryReader
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import answered, failed
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.monitor.transcripts import Transcripts
from chatmon.replay.film import Film
from chatmon.replay.player import Player
from chatmon.replay.reading import read_tape
from chatmon.replay.tape import Tape
from chatmon.simulator.contact_centre import ContactCentre
from chatmon.simulator.messages import represent as represent_messages
from chatmon.simulator.server import represent
from chatmon.simulator.talk import talk_of
from chatmon.ui.app import ChatmonApp
from chatmon.ui.replay_app import ReplayApp
from chatmon.ui.replay_session import ReplaySession

FOLDER = Path(__file__).parent
SEED = 4
CHATS = 38
STEP = 2.0
"""Seconds of the contact centre between two rounds of polls."""
OPENED_AT = 1_795_356_000.0
"""UTC seconds at which the watching begins: 14:00 on a Sunday in November."""
WATCHED_SECONDS = 900.0
FORGET_AFTER = 20.0
TAPE_STEP = 10.0
TAPE_FLUSH = 30.0
TAPE_CHATS = 20
TAPE_SESSIONS = ((0.0, 4_800.0), (5_700.0, 9_000.0))
TAPE_AT = 6_900.0
"""Of the shift that is replayed: seconds between two rounds and two writes, chats, when chatmon ran, and where the picture stands."""
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
    wallboard: bool = False
    is_replay: bool = False


PICTURES = (
    Picture("board", (160, 45), ("p", *("down",) * 3, "p", *("down",) * 3)),
    Picture("board-80x24", (80, 24)),
    Picture("board-light", (120, 32), theme="light"),
    Picture("chat", (120, 32), ("pagedown", *("down",) * 3, "enter")),
    Picture("wall", (160, 45), (*("p", "down") * 3, "G", *("up", "up", "p") * 3, "w")),
    Picture("alarms", (120, 32), ("l",)),
    Picture("agents", (120, 32), ("A",)),
    Picture("events", (120, 32), ("e",)),
    Picture("transcript", (120, 28), (*("down",) * 27, "t", "enter")),
    Picture("help", (160, 50), ("question_mark",)),
    Picture("wallboard", (113, 29), wallboard=True),
    Picture("replay", (120, 32), (*("plus",) * 5, "space"), is_replay=True),
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


def watched_centre() -> tuple[Monitor, ContactCentre]:
    """A monitor that has watched a contact centre for some minutes, and the centre."""
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
    return monitor, centre


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


def recorded_tape() -> Tape:
    """A shift that was recorded, with a break in which chatmon did not run."""
    clock = StandingClock()
    monitor = Monitor(_open_nothing, pace=Pace(interval=TAPE_STEP), clock=clock, random=Random(SEED))
    centre = ContactCentre(chats=TAPE_CHATS, seed=SEED)
    vanished: dict[str, float] = {}
    told: list[Event] = []
    monitor.listen(told.append)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite3"
        for begin, end in TAPE_SESSIONS:
            _advance(clock, centre, vanished, to=begin)
            writer = HistoryWriter(path, source="demo", token=f"{begin}", started=clock.now().utc)
            told.clear()
            written = 0
            monitor.board.record(Event(at=clock.now().utc, kind=EventKind.MONITOR_STARTED))
            while clock.seconds < end:
                _follow(monitor, centre, vanished)
                _round(monitor, centre, last=False)
                monitor.review()
                if clock.seconds % TAPE_FLUSH == 0:
                    written = _write(writer, monitor, told, written)
                _advance(clock, centre, vanished, to=clock.seconds + TAPE_STEP)
            _write(writer, monitor, told, written)
            writer.close()
        reader = HistoryReader(path)
        try:
            return read_tape(reader, timezone=UTC)
        finally:
            reader.close()


def _write(writer: HistoryWriter, monitor: Monitor, told: list[Event], written: int) -> int:
    """Write what was told since the last time; how much there is now."""
    now, new = monitor.clock.now(), told[written:]
    seen = [chat for chat in monitor.board.chats if chat.observed is not None]
    changed = {event.chat for event in new}
    chats = tuple(chat for chat in seen if chat.id in changed)
    writer.write(Batch(now.utc, tuple(enumerate(new, written)), chats, tuple(seen), monitor.trends.newest(now)))
    return len(told)


def _advance(clock: StandingClock, centre: ContactCentre, vanished: dict[str, float], *, to: float) -> None:
    clock.seconds = to
    for event in centre.advance(to):
        if event.kind == "vanished":
            vanished[event.chat_id] = event.at


def _app(picture: Picture) -> ChatmonApp:
    settings = ScreenSettings(theme=picture.theme, ascii=picture.ascii_only, wallboard=picture.wallboard, timezone=UTC)
    if picture.is_replay:
        clock = StandingClock()
        player = Player(Film(recorded_tape(), Thresholds()), clock)
        player.seek(OPENED_AT + TAPE_AT)
        return ReplayApp(ReplaySession(player, settings, source="history.sqlite3", clock=clock))
    monitor, centre = watched_centre()

    async def tell(chat_id: str, first: int) -> tuple[Message, ...]:
        """What is said in a chat, without a network."""
        chat = centre.chat(chat_id)
        entries = () if chat is None else talk_of(chat, centre.now)
        return decode_messages(represent_messages(entries, first), first).messages or ()

    return ChatmonApp(monitor, settings, source="demo · simulated contact centre", transcripts=Transcripts(monitor, tell))


async def draw(picture: Picture) -> str:
    """A picture as SVG."""
    app = _app(picture)
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
