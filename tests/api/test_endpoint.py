"""What a user configures is checked before anything is sent, and the complaint repeats no secret."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatmon.api.client import ChatClient
from chatmon.api.endpoint import Endpoint, check_header, parse_proxy, parse_root
from chatmon.api.environment_proxy import environment_proxy, needs_no_proxy
from chatmon.api.errors import ChatApiError, InvalidEndpoint
from tests.examples import examples

from .documents import CHAT_ID

ROOTS = [
    ("https://gws.example.com", "https://gws.example.com/api/v2"),
    ("https://gws.example.com/", "https://gws.example.com/api/v2"),
    ("https://gws.example.com/api/v2", "https://gws.example.com/api/v2"),
    ("https://gws.example.com/api/v2///", "https://gws.example.com/api/v2"),
    ("  https://gws.example.com/api/v2\n", "https://gws.example.com/api/v2"),
    ("https://gw.example.com/chat-key/v2", "https://gw.example.com/chat-key/v2"),
    ("http://localhost:8080", "http://localhost:8080/api/v2"),
    ("HTTPS://gws.example.com", "https://gws.example.com/api/v2"),
    ("http://10.0.0.7:1/x", "http://10.0.0.7:1/x"),
    ("http://[::1]:8080", "http://[::1]:8080/api/v2"),
    ("https://[2001:db8::1]/v2", "https://[2001:db8::1]/v2"),
    ("https://b\u00fccher.example", "https://b\u00fccher.example/api/v2"),
    ("https://gws.example.com/api%20x/v2", "https://gws.example.com/api%20x/v2"),
    ("https://gws.example.com:443/v2", "https://gws.example.com/v2"),
    ("https://gws.example.com.", "https://gws.example.com./api/v2"),
    ("https://gws_chat", "https://gws_chat/api/v2"),
    ("http://127.1:8080", "http://127.0.0.1:8080/api/v2"),
    ("http://127.0.1", "http://127.0.0.1/api/v2"),
    ("http://10.258", "http://10.0.1.2/api/v2"),
    ("http://2130706433", "http://127.0.0.1/api/v2"),
    ("http://127.0.0.1.", "http://127.0.0.1/api/v2"),
    ("http://localhost.", "http://localhost/api/v2"),
    ("http://[::ffff:127.0.0.1]", "http://[::ffff:127.0.0.1]/api/v2"),
    ("http://gws.example.com:", "http://gws.example.com/api/v2"),
    ("http://GWS.Example.COM:080", "http://gws.example.com/api/v2"),
    ("http://10.gws.example", "http://10.gws.example/api/v2"),
]
BAD_ROOTS = [
    "",
    "gws.example.com",
    "gws.example.com:443/api/v2",
    "//gws.example.com/api/v2",
    "ftp://gws.example.com",
    "file:///etc/passwd",
    "https://",
    "https:///api/v2",
    "https://:443/api",
    "https://user:s3cret@gws.example.com",
    "https://s3cret@gws.example.com",
    "https://@gws.example.com",
    "https://gws.example.com/api?key=s3cret",
    "https://gws.example.com/api#s3cret",
    "https://gws.example.com/a b",
    "https://gws example.com/",
    "https://gws.example.com/\x00",
    "https://gws.example.com:0",
    "https://gws.example.com:65536",
    "https://gws.example.com:-1",
    "https://gws.example.com:port",
    "https://[::1",
    "https://[gws]/",
    "https://::1/",
    "https://gws..example.com",
    f"https://{'a' * 64}.example.com",
    "https://gws.example.com\\@evil.example",
    "https://gws.example.com%2fevil.example",
    "https://gws.example.com/api/../v2",
    "https://gws.example.com/api/%2e%2E/v2",
    "https://gws.example.com/./v2",
    "https://999.1.1.1",
    "https://[fe80::1%25eth0]",
    "https://[v1.x]",
    "https://-gws.example.com",
    "http://0x7f.1",
    "http://0177.0.0.1",
    "http://010.0.0.7",
    "http://127.0.0.0x1",
    "http://127.0x",
    "http://4294967296",
    "http://256.1",
    "http://127.65536.1",
    "http://127.16777216",
    "http://1.2.3.4.5",
    "http://gws.1",
    "http://127..1",
    "http://\uff11\uff12\uff17.0.0.1",
    "http://[127.0.0.1]",
    "http://[::1%25lo]",
    "http://127.0.0.1\t/api",
    "http:\\\\127.0.0.1",
]


@pytest.mark.parametrize(("typed", "root"), ROOTS)
def test_the_root_is_understood(typed: str, root: str) -> None:
    assert parse_root(typed) == root
    assert parse_root(root) == root


@pytest.mark.parametrize("typed", BAD_ROOTS)
def test_a_root_that_cannot_be_used_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(InvalidEndpoint) as raised:
        parse_root(typed)
    assert "s3cret" not in str(raised.value)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("root", "host"),
    [
        ("https://gws.example.com", "gws.example.com"),
        ("https://gws.example.com:443", "gws.example.com"),
        ("http://gws.example.com:80/v2", "gws.example.com"),
        ("https://gws.example.com:80", "gws.example.com:80"),
        ("http://[::1]:8080", "[::1]:8080"),
    ],
)
def test_the_host_is_named_as_a_user_would(root: str, host: str) -> None:
    assert Endpoint(parse_root(root)).host == host


@given(st.one_of(st.text(max_size=40), st.text("ahtps:/.@[]%\\?#0é", max_size=20).map("http://".__add__)))
@example("http://xn--a.example/")
@example("http://xn--é.example/")
@example("http://\u2603.example/")
@example("http://1.2.3.4.5/100%")
@example("http://a\u3002b/")
@example("http://h/\\\\x/..;/é[]")
@examples(100)
async def test_every_root_that_is_accepted_can_be_asked(typed: str) -> None:
    try:
        root = parse_root(typed)
    except InvalidEndpoint:
        return
    client = ChatClient(Endpoint(root), deadline=0)  # over before anything is sent: only what is checked on the way there can fail
    with pytest.raises(ChatApiError):
        await client.get(CHAT_ID)
    await client.aclose()


@pytest.mark.parametrize(
    ("chat_id", "segment"),
    [(CHAT_ID, CHAT_ID), ("a/b", "a%2Fb"), ("..%2f", "..%252f"), ("?#;", "%3F%23%3B"), ("\u00e9", "%C3%A9"), ("a~b_c-d.e", "a~b_c-d.e")],
)
def test_the_url_of_a_chat(chat_id: str, segment: str) -> None:
    assert Endpoint("https://h/api/v2").chat_url(chat_id) == f"https://h/api/v2/chats/{segment}"


def test_an_endpoint_shows_no_secret() -> None:
    shown = repr(Endpoint("https://h/api/v2", headers={"apikey": "s3cret"}, proxy="http://me:s3cret@proxy:3128"))
    assert "s3cret" not in shown


@pytest.mark.parametrize(("name", "value"), [("ContactCenterId", "1234"), ("apikey", "a b!~"), ("X-Empty", ""), ("Accept", "*/*")])
def test_a_header_that_can_be_sent_is_accepted(name: str, value: str) -> None:
    check_header(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "s3cret"),
        ("a b", "s3cret"),
        ("a:", "s3cret"),
        ("a\n", "s3cret"),
        ("\u00e9", "s3cret"),
        ("a", "s3cret\r\nHost: evil"),
        ("a", "s3cret\x00"),
        ("a", "s3cret\u00e9"),
        ("Content-Length", "s3cret"),
        ("transfer-encoding", "s3cret"),
        ("Connection", "s3cret"),
        ("If-None-Match", "s3cret"),
        ("Accept-Encoding", "s3cret"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused_without_repeating_its_value(name: str, value: str) -> None:
    with pytest.raises(InvalidEndpoint) as raised:
        check_header(name, value)
    assert "s3cret" not in str(raised.value)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("url", ["http://proxy:3128", "http://proxy", "http://me:pass%20word@proxy:3128", " http://[::1]:3128 "])
def test_a_proxy_is_accepted(url: str) -> None:
    assert parse_proxy(url) == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "proxy:3128",
        "https://me:s3cret@proxy",
        "socks5://me:s3cret@proxy",
        "http://me:s3cret@",
        "http://me:s3cret@proxy:0",
        "http://me:s3cret@proxy:99999",
        "http://me%3Ayou:s3cret@proxy",
        "http://me:s3cret\u4e2d@proxy",
        "http://me:s3cret%E4%B8%AD@proxy",
        "http://me:s3cret@a b",
        "http://me:s3cret@a..b",
        "http://me:s3cret\\@proxy",
        "http://me:s3cret@proxy\x00",
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidEndpoint) as raised:
        parse_proxy(url)
    assert "s3cret" not in str(raised.value)


@given(st.text("ahtps:/.@[]%\\?#0é ", max_size=20).map("http://".__add__))
@examples(100)
async def test_every_proxy_that_is_accepted_can_be_asked(typed: str) -> None:
    try:
        proxy = parse_proxy(typed)
    except InvalidEndpoint:
        return
    client = ChatClient(Endpoint("http://gws.example.com/api/v2", proxy=proxy), deadline=0)
    with pytest.raises(ChatApiError):
        await client.get(CHAT_ID)
    await client.aclose()


@pytest.mark.parametrize(
    ("environment", "root", "proxy"),
    [
        ({}, "https://gws.example.com/api", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https://gws.example.com/api", "http://p:1"),
        ({"https_proxy": "http://p:1"}, "https://gws.example.com/api", "http://p:1"),
        ({"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "https://gws.example.com/api", "http://p:1"),
        ({"https_proxy": "", "HTTPS_PROXY": "http://q:1"}, "https://gws.example.com/api", None),
        ({"HTTPS_PROXY": "p:1"}, "https://gws.example.com/api", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://gws.example.com/api", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://gws.example.com/api", "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, "http://gws.example.com/api", "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "HTTP_PROXY": "http://q:1"}, "http://gws.example.com/api", "http://q:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "gws.example.com"}, "https://gws.example.com:8443/api", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example.com"}, "https://gws.example.com/api", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.org, other"}, "https://gws.example.com/api", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "https://gws.example.com/api", None),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "::1"}, "http://[::1]:8080/api", None),
    ],
)
def test_the_environment_chooses_the_proxy(environment: dict[str, str], root: str, proxy: str | None) -> None:
    assert environment_proxy(root, environment) == proxy


def test_a_proxy_of_the_environment_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(InvalidEndpoint) as raised:
        environment_proxy("https://gws.example.com/api", {"HTTPS_PROXY": "socks5://me:s3cret@proxy:1080"})
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("exceptions", "host", "is_exempt"),
    [
        ("10.0.0.0/8", "10.255.0.7", True),
        ("10.0.0.0/8", "11.0.0.7", False),
        ("10.1.2.3/8", "10.9.9.9", True),
        ("10.0.0.0/0", "192.0.2.1", True),
        ("10.0.0.0/33", "10.0.0.1", False),
        ("10.0.0.0/x", "10.0.0.1", False),
        ("192.0.2.7/32", "192.0.2.7", True),
        ("fd00::/8", "fd12:3456::1", True),
        ("[fd00::]/8", "fd12:3456::1", True),
        ("fd00::/8", "fe80::1", False),
        ("::ffff:10.0.0.0/104", "10.0.0.1", False),
        ("10.0.0.0/8", "::ffff:10.0.0.1", True),
        ("10.0.0.0/8", "gws.example.com", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "110.0.0.1", False),
        ("0.0.1", "10.0.0.1", False),
        ("::1", "::1", True),
        ("[::1]", "::1", True),
        ("0:0:0:0:0:0:0:1", "::1", True),
        ("[::1]:8080", "::1", False),
        ("[::1]:443", "::1", True),
        ("example.com", "example.com", True),
        ("example.com", "gws.example.com", True),
        (".example.com", "gws.example.com", True),
        (".example.com", "example.com", True),
        ("*.example.com", "gws.example.com", True),
        ("example.com.", "gws.example.com", True),
        ("example.com", "gws.example.com.", True),
        ("EXAMPLE.com", "gws.example.COM", True),
        ("example.com", "notexample.com", False),
        ("gws.example.com:443", "gws.example.com", True),
        ("gws.example.com:8443", "gws.example.com", False),
        ("gws.example.com:port", "gws.example.com", False),
        ("a.example b.example", "b.example", True),
        ("a.example , b.example", "b.example", True),
        ("a.example\tb.example\n", "b.example", True),
        (",, ,", "b.example", False),
        ("", "b.example", False),
        ("*", "b.example", True),
        ("a.example,*", "b.example", True),
        (".", "b.example", False),
        ("/", "b.example", False),
        ("[", "b.example", False),
        (":", "b.example", False),
    ],
)
def test_hosts_that_need_no_proxy_are_named_in_many_ways(exceptions: str, host: str, is_exempt: bool) -> None:
    assert needs_no_proxy(host, 443, exceptions) == is_exempt


@given(st.text(max_size=40), st.sampled_from(["10.0.0.1", "::1", "gws.example.com"]))
def test_no_value_of_no_proxy_does_worse_than_naming_nothing(exceptions: str, host: str) -> None:
    assert needs_no_proxy(host, 443, exceptions) in {True, False}


def test_small_letters_count_more_even_where_they_name_nothing() -> None:
    environment = {"HTTP_PROXY": "http://p:1", "NO_PROXY": "*", "no_proxy": ""}

    assert environment_proxy("http://10.0.0.1/api/v2", environment) == "http://p:1"
    assert environment_proxy("http://10.0.0.1/api/v2", environment | {"no_proxy": "192.0.2.0/24 10.0.0.0/8"}) is None
