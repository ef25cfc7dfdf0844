"""The dashboard over a recorded day: the same history at the same time is the same screen, and no live board."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from chatmon.api.resource import CUSTOMER, ChatResource, Participant
from chatmon.api.sanitise import MAX_LENGTH
from chatmon.history.reader import HistoryReader
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import PollError
from chatmon.monitor.pseudonyms import Pseudonyms
from chatmon.replay import film, reading
from chatmon.replay.scene import Scene
from chatmon.ui import replay_app, replay_session
from chatmon.ui.keys import OFF_IN_REPLAY, REPLAY_KEYS
from chatmon.ui.replay_app import WHY_OFF
from tests.replay.recorded_day import MORNING, Breaks, record_day
from tests.ui.strategies import HOSTILE
from tests.ui.watched import Dashboard

from .replayed import PLAIN, Replayed, replay, with_keys

PLACES = ("b", "e", "A", "l")
Way = Callable[[Replayed, float], Awaitable[None]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    breaks = Breaks(restarts=((300, 40),), outages=((430, 480),))
    return record_day(tmp_path_factory.mktemp("replay") / "history.sqlite3", seconds=600, chats=14, breaks=breaks).path


async def sought(shown: Replayed, second: float) -> None:
    await shown.go_to(second)


async def asked_for(shown: Replayed, second: float) -> None:
    minutes, seconds = divmod(int(second), 60)
    await shown.press("g", *f"08:{minutes:02d}:{seconds:02d}", "enter")


def played_at(faster: int) -> Way:
    async def played(shown: Replayed, second: float) -> None:
        await shown.press(*("+",) * faster, "space")
        while shown.second < second:
            await shown.pass_by(min(0.9, (second - shown.second) / shown.player.speed))
        await shown.press("space", *("-",) * faster)

    return played


async def there_and_back(shown: Replayed, second: float) -> None:
    await shown.press("e")
    for stop in (second + 100, second - 90, 590.0, second + 1):
        await shown.go_to(stop)
    await shown.press("b", "A")
    await shown.go_to(second - 20)
    await shown.press("l", "]", "}", "[", "{")
    await shown.go_to(second)


async def wound_in_pieces(shown: Replayed, second: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(film, "WOUND_AT_ONCE", 40)
        patch.setattr(replay_session, "TOLD_FROM", 50)
        await asked_for(shown, 590.0)
        await shown.pilot.press("b", "[")
        await asked_for(shown, second)


WAYS: dict[str, tuple[Way, float]] = {
    "asked for": (asked_for, 470.0),
    "played": (played_at(5), 320.0),
    "played fast": (played_at(8), 470.0),
    "wound in pieces": (wound_in_pieces, 470.0),
    "there and back": (there_and_back, 200.0),
    "there and back, in an outage": (there_and_back, 470.0),
}
"""Ways to a second: where all is well, where nobody watches, where the server does not answer."""


async def screens(path: Path, second: float, way: Way) -> list[str]:
    """Each place as it looks at a second, after a way that led there."""
    async with replay(path) as shown:
        await way(shown, second)
        assert shown.second == second
        drawn = []
        for place in PLACES:
            await shown.press(place)
            drawn.append(shown.drawn)
        return drawn


@pytest.fixture(scope="module")
def sought_screens() -> dict[float, list[str]]:
    return {}


@pytest.mark.parametrize(("way", "second"), WAYS.values(), ids=WAYS)
async def test_the_same_history_at_the_same_time_is_the_same_screen(
    path: Path, sought_screens: dict[float, list[str]], way: Way, second: float
) -> None:
    if second not in sought_screens:
        sought_screens[second] = await screens(path, second, sought)
    assert len(set(sought_screens[second])) == len(PLACES)
    assert await screens(path, second, way) == sought_screens[second]


@pytest.mark.parametrize("place", PLACES[:2])
async def test_a_screen_that_is_open_while_the_tape_is_wound_is_the_same_as_one_that_is_opened_there(path: Path, place: str) -> None:
    async with replay(path) as shown:
        await shown.go_to(200)
        await shown.press(place)
        shown.app._show()  # as happens once a second: only then the scroll bar knows its place
        await shown.settle()
        opened = shown.drawn
    async with replay(path) as shown:
        await shown.press(place)
        drawn = []
        for stop in (200, 590, 330, 200):
            await shown.go_to(stop)
            drawn.append(shown.drawn)
        assert drawn[0] == drawn[-1] == opened
        assert len(set(drawn)) == 3


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tape is wound by a few events at a time, and rests until something is shown anew."""
    monkeypatch.setattr(film, "WOUND_AT_ONCE", 10)
    monkeypatch.setattr(replay_session, "TOLD_FROM", 50)
    monkeypatch.setattr(replay_app, "REST_SECONDS", 3_600.0)


