"""The queue before an engine is fair, tells places, and loses no seat."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from docmind.engines.admission_queue import AdmissionQueue


def test_who_finds_a_free_seat_does_not_wait() -> None:
    with AdmissionQueue(1).turn() as places:
        assert list(places) == []


def test_the_line_is_served_in_order() -> None:
    seats, served = AdmissionQueue(1), list[int]()
    queued = [threading.Event() for _ in range(5)]

    def ask(number: int) -> None:
        with seats.turn() as places:
            for _ in places:
                queued[number].set()
            served.append(number)

    with seats.turn() as places:
        list(places)
        threads = []
        for number in range(5):
            threads.append(threading.Thread(target=ask, args=(number,)))
            threads[-1].start()
            assert queued[number].wait(10)
    for thread in threads:
        thread.join(10)
    assert served == [0, 1, 2, 3, 4]


def test_places_move_up_when_somebody_gives_up() -> None:
    seats = AdmissionQueue(1)
    with seats.turn() as first, ExitStack() as second_stack:
        list(first)
        second = second_stack.enter_context(seats.turn())
        assert next(second) == 1
        with seats.turn() as third:
            assert next(third) == 2
            second_stack.close()
            assert next(third) == 1


def test_a_failure_gives_the_seat_back() -> None:
    seats = AdmissionQueue(1)
    with pytest.raises(ZeroDivisionError), seats.turn() as places:
        list(places)
        raise ZeroDivisionError
    with seats.turn() as places:
        assert list(places) == []
