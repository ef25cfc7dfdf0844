"""Who is let in, by what a request says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.web.admission import NO_TOKEN, STRANGER, WRONG_NAME, Admission, Asked, as_browsers_write, is_loopback

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


@pytest.mark.parametrize(
    ("written", "expected", "origin"),
    [
        ("https://x", "https://x", "https://x"),
        ("https://x:443", "https://x", "https://x"),
        ("http://x:80/", "http://x", "http://x"),
        ("http://x:443/wall/", "http://x:443/wall", "http://x:443"),
        ("HTTPS://Board.Example.com:0443", "https://board.example.com", "https://board.example.com"),
        ("https://x:", "https://x", "https://x"),
        ("https://tavle.blåbær.example", "https://tavle.xn--blbr-roah.example", "https://tavle.xn--blbr-roah.example"),
        ("https://STRASSE.ß.example:8443", "https://strasse.xn--zca.example:8443", "https://strasse.xn--zca.example:8443"),
        ("https://ｘ.example", "https://x.example", "https://x.example"),
        ("https://xn--blbr-roah.example", "https://xn--blbr-roah.example", "https://xn--blbr-roah.example"),
        ("http://[0:0::1]:80", "http://[::1]", "http://[::1]"),
    ],
)
def test_a_public_url_is_its_own_page_however_it_is_written(written: str, expected: str, origin: str) -> None:
    assert as_browsers_write(written) == expected
    admission = Admission(TOKEN, public_url=as_browsers_write(written))
    for host in ("127.0.0.1:8800", origin.partition("://")[2]):
        assert admission.refusal_of_keys(Asked(host, (TOKEN,), origin)) is None
    assert admission.refusal_of_keys(Asked("127.0.0.1:8800", (TOKEN,), f"{origin}0")) == STRANGER


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "x",
            "https://",
            "https:///x",
            "ftp://x",
            "//x",
            "https://x:99999",
            "https://x:port",
            "https://[::1",
            "https://x y",
            "https://x%41",
        ),
        *("https://u@x", "https://u:p@x", "https://x/?a=b", "https://x/#a", f"https://{'ü' * 70}.example", "https://x\x1b[m"),
    ],
)
def test_what_cannot_be_the_address_of_a_page_is_no_public_url(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the library has many words for it
        as_browsers_write(written)


@given(st.text())
def test_any_other_text_is_no_public_url_either(text: str) -> None:
    try:
        url = as_browsers_write(text)
    except ValueError:
        return
    assert url.isascii()
    assert as_browsers_write(url) == url


def test_name_and_token_count_for_keys_too() -> None:
    assert ADMISSION.refusal_of_keys(Asked("evil.example", (TOKEN,), "http://evil.example")) == WRONG_NAME
    assert ADMISSION.refusal_of_keys(Asked("localhost", (), "http://localhost")) == NO_TOKEN


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("box", False)],
)
def test_what_cannot_be_reached_from_elsewhere(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
