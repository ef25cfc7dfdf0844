"""What the make-believe people say. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPENINGS: Final[Mapping[str, str]] = {
    "billing": "Hello, I was charged twice this month and would like to know why.",
    "sales": "Hi! Is the large one still to be had in blue?",
    "support": 'It says "error 17" and goes no further. I have switched it off and on already.',
    "returns": "I want to send something back. The label that came with it cannot be read.",
    "delivery": 'Where is my parcel? It has been "out for delivery" since Tuesday.',
    "accounts": "I cannot sign in any more since I have a new telephone number.",
    "technical": "Since the update nothing syncs. I have attached nothing because I do not know how.",
}
"""By label: what a customer begins with."""

WAITING: Final[tuple[str, ...]] = (
    "Hello?",
    "Is anybody there?",
    "I am still waiting …",
    "??",
    "您好,请问有人吗?",
    "I have to be on a train in ten minutes.",
)

PLEASE_WAIT: Final = "All our agents are busy at the moment. Please hold the line."
"""A notice of the system's participant."""

GREETING: Final = "Good day, you are talking to {agent}. How can I help you?"

OF_AGENTS: Final[tuple[str, ...]] = (
    "Let me have a look at that.",
    "Thank you. One moment, please.",
    "Could you tell me the number on the top right of the letter?",
    "I see it here. That should not have happened, and I am sorry for the trouble.",
    "I have put that right for you. It takes until tomorrow to show.",
    "Which device are you using, and which version does it say under Settings, About?",
    "You get a message with everything that we have agreed on. If it is not there by this evening, please look among the unwanted ones "
    "first, and then come back to us with the number that I give you at the end.",
    "Is there anything else that I can do for you?",
    "That is possible, yes.",
)

OF_CUSTOMERS: Final[tuple[str, ...]] = (
    "Yes.",
    "No, that is not it.",
    "The number is 4711-0815, I think. It could also be an O at the end.",
    "Okay",
    "I did that already, twice.",
    "Thank you, that is kind of you 🙂",
    "It works now!",
    "And how long will that take?\nI need it on Friday at the latest.",
    "一分钟,我去拿信。",
    "Can you see https://example.com/orders/0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9 from your side?",
)
