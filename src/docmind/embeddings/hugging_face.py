"""LlamaIndex's HuggingFaceEmbedding: torch, on a CUDA device where there is one."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from docmind.embeddings.embedder import LONGEST_CHUNK_TOKENS, Embedder
from docmind.embeddings.tokens import cannot_load, count_tokens, open_tokenizer
from docmind.environment import prepare_process
from docmind.lean_imports import one_imports_transformers

if TYPE_CHECKING:
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding


def open_hugging_face(folder: Path, batch_size: int) -> Embedder:
    """The embedder of a model's folder, computed by torch.

    Raises:
        ModelError: the folder cannot be loaded.
    """
    return embedder_of(folder, load_hugging_face(folder, batch_size))


def embedder_of(folder: Path, model: HuggingFaceEmbedding) -> Embedder:
    """What the other steps need to know of a model that is loaded.

    Raises:
        ModelError: its tokenizer is damaged.
    """
    tokenizer = open_tokenizer(folder)
    dimensions = len(model.get_query_embedding("warm up"))
    max_tokens = int(model.max_length or LONGEST_CHUNK_TOKENS)
    device = str(model._device).partition(":")[0]
    return Embedder(folder.name, model, dimensions, max_tokens, partial(count_tokens, tokenizer), f"torch, {device}")


def load_hugging_face(folder: Path, batch_size: int, device: str | None = None) -> HuggingFaceEmbedding:
    """The LlamaIndex embedding of a model's folder; None takes the best device that torch finds.

    Raises:
        ModelError: the folder cannot be loaded.
    """
    prepare_process()
    # Imported here because sentence-transformers costs seconds, which a converted model never pays.
    with one_imports_transformers():
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding  # noqa: PLC0415 - late on purpose, see above
        from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415 - as above

    disable_progress_bar()  # type: ignore[no-untyped-call]  # unannotated; it would write over our own bar
    try:
        return HuggingFaceEmbedding(
            model_name=str(folder), embed_batch_size=batch_size, device=device, local_files_only=True
        )
    except (OSError, ValueError, KeyError) as error:
        raise cannot_load(folder, error) from error
