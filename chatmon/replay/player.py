"""The player of a tape, like that of a video recorder: where it stands, whether it plays, and how fast."""

from __future__ import annotations

from typing import Final

from chatmon.monitor.clock import Clock
from chatmon.replay.film import Film
from chatmon.replay.tape import Portion, Tape

SPEEDS: Final = (1, 2, 5, 10, 30, 60, 120, 300, 600)
"""Seconds of the tape in a second, as faster and slower go through them."""


class Player:
    """Moves over a tape by a handed-in clock; `move_on` has to be called now and then while it plays.

    `second` is where it stands, in whole seconds (UTC) of the tape. At the end it stops.
    """

    def __init__(self, film: Film, clock: Clock, *, speed: int = 1) -> None:
        self.film = film
        self.speed = speed
        self.is_playing = False
        self._clock = clock
        self._since = clock.now()
        """When it stood at `_from`, which may lie within a second."""
        self._from = self.second = film.tape.begin

    @property
    def tape(self) -> Tape:
        """What is played."""
        return self.film.tape

    @property
    def is_at_end(self) -> bool:
        """Whether there is nothing more to play."""
        return self.second >= self.tape.end

    def move_on(self) -> bool:
        """Go where it has come to by now; whether that is another second."""
        before, now = self.second, self._clock.now()
        if not self.is_playing:
            return False
        self._from += max(0.0, now.since(self._since)) * self.speed
        self._since = now
        self.second = min(float(int(self._from)), self.tape.end)
        if self.is_at_end:
            self._stop()
        return self.second != before

    def wait(self) -> None:
        """No time has passed on the tape since it moved last: the film has to be wound to where it stands."""
        self._since = self._clock.now()

    def toggle(self) -> None:
        """Play, or stop; at the end, play from the beginning."""
        self.move_on()
        if self.is_playing:
            self._stop()
            return
        if self.is_at_end:
            self.second = self.tape.begin
        self.is_playing = True
        self._start()

    def change_speed(self, step: int) -> bool:
        """Go `step` places through `SPEEDS`; whether there was one."""
        self.move_on()
        wanted = SPEEDS.index(self.speed) + step
        if not 0 <= wanted < len(SPEEDS):
            return False
        self.speed = SPEEDS[wanted]
        return True

    def seek(self, second: float) -> bool:
        """Go to a second of the tape, or to its nearer end; whether the tape has it."""
        tape = self.tape
        self.second = min(max(float(int(second)), tape.begin), tape.end)
        self._start()
        if self.is_at_end:
            self._stop()
        return tape.begin <= second <= tape.end

    def step_event(self, step: int) -> bool:
        """Go to the next second in which something happened, or, for -1, the one before; whether there is one."""
        self.move_on()
        tape = self.tape
        return self._step(tape.next_event(self.second) if step > 0 else tape.previous_event(self.second))

    def step_alarm(self, step: int) -> bool:
        """The same for alarms that were raised."""
        self.move_on()
        tape = self.tape
        return self._step(tape.next_alarm(self.second) if step > 0 else tape.previous_alarm(self.second))

    def take(self, portion: Portion) -> None:
        """The tape goes on: someone still records."""
        end = self.tape.end
        self.tape.take(portion)
        self.film.grew(end)

    def _step(self, second: float | None) -> bool:
        if second is None:
            return False
        self.seek(second)
        return True

    def _start(self) -> None:
        self._since, self._from = self._clock.now(), self.second

    def _stop(self) -> None:
        self.is_playing = False
        self._from = self.second
