"""The scenes of a tape, and what was to be seen at each second of it: the same however one came there."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.clock import Moment
from chatmon.monitor.figures import Figures, count
from chatmon.monitor.pace import Pace
from chatmon.monitor.snapshot import Snapshot
from chatmon.monitor.trends import TrendLog, Trends
from chatmon.replay.scene import INTERVAL, RETURN_SECONDS, Keyframe, Scene
from chatmon.replay.tape import Tape

BETWEEN_KEYFRAMES: Final = 4_000
"""Events: to go back costs no more than to play so many anew."""
WOUND_AT_ONCE: Final = 500
"""Events that are played ahead while nobody waits."""


class Film:
    """Looks at a tape at any second. A look is made from the events up to then and from nothing else.

    Keyframes are kept every `BETWEEN_KEYFRAMES` events as the tape is played through the first time.
    """

    def __init__(self, tape: Tape, thresholds: Thresholds) -> None:
        self.tape = tape
        self.thresholds = thresholds
        self._scene = Scene(tape, thresholds)
        self._ahead: Scene | None = None
        self._keyframes: list[Keyframe] = [self._scene.keyframe()]

    def look(self, second: float) -> Snapshot:
        """What was to be seen at a second of the tape."""
        return _snapshot(self.scene(self.tape.count(second)), self.tape, second)

    def scene(self, played: int) -> Scene:
        """The scene after so many events, or after the few more that belong to the last of them. It is the film's own: ask anew."""
        nearest = self._keyframes[bisect_right(self._keyframes, played, key=lambda keyframe: keyframe.played) - 1]
        if not nearest.played <= self._scene.played <= played:
            self._scene = Scene.at(nearest, self.tape, self.thresholds)
        self._play(self._scene, played)
        return self._scene

    def grew(self, since: float) -> None:
        """The tape has more from a second on: what was made of it as it was then is made anew."""
        known = self.tape.count(since - RETURN_SECONDS)
        self._keyframes = [keyframe for keyframe in self._keyframes if keyframe.played <= known] or self._keyframes[:1]
        self._scene, self._ahead = Scene.at(self._keyframes[-1], self.tape, self.thresholds), None

    def wind_on(self) -> bool:
        """Keep some more keyframes of what nobody came to yet; False where there are all. So every place is found as quickly."""
        last = self._keyframes[-1]
        if len(self.tape.events) - last.played < BETWEEN_KEYFRAMES:
            return False
        if self._ahead is None or self._ahead.played < last.played:
            self._ahead = Scene.at(last, self.tape, self.thresholds)
        self._play(self._ahead, min(self._ahead.played + WOUND_AT_ONCE, len(self.tape.events)))
        return True

    def _play(self, scene: Scene, played: int) -> None:
        while scene.played < played:
            scene.play_one()
            if scene.played - self._keyframes[-1].played >= BETWEEN_KEYFRAMES:
                self._keyframes.append(scene.keyframe())


def _snapshot(scene: Scene, tape: Tape, second: float) -> Snapshot:
    now = Moment(second, second)
    known = list(scene.chats(second))
    is_watched = tape.is_watched(second)
    chats = {chat.id: chat for chat in known} if is_watched else {}
    figures = count(chats.values(), now)
    return Snapshot(
        now=now,
        chats=chats,
        figures=figures,
        interval=INTERVAL,
        wanted_interval=INTERVAL,
        idle_every=1,
        rate=0.0,
        rate_limit=Pace().max_rate,
        latency_p95=None,
        lateness=0.0,
        circuit=Circuit.CLOSED,
        next_poll_in=0.0,
        events=max(0, scene.played - tape.first),
        alarms=scene.alarms(chats, now) if is_watched else (),
        shift=scene.figures(known, now),
        trends=_trends(tape, second, figures if is_watched else None),
        troubles={},
        is_recorded=True,
        is_watched=is_watched,
    )


def _trends(tape: Tape, second: float, figures: Figures | None) -> Trends:
    """The recorded figures of the last half hour; of the stretch under way, whose highest values lie ahead perhaps, those of now."""
    now = Moment(second - tape.trend_phase(second), second)
    log = TrendLog()
    log.resume(tape.trends_until(second), now)
    if figures is not None:
        log.take(figures, now)
    return log.trends(now)
