"""Who is let in, by what a request says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.web.admission import NO_TOKEN, STRANGER, WRONG_NAME, Admission, Asked, is_loopback

TOKEN = "a-token-of-some-length"
ADMISSION = Admission(TOKEN, frozenset({"box", "box.example.com"}), "https://board.example.com/wall")


@pytest.mark.parametrize(
    "host",
    ["localhost:8800", "127.0.0.1:8800", "127.0.0.1", "[::1]:8800", "10.1.2.3:8800", "box:8800", "BOX.example.com", "board.example.com"],
)
def test_this_machine_may_be_asked_for_by_its_addresses_and_names(host: str) -> None:
    assert ADMISSION.refusal(Asked(host, (TOKEN,))) is None


@pytest.mark.parametrize(
    "host",
    ["", "evil.example:8800", "localhost.evil.example", "127.0.0.1.evil.example:8800", "box.evil", "[::1", "board.example.com.evil", ":"],
)
def test_a_name_that_someone_else_can_lead_here_is_refused(host: str) -> None:
    assert ADMISSION.refusal(Asked(host, (TOKEN,))) == WRONG_NAME


def test_without_a_public_url_no_name_but_its_own_is_this_machine() -> None:
    assert Admission(TOKEN).refusal(Asked("", (TOKEN,))) == WRONG_NAME
    assert Admission(TOKEN).refusal(Asked("box:1", (TOKEN,))) == WRONG_NAME


@given(st.lists(st.text(), max_size=3).filter(lambda tokens: TOKEN not in tokens))
def test_no_other_token_lets_in(tokens: list[str]) -> None:
    assert ADMISSION.refusal(Asked("localhost", tuple(tokens))) == NO_TOKEN


def test_one_right_token_among_old_ones_lets_in() -> None:
    assert ADMISSION.refusal(Asked("localhost", ("of the last run", TOKEN))) is None


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8800", "http://127.0.0.1:8800"),
        ("[::1]:8800", "http://[::1]:8800"),
        ("box", "http://BOX"),
        ("127.0.0.1:8800", "https://board.example.com"),
        ("board.example.com", "https://board.example.com"),
    ],
)
def test_keys_come_from_its_own_page(host: str, origin: str) -> None:
    assert ADMISSION.refusal_of_keys(Asked(host, (TOKEN,), origin)) is None


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "http://evil.example",
        "http://127.0.0.1:3000",
        "http://localhost:8800",
        "http://127.0.0.1",
        "file://",
        "http://[::1",
    ],
)
def test_no_other_page_types_or_sees_even_with_the_token(origin: str | None) -> None:
    assert ADMISSION.refusal_of_keys(Asked("127.0.0.1:8800", (TOKEN,), origin)) == STRANGER


def test_name_and_token_count_for_keys_too() -> None:
    assert ADMISSION.refusal_of_keys(Asked("evil.example", (TOKEN,), "http://evil.example")) == WRONG_NAME
    assert ADMISSION.refusal_of_keys(Asked("localhost", (), "http://localhost")) == NO_TOKEN


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("box", False)],
)
def test_what_cannot_be_reached_from_elsewhere(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
