"""The dashboard over a tape: played, stopped and wound to and fro. It asks nobody and writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input

from chatmon.history.errors import HistoryError
from chatmon.monitor.events import EventKind
from chatmon.replay.player import Player
from chatmon.replay.tape import Portion
from chatmon.replay.time_words import parse_time
from chatmon.ui.app import LOOK, ChatmonApp
from chatmon.ui.commands import KEPT_OF_TEXTUAL, app_commands, board_commands, screen_commands
from chatmon.ui.days import day_of, day_words
from chatmon.ui.keymap import BINDINGS as ALL_BINDINGS
from chatmon.ui.keys import APP_KEYS, OFF_IN_REPLAY, REPLAY_KEYS
from chatmon.ui.replay_session import ReplaySession
from chatmon.ui.screens.monitor_screen import MonitorScreen
from chatmon.ui.screens.time_prompt import TimePrompt
from chatmon.ui.times import time_of_day
from chatmon.ui.widgets.replay_bar import ReplayBar

MOVE_SECONDS = 0.1
"""Between two moves of what plays."""
READ_ON_SECONDS = 2.0
"""Between two looks at whether someone records more."""
REST_SECONDS = 0.002
"""Between two pieces of the tape that is wound: keys are taken then, and the screen is painted."""
TROUBLE = "history"

ReadOn = Callable[[], Portion | None]
"""Reads what came to the tape since; None where nothing did. Waits for the disk, and raises `HistoryError`."""

WHY_OFF = "Off in a replay: what was recorded stays as it is."


class ReplayApp(ChatmonApp):
    """The dashboard over one player. Keys that would do something to chats are off."""

    BINDINGS: ClassVar[list[BindingType]] = [*REPLAY_KEYS]

    def __init__(self, session: ReplaySession, *, read_on: ReadOn | None = None) -> None:
        super().__init__(session.monitor, source=session.source, session=session)
        self.replay = session
        self._read_on = read_on
        self._is_winding = False
        self._say_there: Callable[[], str] | None = None
        """What is said once the tape is wound to where the user wants to be."""
        own = {key for binding in REPLAY_KEYS for key in binding.key.split(",")}
        self._keys_off = {key for name in OFF_IN_REPLAY for binding in ALL_BINDINGS[name] for key in binding.key.split(",")} - own

    @property
    def player(self) -> Player:
        """What plays."""
        return self.replay.player

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be done: not where its binding is off."""
        return not self.session.is_off(action) and super().check_action(action, parameters)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the keys do that are not off, and the orders and filters of the board."""
        yield from screen_commands(screen)
        yield from app_commands(self, (*REPLAY_KEYS, *(key for key in APP_KEYS if not self.session.is_off(key.id or ""))))
        yield from board_commands(self._board, self._on_board)
        textuals = super(ChatmonApp, self).get_system_commands(screen)
        yield from (command for command in textuals if command.title in KEPT_OF_TEXTUAL)

    def on_key(self, event: events.Key) -> None:
        """A key of the live board that is off here says so."""
        if event.key in self._keys_off and not isinstance(self.focused, Input):
            self._say(WHY_OFF)

    async def _watch(self) -> None:
        self.set_interval(MOVE_SECONDS, self._move_on)
        while self._read_on is not None:
            await asyncio.sleep(READ_ON_SECONDS)
            await self._take_more(self._read_on)

    async def _take_more(self, read_on: ReadOn) -> None:
        try:
            portion = await asyncio.to_thread(read_on)
        except HistoryError as error:
            self.session.monitor.trouble(TROUBLE, str(error))
            return
        except Exception as error:  # noqa: BLE001 - what was read can be played all the same
            self.session.monitor.own_fault(TROUBLE, "what is recorded now is not read", error)
            return
        self.session.monitor.trouble(TROUBLE, None)
        if portion is not None:
            self.player.take(portion)
            self._show()

    def _move_on(self) -> None:
        if self._is_winding:
            return
        self.player.film.wind_on()
        was_playing = self.player.is_playing
        if self.player.move_on():
            self._show()
        if was_playing and not self.player.is_playing:
            self._show_playing("The end of what was recorded on this day.")

    def _show(self) -> None:
        super()._show()
        if self.replay.winding is not None and not self._is_winding:
            self._is_winding = True
            self.run_worker(self._wind(), name="winding", group="winding", exit_on_error=False)

    async def _wind(self) -> None:
        """Wind the tape to where the player stands, wherever it is sought meanwhile; what plays goes on from there."""
        try:
            told = -1
            while not self.replay.wind():
                self.player.wait()
                winding = self.replay.winding
                if winding is not None and winding.is_told and winding.percent != told and isinstance(self.screen, MonitorScreen):
                    told = winding.percent
                    self.screen.show_bars()
                await asyncio.sleep(REST_SECONDS)
            self.player.wait()
        except Exception as error:  # noqa: BLE001 - the screen stays as it is, and says so
            self.session.monitor.own_fault(LOOK, "the screen stands still", error)
            return
        finally:
            self._is_winding = False
        self._show_playing()
        self._say_where()

    def _go(self, say: Callable[[], str] | None = None) -> None:
        """Show where the player was sent, once the tape is wound there, and then say this of it."""
        self._say_there = say
        self._show_playing()
        if self.replay.winding is None:
            self._say_where()

    def _say_where(self) -> None:
        text = "" if self._say_there is None else self._say_there()
        self._say_there = None
        if text:
            self._say(text)

    def _show_playing(self, say: str = "") -> None:
        """Show where the player stands, and what its key does now."""
        self._show()
        if isinstance(self.screen, MonitorScreen):
            self.screen.show_keys()
        if say:
            self._say(say)

    def action_play(self) -> None:
        """Play, or stop."""
        self.player.toggle()
        self._show_playing()

    def action_play_faster(self) -> None:
        """Play faster."""
        self._change_speed(1, "already the fastest")

    def action_play_slower(self) -> None:
        """Play slower."""
        self._change_speed(-1, "already the slowest")

    def _change_speed(self, step: int, limit: str) -> None:
        changed = self.player.change_speed(step)
        speed = self.player.speed
        self._show_playing(f"{speed} {'second' if speed == 1 else 'seconds'} in one{'' if changed else f': {limit}'}")

    def action_next_event(self) -> None:
        """To the next second in which something happened."""
        self._show_step("Nothing later is recorded of this day.", self.player.step_event(1))

    def action_previous_event(self) -> None:
        """To the second before in which something happened."""
        self._show_step("Nothing earlier is recorded of this day.", self.player.step_event(-1))

    def action_next_raised(self) -> None:
        """To where the next alarm was raised."""
        self._show_step("No later alarm was raised on this day.", self.player.step_alarm(1), EventKind.ALARM_RAISED)

    def action_previous_raised(self) -> None:
        """To where the alarm before was raised."""
        self._show_step("No earlier alarm was raised on this day.", self.player.step_alarm(-1), EventKind.ALARM_RAISED)

    def _show_step(self, otherwise: str, is_there: bool, kind: EventKind | None = None) -> None:
        """Show where a step led to, and say what happened there."""
        if is_there:
            self._go(partial(self.replay.happened, kind))
        else:
            self._show_playing(otherwise)

    def action_go_to_time(self) -> None:
        """Ask for a time of day."""
        tape, timezone = self.player.tape, self.session.timezone
        day = day_of(tape.day, timezone)
        stretch = f"{time_of_day(tape.begin, timezone)} to {time_of_day(tape.end, timezone)}"
        self.push_screen(TimePrompt(lambda text: parse_time(text, day, timezone), stretch=stretch), self._seek)

    def _seek(self, second: float | None) -> None:
        if second is None:
            return
        tape, timezone = self.player.tape, self.session.timezone
        if not tape.day <= second < tape.day_end:
            other, here = (day_words(day_of(utc, timezone)) for utc in (second, tape.day))
            self._say(f"This is {here}; chatmon replay --at DAY plays {other}, if it is recorded.")
            return
        is_there = self.player.seek(second)
        nearest = time_of_day(self.player.second, timezone)
        self._go(None if is_there else lambda: f"Nothing is recorded at {time_of_day(second, timezone)}: {nearest} is nearest.")

    def on_replay_bar_sought(self, event: ReplayBar.Sought) -> None:
        """Go to where the bar was clicked."""
        self.player.seek(event.second)
        self._go()
