"""Work that may never come back, such as reading a file on a share that hangs: in threads that nobody has to wait for.

Python waits at its end for every thread of `concurrent.futures`, and asyncio for those of `to_thread` and of its name lookups.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Final, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

MAX_THREADS: Final = 32


class DetachedExecutor(ThreadPoolExecutor):
    """Runs work in at most so many daemon threads, in the order in which it was submitted.

    It can be the default executor of an event loop, which wants a `ThreadPoolExecutor`.
    """

    def __init__(self, max_workers: int = MAX_THREADS, name: str = "detached") -> None:
        super().__init__(max_workers=max_workers)
        self._most = max_workers
        self._name = name
        self._pending: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._running = 0
        self._unfinished = 0
        self._is_shut_down = False

    def submit(self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Future[Result]:
        """Run a function in a thread. Raises RuntimeError after `shutdown`."""
        future: Future[Result] = Future()
        with self._lock:
            if self._is_shut_down:
                raise RuntimeError("the executor is shut down")
            self._pending.put(lambda: _run(future, fn, *args, **kwargs))
            self._unfinished += 1
            if self._running < min(self._unfinished, self._most):
                self._running += 1
                threading.Thread(target=self._work, name=f"{self._name}-{self._running}", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - the base's signature
        """Take no more work. What was submitted goes on, and nobody waits for it, whatever `wait` says."""
        with self._lock:
            self._is_shut_down = True
            for _ in range(self._running):
                self._pending.put(None)

    def _work(self) -> None:
        while (work := self._pending.get()) is not None:
            work()
            with self._lock:
                self._unfinished -= 1


def _run(future: Future[Result], function: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 - whoever waits for the result gets it
        future.set_exception(error)
    else:
        future.set_result(result)
