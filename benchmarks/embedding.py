"""What computes the embedding model: speed of each way over torch in float32, how near its vectors are, pages lost."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.peer import Place
from benchmarks.peers import page_questions, rank_of
from benchmarks.texts import files_of, made_up_texts, sample_vocabulary
from docmind.bench.corpus import library_settings
from docmind.bench.report import Figure, Report, Target, median_of
from docmind.bench.retrieval.metrics import DEPTHS
from docmind.bench.retrieval.questions import in_folder
from docmind.embeddings import Embedder, open_embedder
from docmind.embeddings.choice import way_of
from docmind.embeddings.probe import least_cosine
from docmind.errors import DocMindError
from docmind.ingestion.chunking import chunk_document, embedded_text
from docmind.ingestion.titles import document_title
from docmind.models import find_model
from docmind.settings import Settings
from docmind.workspace import Workspace

_CHUNKS, _WORDS, _ROUNDS = 192, 150, 3
_TARGET = Target(">=", 5)
_WAYS: dict[str, dict[str, str]] = {
    "torch, f32": {"embedder_engine": "torch"},
    "OpenVINO, f32": {"embedder_precision": "f32"},
    "OpenVINO, bf16": {"embedder_precision": "bf16"},
    "OpenVINO, int8": {"embedder_precision": "int8"},
}
_TORCH = "torch, f32"
Vectors = npt.NDArray[np.float32]


def bench_embedding(settings: Settings, data: Path | None = None) -> Report:
    """Embed the same chunks in every way that this machine has, in turns.

    Args:
        settings: The embedding model; its engine and precision are tried one after the other.
        data: A folder as for `peers`; its documents are embedded in every way, and the evidence pages counted that a
            search by meaning alone then finds. It takes a quarter of an hour for a thousand pages.

    Raises:
        DocMindError: the model or the data cannot be read.
    """
    folder = find_model(settings.embedder, "embedding", settings)
    chosen = way_of(folder, settings)
    ways, absent = _open_all(settings)
    texts = _texts(settings)
    vectors = {name: _embed(embedder, texts) for name, embedder in ways.items()}
    rounds = [{name: _seconds(embedder, texts) for name, embedder in _turned(ways, turn)} for turn in range(_ROUNDS)]
    own = next(name for name in ways if name.lower() == f"{chosen.engine}, {chosen.precision}")
    figures = [
        median_of(f"{own}, chosen here, over {_TORCH}", [each[_TORCH] / each[own] for each in rounds], "x", _TARGET,
                  of="rounds")
    ]  # fmt: skip
    for name in ways:
        figures.append(median_of(name, [len(texts) / each[name] for each in rounds], "chunks/s", of="rounds"))
        if name != _TORCH:
            cosine = least_cosine(np.array(vectors[_TORCH]), np.array(vectors[name]))
            figures.append(Figure(f"{name}, least cosine to {_TORCH}", round(cosine, 5), ""))
    if data:
        figures += _pages(settings, data, ways)
    tokens = statistics.mean(ways[_TORCH].count_tokens(texts))
    setting = {"chunks": f"{len(texts)} of {tokens:.0f} tokens", "chosen": chosen.reason, **absent}
    return Report("embedding", figures=tuple(figures), setting=setting)


def _open_all(settings: Settings) -> tuple[dict[str, Embedder], dict[str, str]]:
    """An embedder for each way, and why the others cannot be had."""
    ways, absent = {}, {}
    for name, changes in _WAYS.items():
        try:
            ways[name] = open_embedder(settings.model_copy(update=changes))
        except DocMindError as error:
            absent[name] = str(error)
    return ways, absent


def _texts(settings: Settings) -> list[str]:
    return list(made_up_texts(sample_vocabulary(settings), _CHUNKS, _WORDS, seed=0))


def _embed(embedder: Embedder, texts: Sequence[str]) -> list[list[float]]:
    return embedder.model.get_text_embedding_batch(list(texts))


def _seconds(embedder: Embedder, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    _embed(embedder, texts)
    return time.perf_counter() - started


def _turned(ways: Mapping[str, Embedder], turn: int) -> list[tuple[str, Embedder]]:
    """The ways in another order each round, so that a machine that slows down favours none."""
    items = list(ways.items())
    return items[turn:] + items[:turn]


@dataclass(frozen=True, slots=True)
class _Chunk:
    place: Place
    text: str


def _pages(settings: Settings, data: Path, ways: Mapping[str, Embedder]) -> list[Figure]:
    """Evidence pages among the first distinct pages that the nearest vectors name."""
    documents, path = in_folder(data)
    questions = page_questions(path, documents)
    with tempfile.TemporaryDirectory() as temporary, Workspace(library_settings(settings, Path(temporary))) as opened:
        chunks = [
            _Chunk((path.name, node.metadata["page"]), embedded_text(node))
            for path in files_of(documents)
            for parsed in [opened.reader.parse(path, path.name)]
            for node in chunk_document(parsed, path.name, document_title(parsed, path.name), "bench", opened.embedder)
        ]
    figures = []
    for name, embedder in ways.items():
        vectors = np.array(_embed(embedder, [chunk.text for chunk in chunks]), dtype=np.float32)
        ranks = []
        for asked in questions:
            nearest = np.argsort(-(vectors @ np.array(embedder.model.get_query_embedding(asked.question))))[:200]
            ranks.append(rank_of(asked, [chunks[place].place for place in nearest]))
        figures += [
            Figure(
                f"{name}, evidence among the first {depth} pages",
                sum(rank is not None and rank <= depth for rank in ranks),
                f"of {len(questions)}",
            )
            for depth in DEPTHS
        ]
    return figures
