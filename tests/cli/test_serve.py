"""What `chatmon serve` refuses before it serves anything."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
from pathlib import Path

import pytest

from chatmon.cli import serve, served

from .conftest import Invoke

URL = ("--url", "http://127.0.0.1:9", "--port", "0")
REFUSED = {
    "standard input": ((*URL, "--ids-file", "-"), "standard input can be read once, but every page needs the ids; give them as a file"),
    "standard input as an argument": ((*URL, "-"), "standard input can be read once"),
    "both words on privacy": ((*URL, "--privacy", "--no-privacy", "a"), "--privacy and --no-privacy contradict each other"),
    "no URL": (("a",), "no API root"),
    "a wrong header": ((*URL, "-H", "hunter2", "a"), "--header has no colon"),
    "no viewers": ((*URL, "--max-viewers", "0"), "--max-viewers needs a whole number from 1 to 100"),
    "too little of a rate": ((*URL, "--max-rate", "0.03", "a"), "--max-rate is too little for 4 pages"),
    "too few connections": ((*URL, "--max-concurrency", "3", "a"), "--max-concurrency is too little for 4 pages"),
    "what is the demo's": ((*URL, "--faults", "flaky", "a"), "--faults is for --demo"),
    "an id for the demo": (("--demo", "hunter2"), "--demo has chats of its own"),
    "a URL for the demo": (("--demo", *URL), "--demo talks to no Chat API and records nothing; leave --url out"),
    "a history for the demo": (("--demo", "--history", "x"), "leave --history out"),
    "no such theme": ((*URL, "--theme", "drak", "a"), "dark"),
    "no such host": ((*URL, "--host", "256.1.1.1", "a"), "cannot listen on port 0 of that host"),
    "no public URL": ((*URL, "--public-url", "board.example.com", "a"), "--public-url needs an address like https://board.example.com"),
    "a public URL with a query": ((*URL, "--public-url", "https://x/?hunter2", "a"), "--public-url needs an address"),
    "a broken public URL": ((*URL, "--public-url", "http://[::1", "a"), "--public-url needs an address"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_served_is_refused_in_one_line(chatmon: Invoke, case: str) -> None:
    arguments, said = REFUSED[case]
    result = chatmon("serve", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert "hunter2" not in result.stderr


def test_a_pipe_with_ids_is_refused_since_every_page_reads_it(chatmon: Invoke, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "chats.ids")
    result = chatmon("serve", *URL, "--ids-file", str(tmp_path / "chats.ids"))

    assert result.exit_code == 2
    assert "a pipe can be read once, but every page needs the ids" in result.stderr


def test_a_port_that_is_taken_is_refused(chatmon: Invoke) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = chatmon("serve", "--demo", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 2
    assert "choose another --port" in result.stderr


@pytest.mark.parametrize("token", ["short", "with a space in it, that is long", "ünlikely-to-be-one-of-these"])
def test_a_token_of_the_environment_that_could_be_guessed_or_not_be_sent_is_refused(
    chatmon: Invoke, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("CHATMON_SERVE_TOKEN", token)
    result = chatmon("serve", "--demo", "--port", "0")
    assert result.exit_code == 2
    assert "CHATMON_SERVE_TOKEN needs 16 letters or more" in result.stderr
    assert token not in result.stderr


def test_without_the_extra_it_says_what_to_install(chatmon: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(serve, "find_spec", lambda name: None if name == "textual_serve" else find(name))
    result = chatmon("serve", "--demo")
    assert result.exit_code == 2
    assert result.stderr == "chatmon: serve needs the extra serve, which is not installed; pip install -e '.[serve]' in its folder\n"


def test_a_page_gets_the_options_as_they_were_given(chatmon: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter2")
    handed: list[tuple[str, ...]] = []

    def hand_on(arguments: tuple[str, ...], *, privacy: bool) -> dict[str, str]:
        handed.append((*arguments, str(privacy)))
        return served.environment_of(arguments, privacy=privacy)

    monkeypatch.setattr(serve, "environment_of", hand_on)
    monkeypatch.setattr(serve, "run", lambda work: work.close() or 0)
    asked = (*URL, "-H", f"apikey: file:{tmp_path / 'key'}", "-H", "ContactCenterId: 7", "--max-rate", "20", "--ascii", "--wallboard")
    assert chatmon("serve", *asked, "--privacy", "--theme", "light", "--no-history", "--max-viewers", "2", "--", "-id").exit_code == 0
    url, key = "--url=http://127.0.0.1:9", f"--header=apikey: file:{tmp_path / 'key'}"
    options = (url, key, "--header=ContactCenterId: 7", "--no-history", "--theme=light", "--ascii", "--wallboard")
    assert handed == [("watch", *options, "--max-rate=10.0", "--max-concurrency=16", "--", "-id", "True")]


def test_the_arguments_of_a_page_are_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(served.ARGUMENTS, json.dumps(["config", "path"]))
    ended: list[object] = []

    def command_line() -> None:
        import os
        import sys

        ended.append((sys.argv[1:], served.ARGUMENTS in os.environ))

    monkeypatch.setattr("chatmon.cli.main.main", command_line)
    monkeypatch.setattr("sys.argv", ["chatmon"])
    served.main()
    assert ended == [(["config", "path"], False)]
