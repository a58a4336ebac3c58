"""What one thread computes, on its way to the thread that reads it."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Generic, TypeVar

CLOSED = "The model was closed or changed. Ask again."  # what everyone is told who waits then, or comes
TICK = 0.25  # seconds between two signs of life to somebody who waits

Event = TypeVar("Event")


class Arrivals(Generic[Event]):
    """A queue that ends. `deliver` and `end` are for any thread, reading is for one."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Event | _End] = queue.SimpleQueue()

    def deliver(self, event: Event) -> None:
        """Hand the reader one more."""
        self._events.put(event)

    def end(self, error: Exception | None = None) -> None:
        """Tell the reader that nothing follows, and why, where it is a failure; the first end counts."""
        self._events.put(_End(error))

    def __iter__(self) -> Iterator[list[Event]]:
        """All that has arrived, step by step; an empty list every quarter of a second without anything.

        Raises:
            Exception: what it ended with.
        """
        while True:
            arrived: list[Event] = []
            try:
                # All that is here: a reader that fell behind catches up in a single step.
                event = self._events.get(timeout=TICK)
                while not isinstance(event, _End):
                    arrived.append(event)
                    event = self._events.get_nowait()
            except queue.Empty:
                yield arrived
                continue
            if arrived:
                yield arrived
            if event.error is not None:
                raise event.error
            return


class _End:
    def __init__(self, error: Exception | None) -> None:
        self.error = error
