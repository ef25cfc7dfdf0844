"""Chat ids as they are shown in a list: as short as they can be told apart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from os.path import commonprefix

MIN_LETTERS = 8


def short_ids(chat_ids: Iterable[str]) -> dict[str, str]:
    """The shortest beginning of each id, of at least 8 letters, that no other id has."""
    ordered = sorted(set(chat_ids))
    if not ordered:
        return {}
    shared = [len(commonprefix(pair)) for pair in pairwise(ordered)]  # noqa: RUF071 - ids, not paths
    return {
        chat_id: chat_id[: max(MIN_LETTERS, before + 1, after + 1)]
        for chat_id, before, after in zip(ordered, [0, *shared], [*shared, 0], strict=True)
    }
