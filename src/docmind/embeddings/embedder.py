"""What the other steps need to know of an embedding model, whatever computes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llama_index.core.base.embeddings.base import BaseEmbedding

if TYPE_CHECKING:
    from docmind.embeddings.learned_words import LearnedWordsEmbedding
    from docmind.stores.bm25 import LearnedWords

# Beyond this a chunk says too many things for one vector to mean any of them, whatever the model accepts.
LONGEST_CHUNK_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Embedder:
    """An embedding model and what the other steps need to know about it.

    Attributes:
        name: Identifies the model; a library is bound to the model that filled it.
        model: The LlamaIndex embedding.
        dimensions: Length of its vectors.
        max_tokens: Longest text it reads, in its own tokens, special tokens included.
        count_tokens: Tokens of each of many texts, without special tokens.
        weights: What identifies its weights, see `docmind.models.weights`; '' where it has none.
        computed_by: What computes the vectors, in words: 'OpenVINO, bf16'.
        learned: The model, where it weighs words too; None leaves them to BM25.
    """

    name: str
    model: BaseEmbedding
    dimensions: int
    max_tokens: int
    count_tokens: Callable[[Sequence[str]], list[int]]
    computed_by: str = ""
    weights: str = ""
    learned: LearnedWordsEmbedding | None = None

    @property
    def chunk_tokens(self) -> int:
        """Longest chunk to make for it, special tokens included."""
        return min(self.max_tokens, LONGEST_CHUNK_TOKENS)

    def embed(self, passages: Sequence[str]) -> tuple[list[list[float]], list[LearnedWords] | None]:
        """Vectors of passages and, where the model weighs words too, the words of each."""
        if self.learned:
            return self.learned.embed(passages)
        return self.model.get_text_embedding_batch(list(passages)), None

    def words_of(self, question: str) -> LearnedWords | None:
        """A question's words as the model weighs them; None where BM25 does."""
        return self.learned.words_of(question) if self.learned else None
