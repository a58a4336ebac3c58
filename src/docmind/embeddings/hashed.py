"""Vectors from hashed words: no model, no meaning, always the same. For tests and machines without models."""

from __future__ import annotations

import hashlib
import math
import re
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding

from docmind.embeddings.embedder import Embedder


class HashEmbedding(BaseEmbedding):
    """Compares words, not meanings."""

    dimensions: int = 256

    def _get_text_embedding(self, text: str) -> list[float]:
        vector = [0.0] * self.dimensions
        for word in _words(text):
            digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
            vector[int.from_bytes(digest[:4]) % self.dimensions] += 1.0 if digest[4] & 1 else -1.0
        length = math.sqrt(sum(value * value for value in vector)) or 1.0
        return [value / length for value in vector]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


def open_hash_embedder(batch_size: int = 64, **options: Any) -> Embedder:
    """The embedder that needs no model; it compares words, not meanings."""
    model = HashEmbedding(embed_batch_size=batch_size, **options)
    return Embedder("hash", model, model.dimensions, 256, lambda texts: [len(_words(text)) for text in texts], "hashes")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.casefold())
