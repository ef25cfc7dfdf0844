"""The dashboard over a recorded shift, with a clock that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import msgspec

from chatmon.config.screen import ScreenSettings
from chatmon.history.reader import HistoryReader
from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.pseudonyms import REAL_NAMES, Naming
from chatmon.replay.film import Film
from chatmon.replay.player import Player
from chatmon.replay.reading import read_tape
from chatmon.replay.tape import Portion
from chatmon.ui.replay_app import ReplayApp
from chatmon.ui.replay_session import ReplaySession
from tests.replay.recorded_day import MORNING
from tests.ui.watched import Dashboard, Watched

PLAIN = ScreenSettings(timezone=UTC)


class Replayed(Dashboard):
    """A running replay. Seconds are those since the shift began."""

    app: ReplayApp

    @property
    def player(self) -> Player:
        return self.app.player

    @property
    def second(self) -> float:
        return self.player.second - MORNING

    @property
    def drawn(self) -> str:
        """The whole screen as it is sent to the terminal."""
        return "".join(f"{segment.style}{segment.text}" for segment in self.segments)

    async def settle(self, rounds: int = 6) -> None:
        """Let everything that was asked for happen, and the tape be wound."""
        await super().settle(rounds)
        while self.app.replay.winding is not None:
            await self.pilot.pause(0.005)
            await super().settle(rounds)

    async def pass_by(self, seconds: float) -> None:
        """Let so much time go by before the screen."""
        self.watched.clock.seconds += seconds
        self.app._move_on()
        await self.settle()

    async def go_to(self, second: float) -> None:
        self.player.seek(MORNING + second)
        self.app._show_playing()
        await self.settle()


@asynccontextmanager
async def replay(
    path: Path,
    *,
    size: tuple[int, int] = (120, 32),
    settings: ScreenSettings = PLAIN,
    naming: Naming = REAL_NAMES,
    read_on: Callable[[], Portion | None] | None = None,
    notices: bool = False,
) -> AsyncIterator[Replayed]:
    """A replay of a file, stopped at its beginning."""
    watched = Watched()
    reader = HistoryReader(path)
    player = Player(Film(read_tape(reader, timezone=UTC), Thresholds()), watched.clock)
    reader.close()
    session = ReplaySession(player, settings, source="history.sqlite3", clock=watched.clock, naming=naming)
    app = ReplayApp(session, read_on=read_on)
    async with app.run_test(size=size, notifications=notices) as pilot:
        shown = Replayed(app, pilot, watched)
        await shown.settle()
        yield shown


def with_keys(**keys: str) -> ScreenSettings:
    """Settings in which these keys were chosen."""
    return msgspec.structs.replace(PLAIN, keys=keys)
