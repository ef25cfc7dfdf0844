"""Wrong usage: exit code 2 and one line on standard error that says what to do, repeats no id and no secret, and shows no traceback."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from .conftest import Invoke, Start

ID = "652492d9-c2d9-44c9-b9ad-0ab7984114bb"
SECRET = "hunter2-hunter2"
URL = ("--url", "http://127.0.0.1:9")

BAD = {
    "unknown command": (("pol", ID), "did you mean poll"),
    "an id in place of a command": ((ID,), "no such command"),
    "unknown option": (("poll", "--formta", "json"), "did you mean --format"),
    "unknown option of the group": (("--versoin",), "did you mean --version"),
    "unknown option without a near one": (("poll", "--zzz"), "--zzz"),
    "unknown option like no other": (("watch", "--for", "3"), "no option --for; see chatmon watch --help"),
    "unknown option with a dash left out": (("poll", "--idsfile", "x"), "did you mean --ids-file?"),
    "unknown command like no other": (("match", ID), "did you mean watch?"),
    "unknown command far from any": (("pool-2", ID), "no such command; see chatmon --help"),
    "option without its value": (("poll", "--interval"), "--interval"),
    "value of a switch": (("poll", "--follow=yes"), "--follow"),
    "surplus words": (("simulate", ID), "options only"),
    "surplus words of the demo": (("demo", ID), "options only"),
    "unknown format": (("poll", *URL, ID, "--format", "jsn"), "did you mean json"),
    "format that is an id": (("poll", *URL, "--format", ID), "table, json, jsonl, csv"),
    "unknown fault": (("simulate", "--faults", "outrage"), "did you mean outage"),
    "no URL": (("poll", ID), "CHATMON_URL"),
    "no URL for the dashboard": (("watch", ID), "CHATMON_URL"),
    "URL without scheme": (("poll", "--url", "gws.example.com", ID), "http"),
    "URL with a password": (("poll", "--url", f"https://me:{SECRET}@gws.example.com", ID), "-H"),
    "no ids": (("poll", *URL), "--ids-file"),
    "no ids and no terminal": (("watch", *URL), "--ids-file"),
    "id that is none": (("poll", *URL, ID, "not an id " + SECRET), "argument 2"),
    "id given twice": (("poll", *URL, ID, "other", ID), "argument 3"),
    "header without colon": (("poll", *URL, "-H", SECRET, ID), "Name: value"),
    "header without name": (("poll", *URL, "-H", f": {SECRET}", ID), "Name: value"),
    "header with a bad name": (("poll", *URL, "-H", f"a b{SECRET}: x", ID), "header"),
    "header with a bad value": (("poll", *URL, "-H", f"apikey: {SECRET}\x07", ID), "apikey"),
    "header twice": (("poll", *URL, "-H", f"apikey: {SECRET}", "-H", "ApiKey: x", ID), "twice"),
    "header by two options": (("poll", *URL, "-H", "ContactCenterId: 1", "--contact-center-id", "2", ID), "twice"),
    "header of chatmon's own": (("poll", *URL, "-H", "If-None-Match: x", ID), "chatmon's own"),
    "header from an unset variable": (("poll", *URL, "-H", "apikey: env:NO_SUCH_VARIABLE", ID), "apikey"),
    "header from a missing file": (("poll", *URL, "-H", "apikey: file:/no/such/file", ID), "apikey"),
    "header from a missing home": (("poll", *URL, "-H", "apikey: file:~nobody-of-this-name/key", ID), "apikey"),
    "empty contact centre": (("poll", *URL, "--contact-center-id", " ", ID), "empty"),
    "interval zero": (("poll", *URL, "--interval", "0", ID), "--interval"),
    "interval negative": (("poll", *URL, "--interval=-1", ID), "--interval"),
    "interval nan": (("poll", *URL, "--interval", "nan", ID), "--interval"),
    "interval infinite": (("poll", *URL, "--interval", "inf", ID), "--interval"),
    "interval absurd": (("poll", *URL, "--interval", "1e9", ID), "--interval"),
    "interval that is an id": (("poll", *URL, "--interval", ID), "--interval"),
    "idle chats never": (("poll", *URL, "--idle-every", "0", ID), "--idle-every needs a whole number from 1 to 100"),
    "idle chats now and then": (("demo", "--idle-every", "2.5"), "--idle-every needs a whole number from 1 to 100"),
    "rate zero": (("poll", *URL, "--max-rate", "0", ID), "--max-rate"),
    "rate of the demo": (("demo", "--max-rate", "nan"), "--max-rate"),
    "concurrency zero": (("poll", *URL, "--max-concurrency", "0", ID), "--max-concurrency"),
    "concurrency broken": (("poll", *URL, "--max-concurrency", "1.5", ID), "whole"),
    "timeout zero": (("poll", *URL, "--timeout", "0", ID), "--timeout"),
    "proxy that is none": (("poll", *URL, "--proxy", f"socks://{SECRET}", ID), "--proxy"),
    "bundle missing": (("poll", *URL, "--ca-bundle", "/no/such.pem", ID), "--ca-bundle"),
    "certificate missing": (("poll", *URL, "--client-cert", "/no/such.pem", ID), "--client-cert"),
    "bundle that is a directory": (("poll", *URL, "--ca-bundle", "/", ID), "--ca-bundle"),
    "end without follow": (("poll", *URL, "--for", "1", ID), "--follow"),
    "follow as one document": (("poll", *URL, "--follow", "--format", "json", ID), "jsonl"),
    "end at once": (("poll", *URL, "--follow", "--for", "0", ID), "--for"),
    "ids file missing": (("poll", *URL, "--ids-file", ID), "--ids-file"),
    "ids file a directory": (("poll", *URL, "--ids-file", "/"), "directory"),
    "no chats to simulate": (("simulate", "--chats", "0"), "--chats"),
    "no speed": (("simulate", "--speed", "nan"), "--speed"),
    "seed that is none": (("demo", "--seed", SECRET), "--seed"),
    "port out of range": (("simulate", "--port", "65536"), "--port"),
    "host that is none": (("simulate", "--chats", "1", "--host", "256.1.1.1"), "--host"),
    "theme that is none": (("demo", "--theme", "drak"), "did you mean dark"),
}


def expect_one_line(stderr: str, *, says: str) -> None:
    line, *more = stderr.splitlines()
    assert not more
    assert line.startswith("chatmon: ")
    assert says in line
    assert "Traceback" not in line
    for secret in (ID, SECRET, "\x07"):
        assert secret not in line


@pytest.mark.parametrize(("arguments", "says"), BAD.values(), ids=BAD.keys())
def test_wrong_usage_ends_with_one_line_and_exit_code_2(chatmon: Invoke, arguments: tuple[str, ...], says: str) -> None:
    result = chatmon(*arguments)

    stderr = "\n".join(line for line in result.stderr.splitlines() if not line.startswith("chatmon: seed "))
    expect_one_line(stderr, says=says)
    assert result.exit_code == 2
    assert result.stdout == ""


BAD_ENVIRONMENT = {
    "URL": ("CHATMON_URL", f"ftp://{SECRET}"),
    "API key": ("CHATMON_API_KEY", f"{SECRET}\x07"),
    "interval": ("CHATMON_INTERVAL", SECRET),
    "rate": ("CHATMON_MAX_RATE", "-3"),
    "ids file": ("CHATMON_IDS_FILE", f"/no/such/{ID}"),
    "certificates": ("SSL_CERT_FILE", "/no/such.pem"),
    "proxy": ("HTTPS_PROXY", f"socks5://me:{SECRET}@proxy"),
}


@pytest.mark.parametrize(("variable", "value"), BAD_ENVIRONMENT.values(), ids=BAD_ENVIRONMENT.keys())
def test_a_bad_environment_variable_is_named(chatmon: Invoke, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv("CHATMON_URL", "https://127.0.0.1:9")
    monkeypatch.setenv(variable, value)

    result = chatmon("poll", *([] if variable == "CHATMON_IDS_FILE" else [ID]))

    expect_one_line(result.stderr, says=variable)
    assert result.exit_code == 2


def test_a_file_that_is_no_certificate_is_refused(chatmon: Invoke, tmp_path: Path) -> None:
    letter = tmp_path / "letter.pem"
    letter.write_text("Dear Sir or Madam")
    for option in ("--ca-bundle", "--client-cert"):
        result = chatmon("poll", "--url", "https://127.0.0.1:9", option, str(letter), ID)
        expect_one_line(result.stderr, says=f"{option}: ")
        assert result.exit_code == 2


def test_a_busy_port_is_refused(chatmon: Invoke) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = chatmon("simulate", "--chats", "1", "--seed", "1", "--port", str(taken.getsockname()[1]))

    expect_one_line(result.stderr.removeprefix("chatmon: seed 1\n"), says="another --port")
    assert result.exit_code == 2


@pytest.mark.parametrize("arguments", [(), ("--help",), ("poll", "--help"), ("watch", "-h"), ("demo", "--help"), ("simulate", "--help")])
def test_help_is_output_and_shows_examples(chatmon: Invoke, arguments: tuple[str, ...]) -> None:
    result = chatmon(*arguments)

    assert result.exit_code == 0
    assert result.stderr == ""
    assert "Examples:" in result.stdout


@pytest.mark.parametrize("arguments", [(), ("--help",), ("--version",), ("poll", "--help")])
def test_help_that_cannot_be_written_is_one_line(process: Start, arguments: tuple[str, ...]) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    with full.open("w") as nowhere:
        running = process(*arguments, stdout=nowhere)
        _, stderr = running.communicate(timeout=60)

    expect_one_line(stderr, says="standard output cannot be written: No space left on device")
    assert running.returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="no sh there")
@pytest.mark.parametrize("arguments", [("poll", *URL, "--ids-file", "-"), ("watch", *URL, "-")])
def test_standard_input_that_is_closed_is_one_line(process: Start, arguments: tuple[str, ...]) -> None:
    running = process(*arguments, through=("sh", "-c", 'exec "$@" <&-', "sh"))
    _, stderr = running.communicate(timeout=60)

    expect_one_line(stderr, says="standard input is closed")
    assert running.returncode == 2


def test_help_names_environment_variables_defaults_and_faults(chatmon: Invoke) -> None:
    help_of_poll = " ".join(chatmon("poll", "--help").stdout.split())
    help_of_simulate = " ".join(chatmon("simulate", "--help").stdout.split())

    assert "[default: 2.0; env: CHATMON_INTERVAL]" in help_of_poll
    assert "[default: none; env: CHATMON_IDS_FILE]" in help_of_poll
    assert "outage (up for 30 s" in help_of_simulate


def test_insecure_says_so_once(chatmon: Invoke) -> None:
    result = chatmon("poll", "--url", "https://127.0.0.1:9", "--insecure", ID)

    assert result.stderr.count("--insecure") == 1
