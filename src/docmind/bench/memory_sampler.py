"""The memory that an engine takes while it works: on the card where it computes on one, otherwise of its processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from docmind.models.hardware import cuda_devices

_MIB = 1 << 20
_ON_A_CARD = 256 * _MIB  # an engine that takes less of it computes elsewhere: a CUDA context alone takes more


@dataclass(frozen=True, slots=True)
class MemorySampler:
    """How memory is measured.

    Attributes:
        of: Whose memory, in words; 'not measured' where nothing can be.
        on_card: Whether it is a graphics card's.
        read: Bytes at this moment; None where nothing can be measured.
        pause: Seconds between two samples, long enough not to disturb what is measured.
    """

    of: str
    on_card: bool
    read: Callable[[], int | None]
    pause: float

    @contextmanager
    def sampling(self) -> Iterator[list[int]]:
        """The bytes that were seen until the block ended, complete when it has; none where nothing can be measured."""
        seen: list[int] = []
        done = threading.Event()

        def sample() -> None:
            if (now := self.read()) is not None:
                seen.append(now)

        def keep_sampling() -> None:
            while not done.wait(self.pause):
                sample()

        sample()
        thread = threading.Thread(target=keep_sampling, name="memory", daemon=True)
        thread.start()
        try:
            yield seen
        finally:
            done.set()
            thread.join()
            sample()


def cards_used() -> tuple[int, ...]:
    """Bytes in use on each CUDA card, by whatever program; none where there is no card."""
    return tuple(card.memory_bytes - card.free_bytes for card in cuda_devices())


def sampler_of(before: tuple[int, ...], *, elsewhere: bool) -> MemorySampler:
    """How to measure the engine that was just opened.

    Args:
        before: What `cards_used` gave before it was opened.
        elsewhere: Whether it computes in a process that is not ours, so that nothing can be said.
    """
    if elsewhere:
        return MemorySampler("not measured: the server's", on_card=False, read=lambda: None, pause=1.0)

    def growth() -> int | None:
        now = cards_used()
        # Of the card that grew most, because a program may see another order of cards than the driver.
        return max(0, *(b - a for a, b in zip(before, now, strict=True))) if now and len(now) == len(before) else None

    if (growth() or 0) >= _ON_A_CARD:
        return MemorySampler("the graphics card's, beyond what was in use before", on_card=True, read=growth, pause=1.0)
    # Listed once: to look for children among all processes each time would cost what is being measured.
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return MemorySampler(
        "resident, of this process and its children", on_card=False, read=lambda: _resident(family), pause=0.2
    )


def _resident(family: list[psutil.Process]) -> int:
    total = 0
    for member in family:
        try:
            total += int(member.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return total
