"""What computes an embedding model on this machine: torch or OpenVINO, and with which numbers.

`auto` measures the ways once, on a few texts of usual length, and takes the fastest whose vectors are those of torch in
float32. It remembers that beside the models.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

import numpy as np
import openvino  # type: ignore[import-untyped]  # it carries annotations but not the marker that says so
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import BaseModel

from docmind.embeddings.conversion import converted
from docmind.embeddings.hugging_face import load_hugging_face
from docmind.embeddings.openvino import OpenVINOEmbedding
from docmind.embeddings.probe import least_cosine, probe_texts
from docmind.errors import ModelError
from docmind.models.kept import kept_form
from docmind.models.measured import recall, remember
from docmind.settings import EmbedderPrecision, Settings

# Vectors of another way must be those of torch in float32, up to what no search notices.
LEAST_COSINE = 0.9999
_ROUNDS = 3


class Way(BaseModel):
    """What computes an embedding model.

    Attributes:
        engine: The library.
        precision: Numbers it computes with.
        reason: Why it was chosen, as a sentence.
    """

    engine: Literal["torch", "openvino"]
    precision: EmbedderPrecision = "f32"
    reason: str = ""


def way_of(folder: Path, settings: Settings) -> Way:
    """The way that the settings name, or the best one; what has to be measured for that is, once.

    Raises:
        ModelError: the model's folder cannot be loaded.
    """
    if known := known_way(folder, settings):
        return known
    way = _measure(folder, settings)
    remember(way, settings, *_depends_on(folder, settings))
    return way


def known_way(folder: Path, settings: Settings) -> Way | None:
    """The way that the settings name, or that was measured before; None where that has still to be done."""
    if settings.embedder_engine in ("torch", "learned_words"):
        return Way(engine="torch", reason="DOCMIND_EMBEDDER_ENGINE says so.")
    if settings.embedder_precision != "auto":
        return Way(
            engine="openvino", precision=settings.embedder_precision, reason="DOCMIND_EMBEDDER_PRECISION says so."
        )
    return recall(Way, settings, *_depends_on(folder, settings))


def _depends_on(folder: Path, settings: Settings) -> tuple[str, ...]:
    return (kept_form(folder, settings).name, openvino.get_version(), settings.embedder_engine)


def _measure(folder: Path, settings: Settings) -> Way:
    source = load_hugging_face(folder, settings.embed_batch_size)
    if source._device != "cpu":
        return Way(engine="torch", reason=f"torch computes on {source._device}.")
    try:
        form = converted(folder, settings, source)
    except ModelError as error:
        return Way(engine="torch", reason=str(error))
    texts = probe_texts()
    wanted = np.array(source.get_text_embedding_batch(texts), dtype=np.float32)
    able: dict[EmbedderPrecision, BaseEmbedding] = {}
    for precision in _precisions():
        candidate = OpenVINOEmbedding.compile(folder, form, precision, settings.embed_batch_size)
        if least_cosine(wanted, candidate.vectors(texts)) >= LEAST_COSINE:
            able[precision] = candidate
    if not able:
        return Way(engine="torch", reason="OpenVINO gives other vectors than torch.")
    # In turn, and the best of several: the machine may be busy with something else for a moment.
    rounds = [
        {"torch": _seconds(source, texts), **{name: _seconds(model, texts) for name, model in able.items()}}
        for _ in range(_ROUNDS)
    ]
    best = {name: min(each[name] for each in rounds) for name in rounds[0]}
    precision = min(able, key=lambda name: best[name])
    ratio = best["torch"] / best[precision]
    if ratio < 1 and settings.embedder_engine == "auto":
        return Way(engine="torch", reason=f"OpenVINO has only {ratio:.1f} times its speed here.")
    return Way(engine="openvino", precision=precision, reason=f"It is {ratio:.1f} times as fast as torch here.")


def _precisions() -> tuple[EmbedderPrecision, ...]:
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return ("bf16", "f32") if "BF16" in able else ("f32",)


def _seconds(model: BaseEmbedding, texts: list[str]) -> float:
    started = time.perf_counter()
    model.get_text_embedding_batch(texts)
    return time.perf_counter() - started
