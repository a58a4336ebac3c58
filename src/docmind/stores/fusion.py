"""Fusion: one ranking out of a search by meaning and a search by words, on their scores and not on their ranks.

    score = alpha * cosine + (1 - alpha) * words / (the most that words can be for the question)

The most that BM25 can be is the sum of the rarities (idf) of the question's words, times the highest weight that a word
comes near to in a passage. Learned words have no such bound. In its place stands what a passage scores that weighs the
question's words as the question does, which is the sum of their squares; whatever scores more counts as much as that.

So both parts lie between 0 and 1 whatever the question is, a passage without any of its words loses no more than the
words are worth, and prose and tables are ranked by the same formula. Ranks forget all that: the first of fifty bad
matches counts as much as the first of fifty good ones.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from docmind.stores import bm25
from docmind.stores.queries import Hit, Ids, Query, Search

if TYPE_CHECKING:
    from docmind.stores.base import VectorStore


def fuse(store: VectorStore, query: Query, learned: bm25.LearnedWords | None = None) -> list[Hit]:
    """What either search finds, scored by both; the best first, and of equal ones the lowest id.

    Args:
        store: What is searched.
        query: What is asked, by meaning and by words.
        learned: The question's learned words; None has BM25 weigh them.
    """
    assert query.vector is not None and query.words is not None  # noqa: S101 - what a fused query has
    words = bm25.of_query(query.words) if learned is None else learned
    both = (query.vector, words)
    meanings, sayings = store.scores([Search(by, query.candidates, query.scope) for by in both])
    # Each search has given only its own best, so what one of them left out is scored by it now.
    unmeant, unsaid = sayings.keys() - meanings.keys(), meanings.keys() - sayings.keys()
    if unmeant or unsaid:
        meant, said = store.scores([_among(query.vector, unmeant), _among(words, unsaid)])
        meanings |= meant
        sayings |= said
    highest = _highest(store, words) or 1.0
    scores = {
        node_id: query.alpha * meaning + (1 - query.alpha) * min(1.0, sayings.get(node_id, 0.0) / highest)
        for node_id, meaning in meanings.items()
    }
    best = sorted(scores, key=lambda node_id: (-scores[node_id], node_id))[: query.limit]
    # Payloads are most of a search's time, so only those of the results are read.
    payloads = store.payloads(best) if best else {}
    return [Hit(node_id, scores[node_id], payloads[node_id]) for node_id in best if node_id in payloads]


def _highest(store: VectorStore, words: bm25.Words) -> float:
    """What words score at most, or of learned ones, where they are all there; 0 where there are none."""
    if isinstance(words, bm25.LearnedWords):
        return sum(weight * weight for weight in words.weights)
    return bm25.HIGHEST_WEIGHT * sum(store.rarities(words.indices))


def _among(by: list[float] | bm25.Words, ids: Set[str]) -> Search:
    return Search(by, max(1, len(ids)), Ids(tuple(ids)))
