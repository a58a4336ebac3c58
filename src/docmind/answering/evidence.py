"""Evidence: the sentences of the retrieved passages, each with its meaning and how near it is to the question.

It is gathered once a question and serves four steps: the gate, the preview, the prompt of small models and the check of
answers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from llama_index.core.schema import BaseNode

from docmind.embeddings import Embedder
from docmind.records import SECTION_SEPARATOR
from docmind.sentences import content_terms, split_sentences

Vector = npt.NDArray[np.float32]

# A sentence with fewer telling words is a label or a fragment; it may support an answer but never is one.
_TELLING_WORDS = 3
# A line without an end may be a heading or a row: as a preview, a sentence that is nearly as near tells more.
_UNFINISHED = 0.2
_END = re.compile(r"[.!…。\uff01]\W*$")
_ASKS = re.compile(r"[?\uff1f]\W*$")
# Shared words break ties between similar meanings: the sentence that names the thing asked for comes first.
_WORDS_WEIGHT = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A sentence that an answer may rest on.

    Attributes:
        text: The sentence, as it stands in the passage.
        node: The passage.
        terms: Its telling words.
        context: The telling words of the document's title and of the section path.
        vector: Its meaning, of unit length.
        similarity: Cosine similarity (-1 to 1) to the question.
        shared: Share of the question's telling words that it holds (0 to 1).
    """

    text: str
    node: BaseNode
    terms: frozenset[str]
    context: frozenset[str]
    vector: Vector
    similarity: float
    shared: float

    @property
    def relevance(self) -> float:
        """How near it is to the question; comparable within one question only."""
        fragment = len(self.terms) < _TELLING_WORDS
        return self.similarity + _WORDS_WEIGHT * self.shared - (1.0 if fragment else 0.0)


def gather(question: str, passages: Sequence[BaseNode], embedder: Embedder) -> list[Evidence]:
    """The sentences of the passages, in reading order; headings that stand in the section path are left out."""
    found = [(text, node) for node in passages for text in split_sentences(node.get_content()) if _is_text(text, node)]
    if not found:
        return []
    *vectors, asked = embed([*(text for text, _ in found), question], embedder)
    wanted = set(content_terms(question))
    return [
        Evidence(
            text=text,
            node=node,
            terms=(terms := frozenset(content_terms(text))),
            context=frozenset(content_terms(f"{node.metadata['title']} {node.metadata['heading']}")),
            vector=vector,
            similarity=float(vector @ asked),
            shared=len(wanted & terms) / max(1, len(wanted)),
        )
        for (text, node), vector in zip(found, vectors, strict=True)
    ]


def most_relevant(evidence: Sequence[Evidence]) -> Evidence:
    """The sentence nearest to the question."""
    return max(evidence, key=lambda item: item.relevance)


def most_telling(evidence: Sequence[Evidence]) -> Evidence:
    """The sentence nearest to the question that can be read alone: it is whole, and asks nothing itself."""

    def worth(item: Evidence) -> tuple[bool, float]:
        return not _ASKS.search(item.text), item.relevance - (0 if _END.search(item.text) else _UNFINISHED)

    return max(evidence, key=worth)


def embed(texts: Sequence[str], embedder: Embedder) -> list[Vector]:
    """Vectors of unit length, so that a dot product is a cosine."""
    vectors = np.array(embedder.model.get_text_embedding_batch(list(texts)), dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return list(vectors / np.where(lengths == 0, 1, lengths))


def _is_text(sentence: str, node: BaseNode) -> bool:
    headings = str(node.metadata["heading"]).split(SECTION_SEPARATOR)
    return bool(re.search(r"\w", sentence)) and sentence not in headings
