"""Where pseudonyms are shown no screen, notice, search or copy tells a name, an id or a label, and everything works by what is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from chatmon.api.resource import IDLE, WAITING
from chatmon.monitor.pseudonyms import Pseudonyms
from chatmon.ui.navigator import Navigator

from .test_events_of_the_history import recorded, seen, until
from .watched import Dashboard, Watched, chat_id, dashboard

KEY = bytes(32)
CUSTOMERS = ("Anna Canary", "Berta Canary", "Cilli Canary")
AGENT, LABEL = "Kristi Canary", "billing Canary"
SECRETS = (*CUSTOMERS, "Canary", AGENT, LABEL, *(chat_id(number)[:8] for number in range(3)))


def canaries() -> Watched:
    watched = Watched()
    for number, customer in enumerate(CUSTOMERS):
        watched.answer(chat_id(number), WAITING if number == 0 else "Chatting", customer=customer, agents=(AGENT,), label=LABEL)
        watched.clock.seconds += 1
    for number in range(4, 9):
        watched.answer(chat_id(number), customer="Dora Canary", agents=(AGENT,), label=LABEL)
    watched.clock.seconds += 70
    watched.answer(chat_id(0), WAITING, customer=CUSTOMERS[0], agents=(AGENT,), label=LABEL)
    watched.monitor.review()
    watched.answer(chat_id(1), IDLE, customer=CUSTOMERS[1], agents=(), label=LABEL)
    return watched


class Seen:
    """Everything that was on the screen, said in a notice or sent to the clipboard."""

    def __init__(self, shown: Dashboard) -> None:
        self.shown = shown
        self.texts: list[str] = []

    def look(self) -> None:
        self.texts += [self.shown.text, *self.shown.notices]

    @property
    def secrets(self) -> list[str]:
        return [secret for secret in SECRETS if any(secret in text for text in self.texts)]


@asynccontextmanager
async def private(
    watched: Watched | None = None, size: tuple[int, int] = (160, 45), **options: Any
) -> AsyncIterator[tuple[Dashboard, Seen]]:
    async with dashboard(watched or canaries(), size, naming=Pseudonyms(KEY), **options) as shown:
        seen = Seen(shown)
        with mock.patch.object(Navigator, "copy_to_clipboard", lambda _, text: seen.texts.append(text)):
            yield shown, seen


def acknowledged(watched: Watched, chat: str | None, agent: str | None) -> bool:
    (alarm,) = (one for one in watched.monitor.alarms.alarms(watched.clock.now()) if (one.chat, one.agent) == (chat, agent))
    return alarm.acknowledged


def pseudonym(number: int) -> str:
    return Pseudonyms(KEY).chat_id(chat_id(number))


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_no_screen_and_no_notice_tells_a_name(size: tuple[int, int]) -> None:
    async with private(size=size, sort="customer") as (shown, seen):
        seen.look()
        for key in (*"py", "enter", "y", "escape", *"jpw", "escape", *"Aaz", "escape", *"layeyj?bar"):
            await shown.press(key)
            seen.look()
        assert "Agent " in "".join(seen.texts)
        assert "Cust " in "".join(seen.texts)
        assert seen.secrets == []


async def test_what_is_shown_is_what_is_asked_acknowledged_and_no_longer_watched() -> None:
    watched = canaries()
    with mock.patch.object(watched.monitor, "poll_now", return_value=0.0) as asked:
        async with private(watched) as (shown, seen):
            shown.board.select(pseudonym(0))
            await shown.press("r", "a")
            asked.assert_called_once_with(chat_id(0))
            assert acknowledged(watched, chat_id(0), None)
            await shown.press("A", "a")
            assert acknowledged(watched, None, AGENT)
            await shown.press("b", "x")
            assert chat_id(0) not in watched.monitor.board
            seen.look()
            await shown.press("o")
            seen.look()
            await shown.press("enter")
            assert chat_id(0) in watched.monitor.board
            assert shown.selected == pseudonym(0)
            seen.look()
            assert seen.secrets == []


async def test_the_id_of_a_chat_to_watch_is_not_shown_while_it_is_typed() -> None:
    async with private() as (shown, seen):
        await shown.press("o")
        await shown.burst("canary-id Canary", "enter")
        await shown.press("o")
        await shown.burst("another-canary-id")
        seen.look()
        assert "canary-id" in shown.watched.monitor.board
        assert not any("canary-id" in text for text in seen.texts)
        assert seen.secrets == []


async def test_the_id_is_not_copied_and_the_reason_is_said() -> None:
    async with private() as (shown, seen):
        await shown.press("y")
        assert shown.notices == ["Ids are not copied while pseudonyms are shown: what stands here is no id, and the id is a secret."]
        assert seen.texts == []


@pytest.mark.parametrize("searched", ["canary", "agent:kristi", "customer:anna", "label:billing", f"id:{chat_id(0)[:8]}"])
async def test_a_search_for_a_real_name_finds_nothing(searched: str) -> None:
    async with private() as (shown, _):
        shown.board.set_filter(searched)
        await shown.settle()
        assert shown.rows == []
        shown.board.set_filter(f"!{searched}")
        await shown.settle()
        assert len(shown.rows) == 8


async def test_a_search_for_what_is_shown_finds_it() -> None:
    naming = Pseudonyms(KEY)
    async with private() as (shown, _):
        code = naming.customer(CUSTOMERS[0])[5:]
        for searched in (f"customer:{code}", f"id:{pseudonym(0)}", code.lower()):
            shown.board.set_filter(searched)
            assert shown.rows == [pseudonym(0)]
        await shown.press("A")
        await shown.press("enter")
        await shown.settle(20)
        assert len(shown.rows) == 7
        assert shown.board.filter_text.startswith('agent:"Agent ')


async def test_the_order_is_that_of_what_is_shown() -> None:
    naming = Pseudonyms(KEY)
    async with private(sort="customer") as (shown, _):
        names = [chat.customer for key in shown.rows if (chat := shown.app.session.chat(key)) is not None]
        assert names == sorted(names)
        assert set(names) == {naming.customer(name) for name in (*CUSTOMERS, "Dora Canary")}
    async with private(sort="chat") as (shown, _):
        assert shown.rows == sorted(shown.rows)


async def test_the_palette_finds_chats_by_what_is_shown_alone() -> None:
    async with private(filters={"f1": "agent:canary", "f2": "state:waiting"}) as (shown, seen):
        for searched in ("Canary", chat_id(0)[:8], "Filter F", pseudonym(0)[:8]):
            await shown.press("ctrl+p")
            await shown.burst(searched)
            await shown.settle(20)
            seen.texts.append(shown.text.replace(searched, ""))
            await shown.press("escape")
        assert "state:waiting" in "".join(seen.texts)
        assert "agent:canary" not in "".join(seen.texts).lower()
        assert seen.secrets == []


async def test_a_saved_filter_that_may_name_someone_is_not_used() -> None:
    async with private(filters={"f1": "agent:canary", "f2": "state:waiting"}) as (shown, _):
        await shown.press("f1")
        assert shown.board.filter_text == ""
        assert shown.notices == ["The filter saved under F1 may name someone: it is not used while pseudonyms are shown."]
        await shown.press("f2")
        assert shown.rows == [pseudonym(0)]


async def test_what_the_history_tells_of_chats_that_left_tells_no_name_either(tmp_path: Path) -> None:
    gone = [seen(number, at=1_795_348_000.0 + number) for number in range(20, 30)]
    watched = canaries()
    async with private(watched, history=recorded(tmp_path / "history", gone)) as (shown, told):
        await shown.press("e", "g")
        await until(shown, lambda: pseudonym(20)[:8] in shown.text)
        told.look()
        await shown.press("g", "j", "enter")
        await until(shown, lambda: "the history begins here" in shown.text)
        assert [row.split()[-4:] for row in shown.rows_of_events if "first seen" in row] == [["first", "seen", "in", "WaitingForAgent"]]
        told.look()
        assert "no longer watched" in "".join(told.texts)
        assert not any("Earlier" in text for text in told.texts)
        assert not any(chat_id(number)[:8] in text for number in range(20, 30) for text in told.texts)
        assert told.secrets == []


async def test_the_screen_that_is_kept_holds_no_name(tmp_path: Path) -> None:
    async with private(saved_at=tmp_path / "screen.json") as (shown, _):
        await shown.press("p")
        shown.app.keep_screen_now()
    kept = (tmp_path / "screen.json").read_text()
    assert pseudonym(0) in kept
    assert not any(secret in kept for secret in SECRETS)
    async with private(saved_at=tmp_path / "screen.json") as (shown, _):
        assert shown.app.session.pinned == [pseudonym(0)]


async def test_after_an_hour_of_polls_only_chats_that_changed_are_made_anew() -> None:
    watched = canaries()
    async with private(watched) as (shown, _):
        before = dict(shown.app.session.snapshot.chats)
        watched.answer(chat_id(2), IDLE, customer=CUSTOMERS[2], label=LABEL)
        await shown.refresh(1)
        after = shown.app.session.snapshot.chats
        assert [key for key in after if after[key] is not before[key]] == [pseudonym(2)]
