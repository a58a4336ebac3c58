"""The fingerprint of a library's index: everything that its vectors depend on.

The catalogue keeps it as JSON under the fact `index`. Libraries of earlier versions have none: they open as they are.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Fingerprint(BaseModel):
    """What vectors were made with.

    What computes a model (torch or OpenVINO, in which precision) is no part of it: the vectors are held to be the same.

    Attributes:
        embedder: Name of the model.
        weights: What identifies its weights; '' where it has none.
        dimensions: Length of the vectors.
        form: In which form the store keeps them.
        chunking: Version of the rules by which documents are cut; '' where nobody knows.
        chunk_tokens: Longest chunk, in tokens of the model.
        words: What weighs words: BM25 alone, or the model too ('learned'); earlier versions had BM25 alone.
    """

    model_config = ConfigDict(frozen=True)

    embedder: str
    weights: str
    dimensions: int
    form: str
    chunking: str
    chunk_tokens: int
    words: Literal["bm25", "learned"] = "bm25"

    def reads(self, other: Fingerprint) -> bool:
        """Whether questions that are embedded so find what was embedded otherwise: only the chunks may differ."""
        vectors = {"embedder", "weights", "dimensions", "form", "words"}
        return self.model_dump(include=vectors) == other.model_dump(include=vectors)

    def cuts_like(self, other: Fingerprint) -> bool:
        """Whether both cut by the same rules and to the same number of tokens, which tokenizers may count otherwise."""
        return (self.chunking, self.chunk_tokens) == (other.chunking, other.chunk_tokens)
