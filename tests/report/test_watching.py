"""How much was watched."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.report.watching import Coverage, Span, between, joined, overlap

spans = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=6).map(
    lambda pairs: sorted((float(min(pair)), float(max(pair))) for pair in pairs)
)


def test_a_chat_counts_from_its_first_sight_to_its_last() -> None:
    coverage = Coverage([0.0, 100.0])
    coverage.add([(10.0, 20.0), (40.0, 60.0)], 60.0)
    assert coverage.share(0) == 30 / 50


def test_a_gap_counts_in_every_hour_that_it_lies_in() -> None:
    coverage = Coverage([0.0, 100.0, 200.0, 300.0])
    coverage.add([(50.0, 80.0), (250.0, 300.0)], 300.0)
    assert [coverage.share(number) for number in range(3)] == [30 / 50, 0.0, 0.5]


def test_of_an_hour_in_which_no_chat_was_known_nothing_is_claimed() -> None:
    coverage = Coverage([0.0, 100.0, 200.0])
    coverage.add([(110.0, 120.0)], 120.0)
    coverage.add([], 150.0)
    assert (coverage.share(0), coverage.share(1)) == (None, 1.0)


def test_a_chat_that_should_have_been_seen_later_counts_up_to_then() -> None:
    coverage = Coverage([0.0, 100.0])
    coverage.add([(0.0, 50.0)], 80.0)
    assert coverage.share(0) == 50 / 80


@given(spans, st.integers(1, 20), st.integers(0, 100))
def test_the_share_of_the_whole_is_that_of_all_its_parts(watched: list[Span], parts: int, seen_last: int) -> None:
    watched = joined(watched, 0.0, 100.0)
    edges = [100.0 * number / parts for number in range(parts + 1)]
    last = max([seen_last, *(end for _, end in watched)])
    whole, by_part = Coverage([0.0, 100.0]), Coverage(edges)
    for coverage in (whole, by_part):
        coverage.add(watched, last)
    known = [overlap([(watched[0][0], last)], begin, end) if watched else 0.0 for begin, end in pairwise(edges)]
    seen = sum((by_part.share(number) or 0.0) * length for number, length in enumerate(known))
    assert (whole.share(0) or 0.0) * sum(known) == pytest.approx(seen)


@given(spans, st.integers(0, 50), st.integers(51, 100))
def test_what_spans_cover_and_what_they_leave_make_up_the_time(given_spans: list[Span], since: int, until: int) -> None:
    covered = joined(given_spans, since, until)
    left = list(between(covered, since, until))
    assert sum(end - begin for begin, end in [*covered, *left]) == until - since
    assert overlap(covered, since, until) == sum(any(begin <= at < end for begin, end in given_spans) for at in range(since, until))


def test_spans_that_are_close_are_one() -> None:
    assert joined([(0.0, 10.0), (15.0, 20.0), (40.0, 41.0)], 0.0, 100.0, apart=5.0) == [(0.0, 20.0), (40.0, 41.0)]
