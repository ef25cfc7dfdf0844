"""How far back the list of events goes, in words."""

from __future__ import annotations

from chatmon.ui.days import dated_time, day_of
from chatmon.ui.event_feed import EventFeed
from chatmon.ui.event_rows import MAX_ROWS
from chatmon.ui.lines import Span
from chatmon.ui.replay_session import ReplaySession
from chatmon.ui.session import Session


def reach_words(feed: EventFeed, session: Session, *, is_reading: bool, unreadable: str) -> Span:
    """What lies before the oldest event of the list. `unreadable` says why it cannot be read, where it cannot."""
    today = day_of(session.snapshot.now.utc, session.timezone)
    oldest = feed.rows.oldest
    at = feed.read_back_to if feed.read_back_to is not None else None if oldest is None else oldest.first.at
    since = "" if at is None else dated_time(at, today, session.timezone)
    if unreadable:
        return Span(f"older events cannot be read: {unreadable}", "failing")
    if is_reading:
        doing = "searching" if feed.filter_text else "loading"
        return Span(f"{doing} older events{f', at {since}' if since else ''}…")
    if isinstance(session, ReplaySession):
        begin = f"from {since} on" if feed.begins_late else "of this day"
        return Span(f"{begin} up to the time shown, as they were recorded", "dim")
    if feed.begins_late and not feed.has_history:
        why = "history is off" if feed.history is None else "the history is not read"
        return Span(f"from {since} on; older events are no longer in memory, and {why}", "dim")
    if feed.history is None:
        return Span("events since chatmon was started; history is off", "dim")
    if not feed.has_history:
        return Span("events since chatmon was started; the history is not read", "dim")
    if feed.is_at_beginning:
        return Span(f"the history begins here{f': {since}' if since else ''}", "dim")
    if len(feed.rows) >= MAX_ROWS:
        return Span(f"{len(feed.rows)} rows from {since} on; a filter finds older ones, chatmon export prints them all", "dim")
    return Span(f"from {since} on; older ones come when you move on at the top" if since else "older events come at the top", "dim")
