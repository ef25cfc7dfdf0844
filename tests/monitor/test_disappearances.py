"""Many chats that vanish at once are a doubt about the server; one that vanishes is gone."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

import pytest

from chatmon.api.resource import CHATTING, IDLE, WAITING, ChatResource, Participant
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.chat import Chat
from chatmon.monitor.disappearances import DOUBT_SECONDS, LAST_POLLS
from chatmon.monitor.events import EventKind
from chatmon.monitor.memory import KnownChat
from chatmon.monitor.observation import Health
from chatmon.monitor.pace import Pace
from chatmon.monitor.schedule import ENDED_SECONDS

from .fake_chat_api import Reply, Script, Watch, for_seconds, refused, watch_chats
from .fake_clock import moment

KRISTI = Participant("2", "Kristi", "Agent")
STATES = {
    IDLE: ChatResource(state=IDLE),
    CHATTING: ChatResource(state=CHATTING, participants=(KRISTI,)),
    WAITING: ChatResource(state=WAITING),
}
BEGIN = 60.0


def spell(seconds: float, *, status: int = 404, state: str = IDLE, of: Callable[[int], bool] = lambda _: True) -> Script:
    """A server that for so many seconds does not know some of the chats."""

    def script(chat_id: str, now: float) -> Reply:
        return refused(status) if BEGIN <= now < BEGIN + seconds and of(int(chat_id)) else STATES[state]

    return script


def kinds(watch: Watch) -> Counter[EventKind]:
    return Counter(event.kind for event in watch.events)


def healths(watch: Watch) -> Counter[Health]:
    return Counter(chat.health for chat in watch.monitor.board.chats)


@pytest.mark.parametrize("interval", [0.5, 2.0])
@pytest.mark.parametrize("state", [IDLE, CHATTING, WAITING])
@pytest.mark.parametrize("status", [400, 404, 410])
@pytest.mark.parametrize("chats", [3, 7, 60])
def test_a_spell_in_which_the_server_knows_no_chat_ends_none(chats: int, status: int, state: str, interval: float) -> None:
    pace = Pace(interval=interval)
    watch = watch_chats(spell(12.0, status=status, state=state), chats=chats, pace=pace, actions=for_seconds(BEGIN + 12.0 + 10.0))
    assert healths(watch) == {Health.OK: chats}
    assert kinds(watch)[EventKind.GONE] == 0
    assert not [event for event in watch.events if event.rule == "abandoned"]
    figures = watch.monitor.shift.figures(watch.monitor.board.chats, moment(BEGIN + 22.0))
    assert (figures.abandoned, figures.handled) == (0, 0)


def test_while_many_chats_are_in_doubt_they_are_asked_for_rarely_and_keep_what_is_known_of_them() -> None:
    watch = watch_chats(spell(1_000.0, state=CHATTING), chats=100, actions=for_seconds(BEGIN + 300.0))
    assert healths(watch) == {Health.FAILING: 100}
    assert {chat.state for chat in watch.monitor.board.chats} == {CHATTING}
    assert len(watch.api.times(since=BEGIN + 60.0)) <= 100 * 240.0 / 30.0 * 1.1
    assert watch.monitor.troubles["chats"].startswith("many are unknown")
    assert watch.monitor.circuit is Circuit.CLOSED


def test_that_the_server_is_in_doubt_is_no_longer_said_once_it_knows_the_chats_again() -> None:
    watch = watch_chats(spell(12.0), chats=20, actions=for_seconds(BEGIN + 25.0))
    assert watch.monitor.troubles == {}


@pytest.mark.parametrize("chats", [2, 3, 50])
@pytest.mark.parametrize("state", [IDLE, CHATTING, WAITING])
def test_one_chat_that_vanishes_while_others_are_given_is_gone_within_an_interval(chats: int, state: str) -> None:
    watch = watch_chats(spell(1_000.0, state=state, of=lambda number: number == 1), chats=chats, actions=for_seconds(BEGIN + 12.0))
    assert healths(watch) == {Health.GONE: 1, Health.OK: chats - 1}
    (gone,) = (event for event in watch.events if event.kind is EventKind.GONE)
    assert gone.at - moment(BEGIN).utc <= 9.0  # an Idle chat is asked for every 8 seconds


def test_the_only_idle_chat_that_vanishes_is_gone_at_once() -> None:
    watch = watch_chats(spell(1_000.0), chats=1, actions=for_seconds(BEGIN + 8.5))
    assert healths(watch) == {Health.GONE: 1}


@pytest.mark.parametrize("chats", [1, 2])
@pytest.mark.parametrize(("status", "state"), [(404, CHATTING), (404, WAITING), (410, WAITING), (400, CHATTING), (400, IDLE)])
def test_one_of_few_chats_that_vanishes_before_its_end_is_asked_for_twice_more_before_it_is_gone(
    status: int, state: str, chats: int
) -> None:
    def vanished(polls: int) -> Watch:
        asked = itertools.count()

        def script(chat_id: str, now: float) -> Reply:
            return refused(status) if chat_id == "0" and now >= BEGIN and next(asked) < polls else STATES[state]

        return watch_chats(script, chats=chats, actions=for_seconds(BEGIN + 20.0))

    for_a_moment = vanished(LAST_POLLS - 1)
    assert kinds(for_a_moment)[EventKind.GONE] == 0
    assert healths(for_a_moment) == {Health.OK: chats}
    assert kinds(vanished(1_000))[EventKind.GONE] == 1


def test_chats_that_end_one_after_the_other_are_each_gone() -> None:
    def script(chat_id: str, now: float) -> Reply:
        return refused(404) if now >= BEGIN + 20.0 * int(chat_id) else STATES[IDLE]

    watch = watch_chats(script, chats=40, actions=for_seconds(BEGIN + 20.0 * 36 + 9.0))
    assert kinds(watch)[EventKind.GONE] == 37
    assert kinds(watch)[EventKind.POLL_FAILED] == 0


HALVES: dict[str, Callable[[int], bool]] = {
    "every other": lambda number: number % 2 == 0,
    "the first": lambda number: number < 150,
    "any": lambda number: number * number % 7 in {1, 2},
}


@pytest.mark.parametrize("chats", [60, 300])
@pytest.mark.parametrize("state", [CHATTING, IDLE])
@pytest.mark.parametrize("half", HALVES)
def test_of_half_of_the_chats_that_vanish_for_a_spell_none_is_ever_gone(half: str, state: str, chats: int) -> None:
    script = spell(12.0, state=state, of=lambda number: HALVES[half](number * 300 // chats))
    watch = watch_chats(script, chats=chats, actions=for_seconds(BEGIN + 60.0))
    assert healths(watch) == {Health.OK: chats}
    assert kinds(watch)[EventKind.GONE] == 0
    assert not [event for event in watch.events if event.rule == "abandoned"]
    assert kinds(watch)[EventKind.POLL_FAILED] > 0
    figures = watch.monitor.shift.figures(watch.monitor.board.chats, moment(BEGIN + 60.0))
    assert (figures.abandoned, figures.handled) == (0, 0)


@pytest.mark.parametrize("chats", [2, 30])
def test_a_chat_that_was_taken_for_gone_is_back_within_minutes_and_brings_back_those_that_vanished_with_it(chats: int) -> None:
    hour = 3_600.0
    watch = watch_chats(spell(hour), chats=chats, actions=for_seconds(BEGIN + hour + 1.2 * ENDED_SECONDS + 10.0))
    assert healths(watch) == {Health.OK: chats}
    back = [event.at - moment(BEGIN + hour).utc for event in watch.events if event.kind is EventKind.POLL_RECOVERED]
    assert max(back) <= 1.2 * ENDED_SECONDS
    assert max(back) - min(back) <= 4.0


def test_most_chats_that_vanish_are_gone_once_it_is_sure_while_the_server_gives_others() -> None:
    watch = watch_chats(spell(1e6, state=CHATTING, of=lambda number: number > 4), chats=60, actions=for_seconds(BEGIN + DOUBT_SECONDS + 60))
    assert healths(watch) == {Health.OK: 5, Health.GONE: 55}
    assert watch.monitor.troubles == {}


def test_idle_chats_that_all_vanish_for_good_are_gone_in_the_end() -> None:
    watch = watch_chats(spell(1e6), chats=3, actions=for_seconds(BEGIN + DOUBT_SECONDS + 60))
    assert healths(watch) == {Health.GONE: 3}


@pytest.mark.parametrize(("status", "state"), [(404, CHATTING), (404, WAITING), (400, IDLE), (400, CHATTING)])
def test_while_no_chat_at_all_is_given_what_is_not_known_to_end_stays_a_doubt(status: int, state: str) -> None:
    watch = watch_chats(spell(3_000.0, status=status, state=state), chats=3, actions=for_seconds(BEGIN + 2_990.0))
    assert healths(watch) == {Health.FAILING: 3}
    assert kinds(watch)[EventKind.GONE] == 0


def test_a_chat_that_came_back_from_a_long_end_is_back() -> None:
    watch = watch_chats(spell(1_800.0), chats=3, actions=for_seconds(BEGIN + 1_800.0 + 1.2 * ENDED_SECONDS + 60))
    assert healths(watch) == {Health.OK: 3}


def test_after_http_400_an_idle_chat_is_asked_for_every_half_minute_for_ever() -> None:
    watch = watch_chats(spell(7_200.0, status=400, of=lambda number: number == 0), chats=4, actions=for_seconds(BEGIN + 7_200.0 + 45.0))
    assert healths(watch) == {Health.OK: 4}


def test_ids_that_were_never_seen_are_not_found_however_many_they_are() -> None:
    watch = watch_chats(lambda *_: refused(404), chats=30, actions=for_seconds(20.0))
    assert healths(watch) == {Health.NOT_FOUND: 30}


def test_chats_that_were_known_before_a_restart_and_that_a_server_in_a_spell_does_not_know_are_not_gone() -> None:
    def script(_chat_id: str, now: float) -> Reply:
        return refused(404) if now < 12.0 else STATES[CHATTING]

    async def actions(watch: Watch) -> None:
        long_ago, before = moment(-20), moment(-10)
        watch.monitor.remember(
            KnownChat(Chat(id=str(number), resource=STATES[CHATTING], first_seen=long_ago, observed=before, state_since=long_ago))
            for number in range(10)
        )
        await for_seconds(25.0)(watch)

    watch = watch_chats(script, chats=10, actions=actions)
    assert healths(watch) == {Health.OK: 10}
    assert kinds(watch)[EventKind.GONE] == 0


def test_a_chat_in_doubt_that_is_no_longer_watched_leaves_no_doubt_behind() -> None:
    async def actions(watch: Watch) -> None:
        await for_seconds(BEGIN + 20.0)(watch)
        for number in range(10):
            watch.monitor.unwatch(str(number))
        await for_seconds(2.0)(watch)
        assert watch.monitor.troubles == {}

    watch_chats(spell(1_000.0, of=lambda number: number < 10), chats=15, actions=actions)
