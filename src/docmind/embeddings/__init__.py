"""Embedding models: the one door to the vectors that dense search compares."""

from __future__ import annotations

from dataclasses import replace

from docmind.embeddings.embedder import LONGEST_CHUNK_TOKENS, Embedder
from docmind.embeddings.hashed import HashEmbedding, open_hash_embedder
from docmind.environment import prepare_process
from docmind.errors import ModelError
from docmind.models import find_model
from docmind.models.weights import weights_of
from docmind.settings import Settings

__all__ = ["LONGEST_CHUNK_TOKENS", "Embedder", "HashEmbedding", "open_embedder", "open_hash_embedder"]


def open_embedder(settings: Settings) -> Embedder:
    """Open the embedding model that the settings name.

    Raises:
        ModelNotFoundError: it is not on this machine; the message says how to get it.
        ModelError: its folder cannot be loaded, or it has no learned words and the settings ask for some.
    """
    learned = settings.embedder_engine == "learned_words"
    if settings.embedder == "hash":
        if learned:
            raise ModelError("Hashes have no learned words. Name a model in DOCMIND_EMBEDDER that has, such as bge-m3.")
        return open_hash_embedder(settings.embed_batch_size)
    folder = find_model(settings.embedder, "embedding", settings)
    prepare_process()
    # Imported here, because a library that is only listed needs none of them.
    from docmind.embeddings.choice import way_of  # noqa: PLC0415 - see above

    way, weights = way_of(folder, settings), weights_of(folder)
    match way.engine:
        case "torch" if learned:
            from docmind.embeddings.learned_words import open_learned_words  # noqa: PLC0415 - see above

            return replace(open_learned_words(folder, settings.embed_batch_size), weights=weights)
        case "torch":
            from docmind.embeddings.hugging_face import open_hugging_face  # noqa: PLC0415 - see above

            return replace(open_hugging_face(folder, settings.embed_batch_size), weights=weights)
        case "openvino":
            from docmind.embeddings.conversion import converted, quantized  # noqa: PLC0415 - see above
            from docmind.embeddings.openvino import open_openvino  # noqa: PLC0415 - see above

            form = (quantized if way.precision == "int8" else converted)(folder, settings)
            opened = open_openvino(folder, form, way.precision, settings.embed_batch_size)
            return replace(opened, weights=weights)
