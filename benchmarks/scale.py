"""How the search grows: the time of a question, memory, disk and building over libraries of several sizes.

What is measured is what users get: a library with its catalogue, in which some documents are hidden, searched by the
retriever of its workspace, as a whole and limited to some documents. Its chunks are made up, because embedding real
ones takes an hour for 50,000 on two cores:

- 'text-like' vectors: real sentences and random pairs of them are embedded; each chunk lies between a random one of
  these and one of its 20 nearest (the weight of the first uniform in 0.5 to 1), with noise that has the covariance of
  the real vectors and half their length, and is scaled to length 1. Questions are embedded texts held out from that.
- 'random' vectors: uniform on the sphere, questions too. All neighbours are nearly equally far, which is the hardest
  case for any index and unlike any text; no target is set for it.

The words of chunks and questions are drawn from the sentences' own with Zipf's distribution. Chunks are made and stored
a block at a time and none is kept, so that memory stays level however many they are.
"""

from __future__ import annotations

import math
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from llama_index.core.vector_stores.types import VectorStoreQuery

from benchmarks.made_up_library import (
    EVERY,
    Filled,
    Matrix,
    Nearest,
    fill_library,
    fill_store,
    in_blocks,
    on_sphere,
    text_like,
)
from benchmarks.processes import in_fresh_process, memory_bytes
from benchmarks.texts import Vocabulary, joined, made_up_texts, sentences_of, vocabulary
from docmind.answering.evidence import embed
from docmind.bench.corpus import library_settings, samples_folder
from docmind.bench.report import Figure, Plot, Report, Spread, Target, median_of
from docmind.retrieval.hybrid import USUAL_LIMIT
from docmind.settings import Settings
from docmind.storage.scope import Limits, documents_within
from docmind.stores import VectorStore, open_store
from docmind.workspace import Workspace

Question = tuple[str, list[float]]

# Of p50 and p99 in milliseconds, of memory in MiB, by the chunks that a library holds at most.
_TARGETS = ((100_000, 5.0, 20.0, None), (1_000_000, 20.0, None, 1.5e9 / 2**20))
_RECALL_TARGET = Target(">=", 0.98)
_GROWTH_TARGET = Target("<=", 1.2)
_DEPTH = 10
_WORDS_IN_A_CHUNK = 150
_WORDS_IN_A_QUESTION = 8
_MOST_RANDOM = 100_000  # chunks with random vectors
_MOST_TWICE = 10_000  # chunks of the two libraries that differ in their documents alone


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        chunks: Chunks of each library.
        in_a_document: Chunks of a document.
        few: Documents of a further library as large as the smallest, or 10,000 chunks, to see what documents cost.
        many: Documents of another, with the same chunks.
        questions: Questions asked.
        filtered: Questions asked with each limit.
        texts: Texts that are really embedded.
        words: Words that chunks and questions are drawn from.
        batch: Chunks stored at once.
    """

    chunks: tuple[int, ...] = (10_000, 100_000)
    in_a_document: int = 50
    few: int = 20
    many: int = 20_000
    questions: int = 300
    filtered: int = 100
    texts: int = 2_000
    words: int = 30_000
    batch: int = 64


def bench_scale(settings: Settings, data: Path | None = None, size: Size | None = None) -> Report:
    """The retriever without embedding the question, filters, memory, disk, building and recall@10 of dense search.

    Args:
        settings: Name the embedder and the passages that a question retrieves.
        data: Documents whose sentences and words are used; None takes the samples.
        size: How much to measure.
    """
    size = size or Size()
    with tempfile.TemporaryDirectory() as folder, Workspace(library_settings(settings, Path(folder))) as workspace:
        sentences = sentences_of(data or samples_folder(), workspace.reader, size.texts)
        embedder = workspace.embedder.name
        real = np.array(embed(joined(sentences, size.texts), workspace.embedder), dtype=np.float32)
    asked, known = _split(real, size.questions)
    made = _Made(vocabulary(sentences, size.words), known, asked)
    figures: list[Figure] = []
    waits: dict[str, list[float]] = {}
    for chunks in sorted(set(size.chunks)):
        mine, waits[f"{chunks:,} chunks"] = _measure(made, chunks, settings, size)
        figures += mine
    figures += [
        _among_many(made, min(*size.chunks, _MOST_TWICE), settings, size),
        _worst_case(min(max(size.chunks), _MOST_RANDOM), real.shape[1], len(asked), settings, size),
    ]
    return Report(
        "scale",
        figures=tuple(figures),
        setting={
            "chunks": f"of {_WORDS_IN_A_CHUNK} words, {real.shape[1]} dimensions, stored {size.batch} at once",
            "documents": f"of {size.in_a_document} chunks; two hidden ones have ten chunks each",
            "questions": f"{len(asked)} of {_WORDS_IN_A_QUESTION} words, {size.filtered} with each limit, "
            f"{settings.retrieve_chunks or USUAL_LIMIT} passages each",
            "text-like vectors": f"around {len(known):,} texts made of {len(sentences):,} sentences of "
            f"{data or 'the samples'}, {embedder}",
        },
        plots=(Plot("histogram", "Hybrid search", "milliseconds", waits),),
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """What libraries are filled with: words, vectors to make a chunk's from, a vector for each question."""

    words: Vocabulary
    known: Matrix
    questions: Matrix

    def asked(self) -> list[Question]:
        """The questions, with their words."""
        texts = made_up_texts(self.words, len(self.questions), _WORDS_IN_A_QUESTION, seed=1)
        return list(zip(texts, self.questions.tolist(), strict=True))

    def texts(self, count: int) -> Iterator[str]:
        """The texts of so many chunks."""
        return made_up_texts(self.words, count, _WORDS_IN_A_CHUNK, seed=2)

    def vectors(self, count: int) -> Iterator[Matrix]:
        """The vectors of so many chunks, in blocks."""
        return text_like(self.known, count, np.random.default_rng(0))


