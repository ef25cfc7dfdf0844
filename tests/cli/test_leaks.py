"""Secrets, ids and names are nowhere but where they belong, whatever goes wrong.

Every secret holds "hunter2": nothing that chatmon prints or writes may. Every id, nickname and label holds "canary": it may stand in what
was asked for, on standard output, and with --privacy nowhere; never in a message, a log or a report.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chatmon.cli.crash_reports import crash_folder, report_crashes
from chatmon.cli.fault_log import FaultLog, log_folder
from tests.metrics.exposed import value
from tests.terminal.terminal import Terminal

from .conftest import Invoke, Start
from .emulator import Emulator, chat
from .read_metrics import lines_of, place_in, read, read_until

SECRET = "hunter2-of-the-gateway"
PASSWORD = "hunter2-of-the-proxy"
CHAT = "canary40-316223-6b4b-48d3"
OTHER = "canary41-316223-6b4b-48d3"
CUSTOMER, AGENT, LABEL = "Ada Canary", "Kristi Canary", "billing-canary"
GOOD = chat("Chatting", (1, CUSTOMER, "Customer"), (2, AGENT, "Agent"))


class Texts(NamedTuple):
    """What a run left behind."""

    output: str
    errors: str
    written: str

    def check(self, *, private: bool) -> None:
        """Nothing is where it does not belong."""
        everywhere, behind = self.output + self.errors + self.written, (self.errors + self.written).lower()
        assert "hunter2" not in everywhere
        assert "canary" not in behind
        assert "Traceback" not in everywhere
        assert not private or "canary" not in self.output.lower()


def left_behind() -> str:
    folders = (log_folder(), crash_folder())
    return "".join(
        path.read_text(encoding="utf-8") for folder in folders if folder.exists() for path in folder.rglob("*") if path.is_file()
    )


@pytest.fixture(autouse=True)
def _as_a_process_has_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What `main` sets up beside the command line."""
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    loggers = [logging.getLogger(name) for name in ("chatmon", "asyncio")]
    before = [list(logger.handlers) for logger in loggers]
    log = FaultLog()
    loggers[0].addHandler(log)
    report_crashes()
    yield
    log.close()
    for logger, handlers in zip(loggers, before, strict=True):
        logger.handlers = handlers


