"""Reranking: the best of the passages that a search found, put in a better order within a time that people wait.

A cross-encoder reads each passage together with the question, which tells more than two vectors that never met, and
takes a thousand times as long. So it reads the best candidates first, a few at a time, until its time is over. What it
says only nudges what the search said: alone it was seen to prefer prose that repeats the question to the table that
answers it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llama_index.core.schema import MetadataMode

from docmind.errors import DocMindError
from docmind.reranking import Reranker
from docmind.stores import node_of
from docmind.stores.queries import Hit

CANDIDATES = 30
"""Passages of a search that are put in order; those after them stay where they are."""

# Of what the reranker says, beside the search. More helped encyclopaedia articles and hurt company filings, see
# docs/benchmarks/reranking.md.
_WEIGHT = 0.1
_NEAREST = 1e-12  # to 0 and 1 that a score is taken for
_AT_A_TIME = 4  # passages


@dataclass(frozen=True, slots=True)
class Reranking:
    """What was done to the order of the passages of a question.

    Attributes:
        model: Name of the reranker.
        scored: How many passages it has read.
        candidates: Of how many.
        seconds: How long that took.
        trouble: Why it read no more, where it failed; '' where it did not.
    """

    model: str
    scored: int
    candidates: int
    seconds: float
    trouble: str = ""

    @property
    def words(self) -> str:
        """What people should know of it; '' where all went as it should."""
        if self.trouble:
            return f"Not reranked: {self.trouble}"
        if self.scored < self.candidates:
            return f"Reranked {self.scored} of {self.candidates} passages in the time it has."
        return ""


def rerank(
    question: str,
    found: Sequence[tuple[Hit, float]],
    reranker: Reranker,
    seconds: float,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[list[tuple[Hit, float]], Reranking]:
    """Put the first candidates in a better order; none is lost, and none is added.

    Passages that were not read in time follow those that were, in the order in which they were found. Where the
    reranker fails, all stay as they were found.

    Args:
        question: What is asked.
        found: What was found and its scores, best first.
        reranker: What reads them.
        seconds: How long that may take. The first few are read in any case, and no more are begun that would, at the
            speed so far, take longer.
        clock: Seconds that go on.
    """
    candidates = found[:CANDIDATES]
    begun = clock()
    said: list[float] = []
    try:
        while len(said) < len(candidates) and _in_time(len(said), clock() - begun, seconds):
            batch = candidates[len(said) : len(said) + _AT_A_TIME]
            said += reranker.score(question, [_read(hit) for hit, _ in batch])
    except DocMindError as error:
        took = round(clock() - begun, 4)
        return list(found), Reranking(reranker.name, 0, len(candidates), took, str(error))
    scores = _blended([score for _, score in candidates[: len(said)]], said)
    blended = [(hit, score) for (hit, _), score in zip(candidates, scores, strict=False)]
    ordered = sorted(blended, key=lambda scored: -scored[1])  # of equal ones the one that was found first
    took = round(clock() - begun, 4)
    return [*ordered, *found[len(said) :]], Reranking(reranker.name, len(said), len(candidates), took)


def _read(hit: Hit) -> str:
    """A passage as it was embedded: what stands above it tells which company, section and table its figures are of."""
    return node_of(hit.payload).get_content(MetadataMode.EMBED)


def _blended(found: Sequence[float], said: Sequence[float]) -> list[float]:
    """The scores of the search, moved a little towards what the reranker said of the same passages.

    What it said is laid upon the range of the scores of the search, best upon best and worst upon worst, since
    models are sure of themselves by very different measures. So none of these falls behind a passage that was not read.
    """
    if not found:
        return []
    inner = [min(max(score, _NEAREST), 1 - _NEAREST) for score in said]
    raw = [math.log(score / (1 - score)) for score in inner]  # before they were made shares
    low, least = min(found), min(raw)
    if max(raw) == least:
        return list(found)
    stretch = (max(found) - low) / (max(raw) - least)
    return [
        (1 - _WEIGHT) * score + _WEIGHT * (low + stretch * (number - least))
        for score, number in zip(found, raw, strict=True)
    ]


def _in_time(done: int, elapsed: float, seconds: float) -> bool:
    """Whether the next passages would be read before the time is over, at the speed so far."""
    return not done or elapsed * (done + _AT_A_TIME) / done <= seconds


def together(all_of: Sequence[Reranking]) -> Reranking | None:
    """What was done for several searches of one question, as one; None where there was no reranker."""
    if not all_of:
        return None
    return Reranking(
        all_of[0].model,
        sum(each.scored for each in all_of),
        sum(each.candidates for each in all_of),
        round(sum(each.seconds for each in all_of), 4),
        next((each.trouble for each in all_of if each.trouble), ""),
    )
