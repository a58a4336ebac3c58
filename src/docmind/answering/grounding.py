"""Ground: which sentences of the passages an answer may rest on, and whether any is about the question at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from llama_index.core.schema import BaseNode

from docmind.answering.evidence import Evidence, apart, compare, weigh
from docmind.embeddings import Embedder

# A question is about the documents when a sentence of theirs is at least this similar in meaning, or holds this share
# of its words. Both are low on purpose: the gate stops what is plainly elsewhere, later checks do the rest.
_SIMILAR = 0.3
_SHARED_WORDS = 0.5


@dataclass(frozen=True, slots=True)
class Grounding:
    """What an answer may rest on.

    Attributes:
        passages: Best first.
        evidence: Their statements, each compared with the question.
        weights: What each of the question's telling words weighs (together 1).
    """

    passages: tuple[BaseNode, ...]
    evidence: tuple[Evidence, ...]
    weights: Mapping[str, float] = field(default_factory=dict)

    def of(self, passages: Sequence[BaseNode]) -> list[Evidence]:
        """The evidence that stands in some of the passages."""
        wanted = {passage.node_id for passage in passages}
        return [item for item in self.evidence if item.node.node_id in wanted]

    @property
    def about_the_question(self) -> bool:
        """Whether any sentence is near enough to the question to ask a model."""
        return any(item.similarity >= _SIMILAR or item.shared >= _SHARED_WORDS for item in self.evidence)


def widen(grounding: Grounding, question: str, passages: Sequence[BaseNode], embedder: Embedder) -> Grounding:
    """The same with the evidence of further passages; what is there already is not computed again."""
    known = {passage.node_id for passage in grounding.passages}
    further = [passage for passage in passages if passage.node_id not in known]
    if not further:
        return grounding
    evidence = compare(question, apart(further), embedder, grounding.weights)
    return Grounding((*grounding.passages, *further), (*grounding.evidence, *evidence), grounding.weights)


def ground(question: str, passages: Sequence[BaseNode], embedder: Embedder) -> Grounding:
    """Gather the evidence that passages hold for a question."""
    statements = apart(passages)
    weights = weigh(question, statements)
    return Grounding(tuple(passages), tuple(compare(question, statements, embedder, weights)), weights)
