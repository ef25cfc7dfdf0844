"""Text in an exact number of terminal cells, whoever wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chatmon.ui.lines import Line, Span, cut, fit, line, spread, wrap
from tests.ui.strategies import texts

spans = st.lists(st.builds(Span, texts), max_size=5).map(tuple)


@given(texts, st.integers(0, 60), st.sampled_from(["left", "right"]))
def test_a_fitted_text_takes_exactly_the_cells_it_was_given(text: str, width: int, align: str) -> None:
    assert cell_len(fit(text, width, "right" if align == "right" else "left")) == width


@given(spans, spans, st.integers(0, 120))
def test_a_spread_line_takes_exactly_its_width(left: tuple[Span, ...], right: tuple[Span, ...], width: int) -> None:
    assert spread(left, right, width).width == width


@given(spans, st.integers(0, 60))
def test_a_cut_line_is_never_too_wide(pieces: tuple[Span, ...], width: int) -> None:
    one = Line(pieces)

    assert cut(one, width).width <= width
    assert cut(one, one.width) == one


@given(st.lists(texts.filter(bool), max_size=8), st.integers(1, 40))
def test_wrapped_words_stay_within_the_width(words: list[str], width: int) -> None:
    assert all(cell_len(one) <= width for one in wrap(words, width))


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Chris", 8, "Chris   "),
        ("Christopher", 8, "Christo…"),
        ("張偉張偉", 6, "張偉… "),
        ("one two", 5, "one… "),
        ("Chris", 1, "…"),
        ("", 3, "   "),
    ],
)
def test_what_does_not_fit_ends_in_an_ellipsis(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown


def test_numbers_stand_at_the_right() -> None:
    assert fit("1:02", 6, "right") == "  1:02"


def test_words_are_wrapped_between_words() -> None:
    assert wrap(["may", "no", "longer", "send"], 9) == ["may no", "longer", "send"]


def test_both_ends_of_a_line_are_seen_where_there_is_room() -> None:
    assert spread((Span("left"),), (Span("right"),), 12).text == "left   right"


def test_the_right_end_outlives_the_left_one() -> None:
    assert spread((Span("a long left end"),), (Span("right"),), 9).text == "a l…right"


def test_a_line_knows_its_text_and_width() -> None:
    one = line("張", Span("x", "dim"))

    assert (one.text, one.width) == ("張x", 3)
