"""Some small embedding models: real ones, by hashes, with vectors and chunks of different lengths."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from docmind.embeddings import Embedder, HashEmbedding, open_hash_embedder
from docmind.errors import ModelNotFoundError
from docmind.settings import Settings
from docmind.workspace import Workspace


class CountingEmbedding(HashEmbedding):
    """The hash embedder, which notes what it has embedded."""

    seen: ClassVar[list[str]] = []

    def _get_text_embedding(self, text: str) -> list[float]:
        self.seen.append(text)
        return super()._get_text_embedding(text)


# Each with the length of its vectors and of its longest text.
MODELS = {"small": (64, 64), "wide": (96, 256), "twin": (96, 64)}


class SomeModels(Workspace):
    """A library on a machine that has the embedding models above, and no other."""

    weights = "first"

    def open_embedder(self, settings: Settings) -> Embedder:
        if settings.embedder == "hash":
            return super().open_embedder(settings)
        if settings.embedder not in MODELS:
            raise ModelNotFoundError(f"The embedding model {settings.embedder} is not here.")
        dimensions, tokens = MODELS[settings.embedder]
        plain = open_hash_embedder()
        model = CountingEmbedding(embed_batch_size=8, dimensions=dimensions)
        return replace(
            plain,
            name=settings.embedder,
            model=model,
            dimensions=dimensions,
            max_tokens=tokens,
            weights=self.weights,
        )
