"""Transcripts are on where a profile of the configuration file says so, and by nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chatmon.api.errors import ConnectFailed
from chatmon.api.transcript import TEXT
from chatmon.cli.transcripts import TranscriptAccess, transcripts_of
from chatmon.config import OPTIONS
from chatmon.monitor.clock import SystemClock
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from tests.api.documents import CHAT_ID
from tests.api.raw_server import RawServer, answer

from .config_files import settings
from .conftest import Invoke

ON = """\
[profiles.on]
url = "https://gws.example.com"
transcripts = "on-request"
[profiles.off]
url = "https://gws.example.com"
transcripts = "off"
[profiles.unsaid]
url = "https://gws.example.com"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(ON)
    return tmp_path / "config.toml"


async def _never(_: Monitor) -> ChatApi:
    raise NotImplementedError


def monitor() -> Monitor:
    return Monitor(_never, pace=Pace(), clock=SystemClock(), random=Random(1))


def test_a_profile_allows_them_and_no_other_does(file: Path) -> None:
    assert settings(file, profile="on").transcripts
    assert not settings(file, profile="off").transcripts
    assert not settings(file, profile="unsaid").transcripts


def test_whoever_names_another_server_does_not_mean_the_profile(file: Path) -> None:
    file.write_text('profile = "on"\n' + ON)

    assert settings(file).transcripts
    assert not settings(file, url="https://other.example.com").transcripts


def test_no_option_and_no_variable_switches_them_on(file: Path, chatmon: Invoke) -> None:
    environment = dict.fromkeys(("CHATMON_TRANSCRIPTS", "CHATMON_TRANSCRIPT", "TRANSCRIPTS"), "on-request")

    assert not settings(file, environment, profile="unsaid", transcripts="on-request").transcripts
    assert not any("transcript" in f"{option.name} {option.environment}".lower() for option in OPTIONS)
    for command in ("watch", "demo", "poll", "simulate", "export"):
        assert "transcript" not in chatmon(command, "--help").stdout.lower()
        assert chatmon(command, "--transcripts", "on-request").exit_code == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[profiles.p]\ntranscripts = "on"\n', ':2: transcripts is one of off, on-request; found "on"'),
        ('[profiles.p]\ntranscripts = "on-requst"\n', '; found "on-requst"; did you mean on-request?'),
        ("[profiles.p]\n\ntranscripts = true\n", ":3: transcripts is one of off, on-request; found true"),
        ('transcripts = "on-request"\n', "; it belongs below a line [profiles.NAME]"),
        ('[ui]\ntranscripts = "on-request"\n', "; it belongs below a line [profiles.NAME]"),
        ("[profiles.p]\nrecord_transcripts = true\n", ':2: no key "record_transcripts" in [profiles.p]; did you mean transcripts?'),
    ],
)
def test_a_mistake_is_refused_with_its_place(file: Path, chatmon: Invoke, content: str, said: str) -> None:
    file.write_text(content)
    result = chatmon("config", "show", "--config", str(file))

    assert result.exit_code == 2
    assert said in result.stderr


def test_it_is_told_what_is_in_force_and_where_that_is_from(file: Path, chatmon: Invoke) -> None:
    def in_force(profile: str) -> tuple[str, str]:
        result = chatmon("config", "show", "--format", "json", "--config", str(file), "--profile", profile)
        (found,) = (one for one in json.loads(result.stdout)["settings"] if one["name"] == "transcripts")
        return found["value"], found["from"]

    assert in_force("on") == ("on-request", "profile on, line 3")
    assert in_force("unsaid") == ("off", "default")


def test_what_could_ask_is_made_only_where_it_may(file: Path) -> None:
    assert transcripts_of(settings(file, profile="on"), monitor()) is not None
    assert transcripts_of(settings(file, profile="unsaid"), monitor()) is None
    assert transcripts_of(settings(file, profile="on", privacy=True), monitor()) is None


async def test_what_is_made_asks_the_deployment_of_the_profile(file: Path) -> None:
    file.write_text('[profiles.on]\ntranscripts = "on-request"\n')  # noqa: ASYNC240 - before anything runs
    said = {"messages": [{"index": 1, "type": TEXT, "text": "Hello?"}], "statusCode": 0}
    async with RawServer((answer(json.dumps(said)),)) as server:
        given: dict[str, Any] = {"profile": "on", "url": server.origin, "header": ("apikey: key",)}
        transcripts = transcripts_of(settings(file, **given), monitor())
        assert transcripts is not None
        (message,) = await transcripts.read(CHAT_ID)

    assert message.text == "Hello?"
    assert server.request_lines == [f"GET /api/v2/chats/{CHAT_ID}/messages?index=1 HTTP/1.1"]
    assert server.header("apikey") == "key"


async def test_a_contact_centre_that_is_not_open_is_not_asked() -> None:
    with pytest.raises(ConnectFailed, match="not open yet"):
        await TranscriptAccess().for_monitor(monitor()).read(CHAT_ID)
