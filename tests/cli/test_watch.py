"""`chatmon watch` and `chatmon demo` on a terminal: what the dashboard is handed, and where its keys come from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pty")

import pty

STANDING_IN = """
import json, os, sys, types

class MonitorFailed(Exception):
    pass

def run_dashboard(monitor, settings, *, source, naming, history=None, saved_at=None, transcripts=None):
    chats = [[chat.id, chat.label] for chat in monitor.board.chats]
    if settings.theme == "light":
        raise MonitorFailed("the server\\ncannot be used")
    seen = {"chats": chats, "source": source, "ascii": settings.ascii, "theme": settings.theme}
    seen |= {"saved_at": saved_at and saved_at.name}
    seen |= {"interval": monitor.pace.interval, "keys": os.isatty(0), "transcripts": transcripts is not None}
    print(json.dumps(seen))
    return 7

sys.modules["chatmon.ui.running"] = types.SimpleNamespace(run_dashboard=run_dashboard, MonitorFailed=MonitorFailed)
from chatmon.cli.main import main
main()
"""


def on_terminal(*arguments: str, stdin: bytes | None = None) -> tuple[int, str]:
    """The exit code and what the terminal shows; standard input is the terminal, or a pipe with these bytes."""
    ours, theirs = pty.openpty()
    script = f"import fcntl, termios, sys; fcntl.ioctl(1, termios.TIOCSCTTY, 0)\n{STANDING_IN}"
    running = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=theirs if stdin is None else subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    if running.stdin is not None:
        running.stdin.write(stdin or b"")
        running.stdin.close()
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:
        pass  # how a terminal tells that the other end is closed
    os.close(ours)
    return running.wait(timeout=60), shown.decode().strip()


def test_the_dashboard_gets_the_chats_and_the_host(tmp_path: Path) -> None:
    (tmp_path / "chats.ids").write_text("one billing\n")

    code, shown = on_terminal(
        "watch", "--url", "https://gws.example.com", "--ids-file", str(tmp_path / "chats.ids"), "--interval", "5", "two"
    )

    assert code == 7
    assert json.loads(shown) == {
        "chats": [["two", ""], ["one", "billing"]],
        "source": "gws.example.com",
        "ascii": False,
        "theme": "dark",
        "saved_at": "screen-gws.example.com.json",
        "interval": 5.0,
        "keys": True,
        "transcripts": False,
    }


def test_the_board_may_begin_empty_and_keys_come_from_the_terminal_after_ids_from_a_pipe() -> None:
    _, empty = on_terminal("watch", "--url", "https://gws.example.com", "--ascii")
    _, piped = on_terminal("watch", "--url", "https://gws.example.com", "--ids-file", "-", stdin=b"one\n")

    assert (json.loads(empty)["chats"], json.loads(empty)["ascii"]) == ([], True)
    assert (json.loads(piped)["chats"], json.loads(piped)["keys"]) == ([["one", ""]], True)


def test_the_demo_says_what_it_is_and_keeps_no_screen() -> None:
    code, shown = on_terminal("demo", "--seed", "1", "--interval", "1")

    assert (code, json.loads(shown)["source"], json.loads(shown)["saved_at"]) == (7, "demo · simulated contact centre", None)


@pytest.mark.parametrize("options", [(), ("--privacy",)], ids=["names", "pseudonyms"])
def test_what_could_ask_for_transcripts_is_handed_on_where_the_profile_allows_it_and_in_the_demo(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "config.toml").write_text('[profiles.on]\nurl = "https://gws.example.com"\ntranscripts = "on-request"\n')
    allowed = not options
    for command in (("watch", "--config", str(tmp_path / "config.toml"), "--profile", "on"), ("demo", "--seed", "1")):
        _, shown = on_terminal(*command, *options)
        assert json.loads(shown)["transcripts"] is allowed


def test_a_monitor_that_cannot_go_on_is_one_line() -> None:
    code, shown = on_terminal("demo", "--seed", "1", "--theme", "light")

    assert (code, shown.splitlines()) == (2, ["chatmon: the server cannot be used"])


def test_a_wallboard_neither_keeps_its_screen_nor_has_what_was_kept() -> None:
    code, shown = on_terminal("watch", "--url", "https://gws.example.com", "--wallboard", "one")

    assert (code, json.loads(shown)["saved_at"]) == (7, None)
