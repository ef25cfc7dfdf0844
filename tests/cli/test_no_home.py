"""A user without a home folder, as in a container: what needs none works, and the rest says in one line what to set."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from .emulator import Emulator, chat
from .test_usage import expect_one_line

PATIENCE = 60.0
UNKNOWN_TO_THE_SYSTEM = """
import pwd, sys
def nobody(uid):
    raise KeyError(uid)
pwd.getpwuid = nobody
from chatmon.__main__ import main
main()
"""
"""Runs chatmon for a user whom the system does not know, as a container's may be."""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a user of Windows has a profile")


def run(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", UNKNOWN_TO_THE_SYSTEM, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The working folder, in which nothing must be left."""
    return tmp_path


HOMES: Mapping[str, Mapping[str, str]] = {
    "no HOME": {},
    "an empty HOME": {"HOME": ""},
    "a relative HOME": {"HOME": "home"},
    "relative XDG folders": {"XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": "~/config"},
}
homes = pytest.mark.parametrize("environment", HOMES.values(), ids=HOMES.keys())


@homes
@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("poll", "--help"), ("watch", "--help"), ("report", "--help"), ("demo",), ("config", "show")],
    ids=" ".join,
)
def test_what_needs_no_home_folder_works_without_one(folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
    done = run(folder, *arguments, environment=environment)
    assert (done.returncode in {0, 1}, "Traceback" in done.stderr) == (True, False), done.stderr  # 1: a chat of the demo had just ended
    assert done.stdout
    assert list(folder.iterdir()) == []


@homes
def test_poll_works_without_one(folder: Path, environment: Mapping[str, str]) -> None:
    with Emulator() as centre:
        centre.chats["one"] = chat("Chatting", (1, "Ada", "Customer"))
        for options in ((), ("--privacy",)):
            done = run(folder, "poll", "--url", centre.url, "one", *options, environment=environment)
            assert (done.returncode, done.stderr) == (0, "")
    assert list(folder.iterdir()) == []


@homes
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("report",), "set HOME or XDG_STATE_HOME, or name a file with --history FILE"),
        (("export",), "set HOME or XDG_STATE_HOME, or name a file with --history FILE"),
        (("replay",), "set HOME or XDG_STATE_HOME, or name a file with --history FILE"),
        (("config", "path"), "set HOME or XDG_CONFIG_HOME, or name a file with --config FILE"),
        (("config", "init"), "set HOME or XDG_CONFIG_HOME, or name a file with --config FILE"),
        (("poll", "--profile", "prod", "one"), "set HOME or XDG_CONFIG_HOME, or name a file with --config FILE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_needs_one_says_what_to_set(folder: Path, arguments: tuple[str, ...], says: str, environment: Mapping[str, str]) -> None:
    done = run(folder, *arguments, environment=environment)
    assert (done.returncode, done.stdout) == (2, "")
    expect_one_line(done.stderr, says=says)
    assert list(folder.iterdir()) == []


def test_a_history_that_is_named_needs_none(folder: Path) -> None:
    with Emulator() as centre:
        centre.chats["one"] = chat("Chatting", (1, "Ada", "Customer"))
        done = run(folder, "poll", "--url", centre.url, "--history", "h.sqlite3", "one")
    assert (done.returncode, done.stderr) == (0, "")
    assert run(folder, "export", "--history", "h.sqlite3").returncode == 0


@pytest.mark.parametrize("arguments", [("--version",), ("demo",), ("config", "path"), ("poll", "--help")], ids=" ".join)
def test_a_working_folder_that_was_deleted_is_not_missed(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    away = tmp_path / "away"
    away.mkdir()
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    command = ["sh", "-c", script, "sh", str(away), sys.executable, "-m", "chatmon", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode in {0, 1}, "Traceback" in done.stderr) == (True, False), done.stderr  # 1: a chat of the demo had just ended
