"""The trends of the last half hour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.monitor.clock import Moment
from chatmon.monitor.figures import Figures
from chatmon.monitor.trends import BUCKET_SECONDS, BUCKETS, TrendLog, TrendSample, squeeze

from .fake_clock import UTC_START, moment


def test_before_the_first_sample_nobody_watched() -> None:
    trends = TrendLog().trends(moment(1000))
    assert trends.waiting == trends.failing == trends.longest_wait == (None,) * BUCKETS


def test_a_value_is_the_largest_of_its_stretch_and_the_last_is_the_one_under_way() -> None:
    log = TrendLog()
    for second, waiting in ((0, 3), (10, 5), (29.9, 4), (30, 1), (95, 2)):
        log.take(Figures(watched=9, waiting=waiting, chatting=9 - waiting, longest_wait=second, longest_wait_exact=True), moment(second))
    trends = log.trends(moment(100))
    assert trends.waiting[-4:] == (5, 1, None, 2)
    assert trends.chatting[-4:] == (6, 8, None, 7)
    assert trends.longest_wait[-4:] == (29.9, 30, None, 95)
    assert len(trends.waiting) == BUCKETS
    assert log.trends(moment(130)).waiting[-5:] == (5, 1, None, 2, None)


def test_after_half_an_hour_a_value_is_gone() -> None:
    log = TrendLog()
    log.take(Figures(watched=1, idle=1), moment(0))
    last = BUCKETS * BUCKET_SECONDS - 1
    assert log.trends(moment(last)).idle == (1, *(None,) * (BUCKETS - 1))
    assert log.trends(moment(last + 1)).idle == (None,) * BUCKETS


@pytest.mark.parametrize("troubled", [Figures(watched=3, failing=2, denied=1), Figures(watched=3, failing=2, denied=1, gone=1)])
def test_while_no_chat_answers_nobody_knows_who_waits(troubled: Figures) -> None:
    log = TrendLog()
    log.take(troubled, moment(0))
    trends = log.trends(moment(0))
    assert (trends.waiting[-1], trends.chatting[-1], trends.idle[-1], trends.longest_wait[-1]) == (None, None, None, None)
    assert trends.failing[-1] == 3
    log.take(Figures(watched=3, failing=2, waiting=1, longest_wait=7.0, longest_wait_exact=False), moment(1))
    trends = log.trends(moment(1))
    assert (trends.waiting[-1], trends.chatting[-1], trends.failing[-1], trends.longest_wait[-1]) == (1, 0, 3, 7.0)


def test_chats_that_were_not_asked_yet_are_no_sight() -> None:
    log = TrendLog()
    log.take(Figures(watched=3, pending=3), moment(0))
    assert (log.trends(moment(0)).waiting[-1], log.trends(moment(0)).failing[-1]) == (None, 0)


def test_where_all_chats_are_gone_nobody_waits() -> None:
    log = TrendLog()
    log.take(Figures(watched=3, gone=3), moment(0))
    assert (log.trends(moment(0)).waiting[-1], log.trends(moment(0)).longest_wait[-1]) == (0, 0.0)


def test_trends_are_the_same_value_until_one_of_them_moves() -> None:
    log = TrendLog()
    log.take(Figures(watched=3, waiting=3), moment(0))
    trends = log.trends(moment(0))
    log.take(Figures(watched=3, waiting=2), moment(1))
    assert log.trends(moment(1)) is trends
    log.take(Figures(watched=4, waiting=4), moment(2))
    assert log.trends(moment(2)).waiting[-1] == 4


series = st.lists(st.none() | st.integers(0, 99), max_size=70)


@pytest.mark.parametrize(
    ("values", "cells", "squeezed"),
    [
        ([1, 2, 3, 4], 2, (2, 4)),
        ([1, 5, 3, 4, 2], 2, (5, 4)),
        ([None, 1, None, None], 2, (1, None)),
        ([1, 2], 5, (1, 2)),
        ([1, 2], 0, ()),
        ([1, 2], -1, ()),
        ([], 3, ()),
    ],
)
def test_a_series_is_squeezed_into_cells(values: list[float | None], cells: int, squeezed: tuple[float | None, ...]) -> None:
    assert squeeze(values, cells) == squeezed


@given(series, st.integers(0, 80))
def test_squeezing_loses_neither_a_peak_nor_the_ends(values: list[float | None], cells: int) -> None:
    squeezed = squeeze(values, cells)
    assert len(squeezed) == min(cells, len(values))
    if squeezed:
        known = [value for value in values if value is not None]
        assert max((value for value in squeezed if value is not None), default=None) == max(known, default=None)
        assert set(squeezed) <= {*values, None}
    if cells >= len(values):
        assert squeezed == tuple(values)


def test_trends_go_on_after_a_restart_with_what_is_not_known_between() -> None:
    before = TrendLog()
    samples = {}
    for second, waiting in ((0, 3), (31, 5), (61, 4)):
        before.take(Figures(watched=9, waiting=waiting, chatting=9 - waiting), moment(second))
        samples.update({one.number: one for one in before.newest(moment(second))})

    after = TrendLog()
    restarted = Moment(7.0, moment(181).utc)  # of another process, with another monotonic clock
    after.resume(samples.values(), restarted)
    after.take(Figures(watched=9, waiting=2, chatting=7), restarted)

    assert [value for value in after.trends(restarted).waiting if value is not None] == [3, 5, 4, 2]
    assert after.trends(restarted).waiting[-1] == 2
    assert after.trends(restarted).waiting[-3:-1] == (None, None)


def test_only_the_stretches_that_may_still_change_are_told_as_the_newest() -> None:
    log = TrendLog()
    for second in (0, 31, 61, 62):
        log.take(Figures(watched=1, waiting=1), moment(second))
    assert [(one.at - UTC_START, one.waiting) for one in log.newest(moment(62))] == [(45.0, 1), (75.0, 1)]


def test_samples_of_a_clock_that_was_set_back_since_are_not_of_the_future() -> None:
    log = TrendLog()
    log.resume([TrendSample(1, moment(600).utc, 1.0, 1.0, 1.0, 0.0, 0.0)], moment(60))
    assert log.trends(moment(60)).waiting == (None,) * BUCKETS
