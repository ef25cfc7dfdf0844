"""What hangs is ended in time; what a busy machine merely keeps waiting is not."""

from __future__ import annotations

import queue
import signal
import threading
from concurrent.futures import Future

import pytest

from chatmon import last_resort
from chatmon.last_resort import LastResort
from chatmon.starvation import MAX_STARVED_SECONDS, result_within, starved_seconds

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_resort, "ENDING_SECONDS", 0.05)


@pytest.fixture
def codes() -> queue.Queue[int]:
    """The codes with which the process would have ended."""
    return queue.Queue()


def test_what_hangs_is_ended_with_the_first_code_after_its_last_words(codes: queue.Queue[int]) -> None:
    spoken = threading.Event()
    armed = LastResort(lambda: 0.0, codes.put)
    armed.last_words = spoken.set
    armed.arm(143)
    armed.arm(1)

    assert codes.get(timeout=PATIENCE) == 143
    assert spoken.is_set()


def test_last_words_that_hang_keep_nobody(codes: queue.Queue[int]) -> None:
    never = threading.Event()
    armed = LastResort(lambda: 0.0, codes.put)
    armed.last_words = lambda: (never.wait() and None) or None
    armed.arm(130)

    assert codes.get(timeout=PATIENCE) == 130
    never.set()


def test_an_orderly_end_is_left_alone(codes: queue.Queue[int]) -> None:
    armed = LastResort(lambda: 0.0, codes.put)
    armed.arm(0)
    armed.disarm()

    with pytest.raises(queue.Empty):
        codes.get(timeout=0.2)


def test_the_time_for_which_a_busy_machine_keeps_it_waiting_does_not_count(codes: queue.Queue[int]) -> None:
    asked = threading.Semaphore(0)
    starved = [0.0]

    def starved_seconds() -> float:
        asked.release()
        return starved[0]

    armed = LastResort(starved_seconds, codes.put)
    armed.arm(0)
    asked.acquire(timeout=PATIENCE)
    starved[0] = MAX_STARVED_SECONDS * 2
    asked.acquire(timeout=PATIENCE)

    assert codes.empty()
    armed.disarm()


def test_a_server_that_is_asked_to_end_ends_well(codes: queue.Queue[int]) -> None:
    armed = LastResort(lambda: 0.0, codes.put)
    armed.succeeds_at_sigterm = True
    armed.arm(128 + signal.SIGTERM)

    assert codes.get(timeout=PATIENCE) == 0


def test_how_long_this_process_was_kept_waiting_is_told() -> None:
    assert starved_seconds() >= 0.0


async def test_what_another_thread_does_in_time_is_waited_for_and_what_hangs_is_not() -> None:
    done: Future[str] = Future()
    done.set_result("written")
    hanging: Future[str] = Future()

    assert await result_within(0.01, done) == "written"
    with pytest.raises(TimeoutError):
        await result_within(0.01, hanging)
    hanging.set_exception(OSError())
