"""An embedding model in OpenVINO: several times as fast as torch on a processor, and nothing of torch is imported.

Texts are tokenised once, sorted by length within a call so that hardly any padding is computed, and go in small
batches to as many requests as the processor serves at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import openvino  # type: ignore[import-untyped]  # it carries annotations but not the marker that says so
from llama_index.core.bridge.pydantic import PrivateAttr
from tokenizers import Encoding, Tokenizer

from docmind.embeddings.conversion import Converted, Description
from docmind.embeddings.embedder import Embedder
from docmind.embeddings.in_threads import EmbeddingInThreads
from docmind.embeddings.tokens import count_tokens, open_tokenizer
from docmind.errors import ModelError
from docmind.settings import EmbedderPrecision

_BATCH_TEXTS = 16  # a request computes so many texts at most,
_BATCH_TOKENS = 768  # and so many tokens, padding included: about four chunks; more and less were slower
_AHEAD = 2  # batches that a call has waiting for each request; more would keep other callers waiting

Vectors = npt.NDArray[np.float32]


class OpenVINOEmbedding(EmbeddingInThreads):
    """A converted model. Safe to call from several threads at once."""

    _description: Description = PrivateAttr()
    _tokenizer: Tokenizer = PrivateAttr()
    _compiled: Any = PrivateAttr()
    _requests: int = PrivateAttr()
    _pool: ThreadPoolExecutor = PrivateAttr()
    _own: threading.local = PrivateAttr(default_factory=threading.local)
    # One thread at a time hands tensors over; two at once were seen to wait for each other for ever.
    _calling: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @classmethod
    def compile(cls, folder: Path, form: Converted, precision: EmbedderPrecision, batch_size: int) -> Self:
        """Compile a converted model for this machine's processor.

        Args:
            folder: The model's own, for its tokenizer.
            form: The converted model.
            precision: Numbers it computes with.
            batch_size: Texts embedded at a time; they are sorted by length within it.

        Raises:
            ModelError: it cannot be compiled, or the tokenizer is damaged.
        """
        # A model in eight bits says so itself; what is left of it is computed in float32.
        hint = "f32" if precision == "int8" else precision
        properties = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": hint}
        try:
            compiled = openvino.Core().compile_model(form.model, "CPU", properties)
        except RuntimeError as error:
            raise ModelError(f"OpenVINO cannot compute the embedding model in {folder} ({error}).") from error
        embedding = cls(model_name=folder.name, embed_batch_size=batch_size)
        embedding._description = form.description
        embedding._tokenizer = open_tokenizer(folder, form.description.max_tokens)
        embedding._compiled = compiled
        embedding._requests = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        embedding._pool = ThreadPoolExecutor(embedding._requests, thread_name_prefix="embedding")
        return embedding

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts as they are, without any prefix, as [texts, dimensions]."""
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        vectors = np.empty((len(texts), self._description.dimensions), dtype=np.float32)
        waiting: list[tuple[list[int], Future[Vectors]]] = []
        for places in _batches([len(encoding.ids) for encoding in encodings]):
            if len(waiting) == _AHEAD * self._requests:
                first, future = waiting.pop(0)
                vectors[first] = future.result()
            batch = [encodings[place] for place in places]
            waiting.append((places, self._pool.submit(self._infer, batch)))
        for places, future in waiting:
            vectors[places] = future.result()
        return vectors

    def _infer(self, batch: Sequence[Encoding]) -> Vectors:
        if not hasattr(self._own, "request"):
            with self._calling:
                self._own.request = self._compiled.create_infer_request()
        shape = (len(batch), max(1, *(len(encoding.ids) for encoding in batch)))
        ids = np.full(shape, self._description.pad, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, encoding in enumerate(batch):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        request = self._own.request
        with self._calling:
            request.set_tensor("input_ids", openvino.Tensor(ids))
            request.set_tensor("attention_mask", openvino.Tensor(mask))
            request.start_async()
        request.wait()
        with self._calling:
            return np.array(request.get_output_tensor(0).data, dtype=np.float32)

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        prefix = self._description.text_prefix
        found: list[list[float]] = self.vectors([prefix + text for text in texts] if prefix else texts).tolist()
        return found

    def _get_query_embedding(self, query: str) -> list[float]:
        found: list[float] = self.vectors([self._description.query_prefix + query])[0].tolist()
        return found


def open_openvino(folder: Path, form: Converted, precision: EmbedderPrecision, batch_size: int) -> Embedder:
    """The embedder of a converted model.

    Raises:
        ModelError: it cannot be compiled, or the tokenizer is damaged.
    """
    model = OpenVINOEmbedding.compile(folder, form, precision, batch_size)
    count = partial(count_tokens, open_tokenizer(folder))
    about = form.description
    return Embedder(folder.name, model, about.dimensions, about.max_tokens, count, f"OpenVINO, {precision}")


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of texts of like length together, the longest first, so that the last batches are the shortest."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if batch and (len(batch) == _BATCH_TEXTS or (len(batch) + 1) * lengths[batch[0]] > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
