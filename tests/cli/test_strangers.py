"""What strangers write leaves chatmon as lines, JSON and CSV that do no harm, by every way out of the command line."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click.testing
import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from chatmon.api.errors import InvalidChatId
from chatmon.api.resource import AGENT, CHATTING, ChatResource, Participant, parse_chat_id
from chatmon.api.sanitise import MAX_LENGTH
from chatmon.cli import output, spreadsheet, table
from chatmon.cli.main import cli
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health, PollError
from tests.cli.emulator import Emulator
from tests.examples import examples
from tests.ui.strategies import HOSTILE

NOW = Moment(monotonic=112.0, utc=1_795_356_207.1239)
HARMFUL = tuple(text[:MAX_LENGTH] for text in HOSTILE)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u200b=1", "＝1", "＋1", "－1", "＠1", "'=1")
LATER_FORMULAS = ("x;=1", "x; +1", 'x;"=1', '";=1;"', ";＝1", 'x;""@1')
"""What a spreadsheet that separates cells by semicolons could take for another cell."""
texts = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=30),
    st.sampled_from([*HARMFUL, *FORMULAS, *LATER_FORMULAS]),
    st.text("=+-@＝＋－＠;,'\"|\t\r\n a\ud800\x1b\x9b\u202e\U0001f1e9", max_size=20),
)
wire_texts = texts.map(lambda text: text.encode("utf-8", "replace").decode())


def _is_id(text: str) -> bool:
    try:
        return bool(parse_chat_id(text)) and not text.startswith(("#", "-", "\ufeff")) and len(text.split()) == 1
    except InvalidChatId:
        return False


ids = st.one_of(st.text(max_size=12), st.sampled_from(["Z" + "\u0300\u0301" * 60, "=1", "＝1", "張" * 9, "a;=1", "🇩🇪🇩"])).filter(_is_id)
people = st.builds(Participant, texts, texts, texts)
resources = st.builds(ChatResource, texts, st.lists(people, max_size=3).map(tuple), st.lists(texts, max_size=3).map(tuple))
chats = st.builds(
    Chat,
    id=ids,
    label=texts,
    health=st.sampled_from(Health),
    resource=resources,
    state_since=st.just(NOW),
    observed=st.just(NOW),
    error=st.none() | st.builds(PollError, texts, texts),
)
events = st.builds(
    Event,
    at=st.just(NOW.utc),
    kind=st.sampled_from(EventKind),
    chat=ids,
    participant=people,
    error=st.builds(PollError, texts, texts),
    resource=resources,
    **dict.fromkeys(("state_from", "state_to", "capability", "rule", "severity", "agent", "why"), texts),
)


def cells(line: str, delimiter: str) -> Iterator[str]:
    """The cells of a line as a spreadsheet with this separator has them."""
    for row in csv.reader(io.StringIO(line), delimiter=delimiter):
        yield from row


def check_csv(line: str) -> None:
    assert line.isprintable()
    for delimiter in ",;\t":
        for cell in cells(line, delimiter):
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


def check_json(line: str) -> None:
    assert line.isascii()
    assert line.isprintable()
    assert msgspec.json.decode(line) == json.loads(line)  # a strict reader takes it, too


@given(st.lists(chats, min_size=1, max_size=3, unique_by=lambda chat: chat.id))
def test_chats_of_any_kind_are_printed_as_lines_json_and_csv_that_do_no_harm(listed: list[Chat]) -> None:
    assert all(line.isprintable() for line in table.round_lines(listed, NOW))
    for line in output.json_lines(output.chats_json(listed, ())):
        check_json(line)
    for line in spreadsheet.round_lines(listed):
        check_csv(line)


@given(events, chats)
def test_events_of_any_kind_are_printed_as_lines_json_and_csv_that_do_no_harm(event: Event, chat: Chat) -> None:
    assert table.event_line(event, chat).isprintable()
    check_json(output.to_json(output.event_json(event)))
    check_csv(spreadsheet.csv_line(spreadsheet.event_row(event)))


@pytest.mark.parametrize("text", [*FORMULAS, *LATER_FORMULAS])
def test_no_csv_cell_becomes_a_formula(text: str) -> None:
    check_csv(spreadsheet.csv_line([text, f"a{text}", f"{text};{text}"]))


def test_a_flood_in_an_id_does_not_leave_its_line() -> None:
    flood = "Z" + "\u0300\u0301" * 60
    printed = [*table.round_lines([Chat(id=flood)], NOW), table.event_line(Event(at=NOW.utc, kind=EventKind.GONE, chat=flood), None)]
    assert not any("\u0300\u0301" * 3 in line for line in printed)


# The same over real HTTP and through every command that prints.


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def invoked(*arguments: str) -> click.testing.Result:
    return click.testing.CliRunner().invoke(cli, arguments, prog_name="chatmon")


@pytest.mark.parametrize("style", ["table", "json", "jsonl", "csv"])
@examples(12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(chat_id=ids.filter(str.isascii), name=wire_texts, state=wire_texts, label=wire_texts)
def test_poll_prints_nothing_that_steers_a_terminal(
    style: str, server: Emulator, tmp_path_factory: pytest.TempPathFactory, chat_id: str, name: str, state: str, label: str
) -> None:
    server.chats = _Every(
        {"state": state, "capabilities": [state], "participants": [{"participantId": name, "nickname": name, "type": name}]}
    )
    listed = tmp_path_factory.getbasetemp() / "strangers.ids"
    listed.write_text(f"{chat_id} {label}", encoding="utf-8", newline="")
    printed = invoked("poll", "--url", server.url, "--format", style, "--ids-file", str(listed))

    assert printed.exit_code in {0, 1, 2}
    assert printed.output.replace("\n", "").isprintable()
    if style == "json" and printed.exit_code == 0:
        msgspec.json.decode(printed.stdout)


class _Every(dict[str, dict[str, Any]]):
    """The same chat by every id."""

    def __init__(self, chat: dict[str, Any]) -> None:
        super().__init__()
        self._chat = chat

    def __contains__(self, _: object) -> bool:
        return True

    def __getitem__(self, _: str) -> dict[str, Any]:
        return self._chat


@pytest.mark.parametrize("style", ["jsonl", "csv"])
def test_export_prints_nothing_that_steers_a_terminal(style: str, tmp_path: Path) -> None:
    told = [
        Event(
            at=NOW.utc,
            kind=kind,
            chat=f"chat-{number}",
            participant=Participant(text, text, text),
            error=PollError(text, text),
            resource=ChatResource(CHATTING, (Participant(text, text, text),), (text,)),
            **dict.fromkeys(("state_from", "state_to", "capability", "rule", "severity", "agent", "why"), text),  # type: ignore[arg-type]
        )
        for number, text in enumerate([*HARMFUL, *FORMULAS])
        for kind in EventKind
    ]
    writer = HistoryWriter(tmp_path / "history", source="source", token="token", started=NOW.utc)
    writer.write(Batch(NOW.utc, tuple(enumerate(told))))
    writer.close()
    for what, number in (("events", len(told)), ("chats", len({event.chat for event in told}))):
        printed = invoked("export", "--history", str(tmp_path / "history"), "--format", style, "--what", what)
        lines = printed.stdout.splitlines()
        assert len(lines) == number + (style == "csv")
        for line in lines:
            (check_json if style == "jsonl" else check_csv)(line)


@pytest.mark.parametrize("style", ["text", "json", "csv", "html"])
def test_a_report_prints_nothing_that_steers_a_terminal_or_a_browser(style: str, tmp_path: Path) -> None:
    texts = [*HARMFUL, *FORMULAS, "<script>x</script>", "</style><b>", "\"'><img src=x onerror=x>"]
    told = []
    for number, text in enumerate(texts):
        people = (Participant("2", text, AGENT),)
        chat = {"at": NOW.utc + number / 100, "chat": f"chat-{number}"}
        told.append(Event(kind=EventKind.FIRST_SEEN, state_to=CHATTING, resource=ChatResource(CHATTING, people), **chat))  # type: ignore[arg-type]
        told.append(Event(kind=EventKind.ALARM_RAISED, rule=text, severity="warn", **chat))  # type: ignore[arg-type]
    path = tmp_path / "history"
    writer = HistoryWriter(path, source="source", token="token", started=NOW.utc - 1)
    writer.write(Batch(NOW.utc + 60, tuple(enumerate(told))))
    writer.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        labels = [(text.encode("utf-8", "replace").decode(), f"chat-{number}") for number, text in enumerate(texts)]
        connection.executemany("UPDATE chats SET label = ? WHERE id = ?", labels)
        connection.execute("INSERT INTO coverage SELECT number, number, ?, ?, 50.0 FROM chats", (NOW.utc, NOW.utc + 50))
        connection.execute("UPDATE chats SET stretch = number")
    for by in ("hour", "agent", "label"):
        arguments = ("report", "--history", str(path), "--from", "2026-11-22", "--to", "2026-11-23", "--by", by, "--format", style)
        printed = invoked(*arguments)
        assert (printed.exit_code, printed.stderr) == (0, "")
        lines = printed.stdout.splitlines()
        # The style of the page is chatmon's own, and so are its spaces that are not to be broken.
        said = re.sub(r"<style>.*?</style>", "", printed.stdout, flags=re.DOTALL)
        assert said.replace("\n", "").replace("\xa0", "").isprintable()
        if style == "csv":
            assert len(lines) > (1 if by == "hour" else 10)
            for line in lines:
                check_csv(line)
        elif style == "json":
            check_json(" ".join(lines))
        elif style == "html":
            assert not re.search(r"<(script|img)\b|</style", said)


WORDS = ("poll", "watch", "replay", "export", "report", "config", "show", "--url", "--format", "--profile", "--ids-file", "-H")


@examples(40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS) | texts.map(lambda text: text.replace("\x00", "")), max_size=5))
def test_mistakes_on_the_command_line_are_told_in_one_line_that_steers_nothing(arguments: list[str]) -> None:
    printed = invoked(*arguments, "--no-such")

    assert printed.exit_code in {0, 2}
    assert printed.stderr.rstrip("\n").isprintable()
