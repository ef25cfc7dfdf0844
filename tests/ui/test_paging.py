"""Every chat has its turn on the wall, the worst first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatmon.ui.paging import PAGE_SECONDS, Page, Pages


def cycle(pages: Pages, keys: list[str], standing: set[str], rows: int, start: float = 0.0) -> list[Page]:
    """The pages from the first to the last before the first comes again."""
    found = [pages.page(keys, standing, rows, start)]
    while True:
        page = pages.page(keys, standing, rows, start + len(found) * PAGE_SECONDS)
        if page.number == 1:
            return found
        found.append(page)


@given(st.integers(0, 60), st.sets(st.integers(0, 59)), st.integers(1, 25))
def test_each_row_is_shown_once_in_order_and_the_standing_ones_on_top_of_every_page(number: int, standing: set[int], rows: int) -> None:
    keys = [str(one) for one in range(number)]
    wanted = [key for key in keys if int(key) in standing][: rows // 2]
    found = cycle(Pages(), keys, set(map(str, standing)), rows)

    assert all(page.keys[: page.standing] == wanted for page in found)
    assert [key for page in found for key in page.keys[page.standing :]] == [key for key in keys if key not in wanted]
    assert all(len(page.keys) <= rows for page in found)
    assert [(page.number, page.total) for page in found] == [(one, len(found)) for one in range(1, len(found) + 1)]


def test_a_page_stays_until_its_time_is_over() -> None:
    pages, keys = Pages(), list("abcdef")
    assert pages.page(keys, set(), 2, 100.0).keys == ["a", "b"]
    assert pages.page(keys, set(), 2, 100.0 + PAGE_SECONDS - 0.1).keys == ["a", "b"]
    assert pages.page(keys, set(), 2, 100.0 + PAGE_SECONDS).keys == ["c", "d"]


def test_after_a_time_without_a_look_the_next_page_comes_and_none_is_left_out() -> None:
    pages, keys = Pages(), list("abcdef")
    pages.page(keys, set(), 2, 0.0)
    assert pages.page(keys, set(), 2, 500.0).keys == ["c", "d"]


def test_the_first_page_follows_the_order_and_the_others_are_those_whose_turn_it_was_then_as_they_stand_now() -> None:
    pages = Pages()
    pages.page(list("abcdef"), set(), 2, 0.0)
    assert pages.page(list("fabcde"), set(), 2, 1.0).keys == ["f", "a"]
    assert pages.page(list("edcbaf"), set(), 2, PAGE_SECONDS).keys == ["c", "b"]
    assert pages.page(list("abcdef"), set(), 2, 2 * PAGE_SECONDS).keys == ["d", "e"]


def test_chats_that_come_and_go_neither_hide_another_nor_show_one_twice_nor_put_off_the_next_round() -> None:
    pages = Pages()
    seen = pages.page(list("abcdef"), set(), 2, 0.0).keys
    seen += pages.page(list("gbcdef"), set(), 2, PAGE_SECONDS).keys
    seen += pages.page(list("hgbdef"), set(), 2, 2 * PAGE_SECONDS).keys
    assert seen == list("abcdef")
    again = pages.page(list("hgbdef"), set(), 2, 3 * PAGE_SECONDS)
    assert (again.number, again.keys) == (1, ["h", "g"])


def test_a_page_whose_chats_go_is_filled_with_the_next() -> None:
    pages = Pages()
    pages.page(list("abcdef"), set(), 2, 0.0)
    pages.page(list("abcdef"), set(), 2, PAGE_SECONDS)
    assert pages.page(list("abdef"), set(), 2, PAGE_SECONDS + 1).keys == ["d", "e"]
    assert pages.page(list("abdef"), set(), 2, 2 * PAGE_SECONDS).keys == ["f"]


def test_half_of_a_page_is_for_those_that_have_no_alarm() -> None:
    keys = [str(one) for one in range(20)]
    page = Pages().page(keys, set(keys), 6, 0.0)
    assert (page.standing, page.keys, page.total) == (3, keys[:6], 6)
