"""What may be done on a screen that is about a chat."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from chatmon.monitor.observation import Health
from chatmon.ui.alarm_marks import Subject
from chatmon.ui.keys import CHAT_KEYS
from chatmon.ui.screens.alarm_actions import AlarmActions
from chatmon.ui.session import MAX_PINS

OFF = (
    "Transcripts are off: reading one can take messages from the customer's own client. "
    'transcripts = "on-request" in a profile of the configuration file allows it.'
)
PRIVATE = "Transcripts are off while pseudonyms are shown: what people write cannot be given by pseudonyms."
IN_BROWSER = "Transcripts are off in a browser: a page is for looking, and whoever has its address may look."
"""Why there is no transcript."""
EXPLAINED_SECONDS = 8.0
"""For so long it is to be read."""


class ChatActions(AlarmActions):
    """A screen that is about a chat: it can be pinned, polled now, its id copied, and be watched no longer."""

    BINDINGS: ClassVar[list[BindingType]] = [*CHAT_KEYS]

    class OpenChat(Message):
        """The user wants a chat full screen."""

        def __init__(self, chat_id: str) -> None:
            super().__init__()
            self.chat_id = chat_id

    class OpenTranscript(Message):
        """The user wants the transcript of a chat, and the profile allows it."""

        def __init__(self, chat_id: str) -> None:
            super().__init__()
            self.chat_id = chat_id

    @property
    def current(self) -> str | None:
        """The id of the chat that an action is about."""
        raise NotImplementedError

    @property
    def subject(self) -> Subject | None:
        """The chat, as something with alarms."""
        return None if self.current is None else Subject(chat=self.current)

    def action_pin(self) -> None:
        """Pin the chat, or unpin it."""
        if self.current is None:
            return
        self.stay()
        if not self.session.toggle_pin(self.current):
            self.say(f"All {MAX_PINS} places are taken: unpin another chat first.", severity="warning")
        self.show()

    def action_poll_now(self) -> None:
        """Poll the chat as soon as the rate allows."""
        if self.current is not None:
            self.stay()
            seconds = self.session.poll_now(self.current)
            if seconds >= 1.0:
                self.say(f"The server is asked again in {seconds:.0f} s, and then for this chat first.")

    def action_copy_id(self) -> None:
        """Copy the chat's whole id to the clipboard of the terminal."""
        if self.current is None:
            return
        self.stay()
        if self.session.naming.hides:
            self.say("Ids are not copied while pseudonyms are shown: what stands here is no id, and the id is a secret.")
        else:
            self.app.copy_to_clipboard(self.current)
            self.say(f"The id of {self.called(Subject(self.current))} was sent to the clipboard, where the terminal allows it.")

    def action_transcript(self) -> None:
        """Read the chat's transcript, or say why that is off."""
        if self.current is None:
            return
        self.stay()
        chat = self.session.chat(self.current)
        if chat is not None and chat.health in {Health.GONE, Health.NOT_FOUND}:
            self.say("There is no transcript to read: the server does not know the chat.")
        elif self.session.transcripts is not None:
            self.post_message(self.OpenTranscript(self.current))
        else:
            self.say(PRIVATE if self.session.naming.hides else IN_BROWSER if self.app.is_web else OFF, seconds=EXPLAINED_SECONDS)

    def action_unwatch(self) -> None:
        """Stop watching the chat."""
        if self.current is None:
            return
        short = self.called(Subject(self.current))
        self.session.unwatch(self.current)
        self.say(f"{short} is no longer watched: {self.session.key('watch')} takes it back.")
        self.show()
