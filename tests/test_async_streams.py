"""A generator read by asyncio: the loop stays free, any number run side by side, cancelling closes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing, suppress

import pytest

from docmind.async_streams import in_thread


def test_its_items_and_its_error_arrive_in_order() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        yield 2
        raise ZeroDivisionError

    async def read() -> None:
        read = []
        with pytest.raises(ZeroDivisionError):
            async for number in in_thread(numbers()):  # type: ignore[arg-type]  # a generator is written as an iterator
                read.append(number)  # noqa: PERF401 - the error is to come after them
        assert read == [1, 2]

    asyncio.run(read())


def test_more_run_side_by_side_than_the_loop_has_threads() -> None:
    together = threading.Barrier(40)

    def waits() -> Iterator[bool]:
        together.wait(timeout=60)
        yield True

    async def read() -> list[bool]:
        async def one() -> bool:
            return [item async for item in in_thread(waits())] == [True]  # type: ignore[arg-type]  # as above

        return await asyncio.gather(*(one() for _ in range(40)))

    assert all(asyncio.run(read()))


@pytest.mark.parametrize("way", ["cancelled", "cancelled twice", "closed", "left"])
def test_however_it_ends_the_generator_is_closed(way: str) -> None:
    begun, closed, goes_on = asyncio.Event(), threading.Event(), threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
                goes_on.wait(0.2)
        finally:
            closed.set()

    async def read() -> None:
        async with aclosing(in_thread(endless())) as items:  # type: ignore[arg-type]  # as above
            async for _ in items:
                begun.set()
                if way in ("closed", "left"):
                    break
            if way == "closed":
                await items.aclose()

    async def main() -> None:
        task = asyncio.create_task(read())
        await begun.wait()
        if way.startswith("cancelled"):
            task.cancel()
            await asyncio.sleep(0)
            if way == "cancelled twice":
                task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert closed.wait(10)
