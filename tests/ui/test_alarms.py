"""Alarms on the screens: marked, explained, found, acknowledged, snoozed, listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.errors import NotFound, Timeout
from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.ui.alarm_marks import step_to
from chatmon.ui.screens.monitor_screen import HOLD_SECONDS
from chatmon.ui.screens.prompt import InvalidAnswer
from chatmon.ui.screens.snooze_prompt import SnoozePrompt, parse_minutes
from tests.ui.watched import Dashboard, Watched, chat_id, dashboard


def three_alarms() -> Watched:
    """`critical` waits for more than three minutes, `warned` for more than one, `fresh` since a moment; Kristi is in too many chats."""
    watched = Watched()
    watched.answer("critical", WAITING, customer="Ada", agents=())
    watched.clock.seconds = 120
    watched.answer("warned", WAITING, customer="Bo", agents=())
    watched.clock.seconds = 190
    watched.answer("fresh", WAITING, customer="Cy", agents=())
    for number in range(5):
        watched.answer(chat_id(number), CHATTING, agents=("Kristi",))
    seen_again(watched)
    return watched


def seen_again(watched: Watched) -> None:
    """Polls that brought nothing new, and the look at the alarms after them."""
    for chat in list(watched.monitor.board.chats):
        if chat.resource is not None:
            watched.answer(chat.id, chat.state, customer=chat.customer, agents=chat.agents)
    watched.monitor.review()


def row_of(shown: Dashboard, text: str) -> str:
    return next(line for line in shown.lines if text in line)


def styles_of(shown: Dashboard, text: str) -> set[tuple[str, bool]]:
    """The colours of a text wherever it stands alone, and whether it is bold."""
    return {
        (segment.style.color.name, bool(segment.style.bold))
        for segment in shown.segments
        if segment.text.strip() == text and segment.style is not None and segment.style.color is not None
    }


def colour(shown: Dashboard, name: str) -> str:
    return shown.app.theme_variables[name].lower()


async def test_rows_in_alarm_bear_its_sign_and_stand_first_the_worst_first() -> None:
    async with dashboard(three_alarms()) as shown:
        assert shown.rows[:3] == ["critical", "warned", "fresh"]
        assert "▲" in row_of(shown, "Ada")
        assert "▲" in row_of(shown, "Bo")
        assert "◔" in row_of(shown, "Cy")
        assert styles_of(shown, "▲") == {(colour(shown, "severity-critical"), True), (colour(shown, "severity-warn"), False)}


async def test_the_clock_that_an_alarm_rests_on_bears_its_colour_and_the_state_keeps_its_own() -> None:
    async with dashboard(three_alarms(), (100, 30)) as shown:
        assert styles_of(shown, "≥03:10") == {(colour(shown, "severity-critical"), True)}
        assert {name for name, _ in styles_of(shown, "WaitingForAgent")} == {colour(shown, "state-waiting")}


async def test_an_acknowledged_alarm_is_quiet_and_stands_behind_the_others() -> None:
    async with dashboard(three_alarms()) as shown:
        await shown.press("a")
        assert shown.notices == ["1 alarm of critical acknowledged."]
        assert shown.rows[:3] == ["critical", "warned", "fresh"]
        await shown.refresh(HOLD_SECONDS)
        assert shown.rows[:3] == ["warned", "critical", "fresh"]
        assert shown.selected == "critical"
        assert (colour(shown, "text-dim"), False) in styles_of(shown, "▲")
        assert "acknowledged" in shown.text

        await shown.press("a")
        assert "The alarms of critical are acknowledged already." in shown.notices


async def test_a_chat_without_an_alarm_has_nothing_to_acknowledge_or_snooze() -> None:
    async with dashboard(three_alarms()) as shown:
        for key in "az":
            await shown.press("g", "down", "down", key)
            assert shown.notices == ["fresh has no alarm."]
            assert shown.place == "board"


async def test_what_is_acknowledged_shows_on_a_paused_screen_too() -> None:
    async with dashboard(three_alarms()) as shown:
        await shown.press("space", "a")

        assert (colour(shown, "text-dim"), False) in styles_of(shown, "▲")


async def test_the_pane_explains_every_alarm_of_its_chat() -> None:
    watched = three_alarms()
    watched.answer("warned", CHATTING, customer="Bo", agents=("Max",))
    watched.clock.seconds += 1
    watched.answer("warned", WAITING, customer="Bo", agents=())
    watched.clock.seconds += 65
    seen_again(watched)
    async with dashboard(watched) as shown:
        await shown.press("n")
        assert shown.selected == "warned"

        for words in ("waiting 01:05, longer than 60 s", "since 12:03:11", "ends when", "waiting again after Chatting"):
            assert words in shown.text
        assert "a acknowledges  z snoozes" in shown.text


async def test_an_alarm_about_what_was_so_before_says_before_when() -> None:
    async with dashboard(three_alarms()) as shown:
        assert "before 12:00:00 · ends when" in shown.text


@pytest.mark.parametrize(("keys", "selected"), [("n", "warned"), ("nn", "critical"), ("N", "warned"), ("NN", "critical")])
async def test_n_goes_round_the_chats_in_alarm(keys: str, selected: str) -> None:
    async with dashboard(three_alarms()) as shown:
        await shown.press(*keys)

        assert (shown.place, shown.selected) == ("board", selected)


async def test_n_passes_what_is_acknowledged_and_says_when_nothing_is_left() -> None:
    async with dashboard(three_alarms()) as shown:
        await shown.press("a", "n")
        assert shown.selected == "warned"
        await shown.press("a", "n")
        assert shown.selected == "warned"
        assert shown.notices == ["No chat is in alarm, but an agent is: l lists every alarm."]

        shown.watched.monitor.acknowledge(agent="Kristi")
        await shown.refresh()
        await shown.press("n")
        assert shown.notices == ["No alarm that is not acknowledged."]


async def test_n_leaves_a_filter_in_force_and_says_that_it_hides_an_alarm() -> None:
    async with dashboard(three_alarms()) as shown:
        await shown.press("slash")
        await shown.type("state:chatting")
        await shown.press("enter", "n")

        assert "the filter hides one" in shown.notices[0]
        assert shown.app.session.listing.filter_text == "state:chatting"


async def test_n_on_an_open_chat_opens_the_next_one_in_alarm() -> None:
    async with dashboard(three_alarms()) as shown:
        await shown.press("enter", "n")
        assert shown.place == "chat"
        assert "Bo" in shown.text

        await shown.press("escape")
        assert shown.selected == "warned"


async def test_z_snoozes_for_the_minutes_that_are_given() -> None:
    watched = three_alarms()
    async with dashboard(watched) as shown:
        await shown.press("z")
        assert "Snooze 1 alarm of critical" in shown.text
        await shown.press("2", "enter")
        assert shown.notices == ["The alarms of critical are snoozed until 12:05:10."]
        assert "snoozed until 12:05:10" in shown.text
        await shown.refresh(HOLD_SECONDS)
        assert shown.rows[0] == "warned"

        watched.clock.seconds += 121
        seen_again(watched)
        await shown.refresh()
        assert shown.rows[0] == "critical"


async def test_escape_snoozes_nothing_and_nonsense_is_refused() -> None:
    async with dashboard(three_alarms()) as shown:
        await shown.press("z")
        await shown.type("soon")
        await shown.press("enter")
        assert isinstance(shown.app.screen, SnoozePrompt)
        assert "That is no number of minutes" in shown.text

        await shown.press("escape")
        assert shown.place == "board"
        assert shown.rows[0] == "critical"


@pytest.mark.parametrize(("text", "seconds"), [("10", 600), (" 2.5 ", 150), ("0,5", 30), ("720", 43_200)])
def test_minutes_are_taken_as_they_are_typed(text: str, seconds: float) -> None:
    assert parse_minutes(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0", "-5", "721", "nan", "inf", "1e9", "5m"])
def test_what_is_no_number_of_minutes_is_refused(text: str) -> None:
    with pytest.raises(InvalidAnswer):
        parse_minutes(text)


async def test_the_list_has_every_alarm_and_explains_the_selected_one() -> None:
    async with dashboard(three_alarms(), (160, 30)) as shown:
        await shown.press("l")
        assert [line.split()[1:4] for line in shown.lines[2:5]] == [
            ["critical", "waiting", "critical"],
            ["warn", "waiting", "warned"],
            ["warn", "overload", "Kristi"],
        ]
        assert "before 12:00:00 · ends when" in shown.text

        await shown.press("a")
        assert "acknowledged" in row_of(shown, "Ada")


async def test_enter_in_the_list_goes_to_the_chat_or_to_the_agents_chats() -> None:
    async with dashboard(three_alarms()) as shown:
        await shown.press("l", "down", "enter")
        assert (shown.place, shown.selected) == ("board", "warned")

        await shown.press("l", "G", "enter")
        assert shown.place == "board"
        assert shown.rows == [chat_id(number) for number in range(5)]


async def test_an_agents_alarm_is_acknowledged_and_snoozed_on_the_agents_screen() -> None:
    async with dashboard(three_alarms()) as shown:
        await shown.press("A", "a")
        assert shown.notices == ["1 alarm of Kristi acknowledged."]

        await shown.press("z", "enter")
        assert shown.notices == ["The alarms of Kristi are snoozed until 12:13:10."]


async def test_a_list_without_alarms_says_so() -> None:
    watched = Watched()
    watched.answer("a")
    async with dashboard(watched) as shown:
        await shown.press("l", "enter", "a", "z")

        assert shown.place == "alarms"
        assert "No alarm holds." in shown.text


async def test_what_is_wrong_beside_the_polls_is_marked_everywhere_and_told_in_full_on_the_list_of_alarms() -> None:
    watched = three_alarms()
    async with dashboard(watched) as shown:
        watched.monitor.trouble("history", "the disk is full; what happens now is not recorded")
        watched.monitor.trouble("ids file", "line 12 is no chat id")
        await shown.refresh()
        assert "✕ history: " in shown.lines[0]
        assert "+1" in shown.lines[0]

        await shown.press("l")
        assert "history: the disk is full; what happens now is not recorded · since 12:03:10" in shown.text
        assert "ids file: line 12 is no chat id" in shown.text

        watched.monitor.trouble("history", None)
        watched.monitor.trouble("ids file", None)
        await shown.refresh()
        assert "✕" not in shown.text


async def test_a_chat_that_stops_answering_keeps_its_alarm_and_its_age_is_not_overstated() -> None:
    watched = three_alarms()
    watched.clock.seconds += 20
    watched.fail("critical", Timeout("no whole answer within 5 s"))
    watched.monitor.review()
    async with dashboard(watched) as shown:
        assert "▲" in row_of(shown, "Ada")
        assert "WaitingForAgent?" in row_of(shown, "Ada")

        await shown.press("l")
        assert "≥03:10" in row_of(shown, "Ada")


async def test_a_chat_that_is_gone_says_since_when() -> None:
    watched = Watched()
    watched.answer("a", IDLE)
    watched.clock.seconds = 100
    watched.fail("a", NotFound("HTTP 404"))
    watched.clock.seconds = 135
    async with dashboard(watched) as shown:
        assert "gone   for 00:35" in shown.text
        assert "00:35" in row_of(shown, "Chris")


rows = st.lists(st.text("abc", min_size=1, max_size=2), unique=True)


@given(rows, st.sets(st.text("abc", min_size=1, max_size=2)), st.sampled_from((1, -1)))
def test_stepping_on_and_on_visits_every_wanted_row(all_rows: list[str], wanted: set[str], step: int) -> None:
    found = [row for row in all_rows if row in wanted]
    visited: list[str] = []
    current: str | None = None
    for _ in found:
        current = step_to(all_rows, wanted, current, step)
        assert current is not None
        visited.append(current)

    assert sorted(visited) == sorted(found)
    assert step_to(all_rows, wanted, current, step) == (visited[0] if visited else None)
