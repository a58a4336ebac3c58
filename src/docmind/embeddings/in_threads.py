"""What embeddings that are computed in this process share: batches at the bottom, and threads for whoever awaits."""

from __future__ import annotations

import asyncio

from llama_index.core.base.embeddings.base import BaseEmbedding


class EmbeddingInThreads(BaseEmbedding):
    """A LlamaIndex embedding whose single texts are batches of one, and whose asynchronous calls block no event loop.

    A subclass gives `_get_text_embeddings` and `_get_query_embedding`, both safe to call from several threads.
    """

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)