def _measure(made: _Made, chunks: int, settings: Settings, size: Size) -> tuple[list[Figure], list[float]]:
    """The figures of one library, and the milliseconds of a search of it."""
    asked, nearest = made.asked(), Nearest(made.questions, _DEPTH)
    documents = max(2 * EVERY, chunks // size.in_a_document)
    with tempfile.TemporaryDirectory() as folder:
        library = library_settings(settings, Path(folder))
        with Workspace(library) as workspace:
            vectors = nearest.watching(made.vectors(chunks))
            filled = fill_library(workspace, documents, made.texts(chunks), vectors, chunks, size.batch)
        with Workspace(library) as workspace:  # as a user finds it the next day
            (waits,) = search_times([workspace], asked)
            filters = _filters(workspace, asked[: size.filtered])
            shares = nearest.shares([dense_ordinals(workspace.store, vector, _DEPTH) for _, vector in asked])
        disk = sum(path.stat().st_blocks * 512 for path in Path(folder, "vectors").rglob("*") if path.is_file())
        # A process of its own, because this one still holds what the vectors were made from.
        memory, opening = in_fresh_process(_reopened, library, asked[:50])
    return _figures(chunks, waits, filled, shares, memory, disk, opening) + filters, waits


def _figures(
    chunks: int,
    waits: Sequence[float],
    filled: Filled,
    shares: Sequence[float],
    memory: int,
    disk: int,
    opening: float,
) -> list[Figure]:
    name = f"{chunks:,} chunks"
    half, nearly_all, mebibytes = next((rest for most, *rest in _TARGETS if chunks <= most), (None, None, None))
    return [
        median_of(f"{name}: search, p50", waits, "ms", _at_most(half), of="questions"),
        Figure(f"{name}: search, p95", _percentile(waits, 0.95), "ms"),
        Figure(f"{name}: search, p99", _percentile(waits, 0.99), "ms", _at_most(nearly_all)),
        Figure(
            f"{name}: dense recall@{_DEPTH} against exact search",
            round(statistics.fmean(shares), 4),
            "",
            _RECALL_TARGET,
            Spread(min(shares), statistics.median(shares), max(shares), f"{len(shares)} questions"),
        ),
        Figure(f"{name}: memory of the reopened store after 50 questions", memory / 2**20, "MiB", _at_most(mebibytes)),
        Figure(f"{name}: opening the store and the first search", opening, "s"),
        Figure(f"{name}: disk", disk / 2**20, "MiB"),
        Figure(f"{name}: insert", round(filled.inserting, 2), "s", note=f"{chunks / filled.inserting:,.0f} chunks/s"),
        Figure(f"{name}: build the search graph", round(filled.optimising, 2), "s"),
    ]


def _filters(workspace: Workspace, asked: Sequence[Question]) -> list[Figure]:
    """Searches limited to some documents over the same search of all, the catalogue asked each time."""
    chunks, ready = workspace.store.count(), workspace.catalog.documents("ready")
    collected = [document.id for document in ready[::10]]
    workspace.catalog.collections.add("A tenth", collected)
    ways = {
        "within one document": Limits(documents=(ready[len(ready) // 2].id,)),
        f"within a collection of {len(collected):,} documents": Limits(collections=("A tenth",)),
        "of a type that half the documents have": Limits(types=("pdf",)),
        "of the tenth of documents added last": Limits(
            added_after=datetime.fromtimestamp(ready[-len(collected)].added)
        ),
    }
    figures = []
    for way, limits in ways.items():
        ratios, waits = [], []
        for turn, (question, vector) in enumerate(asked):
            # Each of the two goes first every other time, so that neither always finds what the other has read.
            pair = {}
            for limited in (turn % 2 == 0, turn % 2 != 0):
                started = time.perf_counter()
                scope = documents_within(workspace.catalog, limits) if limited else None
                workspace.retriever(scope).search(question, vector)
                pair[limited] = time.perf_counter() - started
            ratios.append(pair[True] / pair[False])
            waits.append(1000 * pair[True])
        note = f"p50 {statistics.median(waits):.1f} ms"
        figures.append(
            median_of(f"{chunks:,} chunks: search {way} over one of all", ratios, "x", of="questions", note=note)
        )
    return figures


def search_times(workspaces: Sequence[Workspace], asked: Sequence[Question]) -> list[list[float]]:
    """Milliseconds of each question in each library; the libraries take turns at being the first."""
    times: list[list[float]] = [[] for _ in workspaces]
    turns = list(zip(workspaces, times, strict=True))
    warming = len(asked) // 10
    for question, vector in [*asked[:warming], *asked]:  # the first tenth warms up and is measured again
        for workspace, mine in turns:
            started = time.perf_counter()
            workspace.retriever().search(question, vector)
            mine.append(1000 * (time.perf_counter() - started))
        turns.reverse()
    return [mine[warming:] for mine in times]


def dense_ordinals(store: VectorStore, vector: list[float], depth: int) -> list[int]:
    """Numbers of the chunks that a search by meaning alone finds."""
    found = store.query(VectorStoreQuery(query_embedding=vector, similarity_top_k=depth))
    return [node.metadata["ordinal"] for node in found.nodes or []]


def _among_many(made: _Made, chunks: int, settings: Settings, size: Size) -> Figure:
    """A search among many documents over one of the same chunks among few."""
    with tempfile.TemporaryDirectory() as folder:
        workspaces = []
        try:
            for count in (size.few, size.many):
                workspaces.append(Workspace(library_settings(settings, Path(folder) / str(count))))
                fill_library(workspaces[-1], count, made.texts(chunks), made.vectors(chunks), chunks, size.batch)
            few, many = search_times(workspaces, made.asked())
        finally:
            for workspace in workspaces:
                workspace.close()
    ratios = [more / less for less, more in zip(few, many, strict=True)]
    name = f"{chunks:,} chunks: search among {size.many:,} documents over one among {size.few:,}"
    return median_of(name, ratios, "x", _GROWTH_TARGET, of="questions")


def _worst_case(chunks: int, dimensions: int, questions: int, settings: Settings, size: Size) -> Figure:
    """Recall where all neighbours are nearly equally far."""
    generator = np.random.default_rng(0)
    asked = on_sphere(questions, dimensions, generator)
    nearest = Nearest(asked, _DEPTH)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "vectors", dimensions, library_settings(settings, Path(folder)))
        blocks = in_blocks(chunks, lambda count: on_sphere(count, dimensions, generator))
        fill_store(store, nearest.watching(blocks), size.batch)
        shares = nearest.shares([dense_ordinals(store, vector, _DEPTH) for vector in asked.tolist()])
        store.close()
    return Figure(
        f"{chunks:,} chunks: dense recall@{_DEPTH}, random vectors",
        round(statistics.fmean(shares), 4),
        "",
        None,
        Spread(min(shares), statistics.median(shares), max(shares), f"{len(shares)} questions"),
        "the worst case, unlike any text",
    )


def _reopened(settings: Settings, asked: Sequence[Question]) -> tuple[int, float]:
    """Bytes that opening a library's store and searching it adds to a process that has the embedder already.

    Returns:
        These, and the seconds to the first result.
    """
    with Workspace(settings) as workspace:
        assert workspace.embedder  # noqa: S101 - opened before anything is measured
        before, started = memory_bytes(os.getpid()), time.perf_counter()
        workspace.retriever().search(*asked[0])
        opening = time.perf_counter() - started
        for question, vector in asked[1:]:
            workspace.retriever().search(question, vector)
        return memory_bytes(os.getpid()) - before, opening


def _split(real: Matrix, questions: int) -> tuple[Matrix, Matrix]:
    """Sentences to ask and sentences to make chunks from: at most a fifth of them is asked."""
    step = max(5, len(real) // max(1, questions))
    asked = np.arange(len(real)) % step == 0
    return real[asked][:questions], real[~asked]


def _at_most(value: float | None) -> Target | None:
    return None if value is None else Target("<=", value)


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]
