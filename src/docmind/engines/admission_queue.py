"""Waiting, before an engine and for it: a fair line in which everyone is told their place, and signs of life."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from docmind.errors import EngineError

_TICK = 0.25  # seconds between two signs of life to somebody who waits

Event = TypeVar("Event")


def arriving(events: queue.SimpleQueue[Event | EngineError | None], nothing: Event) -> Iterator[Event]:
    """What another thread delivers, until it delivers None; `nothing` every quarter of a second without anything.

    Raises:
        EngineError: what was delivered instead of an end.
    """
    while True:
        try:
            event = events.get(timeout=_TICK)
        except queue.Empty:
            yield nothing
            continue
        if event is None:
            return
        if isinstance(event, EngineError):
            raise event
        yield event


class AdmissionQueue:
    """So many answers are written at once; the others wait in the order in which they came.

    Args:
        seats: Answers that the engine writes at the same time.
    """

    def __init__(self, seats: int) -> None:
        self._seats = self._free = seats
        self._line: deque[object] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def close(self) -> bool:
        """Send away who waits, and who comes. Returns whether it was open until now."""
        with self._changed:
            was_open, self._closed = not self._closed, True
            self._changed.notify_all()
        return was_open

    @property
    def empty(self) -> bool:
        """Whether nobody has a seat, and nobody waits for one."""
        with self._changed:
            return self._free == self._seats and not self._line

    @contextmanager
    def turn(self) -> Iterator[Iterator[int]]:
        """Queue up. Yields the places, 1 for the next, for as long as one waits; then the seat is taken.

        Leaving the context gives up the seat, or the place in the line.

        Raises:
            EngineError: the line was closed, told by the places.
        """
        ticket = object()
        with self._changed:
            self._line.append(ticket)
        try:
            yield self._places(ticket)
        finally:
            with self._changed:
                if ticket in self._line:
                    self._line.remove(ticket)
                else:
                    self._free += 1
                self._changed.notify_all()

    def _places(self, ticket: object) -> Iterator[int]:
        while True:
            with self._changed:
                if self._closed:
                    raise EngineError("The model was closed or changed. Ask again.")
                place = self._line.index(ticket) + 1
                if place <= self._free:
                    self._line.remove(ticket)
                    self._free -= 1
                    return
            yield place
            with self._changed:
                if not self._closed and self._line.index(ticket) + 1 > self._free:
                    self._changed.wait(_TICK)
