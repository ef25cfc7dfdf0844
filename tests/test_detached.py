"""Work that never comes back: nobody waits for it, and other work goes on."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from chatmon.detached import DetachedExecutor

HANGS = """
import asyncio, threading
from chatmon.detached import DetachedExecutor

async def main():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(DetachedExecutor())
    loop.run_in_executor(None, threading.Event().wait)
    assert await asyncio.to_thread(lambda: 7) == 7

asyncio.run(main())
"""


def test_a_process_ends_though_its_work_never_does() -> None:
    subprocess.run([sys.executable, "-c", HANGS], check=True, timeout=60)


def test_results_and_errors_come_back() -> None:
    executor = DetachedExecutor()

    assert executor.submit(divmod, 7, 2).result(60) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        executor.submit(divmod, 7, 0).result(60)


def test_one_thread_works_in_order_and_to_the_end_of_what_was_submitted() -> None:
    executor, begin, order = DetachedExecutor(1), threading.Event(), list[int]()
    executor.submit(begin.wait)
    futures = [executor.submit(order.append, number) for number in range(50)]
    executor.shutdown(wait=True)
    assert order == []
    begin.set()
    for future in futures:
        future.result(60)

    assert order == list(range(50))
    with pytest.raises(RuntimeError):
        executor.submit(order.append, 50)


def test_there_are_never_more_threads_than_may_be() -> None:
    executor, release = DetachedExecutor(3, "few"), threading.Event()
    futures = [executor.submit(release.wait) for _ in range(20)]

    assert sum(thread.name.startswith("few-") for thread in threading.enumerate()) == 3
    release.set()
    assert all(future.result(60) for future in futures)


async def test_it_serves_an_event_loop() -> None:
    assert await asyncio.get_running_loop().run_in_executor(DetachedExecutor(1), sum, (1, 2)) == 3
