"""A spell in which a real server knows none of its chats, or some, ends none of them."""

from __future__ import annotations

import pytest

from chatmon.api.endpoint import Endpoint
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health
from tests.api.documents import chat_body, code_body
from tests.api.raw_server import Script, answer
from tests.faults.matrix import PATIENT
from tests.faults.monitors import Healthy, new_id, until, watching

CHATS = [new_id(number) for number in range(12)]
WORDS = {
    "404": answer("", status="404 Not Found"),
    "410": answer("", status="410 Gone"),
    "400, plain text": answer("no such chat", status="400 Bad Request", content_type="text/html"),
    "statusCode 6 below 200": answer(code_body(6)),
    "404 with statusCode 6": answer(code_body(6), status="404 Not Found"),
}


class Forgetful(Healthy):
    """A server that says so instead of giving a chat, while it is in its spell."""

    def __init__(self, word: Script, state: str) -> None:
        super().__init__()
        self.is_in_spell = False
        self._word = word
        self._state = state

    def script_of(self, chat_id: str) -> Script:
        return self._word if self.is_in_spell else (answer(chat_body(chat_id, state=self._state)),)


@pytest.mark.parametrize("state", ["Idle", "WaitingForAgent"])
@pytest.mark.parametrize("word", WORDS)
async def test_a_spell_in_which_a_server_knows_no_chat_ends_none(word: str, state: str) -> None:
    events: list[Event] = []
    async with Forgetful((WORDS[word],), state) as server, watching(Endpoint(server.root), CHATS, deadline=PATIENT) as monitor:
        monitor.listen(events.append)
        await until(lambda: all(chat.health is Health.OK for chat in monitor.board.chats))
        server.is_in_spell = True
        await until(lambda: all(chat.failures >= 3 for chat in monitor.board.chats))
        assert {chat.health for chat in monitor.board.chats} == {Health.FAILING}
        server.is_in_spell = False
        await until(lambda: all(chat.health is Health.OK for chat in monitor.board.chats))
    kinds = {event.kind for event in events}
    assert EventKind.GONE not in kinds
    assert not [event for event in events if event.rule == "abandoned"]
