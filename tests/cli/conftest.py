"""The command line in this process and as a process of its own, away from the settings of whoever runs the tests."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import click.testing
import pytest

from chatmon.cli.main import cli

from .emulator import Emulator

# The first versions of click 8 mix the two streams unless told otherwise; later ones never do.
_APART: dict[str, Any] = {"mix_stderr": False} if "mix_stderr" in inspect.signature(click.testing.CliRunner).parameters else {}

Invoke = Callable[..., click.testing.Result]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    for name in list(os.environ):
        if name.startswith("CHATMON_") or name.lower().endswith("_proxy") or name == "SSL_CERT_FILE":
            monkeypatch.delenv(name)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def chatmon() -> Invoke:
    def invoke(*arguments: str, stdin: str | bytes | None = None) -> click.testing.Result:
        return click.testing.CliRunner(**_APART).invoke(cli, arguments, input=stdin, prog_name="chatmon")

    return invoke


@pytest.fixture
def process() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, stdout: int | IO[str] = subprocess.PIPE, through: Sequence[str] = ()) -> subprocess.Popen[str]:
        command = [*through, sys.executable, "-m", "chatmon", *arguments]
        running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        started.append(running)
        return running

    yield start
    for running in started:
        running.kill()
        running.communicate()
