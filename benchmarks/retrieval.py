"""Search as users get it, over many chunks: latency among few documents and among many, and recall of the index.

The library is a real one, with a catalogue in which some documents are hidden, and is searched by the retriever of its
workspace. Its chunks are made up, because embedding 50,000 real ones takes most of an hour on two cores:

- 'text-like' vectors: real sentences and random pairs of them are embedded; each chunk lies between a random one of
  these and one of its 20 nearest (the weight of the first uniform in 0.5 to 1), with noise that has the covariance of
  the real vectors and half their length, and is scaled to length 1. Questions are embedded texts held out from that.
- 'random' vectors: uniform on the sphere, questions too. All neighbours are nearly equally far, which is the hardest
  case for any index and unlike any text; no target is set for it.

The words of chunks and questions are drawn from the sentences' own with Zipf's distribution.
"""

from __future__ import annotations

import math
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import VectorStoreQuery

from benchmarks.processes import in_fresh_process, memory_bytes
from benchmarks.texts import Vocabulary, joined, made_up_texts, sentences_of, vocabulary
from docmind.answering.evidence import embed
from docmind.bench.corpus import library_settings, samples_folder
from docmind.bench.report import Figure, Plot, Report, Spread, Target, median_of
from docmind.retrieval.hybrid import USUAL_LIMIT
from docmind.settings import Settings
from docmind.stores import VectorStore
from docmind.workspace import Workspace

Matrix = npt.NDArray[np.float32]
Question = tuple[str, list[float]]

