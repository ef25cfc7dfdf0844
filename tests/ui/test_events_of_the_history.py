"""The events screen over a history: further back than chatmon was started, filtered, and copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path

import pytest

from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, WAITING, ChatResource, Participant
from chatmon.history.reader import HistoryReader
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.board import EventLog
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.ui import event_feed
from chatmon.ui.chat_names import ChatNames
from chatmon.ui.event_columns import copied_line
from chatmon.ui.event_feed import EventFeed
from chatmon.ui.event_rows import EventRows
from tests.ui.watched import NOON, Dashboard, Watched, chat_id, dashboard, waiting_chats

SOURCE = "https://gws.example.com/api/v2"
DAY = 86_400.0


def seen(number: int, *, at: float, customer: str = "") -> Event:
    people = (Participant("1", customer or f"Earlier {number}", CUSTOMER),)
    resource = ChatResource(state=WAITING, participants=people)
    return Event(at=at, kind=EventKind.FIRST_SEEN, chat=chat_id(number), state_to=WAITING, resource=resource)


def known(event: Event) -> Chat:
    assert event.chat is not None
    at = Moment(event.at, event.at)
    return Chat(id=event.chat, resource=event.resource, watched_since=at, observed=at)


def joined(number: int, name: str, *, at: float) -> Event:
    return Event(at=at, kind=EventKind.PARTICIPANT_JOINED, chat=chat_id(number), participant=Participant("2", name, AGENT))


def recorded(path: Path, before: Sequence[Event], now: Sequence[Event] = ()) -> HistoryReader:
    """A history with the events of an earlier session, and of this one."""
    reader = HistoryReader(path, SOURCE)
    for token, events in (("earlier", before), ("now", now)):
        writer = HistoryWriter(path, source=SOURCE, token=token, started=NOON)
        writer.open()
        if token == "now":
            reader.first_position_of_session = reader.next_position()
        chats = tuple(known(event) for event in events if event.kind is EventKind.FIRST_SEEN)
        writer.write(Batch(alive=NOON, events=tuple(enumerate(events, 1)), chats=chats))
        writer.close()
    return reader


async def until(shown: Dashboard, holds: Callable[[], bool]) -> None:
    """Let the history be read, in its thread, until something is so."""
    for _ in range(200):
        reading = [one for one in shown.app.workers if one.group == "history"]
        if reading:
            await shown.app.workers.wait_for_complete(reading)
        await shown.settle()
        if holds():
            return
    raise AssertionError(shown.text)


def first_of(shown: Dashboard) -> str:
    return shown.lines[3]


async def test_a_screen_that_the_events_since_the_start_do_not_fill_goes_on_with_those_before(tmp_path: Path) -> None:
    history = recorded(tmp_path / "history", [seen(100 + place, at=NOON - 60 + place) for place in range(5)])
    async with dashboard(waiting_chats(2), history=history) as shown:
        await shown.press("e")
        await until(shown, lambda: "the history begins here" in shown.text)

        assert [line.split()[3:5] for line in shown.rows_of_events[:7]] == [
            *(["Earlier", str(number)] for number in range(100, 105)),
            *(["Customer", str(number)] for number in range(2)),
        ]
        assert "▌" in shown.rows_of_events[6]


async def test_moving_on_at_the_top_brings_older_events_and_the_rows_on_show_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_feed, "PAGE", 40)
    history = recorded(tmp_path / "history", [seen(1_000 + place, at=NOON - 500 + place) for place in range(100)])
    async with dashboard(waiting_chats(60), (80, 24), history=history) as shown:
        await shown.press("e")
        assert "Earlier" not in shown.text
        before = shown.app.screen.table.virtual_size.height

        await shown.press("g")
        assert "Customer 0" in first_of(shown)
        await until(shown, lambda: shown.app.screen.table.virtual_size.height == before + 40)
        assert "Customer 0" in first_of(shown)

        await shown.press("up")
        assert "Earlier 1099" in first_of(shown)
        for _ in range(3):
            await shown.press("g")
            await until(shown, lambda: True)
        await shown.press("g")
        assert "Earlier 1000" in first_of(shown)
        assert "the history begins here: 11:51:40" in shown.text

        await shown.press("G")
        assert "Customer 59" in shown.lines[-2]


async def test_what_happens_meanwhile_moves_nothing_for_who_reads_the_past(tmp_path: Path) -> None:
    history = recorded(tmp_path / "history", [seen(1_000 + place, at=NOON - 500 + place) for place in range(100)])
    watched = waiting_chats(60)
    async with dashboard(watched, (80, 24), history=history) as shown:
        await shown.press("e", "g")
        await until(shown, lambda: "the history begins here" in shown.text or "from" in shown.lines[1])
        before = shown.rows_of_events
        watched.answer("new", WAITING, customer="Newest")
        await shown.refresh(1)

        assert shown.rows_of_events == before


async def test_events_of_another_day_say_so(tmp_path: Path) -> None:
    history = recorded(tmp_path / "history", [seen(100, at=NOON - DAY)])
    async with dashboard(waiting_chats(1), history=history) as shown:
        await shown.press("e")
        await until(shown, lambda: "the history begins here" in shown.text)

        assert shown.rows_of_events[0].startswith(" 21 Nov 12:00:00")
        assert shown.rows_of_events[1].split()[:2] == ["▌", "12:00:00"]


async def test_a_filter_searches_the_history_to_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_feed, "SEARCHED_AT_ONCE", 50)
    events = [seen(1_000 + place, at=NOON - 5_000 + place) for place in range(400)]
    events[3] = joined(1_003, "Kristi", at=NOON - 4_997)
    history = recorded(tmp_path / "history", events)
    async with dashboard(waiting_chats(60), (100, 24), history=history) as shown:
        await shown.press("e", "slash")
        await shown.type("agent:kristi")
        await until(shown, lambda: "the history begins here" in shown.text)

        assert [line for line in shown.lines if "Kristi joined as Agent" in line] == [shown.lines[3]]
        assert "1 found" in shown.text

        await shown.press("escape")
        assert "1 found" not in shown.text
        assert "Customer 59" in shown.text


async def test_a_filter_that_is_none_says_why_and_is_to_be_mended() -> None:
    async with dashboard(waiting_chats(2)) as shown:
        await shown.press("e", "slash")
        await shown.type("health:ok")

        assert "no field 'health': there are kind, chat," in shown.text

        await shown.press("enter")
        assert shown.app.screen.focused is shown.app.screen.filter_bar.input


async def test_enter_on_an_event_of_the_past_lists_the_events_of_its_chat(tmp_path: Path) -> None:
    events = [seen(100, at=NOON - 60, customer="Earlier"), seen(101, at=NOON - 50), joined(100, "Kristi", at=NOON - 40)]
    history = recorded(tmp_path / "history", events)
    async with dashboard(waiting_chats(1), history=history) as shown:
        await shown.press("e")
        await until(shown, lambda: "the history begins here" in shown.text)
        await shown.press("up", "enter")
        await until(shown, lambda: "the history begins here" in shown.text)

        assert shown.notices == ["That chat is no longer watched: these are its events."]
        assert [line.split()[2:4] for line in shown.rows_of_events[:2]] == [["00000100", "Earlier"]] * 2

        await shown.press("escape")
        await until(shown, lambda: "Customer 0" in shown.text)
        await shown.press("escape")
        assert shown.place == "board"


async def test_who_a_chat_was_about_is_known_after_it_left() -> None:
    watched = Watched()
    watched.answer("a", WAITING, customer="Chris", agents=())
    async with dashboard(watched) as shown:
        watched.answer("a", CHATTING, customer="Chris")
        watched.monitor.unwatch("a")
        await shown.press("e")

        assert all("Chris" in line for line in shown.lines if "WaitingForAgent" in line)


async def test_the_line_under_the_cursor_is_copied_whole_and_clean(tmp_path: Path) -> None:
    history = recorded(tmp_path / "history", [seen(100, at=NOON - DAY, customer="Chris\x1b[2J")])
    async with dashboard(waiting_chats(1), (40, 24), history=history) as shown:
        await shown.press("e")
        await until(shown, lambda: "the history begins here" in shown.text)
        await shown.press("up", "y")

        copied = shown.app.clipboard
        assert copied == f"2026-11-21 12:00:00  {chat_id(100)}  Chris\ufffd[2J  first seen in WaitingForAgent"
        assert shown.notices == ["The line was sent to the clipboard, where the terminal allows it."]


async def test_without_a_history_the_list_says_what_it_begins_with() -> None:
    async with dashboard(waiting_chats(1)) as shown:
        await shown.press("e")

        assert "events since chatmon was started; history is off" in shown.text


async def test_a_history_that_breaks_is_said_and_tried_again_when_it_is_asked_for(tmp_path: Path) -> None:
    history = recorded(tmp_path / "history", [seen(100, at=NOON - 60)])
    good = (tmp_path / "history").read_bytes()
    (tmp_path / "history").write_bytes(b"no history at all" * 1_000)
    async with dashboard(waiting_chats(1), (160, 24), history=history) as shown:
        await shown.press("e")
        await until(shown, lambda: "older events cannot be read" in shown.text)

        history.close()
        (tmp_path / "history").write_bytes(good)
        await shown.press("g")
        await until(shown, lambda: "Earlier 100" in shown.text)


async def test_events_that_made_room_in_memory_are_read_from_the_history(tmp_path: Path) -> None:
    watched = Watched()
    keep_in_memory(watched, 30)
    told: list[Event] = []
    watched.monitor.listen(told.append)
    for number in range(50):
        watched.answer(chat_id(number), WAITING, customer=f"Customer {number}", agents=())
        watched.clock.seconds += 1
    history = recorded(tmp_path / "history", [seen(100, at=NOON - 60)], told)
    async with dashboard(watched, (80, 24), history=history) as shown:
        await shown.press("e", "g")
        assert "Customer 20" in first_of(shown)
        await until(shown, lambda: "the history begins here" in shown.text or "from 11:59" in shown.text)
        await shown.press("g")
        await until(shown, lambda: "the history begins here" in shown.text)

        listed = [shown.app.screen._feed.rows.get(key).first.chat for key in shown.app.screen.table.keys]
        assert listed == [chat_id(100), *(chat_id(number) for number in range(50))]


def keep_in_memory(watched: Watched, limit: int) -> None:
    watched.monitor.board.events = EventLog(limit)


def come(watched: Watched, numbers: range) -> None:
    for number in numbers:
        watched.answer(chat_id(number), WAITING, customer=f"Customer {number}", agents=())
        watched.clock.seconds += 1


def chats_on(shown: Dashboard) -> list[str]:
    """The chats of the rows, in their order; empty for a row about none or several."""
    rows = map(shown.app.screen._feed.rows.get, shown.app.screen.table.keys)
    return [next(iter(row.chats), "") for row in rows if row is not None]


async def test_what_memory_lost_while_the_screen_was_paused_is_a_row_that_says_how_much() -> None:
    watched = Watched()
    keep_in_memory(watched, 30)
    come(watched, range(3))
    async with dashboard(watched) as shown:
        await shown.press("e", "up", "space")
        come(watched, range(10, 60))
        await shown.press("space")

        assert "20 earlier events are no longer in memory" in shown.text
        assert chats_on(shown) == [*map(chat_id, range(3)), "", *map(chat_id, range(30, 60))]
        assert "▌" in shown.rows_of_events[1]

        await shown.press("down", "down", "enter")
        assert shown.notices == ["Events are not recorded: history is off."]
        await shown.press("y")
        assert shown.app.clipboard.endswith("12:00:23  20 earlier events are no longer in memory")


async def test_what_memory_lost_is_listed_from_the_history_when_its_row_is_opened(tmp_path: Path) -> None:
    watched = Watched()
    keep_in_memory(watched, 30)
    told: list[Event] = []
    watched.monitor.listen(told.append)
    come(watched, range(3))
    reader = HistoryReader(tmp_path / "history", SOURCE)
    reader.first_position_of_session = 1
    async with dashboard(watched, history=reader) as shown:
        await shown.press("e", "space")
        come(watched, range(10, 60))
        recorded(tmp_path / "history", [seen(100, at=NOON - 60)], told)
        await shown.press("space", "g")
        await shown.press("down", "down", "down")
        assert "20 earlier events are no longer in memory: open to read the history" in shown.text
        await shown.press("enter")
        await until(shown, lambda: "" not in chats_on(shown) and chat_id(10) in chats_on(shown))

        assert chats_on(shown)[-53:] == [*map(chat_id, range(3)), *map(chat_id, range(10, 60))]
        assert any("▌" in line and "Customer 30" in line for line in shown.rows_of_events)


async def test_a_filter_on_a_paused_screen_finds_what_happened_before_the_pause_whatever_came_since() -> None:
    watched = Watched()
    keep_in_memory(watched, 30)
    come(watched, range(10))
    async with dashboard(watched) as shown:
        await shown.press("e", "space")
        come(watched, range(20, 120))
        await shown.press("slash")
        await shown.type("customer:7")

        assert chats_on(shown) == [chat_id(7)]

        await shown.press("escape", "space")
        assert chats_on(shown) == [*map(chat_id, range(10)), "", *map(chat_id, range(90, 120))]


async def test_without_a_history_the_list_says_that_it_does_not_begin_with_the_start() -> None:
    watched = Watched()
    keep_in_memory(watched, 30)
    come(watched, range(50))
    async with dashboard(watched) as shown:
        await shown.press("e")

        assert "from 12:00:20 on; older events are no longer in memory, and history is off" in shown.text


def test_what_was_read_for_another_filter_is_not_listed(tmp_path: Path) -> None:
    log = EventLog()
    feed = EventFeed(
        lambda: log, ChatNames(Watched().monitor.board), recorded(tmp_path / "history", [seen(100, at=NOON), seen(101, at=NOON)])
    )
    page = feed.read_page()
    feed.set_filter("customer:101")

    assert feed.take_page(page) == 0
    assert not feed.rows.keys

    assert feed.take_page(feed.read_page()) == 1
    assert feed.goes_on
    feed.take_page(feed.read_page())
    assert not feed.goes_on


def test_a_row_of_many_is_copied_with_all_its_chats() -> None:
    names = ChatNames(Watched().monitor.board)
    rows = EventRows()
    for number in range(2):
        rows.append(names.told(Event(at=NOON, kind=EventKind.POLL_RECOVERED, chat=chat_id(number))))

    assert rows.oldest is not None
    assert copied_line(rows.oldest, names, UTC) == f"2026-11-22 12:00:00  {chat_id(0)}, {chat_id(1)}  2 chats: answers again"
