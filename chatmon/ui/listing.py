"""Which chats the board lists, and in which order: what the user chose, and the list kept up as chats change."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chatmon.api.sanitise import clean
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.filters import parse_filter
from chatmon.monitor.observation import Health
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui.alarm_marks import AlarmsByChat
from chatmon.ui.ordering import SORT_ORDERS, Arrangement, SortOrder
from chatmon.ui.wording import UNNAMED


class Listing:
    """The filter, the order and the list that they make.

    `filter_text` is the filter as it was typed, `shows` whether it lets a chat through. What may stand elsewhere by now is told with
    `touch`, or with `renew` where that may be any chat.
    """

    def __init__(self, order: str | None) -> None:
        """`order` is the id of the one to begin with; the first one where it is none."""
        self.filter_text = ""
        self.shows: Callable[[Chat], bool] = parse_filter("").matches
        self.order: SortOrder = next((one for one in SORT_ORDERS if one.id == order), SORT_ORDERS[0])
        self.reverse = False
        self._touched: set[str] = set()
        self._arrangement: Arrangement | None = None
        self._arranged_at = Moment(0.0, 0.0)

    def set_filter(self, text: str) -> None:
        """Show only the chats that the text means. Raises `InvalidFilter` and then keeps the filter as it was."""
        self.shows = parse_filter(text).matches
        self.filter_text = text.strip()

    def filter_by_agent(self, nickname: str) -> None:
        """Show only the chats in which an agent of exactly this nickname is listed, as the agents screen counts them.

        `filter_text` says it in the filter language as nearly as it can: that has no words for a nickname that is empty or holds quotes.
        """
        self.shows = lambda chat: nickname in chat.agents and chat.health in {Health.OK, Health.FAILING}
        self.filter_text = f'agent:"{clean(nickname).replace(chr(34), "") or UNNAMED}"'

    def next_order(self) -> None:
        """Sort by the next column."""
        self.order = SORT_ORDERS[(SORT_ORDERS.index(self.order) + 1) % len(SORT_ORDERS)]
        self.reverse = False

    def order_by(self, column: str) -> bool:
        """Sort by a column, or the other way round where it already is so; whether it can be sorted by."""
        order = next((one for one in SORT_ORDERS if one.column == column), None)
        if order is None:
            return False
        self.reverse = not self.reverse if order is self.order else False
        self.order = order
        return True

    def touch(self, chat_ids: Iterable[str]) -> None:
        """These chats may stand elsewhere than they did."""
        self._touched.update(chat_ids)

    def renew(self) -> None:
        """Any chat may stand elsewhere than it did."""
        self._arrangement = None
        self._touched.clear()

    def chat_ids(self, snapshot: Snapshot, alarms: AlarmsByChat) -> list[str]:
        """The chats that the filter shows, in order."""
        arrangement = self._arrangement
        if (
            arrangement is None
            or (arrangement.order, arrangement.shows) != (self.order, self.shows)
            or len(self._touched) > len(snapshot.chats)
            or self._has_drifted(snapshot.now)
        ):
            arrangement = self._arrangement = Arrangement(self.order, self.shows)
            arrangement.arrange(snapshot.chats.values(), snapshot.now, alarms)
            self._arranged_at = snapshot.now
        else:
            arrangement.change(self._touched, snapshot.chats, snapshot.now, alarms)
        self._touched.clear()
        return arrangement.chat_ids(reverse=self.reverse)

    def _has_drifted(self, now: Moment) -> bool:
        """Whether chats that did not change may stand elsewhere by now: seen by the second, as clocks are."""
        return self.order.drifts and int(self._arranged_at.monotonic) != int(now.monotonic)