_LATENCY_TARGET = Target("<=", 5)
_RECALL_TARGET = Target(">=", 0.98)
_GROWTH_TARGET = Target("<=", 1.2)
_DEPTH = 10
_WORDS_IN_A_CHUNK = 150
_WORDS_IN_A_QUESTION = 8
_HIDDEN_CHUNKS = 10  # of each hidden document that has any


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        chunks: Chunks of each library.
        few: Documents that they belong to.
        many: Documents that they belong to in another library.
        questions: Questions asked.
        texts: Texts that are really embedded.
        words: Words that chunks and questions are drawn from.
        batch: Chunks stored at once.
    """

    chunks: int = 50_000
    few: int = 20
    many: int = 20_000
    questions: int = 300
    texts: int = 2_000
    words: int = 30_000
    batch: int = 64


def bench_retrieval(settings: Settings, data: Path | None = None, size: Size | None = None) -> Report:
    """Latency of the retriever without embedding the question, and recall@10 of dense search.

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
    generator = np.random.default_rng(0)
    asked, known = _split(real, size.questions)
    made = _Made(vocabulary(sentences, size.words), text_like(known, size.chunks, generator), asked)
    text_figures, text_waits = _measure("text-like", made, settings, size)
    dimensions = real.shape[1]
    made = _Made(
        made.words, _on_sphere(size.chunks, dimensions, generator), _on_sphere(len(asked), dimensions, generator)
    )
    random_figures, random_waits = _measure("random", made, settings, size)
    return Report(
        "retrieval",
        figures=(*text_figures, *random_figures),
        setting={
            "chunks": f"{size.chunks:,} of {_WORDS_IN_A_CHUNK} words, {dimensions} dimensions",
            "documents": f"{size.few:,} where nothing else is said; two hidden ones have {_HIDDEN_CHUNKS} chunks each",
            "questions": f"{len(asked)} of {_WORDS_IN_A_QUESTION} words, "
            f"{settings.retrieve_chunks or USUAL_LIMIT} passages each",
            "text-like vectors": f"around {len(known):,} texts made of {len(sentences):,} sentences of "
            f"{data or 'the samples'}, {embedder}",
        },
        plots=(
            Plot(
                "histogram", f"Hybrid search over {size.chunks:,} chunks", "milliseconds",
                {"text-like": text_waits, "random": random_waits},
            ),
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Made:
    """What libraries are filled with: words, a vector for each chunk, a vector for each question."""

    words: Vocabulary
    vectors: Matrix
    questions: Matrix

    def asked(self) -> list[Question]:
        """The questions, with their words."""
        texts = made_up_texts(self.words, len(self.questions), _WORDS_IN_A_QUESTION, seed=1)
        return list(zip(texts, self.questions.tolist(), strict=True))


def recall(found: Sequence[Sequence[int]], vectors: Matrix, questions: Matrix) -> list[float]:
    """For each question, the share of its truly nearest vectors among those found; all vectors of length 1."""
    shares = []
    for mine, question in zip(found, questions, strict=True):
        similarities = vectors @ question
        nearest = np.argpartition(-similarities, len(mine) - 1)[: len(mine)]
        shares.append(len(set(mine) & set(nearest.tolist())) / len(mine))
    return shares


def text_like(known: Matrix, count: int, generator: np.random.Generator) -> Matrix:
    """Vectors with the structure of real ones; see the top of this file."""
    neighbours = np.argsort(-(known @ known.T), axis=1)[:, 1:21]
    first = generator.integers(len(known), size=count)
    second = neighbours[first, generator.integers(neighbours.shape[1], size=count)]
    weights = generator.uniform(0.5, 1.0, size=(count, 1)).astype(np.float32)
    between = weights * known[first] + (1 - weights) * known[second]
    # Noise over the principal directions of the real vectors, as strong in each as they are.
    centred = known - known.mean(axis=0)
    _, spread, directions = np.linalg.svd(centred, full_matrices=False)
    noise = generator.standard_normal((count, len(spread))).astype(np.float32) * spread @ directions
    noise *= 0.5 / np.linalg.norm(noise, axis=1, keepdims=True)
    return _unit(between + noise)


def note_documents(catalogue: Path, count: int) -> tuple[list[str], list[str]]:
    """Write the rows of so many documents straight into a catalogue.

    One is being read and one is being removed; of twenty, one has not begun and one has failed; the rest is ready.

    Returns:
        The ids of the two hidden documents that have chunks, and those of the documents that are ready.
    """
    pending = count // 20
    ready = count - 2 - 2 * pending
    states = ["reading", "removing", *["queued"] * pending, *["failed"] * pending, *["ready"] * ready]
    rows = [
        (f"document-{n}", f"report-{n}.pdf", f"{n:064x}", 1, state, float(n), state not in ("queued", "failed"))
        for n, state in enumerate(states)
    ]
    with closing(sqlite3.connect(catalogue)) as database, database:
        database.executemany(
            "INSERT INTO document (id, name, sha256, size, state, added, may_have_chunks) VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    ids = [row[0] for row in rows]
    return ids[:2], ids[-ready:]


def fill_library(workspace: Workspace, documents: int, words: Vocabulary, vectors: Matrix, batch: int) -> _Filled:
    """Fill an empty library with so many documents, which share the chunks evenly; the hidden ones have ten each."""
    workspace.bind_embedder()
    hidden, ready = note_documents(workspace.settings.data_dir / "catalog.sqlite", documents)
    behind = len(hidden) * _HIDDEN_CHUNKS
    store, inserting = workspace.store, 0.0
    nodes: list[TextNode] = []
    for number, text in enumerate(made_up_texts(words, len(vectors), _WORDS_IN_A_CHUNK, seed=2)):
        owner = (
            hidden[number // _HIDDEN_CHUNKS]
            if number < behind
            else ready[(number - behind) * len(ready) // (len(vectors) - behind)]
        )
        nodes.append(_node(number, owner, text, vectors[number].tolist()))
        if len(nodes) == batch or number == len(vectors) - 1:
            started = time.perf_counter()
            store.add(nodes)
            inserting += time.perf_counter() - started
            nodes = []
    started = time.perf_counter()
    store.flush()
    store.optimize()
    return _Filled(inserting, time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class _Filled:
    """Seconds that storing all chunks took, and building the search graph over them."""

    inserting: float
    optimising: float


def _measure(name: str, made: _Made, settings: Settings, size: Size) -> tuple[list[Figure], list[float]]:
    """The figures of one kind of vectors, among many documents too where they are text-like, and the milliseconds."""
    aims = name == "text-like"
    asked = made.asked()
    counts = (size.few, size.many) if aims else (size.few,)
    with tempfile.TemporaryDirectory() as folder:
        libraries = [library_settings(settings, Path(folder) / str(count)) for count in counts]
        workspaces = [Workspace(library) for library in libraries]
        try:
            filled, *_ = [
                fill_library(workspace, count, made.words, made.vectors, size.batch)
                for workspace, count in zip(workspaces, counts, strict=True)
            ]
            waits, *among_many = search_times(workspaces, asked)
            found = [_dense(workspaces[0].store, vector) for _, vector in asked]
        finally:
            for workspace in workspaces:
                workspace.close()
        # A process of its own, because this one still holds what the vectors were made from.
        memory = in_fresh_process(_memory_of, libraries[0], asked[:50])
    shares = recall(found, made.vectors, made.questions)
    similar = np.sort(made.questions @ made.vectors.T, axis=1)
    figures = [
        median_of(f"{name}: hybrid search, p50", waits, "ms", _LATENCY_TARGET if aims else None, of="questions"),
        Figure(f"{name}: hybrid search, p95", _percentile(waits, 0.95), "ms"),
        Figure(f"{name}: hybrid search, p99", _percentile(waits, 0.99), "ms"),
        *(_growth(name, size, waits, many) for many in among_many),
        *(
            median_of(f"{name}: hybrid search among {size.many:,} documents, p50", many, "ms", of="questions")
            for many in among_many
        ),
        Figure(
            f"{name}: dense recall@{_DEPTH} against exact search",
            round(statistics.fmean(shares), 4),
            "",
            _RECALL_TARGET if aims else None,
            Spread(min(shares), statistics.median(shares), max(shares), f"{len(shares)} questions"),
            f"similarity of the 1st and {_DEPTH}th nearest: "
            f"{np.median(similar[:, -1]):.2f}, {np.median(similar[:, -_DEPTH]):.2f}",
        ),
        Figure(
            f"{name}: insert", round(filled.inserting, 2), "s", note=f"{size.chunks / filled.inserting:,.0f} chunks/s"
        ),
        Figure(f"{name}: build the search graph", round(filled.optimising, 2), "s"),
        Figure(f"{name}: memory of the reopened store after 50 questions", memory / 2**20, "MiB"),
    ]
    return figures, waits


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


def _growth(name: str, size: Size, few: Sequence[float], many: Sequence[float]) -> Figure:
    ratios = [more / less for less, more in zip(few, many, strict=True)]
    return median_of(
        f"{name}: a search among {size.many:,} documents over one among {size.few:,}", ratios, "x", _GROWTH_TARGET,
        of="questions",
    )  # fmt: skip


def _memory_of(settings: Settings, asked: Sequence[Question]) -> int:
    """Memory that opening a library's store and searching it adds to a process that has the embedder already."""
    with Workspace(settings) as workspace:
        assert workspace.embedder  # noqa: S101 - opened before anything is measured
        before = memory_bytes(os.getpid())
        for question, vector in asked:
            workspace.retriever().search(question, vector)
        return memory_bytes(os.getpid()) - before


def _dense(store: VectorStore, vector: list[float]) -> list[int]:
    found = store.query(VectorStoreQuery(query_embedding=vector, similarity_top_k=_DEPTH))
    return [node.metadata["ordinal"] for node in found.nodes or []]


def _node(number: int, owner: str, text: str, vector: list[float]) -> TextNode:
    """A chunk as `docmind.ingestion.chunking` makes it."""
    return TextNode(
        id_=f"00000000-0000-0000-0000-{number:012d}",
        text=text,
        embedding=vector,
        metadata={
            "title": f"Report on {owner}",
            "heading": "",
            "document": f"{owner}.pdf",
            "page": number % 100 + 1,
            "ordinal": number,
        },
        excluded_embed_metadata_keys=["document", "page", "ordinal"],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=owner)},
    )


def _split(real: Matrix, questions: int) -> tuple[Matrix, Matrix]:
    """Sentences to ask and sentences to make chunks from: at most a fifth of them is asked."""
    step = max(5, len(real) // max(1, questions))
    asked = np.arange(len(real)) % step == 0
    return real[asked][:questions], real[~asked]


def _on_sphere(count: int, dimensions: int, generator: np.random.Generator) -> Matrix:
    return _unit(generator.standard_normal((count, dimensions)).astype(np.float32))


def _unit(vectors: Matrix) -> Matrix:
    lengths: Matrix = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]
