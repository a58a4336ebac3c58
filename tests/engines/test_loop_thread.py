"""The loop that engines speak to their servers on: whatever waits there hears of its end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor

import pytest

from docmind.engines.loop_thread import LoopThread
from docmind.errors import EngineError


async def nothing() -> None:
    """Say farewell."""


def test_work_that_runs_while_it_is_closed_ends_in_our_own_error() -> None:
    loop, begun = LoopThread("test"), threading.Event()

    async def endless() -> None:
        begun.set()
        await asyncio.sleep(3600)

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(loop.run, endless())
        assert begun.wait(10)
        loop.close(nothing())
        with pytest.raises(EngineError, match="Ask again"):
            waiting.result(10)


def test_a_stream_that_is_read_while_it_is_closed_ends_in_our_own_error() -> None:
    loop = LoopThread("test")

    async def endless() -> AsyncGenerator[int, None]:
        yield 1
        await asyncio.sleep(3600)

    stream = loop.stream(endless())
    assert next(items for items in stream if items) == [1]
    loop.close()
    with pytest.raises(EngineError, match="closed"):
        list(stream)


def test_after_the_end_nothing_is_begun_and_closing_again_does_no_harm() -> None:
    loop = LoopThread("test")
    assert loop.run(asyncio.sleep(0, "done")) == "done"
    loop.close(nothing())
    loop.close(nothing())
    with pytest.raises(EngineError, match="closed"):
        loop.run(nothing())


def test_closing_a_stream_breaks_its_source_off_at_whatever_it_waits_for() -> None:
    loop, broken_off = LoopThread("test"), threading.Event()

    async def endless() -> AsyncGenerator[int, None]:
        try:
            yield 1
            await asyncio.sleep(3600)
        finally:
            broken_off.set()

    stream = loop.stream(endless())
    next(items for items in stream if items)
    stream.close()
    assert broken_off.wait(10)
    loop.close()
