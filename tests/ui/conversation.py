"""A conversation, and a server that tells it: `asked` are chats and indexes, as often as it was asked."""

from __future__ import annotations

import asyncio

from chatmon.api.errors import ChatApiError
from chatmon.api.resource import AGENT, CUSTOMER, Participant
from chatmon.api.transcript import JOINED, LEFT, NOTICE, TEXT, TYPING, Message

CHRIS = Participant("1", "Chris", CUSTOMER)
SYSTEM = Participant("2", "system", "External")
KRISTI = Participant("3", "Kristi Sippola", AGENT)

SAID = (
    Message(1, JOINED, CHRIS),
    Message(2, TEXT, CHRIS, "Hello, I was charged twice this month and would like to know why."),
    Message(3, NOTICE, SYSTEM, "All our agents are busy."),
    Message(4, TEXT, CHRIS, "Hello?"),
    Message(5, TEXT, CHRIS, "您好,请问有人吗?"),
    Message(6, JOINED, KRISTI),
    Message(7, TYPING, KRISTI),
    Message(8, TEXT, KRISTI, "Good day, you are talking to Kristi.\nHow can I help you?"),
    Message(9, "ScreenShared", KRISTI),
    Message(10, TYPING, CHRIS),
)
MORE = (Message(11, TEXT, CHRIS, "Thank you."), Message(12, LEFT, CHRIS))


class ToldBy:
    """A server that answers with these, one after the other, and then with nothing new."""

    def __init__(self, *answers: tuple[Message, ...] | ChatApiError, holds_back: bool = False) -> None:
        self.asked: list[tuple[str, int]] = []
        self.may_answer = asyncio.Event()
        if not holds_back:
            self.may_answer.set()
        self._answers = list(answers)

    async def __call__(self, chat_id: str, first: int) -> tuple[Message, ...]:
        self.asked.append((chat_id, first))
        await self.may_answer.wait()
        answer = self._answers.pop(0) if self._answers else ()
        if isinstance(answer, ChatApiError):
            raise answer
        return answer
