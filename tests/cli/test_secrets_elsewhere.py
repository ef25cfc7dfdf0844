"""Headers whose values are kept elsewhere: what is read there, and what is said of a place where nothing can be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatmon.bounded_files import read_at_most
from chatmon.config import InvalidSetting, resolve
from chatmon.config.references import MAX_BYTES

from .config_files import loaded, settings
from .conftest import Invoke
from .test_usage import SECRET, expect_one_line

BOM = b"\xef\xbb\xbf"


def header(reference: str, environment: dict[str, str] | None = None) -> str:
    """The value that is sent."""
    given = {"url": "http://127.0.0.1:9", "header": (f"apikey: {reference}",)}
    return resolve(given, environment or {}).endpoint.headers["apikey"]


@pytest.mark.parametrize("content", [b"key", b"key\n", b"key\r\n", b"key\n\n", b" key \n", BOM + b"key", BOM + b"key\r\n"])
def test_a_file_gives_its_text_without_byte_order_mark_and_end_of_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    assert header(f"file:{tmp_path / 'key'}") == "key"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b" \r\n", "is empty"),
        (BOM, "is empty"),
        (BOM + b"\n", "is empty"),
        (SECRET.encode() + b"\nanother\n", "holds more than one line"),
        (SECRET.encode() + b"\x00", "holds more than one line, or a control character"),
        (SECRET.encode("utf-16"), "is in UTF-16; save it in UTF-8"),
        (b"\xe9" + SECRET.encode(), "is no text in UTF-8"),
        (b"x" * (MAX_BYTES + 1), "is larger than 64 KiB"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused_by_its_name(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(InvalidSetting) as refused:
        header(f"file:{file}")
    assert str(refused.value).startswith(f"--header: the file for the header apikey, {file}, {says}")
    assert SECRET not in str(refused.value)


def test_a_value_that_cannot_be_sent_is_blamed_on_where_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("schlüssel", encoding="utf-8")
    for reference, environment, place in (
        (f"file:{tmp_path / 'key'}", {}, f"the file {tmp_path / 'key'}"),
        ("env:KEY", {"KEY": "schlüssel"}, "the environment variable KEY"),
    ):
        with pytest.raises(InvalidSetting) as refused:
            header(reference, environment)
        assert str(refused.value) == f"--header: {place}: the value of the header apikey holds characters that cannot be sent"


@pytest.mark.parametrize(
    ("reference", "environment", "says"),
    [
        ("env:KEY", {}, "the environment variable KEY, which the header apikey names, is not set; export it"),
        ("env:KEY", {"KEY": ""}, "the environment variable KEY, which the header apikey names, is empty"),
        ("env:KEY", {"KEY": " \n"}, "the environment variable KEY, which the header apikey names, is empty"),
        ("env:KEY", {"KEY": "a\nb"}, "the environment variable KEY, which the header apikey names, holds more than one line"),
        ("env:", {}, "the environment variable of the header apikey has no name that a variable can have"),
        (f"env:{SECRET}", {}, "the environment variable of the header apikey has no name that a variable can have"),
        ("file:", {}, "the file for the header apikey is not named; it looks like file:key.txt"),
        ("file:/no/such/file", {}, "the file for the header apikey, /no/such/file, does not exist"),
        ("file:no-such-key.txt", {}, "the file for the header apikey, no-such-key.txt, does not exist"),
        (f"file:{SECRET}", {}, "the file for the header apikey does not exist"),
        ("file:/", {}, "the file for the header apikey, /, is a directory"),
    ],
)
def test_a_place_where_nothing_is_is_named_unless_it_may_be_the_secret(reference: str, environment: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        header(reference, environment)
    assert str(refused.value).startswith(f"--header: {says}")
    assert SECRET not in str(refused.value)


def test_the_line_of_the_configuration_file_is_named_with_the_path_as_seen_from_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('[profiles.p]\nurl = "http://x"\nheaders = { apikey = "file:key.txt" }\n')
    with pytest.raises(InvalidSetting) as refused:
        settings(file, profile="p")
    says = f"{file}:3: headers: the file for the header apikey, {tmp_path / 'key.txt'}, does not exist"
    assert str(refused.value).startswith(says)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_read_while_something_comes_and_not_waited_for_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmon.bounded_files.PIPE_SECONDS", 0.05)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidSetting, match=r"pipe, cannot be read: nothing came"):
        header(f"file:{tmp_path / 'pipe'}")
    with pytest.raises(InvalidSetting, match=r"pipe cannot be read: nothing came .*; --config needs a configuration file"):
        loaded(tmp_path / "pipe")

    monkeypatch.setattr("chatmon.bounded_files.PIPE_SECONDS", 20.0)
    ours, theirs = os.pipe()
    os.write(theirs, b"key\n")
    os.close(theirs)
    assert header(f"file:/dev/fd/{ours}") == "key"
    os.close(ours)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless device")
def test_an_endless_file_is_read_no_further_than_what_is_meant_may_be_long() -> None:
    assert read_at_most(Path("/dev/zero"), 100) == bytes(100)
    with pytest.raises(InvalidSetting, match=r"/dev/zero, is larger than 64 KiB"):
        header("file:/dev/zero")
    with pytest.raises(InvalidSetting, match=r"/dev/zero: larger than 256 KiB"):
        loaded(Path("/dev/zero"))


def test_show_tells_of_a_place_where_nothing_is_and_shows_the_rest(
    chatmon: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "c.toml"
    config.write_text(
        'profile = "p"\n[profiles.p]\nurl = "http://x"\n[profiles.p.headers]\n'
        f'apikey = "env:NO_KEY"\nX-A = "file:no.txt"\nX-B = "env:{SECRET}"\nX-C = "env:EMPTY"\nX-D = "env:THERE"\n'
    )
    monkeypatch.delenv("NO_KEY", raising=False)
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setenv("THERE", SECRET)
    result = chatmon("config", "show", "--config", str(config))

    assert (result.exit_code, result.stderr) == (0, "")
    lines = {line.split("  ")[0]: line for line in result.stdout.splitlines()}
    assert '"env:NO_KEY" (not set)  ' in lines["header apikey"]
    assert '"file:no.txt" (does not exist)  ' in lines["header X-A"]
    assert '"env:***" (has no name that a variable can have)  ' in lines["header X-B"]
    assert '"env:EMPTY" (empty)  ' in lines["header X-C"]
    assert '"env:THERE"  ' in lines["header X-D"]
    assert SECRET not in result.stdout
    assert "interval" in result.stdout

    refused = chatmon("poll", "one", "--config", str(config))
    assert refused.exit_code == 2
    expect_one_line(refused.stderr, says=f"{config}:5: headers: the environment variable NO_KEY, which")


@pytest.mark.parametrize("arguments", [("report",), ("export",), ("config", "path"), ("completion", "bash")])
def test_a_command_that_sends_no_header_needs_no_secret(chatmon: Invoke, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    config = tmp_path / "c.toml"
    config.write_text('profile = "p"\n[profiles.p]\nurl = "http://x"\nheaders = { apikey = "env:NO_KEY" }\n')
    given = () if arguments[0] == "completion" else ("--config", str(config))
    assert "NO_KEY" not in chatmon(*arguments, *given).stderr
