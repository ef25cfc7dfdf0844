"""A transcript is read when someone asks, once for each time, within the rate, and leaves no trace but that it was asked for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from chatmon.api import errors
from chatmon.api.transcript import Message
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.pace import Pace
from chatmon.monitor.transcripts import APART, PATIENCE, NotAsked, Transcripts

from .fake_chat_api import CHATTING_CHAT, Script, Watch, always, between, busiest, refused, watch_chats

ANSWERING = always(CHATTING_CHAT)
SAID = (Message(1, "Text", text="Hello?"),)


class FakeTranscriptApi:
    """Answers every request for a transcript alike, and remembers when and for what it was asked."""

    def __init__(self, reply: tuple[Message, ...] | Exception = SAID, *, latency: float = 0.02) -> None:
        self.reply = reply
        self.latency = latency
        self.asked: list[tuple[float, str, int]] = []

    async def __call__(self, chat_id: str, first: int) -> tuple[Message, ...]:
        self.asked.append((asyncio.get_running_loop().time(), chat_id, first))
        await asyncio.sleep(self.latency)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    @property
    def times(self) -> list[float]:
        return [at for at, _, _ in self.asked]


Act = Callable[[Watch, Transcripts], Awaitable[None]]


def watch_and_read(
    api: FakeTranscriptApi, act: Act, *, chats: int = 1, pace: Pace | None = None, script: Script = ANSWERING
) -> tuple[Watch, Transcripts]:
    """Watch chats, and read transcripts as `act` has it."""
    made: list[Transcripts] = []

    async def actions(watch: Watch) -> None:
        made.append(Transcripts(watch.monitor, api))
        await act(watch, made[0])

    watch = watch_chats(script, actions=actions, chats=chats, pace=pace)
    return watch, made[0]


def after(seconds: float, *first: int, refusal: list[str] | None = None) -> Act:
    """Read the transcript of chat 0 from each of these indexes on, one after the other, once some time has passed."""

    async def act(_: Watch, transcripts: Transcripts) -> None:
        await asyncio.sleep(seconds)
        for index in first:
            with contextlib.suppress(errors.ChatApiError):
                try:
                    await transcripts.read("0", index)
                except NotAsked as error:
                    assert refusal is not None
                    refusal.append(str(error))
            await asyncio.sleep(APART)

    return act


def transcript_events(watch: Watch) -> list[Event]:
    return [event for event in watch.events if event.kind is EventKind.TRANSCRIPT_READ]


def test_nothing_is_read_by_itself() -> None:
    api = FakeTranscriptApi()
    watch, transcripts = watch_and_read(api, after(60.0))

    assert api.asked == []
    assert transcripts.reads == 0
    assert transcript_events(watch) == []


def test_each_time_it_is_asked_one_request_is_sent_and_told_without_what_was_said() -> None:
    api = FakeTranscriptApi()
    watch, transcripts = watch_and_read(api, after(10.0, 1, 2))

    assert [(chat_id, first) for _, chat_id, first in api.asked] == [("0", 1), ("0", 2)]
    assert transcripts.reads == 2
    told = transcript_events(watch)
    assert [event.chat for event in told] == ["0", "0"]
    assert "Hello" not in repr(told)


@pytest.mark.parametrize("error", [errors.Timeout("none"), errors.Denied("no"), errors.NotATranscript("none"), KeyError()])
def test_what_was_asked_for_counts_whatever_comes_of_it_and_is_not_asked_again(error: Exception) -> None:
    api = FakeTranscriptApi(error)

    async def actions(watch: Watch) -> None:
        transcripts = Transcripts(watch.monitor, api)
        with pytest.raises(type(error)):
            await transcripts.read("0")
        await asyncio.sleep(60.0)
        assert transcripts.reads == 1

    watch = watch_chats(ANSWERING, actions=actions)

    assert len(api.asked) == 1
    assert len(transcript_events(watch)) == 1


@pytest.mark.parametrize("error", [errors.ConnectFailed("the server refuses the connection"), errors.TlsFailed("the TLS handshake failed")])
def test_what_never_reached_a_server_moved_no_cursor(error: errors.ChatApiError) -> None:
    watch, transcripts = watch_and_read(FakeTranscriptApi(error), after(5.0, 1))

    assert transcripts.reads == 0
    assert len(transcript_events(watch)) == 1


def test_a_read_counts_for_the_rate() -> None:
    api = FakeTranscriptApi()
    watch, _ = watch_and_read(api, after(5.0, *range(1, 30)), chats=50, pace=Pace(interval=0.5, max_rate=20.0))

    assert len(api.asked) == 29
    assert busiest(sorted(watch.api.times() + api.times), 1.0) <= 20


def test_where_the_rate_leaves_no_room_nothing_is_sent_and_it_is_said() -> None:
    api, refusal = FakeTranscriptApi(), list[str]()
    watch, transcripts = watch_and_read(api, after(1.0, 1, refusal=refusal), pace=Pace(interval=2.0, max_rate=0.1))

    assert refusal == ["the rate leaves no room for it now"]
    assert api.asked == []
    assert transcripts.reads == 0
    assert transcript_events(watch) == []
    assert PATIENCE < 1 / 0.1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (errors.Timeout("none"), "the server does not answer"),
        (refused(401), "the server denies access"),
        (refused(429, retry_after=100), "the server asks to wait"),
    ],
    ids=["outage", "denied", "limited"],
)
def test_a_server_that_polls_wait_for_is_asked_for_no_transcript(reply: errors.ChatApiError, said: str) -> None:
    api, refusal = FakeTranscriptApi(), list[str]()
    watch_and_read(api, after(30.0, 1, refusal=refusal), chats=3, script=between(10.0, 1_000.0, reply))

    assert refusal == [said]
    assert api.asked == []


def test_a_server_that_says_how_long_to_wait_is_given_that_time() -> None:
    api = FakeTranscriptApi(errors.RateLimited("HTTP 429", retry_after=20.0))
    refusal: list[str] = []
    rates: list[float] = []

    async def act(watch: Watch, transcripts: Transcripts) -> None:
        await after(5.0, 1, 1, refusal=refusal)(watch, transcripts)
        rates.append(watch.monitor.rate_limit)
        await after(21.0, 1)(watch, transcripts)

    watch_and_read(api, act)

    assert refusal == ["the server asks to wait 19 s"]
    assert len(api.asked) == 2
    assert rates[0] < Pace().max_rate


def test_a_key_that_is_held_down_is_one_wish() -> None:
    api, refusal = FakeTranscriptApi(), list[str]()

    async def hold(_: Watch, transcripts: Transcripts) -> None:
        await asyncio.sleep(5.0)
        for _attempt in range(90):
            try:
                await transcripts.read("0")
            except NotAsked as error:
                refusal.append(str(error))
            await asyncio.sleep(1 / 30)

    _, transcripts = watch_and_read(api, hold)

    assert transcripts.reads == len(api.asked) <= 3
    assert set(refusal) == {"it was read a moment ago"}


def test_two_are_never_read_at_once() -> None:
    api = FakeTranscriptApi(latency=1.0)

    async def actions(watch: Watch) -> None:
        transcripts = Transcripts(watch.monitor, api)
        first = asyncio.create_task(transcripts.read("0"))
        await asyncio.sleep(0.1)
        with pytest.raises(NotAsked, match="being read"):
            await transcripts.read("0")
        assert await first == SAID
        assert await transcripts.read("0") == SAID

    watch_chats(ANSWERING, actions=actions)

    assert len(api.asked) == 2


def test_whoever_leaves_while_it_is_read_can_read_again() -> None:
    api = FakeTranscriptApi(latency=5.0)

    async def actions(watch: Watch) -> None:
        transcripts = Transcripts(watch.monitor, api)
        reading = asyncio.create_task(transcripts.read("0"))
        await asyncio.sleep(0.1)
        reading.cancel()
        await asyncio.wait([reading])
        await asyncio.sleep(APART)
        assert await transcripts.read("0") == SAID
        assert transcripts.reads == 2

    watch_chats(ANSWERING, actions=actions)
