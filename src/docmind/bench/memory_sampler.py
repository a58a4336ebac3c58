"""The memory that an engine takes while it works: on the card where it computes on one, otherwise of its processes."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

_MIB = 1 << 20
_ON_A_CARD = 256 * _MIB  # an engine that takes less of it computes elsewhere: a CUDA context alone takes more
_DRIVER_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Gauge:
    """How memory is measured.

    Attributes:
        of: Whose memory, in words; 'not measured' where nothing can be.
        on_card: Whether it is a graphics card's.
        read: Bytes at this moment; None where nothing can be measured.
        pause: Seconds between two looks, long enough not to disturb what is measured.
    """

    of: str
    on_card: bool
    read: Callable[[], int | None]
    pause: float


@dataclass(slots=True)
class Peak:
    """The most that was seen, in bytes; None for nothing."""

    bytes: int | None = None

    def see(self, now: int | None) -> None:
        """Another look."""
        if now is not None:
            self.bytes = max(self.bytes or 0, now)


def cards_used() -> tuple[int, ...]:
    """Bytes in use on each CUDA card, by whatever program; none where there is no card."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    query = [program, "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, timeout=_DRIVER_SECONDS, check=True).stdout
        return tuple(int(line) * _MIB for line in told.splitlines())
    except (OSError, subprocess.SubprocessError, ValueError):  # no driver, or a card that does not tell
        return ()


def gauge_of(before: tuple[int, ...], *, elsewhere: bool) -> Gauge:
    """How to measure the engine that was just opened.

    Args:
        before: What `cards_used` gave before it was opened.
        elsewhere: Whether it computes in a process that is not ours, so that nothing can be said.
    """
    if elsewhere:
        return Gauge("not measured: the server's", on_card=False, read=lambda: None, pause=1.0)

    def growth() -> int | None:
        now = cards_used()
        # Of the card that grew most, because a program may see another order of cards than the driver.
        return max(0, *(b - a for a, b in zip(before, now, strict=True))) if now and len(now) == len(before) else None

    if (growth() or 0) >= _ON_A_CARD:
        return Gauge("the graphics card's, beyond what was in use before", on_card=True, read=growth, pause=1.0)
    # Listed once: to look for children among all processes each time would cost what is being measured.
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return Gauge("resident, of this process and its children", on_card=False, read=lambda: _resident(family), pause=0.2)


@contextmanager
def watched(gauge: Gauge) -> Iterator[Peak]:
    """The peak while the block runs."""
    peak, done = Peak(gauge.read()), threading.Event()

    def look() -> None:
        while not done.wait(gauge.pause):
            peak.see(gauge.read())

    thread = threading.Thread(target=look, name="memory", daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
        peak.see(gauge.read())


def _resident(family: list[psutil.Process]) -> int:
    total = 0
    for member in family:
        try:
            total += int(member.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return total
