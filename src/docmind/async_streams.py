"""Generators for asyncio: what one yields, computed in a thread, so that the event loop stays free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

Item = TypeVar("Item")

_END = object()


async def in_thread(
    generator: Generator[Item, None, Any], stop: Callable[[], object] = lambda: None
) -> AsyncGenerator[Item, None]:
    """What a generator yields and raises; each step runs in a thread of its own, so that any number run side by side.

    Closing it, or cancelling the task that waits for its next item, closes the generator, and waits until the step
    that is being computed has ended; `stop` is called first, for a generator whose steps can be told to end early.
    """
    thread = ThreadPoolExecutor(1, thread_name_prefix="stream")
    try:
        while (item := await asyncio.wrap_future(thread.submit(next, generator, _END))) is not _END:
            yield cast(Item, item)
    finally:
        stop()
        closed = thread.submit(generator.close)  # the same thread, after the step that may still be computed
        thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(closed))  # a second cancellation does not undo it
