"""Waiting for a limited resource: a fair queue in which everyone is told their position, and signs of life."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from docmind.engines.arrivals import CLOSED, TICK
from docmind.errors import EngineError


class AdmissionQueue:
    """So much is in use at once: answers of an engine, tokens of a window. The others wait in the order they came.

    Args:
        capacity: How much there is.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = self._free = capacity
        self._waiting: dict[object, int] = {}  # what each ticket wants, in the order they came
        self._changed = threading.Condition()
        self._closed = False

    def close(self) -> bool:
        """Send away who waits, and who comes. Returns whether it was open until now."""
        with self._changed:
            was_open, self._closed = not self._closed, True
            self._changed.notify_all()
        return was_open

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    @property
    def empty(self) -> bool:
        """Whether nobody was admitted, and nobody waits to be."""
        with self._changed:
            return self._free == self._capacity and not self._waiting

    @contextmanager
    def admission(self, amount: int = 1) -> Iterator[Iterator[int]]:
        """Queue up. Yields the positions, 1 for the next, for as long as one waits; then one is admitted.

        Leaving the context gives back the amount, or the position.

        Args:
            amount: How much is wanted, at most the capacity.

        Raises:
            EngineError: the queue was closed, told by the positions.
        """
        ticket = object()
        with self._changed:
            self._waiting[ticket] = amount
        try:
            yield self._positions(ticket)
        finally:
            with self._changed:
                if self._waiting.pop(ticket, None) is None:
                    self._free += amount
                self._changed.notify_all()

    def _positions(self, ticket: object) -> Iterator[int]:
        while True:
            with self._changed:
                if self._admitted(ticket):
                    return
                position = [*self._waiting].index(ticket) + 1
            yield position
            with self._changed:
                if self._admitted(ticket):
                    return
                self._changed.wait(TICK)

    def _admitted(self, ticket: object) -> bool:
        """Whether there is enough for this one and all before it, which is then taken."""
        if self._closed:
            raise EngineError(CLOSED)
        wanted = 0
        for other, amount in self._waiting.items():
            wanted += amount
            if other is ticket:
                break
        if wanted > self._free:
            return False
        self._free -= self._waiting.pop(ticket)
        self._changed.notify_all()
        return True