async def ask_for(shown: Replayed, time: str) -> None:
    """Ask for a time of day, and do not wait until the tape is wound there."""
    await shown.pilot.press("g", *time, "enter")
    await Dashboard.settle(shown)


async def wind_there(shown: Replayed) -> None:
    while shown.app.replay.winding is not None:
        shown.app._show()
    await Dashboard.settle(shown)


@pytest.mark.usefixtures("held")
async def test_a_tape_that_is_wound_far_says_how_far_and_takes_keys_meanwhile(path: Path) -> None:
    async with replay(path, size=(160, 45)) as shown:
        await ask_for(shown, "08:07:50")
        assert "winding to 08:07:50 " in shown.lines[0]
        assert "08:00:00" in shown.lines[0]
        assert re.search(r"winding \d+%", shown.lines[-2])
        before = shown.app.replay.winding
        await shown.pilot.press("?")
        await Dashboard.settle(shown)
        assert "to where the next alarm was raised" in shown.text
        shown.app._show()
        after = shown.app.replay.winding
        assert before is not None
        assert after is not None
        assert after.left < before.left
        await shown.pilot.press("q")
        assert shown.app.return_code == 0


@pytest.mark.usefixtures("held")
async def test_another_second_that_is_sought_meanwhile_takes_the_place_of_the_first(path: Path) -> None:
    async with replay(path) as shown:
        await ask_for(shown, "08:05:30")
        await wind_there(shown)
        opened = shown.drawn
    async with replay(path) as shown:
        await ask_for(shown, "08:08")
        await ask_for(shown, "08:05:30")
        winding = shown.app.replay.winding
        assert winding is not None
        assert winding.second == MORNING + 330
        await wind_there(shown)
        assert (shown.second, shown.drawn) == (330, opened)


@pytest.mark.usefixtures("held")
async def test_what_plays_waits_until_the_tape_is_wound_to_where_it_is(path: Path) -> None:
    async with replay(path) as shown:
        await shown.pilot.press("space")
        await ask_for(shown, "08:08")
        shown.watched.clock.seconds += 100
        shown.app._move_on()
        assert shown.second == 480
        shown.app.player.wait()
        await wind_there(shown)
        assert "08:08:00" in shown.lines[0]
        assert "playing 1×" in shown.lines[0]


