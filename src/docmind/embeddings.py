"""Embedding models: the one door to the vectors that dense search compares."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding

from docmind.errors import ModelError
from docmind.models import find_model
from docmind.settings import Settings, prepare_process

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
    """

    name: str
    model: BaseEmbedding
    dimensions: int
    max_tokens: int
    count_tokens: Callable[[Sequence[str]], list[int]]

    @property
    def chunk_tokens(self) -> int:
        """Longest chunk to make for it, special tokens included."""
        return min(self.max_tokens, LONGEST_CHUNK_TOKENS)


def open_embedder(settings: Settings) -> Embedder:
    """Open the embedding model that the settings name.

    Raises:
        ModelNotFoundError: it is not on this machine; the message says how to get it.
        ModelError: its folder cannot be loaded.
    """
    if settings.embedder == "hash":
        return open_hash_embedder(settings.embed_batch_size)
    folder = find_model(settings.embedder, "embedding", settings)
    return _open_hugging_face(folder, settings.embed_batch_size)


def _open_hugging_face(folder: Path, batch_size: int) -> Embedder:
    prepare_process()
    # Imported here because sentence-transformers costs seconds that listing documents need not pay.
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding  # noqa: PLC0415 - late on purpose, see above
    from tokenizers import Tokenizer  # noqa: PLC0415 - arrives with it
    from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415 - as above

    disable_progress_bar()  # type: ignore[no-untyped-call]  # unannotated; it would write over our own bar

    try:
        model = HuggingFaceEmbedding(model_name=str(folder), embed_batch_size=batch_size, local_files_only=True)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The embedding model in {folder} cannot be loaded ({error}). Remove that folder and fetch it again "
            f"with `docmind models pull {folder.name}`."
        ) from error
    # The file may ask for padding and truncation; a count must show the text's true length.
    tokenizer.no_padding()
    tokenizer.no_truncation()

    def count_tokens(texts: Sequence[str]) -> list[int]:
        return [len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    dimensions = len(model.get_query_embedding("warm up"))
    return Embedder(folder.name, model, dimensions, int(model.max_length or LONGEST_CHUNK_TOKENS), count_tokens)


class HashEmbedding(BaseEmbedding):
    """Vectors from hashed words: no model, no meaning, always the same. For tests and machines without models."""

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
    return Embedder("hash", model, model.dimensions, 256, lambda texts: [len(_words(text)) for text in texts])


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.casefold())
