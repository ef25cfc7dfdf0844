"""What is known of chats that are not watched at the moment."""

from __future__ import annotations

from chatmon.monitor.chat import Chat
from chatmon.monitor.memory import MAX_REMEMBERED, KnownChat, Memory


def known(chat_id: str) -> KnownChat:
    return KnownChat(Chat(id=chat_id))


def test_a_chat_is_remembered_until_it_is_taken() -> None:
    memory = Memory()
    memory.keep([known("a")])
    assert memory.take("a") == known("a")
    assert memory.take("a") is None


def test_those_that_were_remembered_first_make_room() -> None:
    memory = Memory()
    memory.keep(known(str(number)) for number in range(MAX_REMEMBERED))
    memory.keep([known("0"), known("new")])
    assert memory.take("1") is None
    assert memory.take("0") == known("0")
    assert memory.take("new") == known("new")
