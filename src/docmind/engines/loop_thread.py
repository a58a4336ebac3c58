"""An event loop in a thread of its own, which any thread may use: for libraries and servers that speak asyncio.

An event loop, because only there a request that waits for its first token can be broken off at once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from concurrent.futures import CancelledError, Future
from contextlib import aclosing
from typing import Any, TypeVar

from docmind.engines.arrivals import CLOSED, Arrivals
from docmind.errors import EngineError

Result = TypeVar("Result")


class LoopThread:
    """Runs coroutines and reads asynchronous generators; safe from any thread but its own.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()
        self._lock = threading.Lock()
        self._closed = False
        self._streams: set[Arrivals[Any]] = set()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine and wait for its result.

        Raises:
            EngineError: the thread was closed, before or meanwhile.
        """
        with self._lock:
            if self._closed:
                work.close()
                raise EngineError(CLOSED)
            future = self._begin(work)
        try:
            return future.result()
        except CancelledError:
            raise EngineError(CLOSED) from None

    def stream(self, source: AsyncGenerator[Result, None]) -> Generator[list[Result], None, None]:
        """What a source yields: all that has arrived, and an empty list every quarter of a second without anything.

        Closing this generator breaks the source off at whatever it waits for.

        Raises:
            EngineError: the thread was closed. What the source raises is raised here, too.
        """
        arrivals = Arrivals[Result]()
        with self._lock:
            if self._closed:
                raise EngineError(CLOSED)
            self._streams.add(arrivals)
            future = self._begin(_read(source, arrivals))
        try:
            yield from arrivals
        finally:
            future.cancel()
            with self._lock:
                self._streams.discard(arrivals)

    def close(self, farewell: Coroutine[Any, Any, None] | None = None) -> None:
        """Break off whatever runs, do a last thing, and end the thread. Closing twice does no harm."""
        with self._lock:
            if self._closed:
                if farewell is not None:
                    farewell.close()
                return
            self._closed = True
            for arrivals in self._streams:
                arrivals.end(EngineError(CLOSED))
        self._begin(_cancel_others_then(farewell)).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _begin(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


async def _read(source: AsyncGenerator[Result, None], arrivals: Arrivals[Result]) -> None:
    try:
        async with aclosing(source):
            async for item in source:
                arrivals.deliver(item)
    except Exception as error:  # noqa: BLE001 - were it lost here, the reader would wait for ever; it is raised there
        arrivals.end(error)
    else:
        arrivals.end()


async def _cancel_others_then(farewell: Coroutine[Any, Any, None] | None) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    if farewell is not None:
        await farewell
