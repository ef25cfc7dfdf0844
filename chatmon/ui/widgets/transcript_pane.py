"""What was read of a chat's transcript, in as much room as there is."""

from __future__ import annotations

from datetime import tzinfo

from chatmon.api.transcript import Message
from chatmon.ui.lines import Span, line
from chatmon.ui.transcript_lines import INDENT, transcript_lines
from chatmon.ui.widgets.guarded_view import guarded
from chatmon.ui.widgets.line_view import ReadingPane


class TranscriptPane(ReadingPane):
    """Shows messages and can be scrolled. Their lines are made anew only for others, or for another width."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._made_from: tuple[tuple[Message, ...], int] | None = None

    @guarded
    def show_messages(self, messages: tuple[Message, ...], *, timezone: tzinfo | None, nothing: str) -> None:
        """Show messages in the order of their indexes; `nothing` is said where there are none."""
        width = self.size.width
        if messages and self._made_from is not None and self._made_from[0] is messages and self._made_from[1] == width:
            return
        self._made_from = None
        self.show_lines(transcript_lines(messages, width, timezone=timezone) or [line(INDENT, Span(nothing, "dim"))])
        self._made_from = messages, width