@pytest.fixture
def run(chatmon: Invoke, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    def run(command: str, *arguments: str, url: str = "", chats: str = f"{CHAT} {LABEL}\n") -> Texts:
        (tmp_path / "chats.ids").write_text(chats)
        named = ("--url", url, "--ids-file", str(tmp_path / "chats.ids"), "-H", f"apikey: {SECRET}", "--timeout", "0.5") if url else ()
        result = chatmon(command, *named, *arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        outside = capfd.readouterr()
        return Texts(result.stdout, result.stderr + outside.out + outside.err, left_behind())

    return run


class Replying:
    """Answers each request with the same bytes and hangs up. `heads` are what it was sent."""

    def __init__(self, answer: bytes) -> None:
        self.heads: list[bytes] = []
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                client.settimeout(2.0)
                try:
                    self.heads.append(client.recv(65_536))
                    client.sendall(self._answer)
                except OSError:
                    continue

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def http(status: str, body: str = f"<h1>{CHAT} of {CUSTOMER}: {SECRET}</h1>", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", "Connection: close", *headers]
    return "\r\n".join((*head, "", body)).encode()


STATUSES = (
    *("204 No Content", "304 Not Modified", "400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "407 Proxy"),
    *("410 Gone", "418 Teapot", "429 Too Many Requests", "500 Internal", "502 Bad Gateway", "503 Unavailable", f"599 {CHAT}"),
)
ANSWERS = {
    **{status.partition(" ")[0]: http(status) for status in STATUSES},
    "a redirect": http("302 Found", "", f"Location: http://127.0.0.1:1/{CHAT}?key={SECRET}"),
    "a page": http("200 OK"),
    "broken JSON": http("200 OK", f'{{"chat": {{"id": "{CHAT}", "participants": [{{"nickname": "{CUSTOMER}"'),
    "JSON that is no chat": http("200 OK", f'{{"chat": {{"id": 7, "state": ["{CHAT}"]}}}}'),
    "another chat": http("200 OK", f'{{"chat": {{"id": "{OTHER}", "state": "Idle"}}, "statusCode": 0}}'),
    "a status code": http("200 OK", f'{{"statusCode": 4, "statusMessage": "no {CHAT} {SECRET}"}}'),
    "no HTTP": f"{CHAT} {SECRET}\r\n\r\n".encode(),
    "a body cut short": http("200 OK", f'{{"chat": {{"id": "{CHAT}"')[:-4],
    "bad headers": f"HTTP/1.1 200 OK\r\n{CHAT}\x00{SECRET}\r\n\r\n".encode(),
    "a wrong encoding": http("200 OK", CHAT, "Content-Encoding: gzip"),
    "a large body": http("200 OK", CHAT * 50_000),
    "nothing": b"",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_whatever_a_server_says_secrets_and_names_are_not_repeated(run: Any, answer: str) -> None:
    server = Replying(ANSWERS[answer])
    try:
        for arguments in (("--format", "json"), ("--format", "csv", "--privacy"), ("--privacy",)):
            texts = run("poll", *arguments, url=f"http://{server.place}")
            texts.check(private="--privacy" in arguments)
            assert texts.output != ""
            assert "own fault" not in texts.output + texts.errors
        assert any(SECRET.encode() in head for head in server.heads)
    finally:
        server.close()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_takes_nothing_to_the_other_server(run: Any, status: str) -> None:
    elsewhere = Replying(http("200 OK", "{}"))
    server = Replying(http(status, "", f"Location: http://{elsewhere.place}/api/v2/chats/{CHAT}"))
    try:
        run("poll", "--format", "json", url=f"http://{server.place}").check(private=False)
        assert len(server.heads) == 1
        assert elsewhere.heads == []
    finally:
        server.close()
        elsewhere.close()


@pytest.mark.parametrize("privacy", [False, True])
def test_a_server_that_cannot_be_reached_is_told_of_without_secrets(run: Any, privacy: bool) -> None:
    options = ("--privacy",) if privacy else ()
    server, proxy = Replying(b"no TLS here"), Replying(http("407 Who are you"))
    try:
        run("poll", *options, url="http://127.0.0.1:1").check(private=privacy)
        run("poll", *options, url=f"https://{server.place}").check(private=privacy)
        for url in ("http://127.0.0.1:2", "https://127.0.0.1:2"):
            run("poll", *options, "--proxy", f"http://me:{PASSWORD}@127.0.0.1:1", url=url).check(private=privacy)
            run("poll", *options, "--proxy", f"http://me:{PASSWORD}@{proxy.place}", url=url).check(private=privacy)
        assert proxy.heads != []
    finally:
        server.close()
        proxy.close()


def test_what_was_asked_for_is_printed_and_with_privacy_by_pseudonyms(run: Any, emulator: Emulator) -> None:
    emulator.chats[CHAT] = GOOD
    for style in ("table", "json", "jsonl", "csv"):
        plain = run("poll", "--format", style, url=emulator.url)
        plain.check(private=False)
        assert all(words in plain.output for words in (CUSTOMER, AGENT, LABEL, CHAT[:8]))
        private = run("poll", "--format", style, "--privacy", url=emulator.url)
        private.check(private=True)
        assert all(words in private.output for words in ("Agent ", "Cust ", "#"))


MISTAKES = (
    ("poll", f"--url=https://me:{PASSWORD}@gws.example.com", CHAT),
    ("poll", "--url", f"https://gws.example.com/?key={SECRET}", CHAT),
    ("poll", "--url", f"http://{SECRET}:99999/", CHAT),
    ("poll", "-H", SECRET, "--url", "http://127.0.0.1:1", CHAT),
    ("poll", "-H", f"apikey: env:{SECRET}", "--url", "http://127.0.0.1:1", CHAT),
    ("poll", "-H", f"apikey: file:/{SECRET}", "--url", "http://127.0.0.1:1", CHAT),
    ("poll", "-H", f"apikey: {SECRET}\x07", "--url", "http://127.0.0.1:1", CHAT),
    ("poll", "--proxy", f"socks://me:{PASSWORD}@p:1", "--url", "http://127.0.0.1:1", CHAT),
    ("poll", "--proxy", f"http://me:{PASSWORD}\u20ac@p:1", "--url", "http://127.0.0.1:1", CHAT),
    ("poll", "--interval", SECRET, CHAT),
    ("poll", "--format", SECRET, CHAT),
    ("poll", f"--{CHAT}", CHAT),
    ("poll", "--url", "http://127.0.0.1:1", f"{CHAT} x"),
    ("poll", "--profile", CHAT),
    ("export", CHAT),
    ("export", "--since", CHAT),
    ("export", "--what", CHAT),
    ("export", "--output", f"/no-such-folder/{CHAT}"),
    ("completion", CHAT),
    ("replay", CHAT),
    ("replay", "--at", CHAT),
    ("replay", "--speed", CHAT),
    ("replay", "history.sqlite3", CHAT),
    ("report", CHAT),
    ("report", "--from", CHAT),
    ("report", "--timezone", CHAT),
    ("report", "--output", f"/{CHAT}/{SECRET}"),
    ("demo", CHAT),
    ("config", "show", CHAT),
    (CHAT,),
)


@pytest.mark.parametrize("arguments", MISTAKES, ids=lambda arguments: " ".join(arguments[:2]).replace(CHAT, "id").replace("\x07", "")[:40])
def test_a_mistake_is_told_of_without_repeating_what_may_be_a_secret(run: Any, arguments: tuple[str, ...]) -> None:
    texts = run(*arguments)
    texts.check(private=True)
    assert texts.errors.startswith("chatmon: ")


FILES = (
    f'[profiles.p]\nurl = "https://me:{PASSWORD}@x"\n',
    f'[profiles.p]\nheaders = {{ apikey = 7, b = "{SECRET}" }}\n',
    f'[profiles.p]\nheaders = ["{SECRET}"]\n',
    f'[profiles.p]\nheaders = {{ apikey = "{SECRET}" \n',
    f'[profiles.p]\nproxy = "ftp://me:{PASSWORD}@p:1"\nurl = "http://x"\n',
    f'[profiles.p]\ninterval = "{SECRET}"\n',
    f'[profiles.p]\nurl = "http://x"\nheaders = {{ "{SECRET} x" = "y" }}\n',
)


@pytest.mark.parametrize("content", FILES, ids=range(len(FILES)))
def test_a_configuration_that_cannot_be_used_is_told_of_without_its_secrets(run: Any, tmp_path: Path, content: str) -> None:
    (tmp_path / "c.toml").write_text(content)
    for command in (("poll", CHAT), ("config", "show")):
        texts = run(*command, "--config", str(tmp_path / "c.toml"), "--profile", "p")
        texts.check(private=True)
        assert texts.errors.startswith("chatmon: ")


def test_what_is_in_force_is_shown_without_secrets(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATMON_API_KEY", SECRET)
    (tmp_path / "c.toml").write_text(
        f'[profiles.p]\nurl = "http://x"\nproxy = "http://me:{PASSWORD}@p:1"\nheaders = {{ token = "{SECRET}" }}\n'
        f'[alarms]\non_alarm = ["page", "{SECRET}"]\n'
    )
    for style in ("table", "json"):
        texts = run("config", "show", "--config", str(tmp_path / "c.toml"), "--profile", "p", "--format", style)
        texts.check(private=True)
        assert "***" in texts.output
        assert "holds a secret and others may read it: the header token" in texts.errors


def stumble(*arguments: Any, **options: Any) -> Any:
    raise KeyError(CHAT, CUSTOMER, SECRET, arguments, options)


@pytest.mark.parametrize(
    "place",
    [
        "chatmon.api.client.decode",
        "chatmon.monitor.board.diff",
        "chatmon.monitor.shift.Shift.take",
        "chatmon.history.recorder.Recorder._take",
        "chatmon.history.writer.HistoryWriter.write",
        "chatmon.monitor.alarm_book.AlarmBook.review",
        "chatmon.cli.rounds.new_monitor",
    ],
)
def test_a_fault_of_chatmons_own_is_recorded_without_what_it_was_about(
    run: Any, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    emulator.chats[CHAT] = GOOD
    monkeypatch.setattr(place, stumble)
    history = ("--history", str(tmp_path / "h.sqlite3"))
    texts = run("poll", "--follow", "--for", "1.3", "--interval", "0.2", "--privacy", *history, url=emulator.url)
    texts.check(private=True)
    assert "KeyError in stumble (" in texts.written
    assert "exception: builtins.KeyError\n" in texts.written
    assert "tests.cli.test_leaks:" in texts.written
    assert "own fault: KeyError" in texts.output + texts.errors
    assert "chatmon began to watch" in texts.output or place.startswith("chatmon.cli")


def test_what_asyncio_says_of_a_lost_exception_goes_nowhere(run: Any, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lose(*_: Any, **__: Any) -> None:
        asyncio.get_running_loop().call_soon(stumble)
        await asyncio.sleep(0)
        stumble()

    monkeypatch.setattr("chatmon.cli.rounds.one_round", lose)
    run("poll", url=emulator.url).check(private=True)


@pytest.mark.parametrize("privacy", [False, True])
def test_metrics_tell_no_secret_no_id_no_name_and_no_word_of_a_server(
    process: Start, emulator: Emulator, tmp_path: Path, privacy: bool
) -> None:
    emulator.chats |= {CHAT: GOOD, OTHER: {**GOOD, "state": "CanaryState", "capabilities": ["CanaryCapability"]}}
    (tmp_path / "chats.ids").write_text(f"{CHAT} {LABEL}\n{OTHER} {LABEL}\ncanary-lost {LABEL}\n")
    options = ("--interval", "0.1", "--metrics", "0", "--history", str(tmp_path / "h"), *(("--privacy",) if privacy else ()))
    running = process(
        *("poll", "--follow", "--url", emulator.url, "-H", f"apikey: {SECRET}", "--ids-file", str(tmp_path / "chats.ids"), *options)
    )
    place = place_in(lines_of(running.stderr))
    read_until(place, "chatmon_chats", health="not_found")
    figures = read_until(place, "chatmon_chats_by_state", state="other")
    assert value(figures, "chatmon_chats", health="ok") == 2
    for accept in ("*/*", "application/openmetrics-text"):
        told = read(place, accept).lower()
        assert "chatmon_chats" in told
        assert not any(word in told for word in ("canary", "hunter2", CHAT[6:], AGENT.lower()))


CRASHING = f"""
import chatmon.ui.widgets.row_table as table
shown = table.RowTable._row_line
def stumble(self, key, index):
    if index == 1:
        raise KeyError("{CHAT}", "{CUSTOMER}", "{SECRET}")
    return shown(self, key, index)
table.RowTable._row_line = stumble
from chatmon.cli.main import main
main()
"""


@pytest.mark.parametrize("privacy", ["1", "0"])
def test_a_dashboard_tells_no_secret_and_with_privacy_no_name(emulator: Emulator, tmp_path: Path, privacy: str) -> None:
    emulator.chats |= {CHAT: GOOD, OTHER: GOOD}
    (tmp_path / "chats.ids").write_text(f"{CHAT} {LABEL}\n{OTHER} {LABEL}\n")
    (tmp_path / "config.toml").write_text(f'[profiles.p]\nheaders = {{ token = "{SECRET}" }}\n[alarms]\nchurn = 2\n')
    environment = {"CHATMON_URL": emulator.url, "CHATMON_INTERVAL": "0.2", "CHATMON_PRIVACY": privacy, "CHATMON_PROFILE": "p"}
    environment |= {"CHATMON_CONFIG": str(tmp_path / "config.toml"), "XDG_STATE_HOME": str(tmp_path / "state")}
    command = (sys.executable, "-c", CRASHING, "watch", "--ids-file", str(tmp_path / "chats.ids"))
    with Terminal(*command, environment=environment) as terminal:
        terminal.expect("Chatting", "own fault: KeyError")
        for keys, says in (
            ("A", "Agents are told apart"),
            ("e", "first seen"),
            ("b", "Participants"),
            ("y", "clipboard" if privacy == "0" else "not copied"),
        ):
            terminal.type(keys)
            terminal.expect(says)
        terminal.type("q")
        assert terminal.ends() == 0
        output = terminal.output.decode(errors="replace")
    files = [path for path in (tmp_path / "state").rglob("*") if path.suffix in {".log", ".txt", ".json"}]
    written = "".join(path.read_text(encoding="utf-8") for path in files)
    assert len(files) == 3
    assert "hunter2" not in output + written
    assert (CUSTOMER in output) is (privacy == "0")
    assert ("canary" in output.lower()) is (privacy == "0")
    assert "canary" not in written.lower()
    assert "a report of chatmon's own fault" in output
