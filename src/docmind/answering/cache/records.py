"""The plain values that go in and out of the cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Within what an answer holds.

    Attributes:
        documents: Which documents were asked, as the caller names them.
        state: A digest of those documents' versions at that moment.
        circumstances: A digest of everything else that decides how the answer turns out.
    """

    documents: str
    state: str
    circumstances: str

    @property
    def key(self) -> str:
        """One string for all of it."""
        return f"{self.state} {self.circumstances}"


@dataclass(frozen=True, slots=True)
class Embedding:
    """What the cache needs of an embedding model.

    Attributes:
        name: Identifies it; vectors of another one are of no use.
        dimensions: Length of its vectors.
        embed: The vector of a text.
        count_tokens: Tokens of each of many texts; a word that falls into many is one that nobody knows.
    """

    name: str
    dimensions: int
    embed: Callable[[str], Sequence[float]]
    count_tokens: Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """What the cache holds and has been good for since it was last cleared.

    Attributes:
        entries: Answers that are kept.
        hits: Questions answered from it.
        misses: Questions that were not in it.
        seconds_saved: What answering those anew would have taken, less what looking took.
        size_bytes: Room that it takes on disk.
        problem: Why it cannot be used; '' where it can.
    """

    entries: int = 0
    hits: int = 0
    misses: int = 0
    seconds_saved: float = 0.0
    size_bytes: int = 0
    problem: str = ""
