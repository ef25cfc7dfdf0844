"""The figures in the words of Prometheus: what they say, what they never say, and that counters only count up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta, timezone
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from chatmon.api.errors import NotFound, Timeout
from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.cli.alarm_command import TROUBLE as ALARM_COMMAND
from chatmon.cli.feed import TROUBLE as IDS_FILE
from chatmon.cli.history import RECALL_TROUBLE
from chatmon.history.recorder import TROUBLE as HISTORY
from chatmon.metrics.families import ABOUTS, families
from chatmon.metrics.server import TROUBLE as METRICS
from chatmon.monitor.backlog import Backlog
from chatmon.monitor.board import Board
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.ui.app import LOOK
from chatmon.ui.saved_screen import TROUBLE as SCREEN
from chatmon.ui.screens.monitor_screen import PAINTING
from tests.examples import examples
from tests.monitor.fake_chat_api import CHATTING_CHAT, Watch, for_seconds, one_chat_says, refused, watch_chats
from tests.monitor.fake_clock import UTC_START, FakeClock, in_virtual_time
from tests.monitor.simulated_shift import Centre
from tests.ui.strategies import boards
from tests.ui.watched import NOON, Watched, waiting_chats

from .exposed import Samples, openmetrics_text, plain_samples, plain_text, samples, value, values

GROWING = ("_total", "_bucket", "_count", "_sum")
MOST_SERIES = 400
"""So many series are there at the most, however many chats."""


def told(watched: Watched) -> Samples:
    return samples(openmetrics_text(watched.monitor))


def test_chats_are_counted_by_health_and_by_state() -> None:
    watched = Watched()
    for number, state in enumerate((WAITING, WAITING, CHATTING, IDLE, "Revoked", None)):
        watched.answer(str(number), state)
    watched.monitor.watch([("new", None)])
    watched.fail("1", Timeout("too late"))
    watched.fail("3", NotFound("HTTP 404", http_status=404))
    figures = told(watched)

    assert values(figures, "chatmon_chats", "health") == {"ok": 4, "pending": 1, "failing": 1, "gone": 1}
    assert values(figures, "chatmon_chats_by_state", "state") == {WAITING: 1, CHATTING: 1, "other": 2}


def test_the_longest_wait_says_whether_it_is_known_from_its_beginning() -> None:
    assert value(told(Watched()), "chatmon_longest_wait_seconds") == 0
    assert value(told(Watched()), "chatmon_longest_wait_exact") == 1
    watched = waiting_chats(3)
    assert value(told(watched), "chatmon_longest_wait_seconds") == 3
    assert value(told(watched), "chatmon_longest_wait_exact") == 0


def test_agents_are_counted_and_those_with_too_many_chats() -> None:
    watched = Watched()
    for number in range(6):
        watched.answer(str(number), CHATTING, agents=("Kristi", "Max") if number else ("Kristi",))
    watched.monitor.review()
    watched.monitor.acknowledge(agent="Max")
    figures = told(watched)

    assert value(figures, "chatmon_agents") == 2
    assert value(figures, "chatmon_agents_overloaded") == 2
    for known in ("true", "false"):
        assert value(figures, "chatmon_alarms", rule="overload", severity="warn", acknowledged=known) == 1
    assert value(figures, "chatmon_alarms_raised_total", rule="overload", severity="warn") == 2


def test_a_figure_that_is_not_known_has_no_sample() -> None:
    figures = told(Watched())
    for name in ("shift_coverage_ratio", "shift_time_to_answer_mean_seconds", "shift_handling_time_mean_seconds", "history_lag_seconds"):
        assert value(figures, f"chatmon_{name}") is None


def test_what_waits_to_be_recorded_is_told_where_anything_is_recorded() -> None:
    watched = Watched()
    watched.monitor.backlog = lambda: Backlog(3, NOON - 7)
    figures = told(watched)
    assert (value(figures, "chatmon_history_events_waiting"), value(figures, "chatmon_history_lag_seconds")) == (3, 7)
    watched.monitor.backlog = lambda: Backlog(0, None)
    assert value(told(watched), "chatmon_history_lag_seconds") == 0


def test_polls_are_told_by_their_result_and_by_how_long_they_took() -> None:
    async def read(watch: Watch) -> None:
        await for_seconds(20)(watch)
        read_then.append(samples(openmetrics_text(watch.monitor)))

    read_then: list[Samples] = []
    watch = watch_chats(one_chat_says(refused(503)), actions=read, chats=4, pace=Pace(interval=2.0))
    (figures,) = read_then
    answered, failed = watch.monitor.statistics.answered, watch.monitor.statistics.failed

    assert values(figures, "chatmon_polls_total", "result") == {"answered": answered, "unavailable": failed}
    assert values(figures, "chatmon_poll_duration_seconds_count", "result") == {"answered": answered, "failed": failed}
    assert value(figures, "chatmon_poll_duration_seconds_bucket", result="answered", le="0.01") == 0
    assert value(figures, "chatmon_poll_duration_seconds_bucket", result="answered", le="0.025") == answered
    assert value(figures, "chatmon_poll_duration_seconds_sum", result="answered") == pytest.approx(0.02 * answered)
    assert value(figures, "chatmon_requests_sent_total") == watch.monitor.budget.used
    assert value(figures, "chatmon_poll_interval_seconds") == value(figures, "chatmon_poll_interval_wanted_seconds") == 2
    assert value(figures, "chatmon_requests_per_second") == pytest.approx(2, abs=0.5)
    assert value(figures, "chatmon_requests_per_second_limit") == 100
    assert values(figures, "chatmon_circuit", "state") == {"closed": 1}


def test_a_circuit_that_opens_is_told() -> None:
    async def read(watch: Watch) -> None:
        await for_seconds(60)(watch)
        read_then.append(samples(openmetrics_text(watch.monitor)))

    read_then: list[Samples] = []
    watch_chats(lambda _, now: CHATTING_CHAT if now < 10 else refused(401), actions=read, chats=4)
    assert values(read_then[0], "chatmon_circuit", "state") == {"denied": 1}
    assert values(read_then[0], "chatmon_polls_total", "result").keys() == {"answered", "denied"}


def test_a_lasting_trouble_is_told_by_what_it_is_about_and_never_in_its_own_words() -> None:
    watched = Watched()
    watched.monitor.trouble("history", "nothing is recorded since 12:00:00: the disk of Kristi is full")
    watched.monitor.trouble("Kristi", "of a kind that nobody knows")
    watched.monitor.trouble("Ada", "of a kind that nobody knows")

    assert values(told(watched), "chatmon_troubles", "about") == {"history": 1, "other": 2}
    assert "Kristi" not in openmetrics_text(watched.monitor)


def test_whatever_chatmon_has_trouble_with_has_a_word_of_its_own() -> None:
    assert {ALARM_COMMAND, IDS_FILE, RECALL_TROUBLE, HISTORY, METRICS, LOOK, SCREEN, PAINTING} <= set(ABOUTS)


@given(boards())
@examples(30)
def test_whatever_strangers_send_both_formats_are_sound_and_hold_no_word_of_theirs(made: tuple[Watched, Board]) -> None:
    watched, board = made
    watched.monitor.review()
    text = openmetrics_text(watched.monitor)
    figures = samples(text)

    assert plain_samples(plain_text(watched.monitor)) == figures
    assert figures.keys() == NOTHING_WATCHED | (figures.keys() & SOMETIMES)
    assert sum(values(figures, "chatmon_chats", "health").values()) == len(board)
    assert not any(chat.id in text for chat in board.chats)


NOTHING_WATCHED = told(Watched()).keys()
SOMETIMES = {
    (f"chatmon_shift_{name}", frozenset[tuple[str, str]]())
    for name in (
        *("coverage_ratio", "time_to_answer_mean_seconds", "time_to_answer_p90_seconds", "time_to_answer_exact"),
        "handling_time_mean_seconds",
    )
}
"""What has a sample only once there is something to count."""


def test_every_family_explains_itself_and_tells_its_unit() -> None:
    parsed = list(parse_openmetrics(openmetrics_text(Watched().monitor)))
    for family in parsed:
        assert family.name.startswith("chatmon_")
        assert family.documentation.endswith(".")
        assert family.unit == next((unit for unit in ("seconds", "ratio") if family.name.endswith(f"_{unit}")), "")
    assert sum(len(family.samples) for family in parsed) < MOST_SERIES
    assert len({family.name for family in families(Watched().monitor)}) == len(parsed)


MINUTES = 60
MIDNIGHT = UTC_START + 1_800
# Virtual time begins at 01:46:40 UTC; in this zone the next day begins half an hour later.
ZONE = timezone(timedelta(hours=23.5) - timedelta(seconds=UTC_START % 86_400))


def shift_with_midnight() -> list[Samples]:
    """What is told every two minutes of a simulated shift, with midnight in its middle."""

    async def main() -> list[Samples]:
        centre, clock = Centre(chats=12, seed=3), FakeClock()

        async def open_api(_: Monitor) -> ChatApi:
            return centre

        monitor = Monitor(open_api, pace=Pace(interval=5.0), clock=clock, random=Random(1), timezone=ZONE)
        monitor.watch((chat_id, None) for chat_id in centre.chat_ids)
        running = asyncio.create_task(monitor.run())
        read = []
        for minute in range(MINUTES):
            await asyncio.sleep(60)
            monitor.watch((chat_id, None) for chat_id in centre.chat_ids)
            if minute % 2:
                read.append(samples(openmetrics_text(monitor)))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return read

    return in_virtual_time(main())


def total(figures: Samples, name: str) -> float:
    return sum(number for (known, _), number in figures.items() if known == name)


def begins(read: Iterable[Samples]) -> list[float | None]:
    return sorted({value(one, "chatmon_shift_start_timestamp_seconds") for one in read}, key=str)


def test_counters_count_up_through_midnight_while_the_figures_of_the_shift_begin_anew() -> None:
    read = shift_with_midnight()
    for before, after in pairwise(read):
        for (name, labels), number in before.items():
            assert not name.endswith(GROWING) or after[name, labels] >= number, name
    first, evening, last = read[0], read[len(read) // 2 - 2], read[-1]

    assert begins(read) == [UTC_START, MIDNIGHT]
    for name in ("answered", "ended"):
        of_the_evening = total(evening, f"chatmon_shift_chats_{name}")
        assert 0 < total(last, f"chatmon_shift_chats_{name}") < total(last, f"chatmon_chats_{name}_total")
        assert 0 < of_the_evening <= total(evening, f"chatmon_chats_{name}_total")
        assert total(evening, f"chatmon_chats_{name}_total") < total(last, f"chatmon_chats_{name}_total")
    assert total(last, "chatmon_time_to_answer_seconds_count") == total(last, "chatmon_chats_answered_total")
    assert first.keys() <= last.keys()
