"""The summaries of chats, folded out of a stream of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chatmon.monitor.chat_life import ChatLife
from chatmon.monitor.chat_summary import ChatSummary
from chatmon.monitor.course import TELLING, Course
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.shift import MAX_COURSES, MAX_ENDED

LastSeen = Callable[[str], float | None]


def summaries(events: Iterable[tuple[Event, str]], *, last_seen: LastSeen = lambda _: None) -> Iterator[ChatSummary]:
    """The chats of a stream of events, in the order in which they were over; those that go on come at the end.

    Beside each event stands the label of its chat. `last_seen` gives, by a chat's id, when it was seen last, where more is known of that
    than the events tell: a poll that sees nothing new makes none.

    A chat that is over or no longer watched may come back. So the last `MAX_ENDED` of them are held back, and those under way that went
    longest without an event make room beyond `MAX_COURSES`: memory is bounded, and what is counted is what a `Shift` counts. One that
    comes back later still is told a second time, from then on and without `first_seen`.
    """
    fold = _Fold(last_seen)
    for event, label in events:
        yield from fold.take(event, label)
    yield from fold.rest()


class _Fold:
    """The lives of the chats: those that no poll gave yet, those under way, and those that are over and held back."""

    def __init__(self, last_seen: LastSeen) -> None:
        self._last_seen = last_seen
        self._never_seen: dict[str, ChatLife] = {}
        self._under_way: dict[str, ChatLife] = {}
        self._over: dict[str, ChatLife] = {}
        self._looked_at: ChatLife | None = None

    def take(self, event: Event, label: str) -> Iterator[ChatSummary]:
        """Take in one event; the chats that make room."""
        looked_at = self._looked_at
        if looked_at is not None and (looked_at.last_event, looked_at.chat) != (event.at, event.chat):
            yield from self._end_look()
        if event.chat is None:
            return
        life = self._life(event.chat) or ChatLife(event.chat, label, Course())
        life.label = label or life.label
        life.note(event)
        if event.kind in TELLING:
            life.look.append(event)
            self._looked_at = life
        elif event.kind is EventKind.UNWATCHED:
            yield from self._end_look()
            life.unwatch(event)
            yield from self._keep(life, self._over if life.was_seen else self._never_seen, MAX_ENDED)
        elif not life.was_seen and life is not self._looked_at:
            yield from self._keep(life, self._never_seen, MAX_ENDED)

    def rest(self) -> Iterator[ChatSummary]:
        """The chats that are held back, and then those that go on."""
        yield from self._end_look()
        for life in (*self._over.values(), *self._never_seen.values(), *self._under_way.values()):
            yield life.summary(self._last_seen(life.chat))

    def _life(self, chat: str) -> ChatLife | None:
        if self._looked_at is not None and self._looked_at.chat == chat:
            return self._looked_at
        return self._under_way.get(chat) or self._over.get(chat) or self._never_seen.get(chat)

    def _end_look(self) -> Iterator[ChatSummary]:
        life, self._looked_at = self._looked_at, None
        if life is None:
            return
        life.follow()
        if life.course.is_over:
            yield from self._keep(life, self._over, MAX_ENDED)
        else:
            yield from self._keep(life, self._under_way, MAX_COURSES)

    def _keep(self, life: ChatLife, kept: dict[str, ChatLife], limit: int) -> Iterator[ChatSummary]:
        for lives in (self._under_way, self._over, self._never_seen):
            lives.pop(life.chat, None)
        kept[life.chat] = life
        if len(kept) > limit:
            oldest = kept.pop(next(iter(kept)))
            yield oldest.summary(self._last_seen(oldest.chat))
