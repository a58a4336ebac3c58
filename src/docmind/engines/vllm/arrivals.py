"""Pieces of an answer on their way from the thread that computes to the thread that reads."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docmind.engines.base import Piece
from docmind.errors import EngineError

_TICK = 0.25  # seconds between two signs of life


@dataclass(slots=True, eq=False)
class Arrivals:
    """One answer on its way. `deliver` belongs to the thread that computes, `pieces` to the one that reads.

    Attributes:
        task: What computes it: a concurrent.futures.Future, which cannot be named with its parameter at run time.
        ended: Whether the end or a failure has been delivered.
    """

    task: Any = None
    ended: bool = False
    _events: queue.SimpleQueue[Piece | EngineError | None] = field(default_factory=queue.SimpleQueue)

    def pieces(self) -> Iterator[Piece]:
        """What arrives; an empty piece every quarter of a second without anything."""
        while True:
            try:
                event = self._events.get(timeout=_TICK)
            except queue.Empty:
                yield Piece()
                continue
            texts, tokens = [], 0
            # All that is here at once: a reader that fell behind catches up in a single step.
            while isinstance(event, Piece):
                texts.append(event.text)
                tokens += event.tokens
                if self._events.empty():
                    break
                event = self._events.get()
            if tokens:
                yield Piece("".join(texts), tokens)
            if event is None:
                return
            if isinstance(event, EngineError):
                raise event

    def deliver(self, event: Piece | EngineError | None) -> None:
        """Hand the reader tokens, a failure or the end; nothing follows a failure or the end."""
        if not self.ended:
            self.ended = not isinstance(event, Piece)
            self._events.put(event)
