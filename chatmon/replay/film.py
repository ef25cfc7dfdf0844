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
"""Events that are played at once, in about 20 ms: what else there is to do never waits for more of them."""


class Film:
    """Looks at a tape at any second. A look is made from the events up to then and from nothing else.

    Keyframes are kept every `BETWEEN_KEYFRAMES` events as the tape is played through the first time.
    """

    def __init__(self, tape: Tape, thresholds: Thresholds) -> None:
        self.tape = tape
        self.thresholds = thresholds
        self._scene = Scene(tape, thresholds)
        """Where it was looked at last."""
        self._coming: Scene | None = None
        """On its way to where it will be looked at next."""
        self._ahead: Scene | None = None
        self._keyframes: list[Keyframe] = [self._scene.keyframe()]

    def look(self, second: float) -> Snapshot:
        """What was to be seen at a second of the tape. What lies before it is played first; `wind` does that by and by."""
        self._wind(self.tape.count(second), len(self.tape.events))
        return _snapshot(self._scene, self.tape, second)

    def wind(self, second: float) -> bool:
        """Play some of what lies before a second; False where there is more. Then a look at where one looked last is as quick as ever."""
        return self._wind(self.tape.count(second), WOUND_AT_ONCE)

    def left(self, second: float) -> int:
        """How many events are to be played before a look at a second."""
        wanted = self.tape.count(second)
        return wanted - max([self._keyframe(wanted).played, *(scene.played for scene in self._scenes(wanted))])

    def _wind(self, wanted: int, most: int) -> bool:
        scene = self._nearest(wanted)
        if wanted - scene.played <= most:
            self._play(scene, wanted)
            if scene is self._coming:
                self._coming = None
            self._scene = scene
            return True
        if scene is self._scene:
            scene = Scene.at(scene.keyframe(), self.tape, self.thresholds)
        self._play(scene, scene.played + most)
        self._coming = scene
        return False

    def _keyframe(self, played: int) -> Keyframe:
        return self._keyframes[bisect_right(self._keyframes, played, key=lambda keyframe: keyframe.played) - 1]

    def _scenes(self, played: int) -> list[Scene]:
        """The scenes from which one can go on to so many events."""
        return [scene for scene in (self._scene, self._coming) if scene is not None and scene.played <= played]

    def _nearest(self, played: int) -> Scene:
        keyframe = self._keyframe(played)
        scene = max(self._scenes(played), key=lambda scene: scene.played, default=None)
        return scene if scene is not None and scene.played >= keyframe.played else Scene.at(keyframe, self.tape, self.thresholds)

    def grew(self, since: float) -> None:
        """The tape has more from a second on: what was made of it as it was then is made anew."""
        known = self.tape.count(since - RETURN_SECONDS)
        self._keyframes = [keyframe for keyframe in self._keyframes if keyframe.played <= known] or self._keyframes[:1]
        self._scene = Scene.at(self._keyframes[-1], self.tape, self.thresholds)
        self._coming = self._ahead = None

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
