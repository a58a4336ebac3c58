"""The queue before an engine is fair, tells positions, and loses no capacity."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from docmind.engines.admission_queue import AdmissionQueue


def test_who_finds_it_free_does_not_wait() -> None:
    with AdmissionQueue(1).admission() as positions:
        assert list(positions) == []


def test_the_queue_is_served_in_order() -> None:
    queue, served = AdmissionQueue(1), list[int]()
    queued = [threading.Event() for _ in range(5)]

    def ask(number: int) -> None:
        with queue.admission() as positions:
            for _ in positions:
                queued[number].set()
            served.append(number)

    with queue.admission() as positions:
        list(positions)
        threads = []
        for number in range(5):
            threads.append(threading.Thread(target=ask, args=(number,)))
            threads[-1].start()
            assert queued[number].wait(10)
    for thread in threads:
        thread.join(10)
    assert served == [0, 1, 2, 3, 4]


def test_positions_move_up_when_somebody_gives_up() -> None:
    queue = AdmissionQueue(1)
    with queue.admission() as first, ExitStack() as second_stack:
        list(first)
        second = second_stack.enter_context(queue.admission())
        assert next(second) == 1
        with queue.admission() as third:
            assert next(third) == 2
            second_stack.close()
            assert next(third) == 1


def test_a_failure_gives_back_what_was_taken() -> None:
    queue = AdmissionQueue(1)
    with pytest.raises(ZeroDivisionError), queue.admission() as positions:
        list(positions)
        raise ZeroDivisionError
    with queue.admission() as positions:
        assert list(positions) == []
