"""What one question's results are worth: where among them the evidence stands, and the measures made of that.

Results are counted in places: different pages, or passages where a document has no pages. Several passages of a page
are one place, at the rank of the first of them. Measures lie between 0 and 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llama_index.core.schema import BaseNode

from docmind.bench.retrieval.questions import RetrievalQuestion

DEPTHS = (1, 5, 10)
RANKING_DEPTH = 10
DOCUMENT_DEPTHS = (1, 5)


@dataclass(frozen=True, slots=True)
class Ranks:
    """Where the evidence of a question stands among its results, ranks from 1.

    Attributes:
        evidence: Ranks of the places that hold a piece of the evidence which none before them held.
        pieces: Pieces of evidence that there are to find.
        document: Rank of the first place in the right document; None where none is.
    """

    evidence: tuple[int, ...]
    pieces: int
    document: int | None

    @property
    def first(self) -> int | None:
        """Rank of the first piece of evidence; None where none was found."""
        return min(self.evidence, default=None)


def ranks_of(asked: RetrievalQuestion, document_id: str, passages: Sequence[BaseNode]) -> Ranks:
    """Look for a question's evidence among the passages that a search found, best first.

    Pages that are known are all looked for. Of an answer the first place that has it counts, and no other: passages
    that say the same again are no further evidence.

    Args:
        asked: The question.
        document_id: The document that answers it.
        passages: What was found.
    """
    places: dict[tuple[str | None, int | str], list[BaseNode]] = {}
    for node in passages:
        page = node.metadata.get("page")
        places.setdefault((node.ref_doc_id, node.node_id if page is None else page), []).append(node)
    right = [
        (rank, where, nodes)
        for rank, ((owner, where), nodes) in enumerate(places.items(), start=1)
        if owner == document_id
    ]
    if asked.pages:
        evidence = tuple(rank for rank, where, _ in right if where in asked.pages)
    else:
        evidence = tuple(
            rank for rank, _, nodes in right if any(holds(node.get_content(), asked.answers) for node in nodes)
        )[:1]
    return Ranks(evidence, asked.pieces, right[0][0] if right else None)


def measures(ranks: Ranks) -> Mapping[str, float]:
    """All measures of a question, by name; the same names in the same order for every question."""
    return {
        **{f"hit@{depth}": float(recall(ranks, depth) > 0) for depth in DEPTHS},
        **{f"recall@{depth}": recall(ranks, depth) for depth in DEPTHS},
        f"MRR@{RANKING_DEPTH}": reciprocal_rank(ranks, RANKING_DEPTH),
        f"nDCG@{RANKING_DEPTH}": gain(ranks, RANKING_DEPTH),
        **{f"document@{depth}": float((ranks.document or math.inf) <= depth) for depth in DOCUMENT_DEPTHS},
    }


def recall(ranks: Ranks, depth: int) -> float:
    """Share of the pieces of evidence that are among the first places.

    C. D. Manning, P. Raghavan and H. Schütze, 'Introduction to Information Retrieval' (2008), sections 8.3 and 8.4.
    """
    return sum(rank <= depth for rank in ranks.evidence) / ranks.pieces


def reciprocal_rank(ranks: Ranks, depth: int) -> float:
    """One over the rank of the first piece of evidence, 0 where it is not among the first places.

    E. M. Voorhees, 'The TREC-8 question answering track report' (1999); its mean over questions is MRR.
    """
    return 1 / ranks.first if ranks.first is not None and ranks.first <= depth else 0.0


def gain(ranks: Ranks, depth: int) -> float:
    """The discounted cumulative gain over the best that there can be (nDCG), each piece of evidence worth 1.

    A piece at rank r gains 1 / log2(r + 1). K. Järvelin and J. Kekäläinen, 'Cumulated gain-based evaluation of IR
    techniques', ACM Transactions on Information Systems 20 (2002), with the discount that has become usual since.
    """
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(ranks.pieces, depth) + 1))
    return sum(1 / math.log2(rank + 1) for rank in ranks.evidence if rank <= depth) / best


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether a text has one of the answers in it, whatever its case and white space, and not inside a word or number.

    Scripts whose letters have no case, many of which set no spaces between words, are looked at letter by letter.
    """
    held = _folded(text)
    return any(_stands_in(_folded(answer), held) for answer in answers)


def _stands_in(wanted: str, held: str) -> bool:
    begin = held.find(wanted)
    while begin >= 0:
        end = begin + len(wanted)
        if not (_one_word(held[begin - 1 : begin], wanted[0]) or _one_word(wanted[-1], held[end : end + 1])):
            return True
        begin = held.find(wanted, begin + 1)
    return False


def _one_word(left: str, right: str) -> bool:
    """Whether two characters that stand beside each other belong to one word or number."""
    return all(character.isdecimal() or character.lower() != character.upper() for character in (left, right))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
