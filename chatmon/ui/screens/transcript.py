"""The transcript of one chat, as it was when it was asked for; it is known for as long as this screen is there, and no longer."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import BindingType

from chatmon.api.errors import ChatApiError
from chatmon.api.sanitise import clean
from chatmon.api.transcript import FIRST, Message, in_order
from chatmon.monitor.own_fault import tell_own_fault
from chatmon.monitor.transcripts import NotAsked
from chatmon.ui import glyphs
from chatmon.ui.keys import TRANSCRIPT_KEYS
from chatmon.ui.lines import EMPTY, Line, Span, line, spread
from chatmon.ui.screens.monitor_screen import MonitorScreen
from chatmon.ui.session import Session
from chatmon.ui.times import time_of_day
from chatmon.ui.transcript_lines import INDENT, typing_now, typing_words
from chatmon.ui.widgets.line_view import LinePane
from chatmon.ui.widgets.transcript_pane import TranscriptPane


class ReadSoFar(msgspec.Struct, frozen=True):
    """What was read of a transcript, and how the last request fared: `read_at` in UTC seconds, None before the first answer."""

    messages: tuple[Message, ...] = ()
    read_at: float | None = None
    is_reading: bool = False
    trouble: str = ""

    @property
    def next_index(self) -> int:
        """The index from which to read on."""
        return max((message.index + 1 for message in self.messages), default=FIRST)

    def with_more(self, messages: tuple[Message, ...], at: float) -> ReadSoFar:
        """With what an answer brought."""
        return ReadSoFar(in_order((*self.messages, *messages)), at)


class TranscriptScreen(MonitorScreen):
    """Reads when it is opened, and on when it is asked to; by itself it never does."""

    PLACE = "transcript"
    AUTO_FOCUS = "#transcript"
    BINDINGS: ClassVar[list[BindingType]] = [*TRANSCRIPT_KEYS]

    def __init__(self, session: Session, chat_id: str) -> None:
        super().__init__(session)
        self.chat_id = chat_id
        self._so_far = ReadSoFar()

    def compose_body(self) -> ComposeResult:
        """Whose transcript it is, the transcript, and who types."""
        yield LinePane(id="whose")
        yield TranscriptPane(id="transcript")
        yield LinePane(id="typing")

    def on_mount(self) -> None:
        """The user asked for it by opening it."""
        self._read()

    def action_read_on(self) -> None:
        """Ask once for what came since."""
        if self._so_far.is_reading:
            self.say("The transcript is being read.")
        else:
            self._read()

    def action_back(self) -> None:
        """Back to where the transcript was opened."""
        self.leave()

    def _read(self) -> None:
        self._so_far = msgspec.structs.replace(self._so_far, is_reading=True, trouble="")
        self.run_worker(self._ask(), group="transcript", exit_on_error=False)

    async def _ask(self) -> None:
        transcripts, before = self.session.transcripts, self._so_far
        assert transcripts is not None
        try:
            messages = await transcripts.read(self.session.naming.real_chat(self.chat_id), before.next_index)
            self._take(before.with_more(messages, self.session.monitor.clock.now().utc))
        except NotAsked as error:
            self._fare(f"nothing was asked: {error}")
        except ChatApiError as error:
            self._fare(f"not read: {error.message}")
        except Exception as error:  # noqa: BLE001 - what was read stays, and everything else goes on
            self._fare(tell_own_fault("a transcript was not read", error))
        self.show()
        self.query_one("#transcript", TranscriptPane).scroll_end(animate=False)

    def _take(self, so_far: ReadSoFar) -> None:
        more = len(so_far.messages) - len(self._so_far.messages)
        if self._so_far.messages:
            self.say("Nothing more yet." if more == 0 else "1 more entry." if more == 1 else f"{more} more entries.")
        self._so_far = so_far

    def _fare(self, trouble: str) -> None:
        self._so_far = msgspec.structs.replace(self._so_far, is_reading=False, trouble=trouble)

    def show_body(self) -> None:
        """Show what was read."""
        so_far, pane = self._so_far, self.query_one("#transcript", TranscriptPane)
        gap = [] if self.has_class("-tiny") else [EMPTY]
        self.query_one("#whose", LinePane).show_lines([*gap, self._head()])
        typing = typing_words(typing_now(so_far.messages))
        self.query_one("#typing", LinePane).show_lines([*gap, line(INDENT, Span(typing, "dim italic"))])
        nothing = "" if so_far.read_at is None else "Nobody has said anything yet."
        pane.show_messages(so_far.messages, timezone=self.session.timezone, nothing=nothing)

    def _head(self) -> Line:
        chat = self.session.chat(self.chat_id)
        name = clean(self.session.short_ids.get(self.chat_id, self.chat_id[:8]))
        customer = "" if chat is None else clean(chat.customer)
        whose = (Span(f"{INDENT}{name}", "bright strong"), Span(f"  {customer}"))
        return spread(whose, (*self._how_far(), Span(" ")), self.size.width)

    def _how_far(self) -> tuple[Span, ...]:
        """How far it was read, when, and what went wrong since."""
        so_far = self._so_far
        if so_far.is_reading:
            return (Span("reading", "dim"),)
        if so_far.trouble:
            return (Span(f"{glyphs.FAILING} {clean(so_far.trouble)}", "failing"),)
        if so_far.read_at is None:
            return ()
        read_at = time_of_day(so_far.read_at, self.session.timezone)
        up_to = f", up to entry {so_far.next_index - 1}" if so_far.messages and not self.has_class("-narrow") else ""
        return (Span(f"as of {read_at}{up_to}", "dim"),)
