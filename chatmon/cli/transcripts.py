"""What may ask for transcripts: made here where the profile allows it, and handed to the screens. No one else can ask."""

from __future__ import annotations

import asyncio
import importlib
from functools import partial
from typing import TYPE_CHECKING

from chatmon.api.errors import ConnectFailed

if TYPE_CHECKING:
    from chatmon.api.endpoint import Endpoint
    from chatmon.api.transcript import Message
    from chatmon.config import Settings
    from chatmon.monitor.monitor import Monitor
    from chatmon.monitor.sending import SendRight
    from chatmon.monitor.transcripts import Transcripts


def transcripts_of(settings: Settings, monitor: Monitor) -> Transcripts | None:
    """What reads transcripts of the settings' deployment; None where the profile does not allow it, and where names are hidden.

    What people write to each other cannot be given by pseudonyms.
    """
    if not settings.transcripts or settings.privacy:
        return None
    return TranscriptAccess(settings.endpoint, settings.deadline).for_monitor(monitor)


class TranscriptAccess:
    """Asks one endpoint. Where it is None, that of a simulated contact centre is told once it is open."""

    def __init__(self, endpoint: Endpoint | None = None, deadline: float = 5.0) -> None:
        self._endpoint = endpoint
        self._deadline = deadline

    def open(self, endpoint: Endpoint) -> None:
        """Ask this endpoint from now on."""
        self._endpoint = endpoint

    def for_monitor(self, monitor: Monitor) -> Transcripts:
        """What reads transcripts of a monitor's chats, within its rate."""
        from chatmon.monitor.transcripts import Transcripts

        return Transcripts(monitor, partial(self._request, monitor.send_right))

    async def _request(self, send_right: SendRight, chat_id: str, first: int) -> tuple[Message, ...]:
        if self._endpoint is None:
            raise ConnectFailed("the simulated contact centre is not open yet")
        await asyncio.to_thread(importlib.import_module, "chatmon.api.transcript_request")
        from chatmon.api.transcript_request import request_transcript

        return await request_transcript(self._endpoint, chat_id, first, deadline=self._deadline, send_right=send_right)