async def test_what_happened_where_a_step_leads_is_said_when_it_is_to_be_seen(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for at_once in (10_000, 10):
        monkeypatch.setattr(film, "WOUND_AT_ONCE", at_once)
        async with replay(path, notices=True) as shown:
            await shown.go_to(480)
            await shown.press("{")
            said.append((shown.second, shown.notices))
    assert said[0] == said[1]
    assert said[0][1]


async def test_what_is_played_anew_because_someone_records_is_played_in_pieces_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[int] = []
    play_one = Scene.play_one

    def counted(scene: Scene) -> None:
        played.append(scene.played)
        play_one(scene)

    async with replay(path) as shown:
        await shown.go_to(590)
        before = shown.drawn
        monkeypatch.setattr(film, "WOUND_AT_ONCE", 10)
        monkeypatch.setattr(replay_app, "REST_SECONDS", 3_600.0)
        monkeypatch.setattr(Scene, "play_one", counted)
        shown.player.film.grew(MORNING)
        shown.app._show()
        assert 0 < len(played) <= 10
        await Dashboard.settle(shown)
        assert shown.drawn == before
        await wind_there(shown)
        assert shown.drawn == before


async def test_it_says_that_it_is_no_live_board_and_what_time_it_was(path: Path) -> None:
    async with replay(path) as shown:
        await shown.go_to(200)
        assert "replay" in shown.lines[0]
        assert "stopped 1×" in shown.lines[0]
        assert "Sun 22 Nov 2026  08:03:20" in shown.lines[0]
        assert "live" not in shown.text
        await shown.press("space")
        assert "playing 1×" in shown.lines[0]
        await shown.pass_by(2.5)
        assert "08:03:22" in shown.lines[0]
        await shown.pass_by(0.5)
        assert "08:03:23" in shown.lines[0]


async def test_at_the_end_it_stops_and_plays_from_the_beginning_again(path: Path) -> None:
    async with replay(path, notices=True) as shown:
        await shown.press(*("+",) * 8, "space")
        await shown.pass_by(5)
        assert not shown.player.is_playing
        assert shown.player.is_at_end
        assert shown.notices[-1].startswith("The end of what was recorded")
        await shown.press("space")
        assert shown.player.is_playing
        assert shown.second == 0


async def test_events_and_alarms_are_stepped_through(path: Path) -> None:
    async with replay(path, notices=True) as shown:
        tape = shown.player.tape
        await shown.press("[")
        assert shown.notices == ["Nothing earlier is recorded of this day."]
        await shown.press("}")
        first = shown.player.second
        assert first - 1 < tape.alarms[0].at <= first or tape.alarms[0].at <= tape.begin
        await shown.press("}", "{")
        assert shown.player.second == first
        raised = [event for event in tape.events if event.kind is EventKind.ALARM_RAISED and first - 1 < event.at <= first]
        assert str(raised[0].why) in shown.notices[-1]
        await shown.press("]")
        assert tape.count(shown.player.second) > tape.count(first)
        assert tape.count(shown.player.second - 1) == tape.count(first)
        await shown.press("[")
        assert shown.player.second == first


async def test_a_time_of_day_can_be_asked_for(path: Path) -> None:
    times = {"08:03": 180, "8:03:20": 200, "2026-11-22 08:04": 240, "2026-11-22T09:03+01:00": 180}
    async with replay(path) as shown:
        for typed, second in times.items():
            await shown.press("g", *typed, "enter")
            assert shown.second == second


async def test_what_is_no_time_is_told_and_can_be_mended(path: Path) -> None:
    async with replay(path) as shown:
        await shown.press("g", *"25:00", "enter")
        assert "That is no time of day" in shown.text
        await shown.press(*("backspace",) * 5, *"08:02", "enter")
        assert shown.second == 120
        await shown.press("g", *"08:01", "escape")
        assert shown.second == 120


async def test_a_time_that_is_not_on_the_tape_goes_to_the_nearest_and_says_so(path: Path) -> None:
    async with replay(path, notices=True) as shown:
        await shown.press("g", *"07:00", "enter")
        assert shown.notices == ["Nothing is recorded at 07:00:00: 08:00:00 is nearest."]
        await shown.press("g", *"2026-11-21T09:00", "enter")
        assert "chatmon replay --at DAY plays Saturday 21 November 2026" in shown.notices[-1]
        assert shown.second == 0


async def test_where_nobody_watched_the_board_says_so_and_claims_nothing(path: Path) -> None:
    async with replay(path, size=(160, 45)) as shown:
        await shown.go_to(320)
        assert "Nothing was watched then." in shown.text
        assert "chatmon did not run from 08:05:00 to 08:05:40." in shown.text
        assert "nobody watched" in shown.lines[0]
        figures = shown.lines[3].split("▎")
        assert [figure.split()[:1] for figure in figures[1:6]] == [["–"]] * 5, figures


async def test_gaps_are_drawn_in_the_bar_and_a_click_goes_there(path: Path) -> None:
    async with replay(path, size=(120, 32)) as shown:
        waiting = shown.lines[-4]
        assert waiting.startswith(" waiting")
        places = [place for place, sign in enumerate(waiting) if sign == "╌"]
        assert places
        middle = places[len(places) // 2]
        await shown.pilot.click(offset=(places[1], 28))
        await shown.settle()
        assert 300 <= shown.second <= 340
        assert middle < 120
        assert "Nothing was watched then." in shown.text


async def test_keys_that_do_something_to_chats_are_off_and_say_why(path: Path) -> None:
    async with replay(path, notices=True) as shown:
        await shown.go_to(200)
        before = shown.player.film.look(shown.player.second)
        for key in "aozrx":
            shown.app.clear_notifications()
            await shown.press(key)
            assert shown.notices == [WHY_OFF]
        for key in ("plus", "minus", "space", "space"):
            shown.app.clear_notifications()
            await shown.press(key)
            assert WHY_OFF not in shown.notices
        await shown.go_to(200)
        assert shown.place == "board"
        assert shown.player.film.look(shown.player.second) == before
        assert "acknowledge" not in shown.lines[-1]


async def test_the_help_has_the_keys_of_a_replay_and_none_that_are_off(path: Path) -> None:
    async with replay(path, size=(160, 100)) as shown:
        await shown.press("?")
        assert all(str(binding.tooltip)[:30] in shown.text for binding in REPLAY_KEYS)
        for gone in ("watch another chat", "poll the chat now", "pause the screen", "acknowledge them", "poll less often"):
            assert gone not in shown.text
        assert OFF_IN_REPLAY


async def test_the_alarm_in_a_pane_names_no_key_that_is_off(path: Path) -> None:
    async with replay(path, size=(160, 45)) as shown:
        await shown.go_to(470)
        assert "not acknowledged" in shown.text
        assert "acknowledges" not in shown.text
        assert "asks now" not in shown.text


async def test_keys_can_be_chosen_and_g_is_the_time_of_day_unless_they_are(path: Path) -> None:
    async with replay(path, settings=with_keys(play="f9", go_to_time="t")) as shown:
        await shown.press("f9")
        assert shown.player.is_playing
        await shown.press("space")
        assert shown.player.is_playing
        await shown.press("t")
        assert "Go to a time of day" in shown.text


async def test_home_goes_to_the_first_row(path: Path) -> None:
    async with replay(path) as shown:
        await shown.go_to(200)
        await shown.press("down", "down")
        assert shown.selected == shown.rows[2]
        await shown.press("home")
        assert shown.selected == shown.rows[0]


async def test_pinned_chats_come_back_where_they_are_there_again(path: Path) -> None:
    async with replay(path) as shown:
        await shown.go_to(200)
        await shown.press("down", "p")
        pinned = list(shown.app.session.pinned)
        await shown.go_to(320)
        assert shown.app.session.pinned == []
        await shown.go_to(200)
        assert shown.app.session.pinned == pinned


async def test_with_privacy_nobody_is_named(path: Path) -> None:
    async with replay(path) as shown:
        await shown.go_to(200)
        named = {name for chat in shown.app.session.snapshot.chats.values() for name in (chat.customer, *chat.agents) if len(name) > 3}
        assert [name for name in named if name in shown.text]
    async with replay(path, size=(160, 45), naming=Pseudonyms(b"k" * 32)) as shown:
        await shown.go_to(200)
        assert "Cust " in shown.text
        assert "Agent " in shown.text
        for place in ("b", "enter", "escape", "A", "e", "l"):
            await shown.press(place)
            assert not [name for name in named if name in shown.text]


async def test_of_many_events_the_newest_are_listed_whichever_way_one_came_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_session, "LISTED", 40)
    drawn = []
    for stops in ((300.0,), (100.0, 600.0, 299.0, 300.0)):
        async with replay(path) as shown:
            await shown.press("e")
            for stop in stops:
                await shown.go_to(stop)
            drawn.append(shown.drawn)
            assert shown.lines[1].startswith(" from 08:0")
            assert "08:05:00" in shown.text
    assert len(set(drawn)) == 1


async def test_the_tape_goes_on_while_someone_records(tmp_path: Path) -> None:
    def seen(at: float, chat: str) -> Event:
        resource = ChatResource("Chatting", (Participant("1", "Ada", CUSTOMER),), id=chat)
        return Event(at=MORNING + at, kind=EventKind.FIRST_SEEN, chat=chat, state_to=resource.state, resource=resource)

    writer = HistoryWriter(tmp_path / "h", source="s", token="t", started=MORNING)
    writer.write(Batch(MORNING + 5, ((0, seen(1, "first-chat")),)))
    reader = HistoryReader(tmp_path / "h")
    async with replay(tmp_path / "h") as shown:
        read_on = partial(reading.read_on, reader, shown.player.tape)
        await shown.go_to(10)
        assert shown.second == 5
        writer.write(Batch(MORNING + 20, ((1, seen(18, "other-chat")),)))
        await shown.app._take_more(read_on)
        assert (shown.second, shown.player.tape.end) == (5, MORNING + 20)
        await shown.press("]")
        assert (shown.second, set(shown.rows)) == (18, {"first-chat", "other-chat"})
        reader.close()
        reader.path = tmp_path / "gone"
        await shown.app._take_more(read_on)
        await shown.refresh()
        assert "✕ history" in shown.lines[0]
        reader.path = tmp_path / "h"
        await shown.app._take_more(read_on)
        await shown.refresh()
        assert "✕ history" not in shown.text
    reader.close()
    writer.close()


async def test_what_strangers_wrote_steers_no_terminal(tmp_path: Path) -> None:
    texts = [text[:MAX_LENGTH] for text in HOSTILE]
    told = [
        Event(
            at=MORNING + number,
            kind=kind,
            chat=f"chat-{number}",
            participant=Participant(text, text, text),
            error=PollError(text, text),
            resource=ChatResource(text, (Participant(text, text, text), Participant("1", text, CUSTOMER)), (text,)),
            **dict.fromkeys(("state_from", "state_to", "capability", "rule", "severity", "agent", "why"), text),  # type: ignore[arg-type]
        )
        for number, text in enumerate(texts)
        for kind in EventKind
        if kind not in {EventKind.UNWATCHED, EventKind.MONITOR_STARTED}
    ]
    writer = HistoryWriter(tmp_path / "h", source="s", token="t", started=MORNING)
    writer.write(Batch(MORNING + len(texts), tuple(enumerate(told))))
    writer.close()
    async with replay(tmp_path / "h", size=(160, 45)) as shown:
        await shown.go_to(len(texts))
        assert shown.app.session.snapshot.chats
        for place in ("b", "enter", "escape", "A", "e", "l"):
            await shown.press(place)
            assert shown.text.replace("\n", "").isprintable()
        assert not shown.app.session.monitor.troubles


@pytest.mark.parametrize("size", [(160, 45), (40, 11), (3, 2)])
async def test_it_is_drawn_in_any_size(path: Path, size: tuple[int, int]) -> None:
    async with replay(path, size=size) as shown:
        for second in (200, 320, 470):
            await shown.go_to(second)
            assert not shown.app.session.monitor.troubles


async def test_ascii_alone_is_drawn_where_that_is_wanted(path: Path) -> None:
    settings = with_keys()
    async with replay(path, settings=type(settings)(timezone=PLAIN.timezone, ascii=True), size=(120, 32)) as shown:
        await shown.go_to(330)
        bars = shown.lines[-4:-1] + shown.lines[:1]
        assert all(line.isascii() for line in bars)
