"""Chat ids as they are shown in a list: as short as they can be told apart."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from os.path import commonprefix

MIN_LETTERS = 8


class ShortIds(Mapping[str, str]):
    """The shortest beginning of each id, of at least 8 letters, that no other id has. Each is made when it is asked for."""

    def __init__(self, chat_ids: Iterable[str]) -> None:
        self._ordered = sorted(set(chat_ids))
        self._short: dict[str, str] = {}

    def __getitem__(self, chat_id: str) -> str:
        short = self._short.get(chat_id)
        if short is None:
            short = self._short[chat_id] = self._shortened(chat_id)
        return short

    def __iter__(self) -> Iterator[str]:
        return iter(self._ordered)

    def __len__(self) -> int:
        return len(self._ordered)

    def _shortened(self, chat_id: str) -> str:
        place = bisect_left(self._ordered, chat_id)
        if self._ordered[place : place + 1] != [chat_id]:
            raise KeyError("no such chat")
        beside = (*self._ordered[max(0, place - 1) : place], *self._ordered[place + 1 : place + 2])
        shared = (len(commonprefix([chat_id, other])) for other in beside)  # noqa: RUF071 - ids, not paths
        return chat_id[: max(MIN_LETTERS, *(letters + 1 for letters in shared), 0)]
