"""Pages: each page once among the passages that were found, with the neighbours that were found beside its best one.

Chunks are small, so that one of them has one meaning; a person, and a model, read better what stood together. So the
best chunk of a page stands for it, and those found right before and behind it are put back in their places. What
stands elsewhere on that page waits behind all other pages: a second place on a page tells less than another page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llama_index.core.schema import NodeWithScore

from docmind.records import TABLE
from docmind.stores import node_of
from docmind.stores.base import ORDINAL
from docmind.stores.queries import OWNER, Hit


@dataclass(frozen=True, slots=True)
class Passage:
    """What is read as one.

    Attributes:
        best: The chunk that was found for the question; the passage goes by its id.
        score: Its score, clues included.
        chunks: It and its neighbours, in reading order.
    """

    best: Hit
    score: float
    chunks: tuple[Hit, ...]

    def node(self) -> NodeWithScore:
        """The passage as LlamaIndex has it: placed where its first chunk begins, under the id of the best one."""
        first, *rest = (node_of(chunk.payload) for chunk in self.chunks)
        if not rest:
            return NodeWithScore(node=first, score=self.score)
        text = first.get_content()
        for node in rest:
            # The rows of a table that goes on follow the rows above them; their header stands there already.
            text += ("\n" if TABLE in node.metadata else "\n\n") + node.get_content()
        joined = first.model_copy(update={"id_": self.best.id})
        joined.set_content(text)
        return NodeWithScore(node=joined, score=self.score)


def alone(hit: Hit, score: float) -> Passage:
    """A chunk as a passage of its own."""
    return Passage(hit, score, (hit,))


def one_a_page(found: Sequence[tuple[Hit, float]]) -> list[Passage]:
    """The chunks as passages, each page once, as long as there are other pages.

    Args:
        found: Chunks and their scores, the best first.

    Returns:
        The best of each page, with its neighbours; behind them what was found elsewhere on those pages, in its order.
        Chunks of documents without pages are passages of their own.
    """
    by_page: dict[tuple[object, object], list[tuple[Hit, float]]] = {}
    for hit, score in found:
        page = hit.payload.get("page")
        by_page.setdefault((hit.payload.get(OWNER), hit.id if page is None else page), []).append((hit, score))
    first: list[Passage] = []
    read: set[str] = set()
    for (best, score), *others in by_page.values():
        run = _run_around(best, [hit for hit, _ in others])
        first.append(Passage(best, score, run))
        read.update(hit.id for hit in run)
    return first + [alone(hit, score) for hit, score in found if hit.id not in read]


def _run_around(best: Hit, others: Sequence[Hit]) -> tuple[Hit, ...]:
    """The best chunk and those of the others that follow one another up to it and from it, in reading order."""
    by_ordinal = {hit.payload.get(ORDINAL, 0): hit for hit in [*others, best]}
    begin = end = best.payload.get(ORDINAL, 0)
    while begin - 1 in by_ordinal:
        begin -= 1
    while end + 1 in by_ordinal:
        end += 1
    return tuple(by_ordinal[ordinal] for ordinal in range(begin, end + 1))
