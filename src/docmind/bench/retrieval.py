"""Search over many chunks: latency of the retriever, and recall of the dense index against exact search.

Chunks are made up, because embedding 50,000 real ones takes most of an hour on two cores:

- 'text-like' vectors: real sentences and random pairs of them are embedded; each chunk lies between a random one of
  these and one of its 20 nearest (the weight of the first uniform in 0.5 to 1), with noise that has the covariance of
  the real vectors and half their length, and is scaled to length 1. Questions are embedded texts held out from that.
- 'random' vectors: uniform on the sphere, questions too. All neighbours are nearly equally far, which is the hardest
  case for any index and unlike any text; no target is set for it.

The words of chunks and questions are drawn from the sentences' own with Zipf's distribution.
"""

from __future__ import annotations

import math
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import VectorStoreQuery

from docmind.answering.evidence import embed
from docmind.bench.corpus import joined, made_up_texts, samples_folder, sentences_of, vocabulary
from docmind.bench.machine import memory_bytes
from docmind.bench.report import Figure, Plot, Report, Spread, Target
from docmind.embeddings import Embedder, open_embedder, open_hash_embedder
from docmind.parsing import Reader
from docmind.retrieval.hybrid import HybridRetriever
from docmind.settings import Settings
from docmind.stores import VectorStore, open_store

Matrix = npt.NDArray[np.float32]

_LATENCY_TARGET = Target("<=", 5)
_RECALL_TARGET = Target(">=", 0.98)
_DEPTH = 10
_WORDS_IN_A_CHUNK = 150
_WORDS_IN_A_QUESTION = 8
_CHUNKS_IN_A_DOCUMENT = 100


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    chunks: int = 50_000
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
    embedder = open_embedder(settings)
    source = data or samples_folder()
    with Reader(settings.parse_seconds, settings.parse_memory_mib) as reader:
        sentences = sentences_of(source, reader, size.texts)
    real = np.array(embed(joined(sentences, size.texts), embedder), dtype=np.float32)
    generator = np.random.default_rng(0)
    asked, known = _split(real, size.questions)
    figures: list[Figure] = []
    waits: dict[str, list[float]] = {}
    for name, vectors, questions in (
        ("text-like", text_like(known, size.chunks, generator), asked),
        ("random", _on_sphere(size.chunks, real.shape[1], generator), _on_sphere(len(asked), real.shape[1], generator)),
    ):
        with tempfile.TemporaryDirectory() as folder:
            found, waits[name] = _measure(name, Path(folder), vectors, questions, sentences, embedder, settings, size)
            figures += found
    return Report(
        "retrieval",
        figures=tuple(figures),
        setting={
            "chunks": f"{size.chunks:,} of {_WORDS_IN_A_CHUNK} words, {real.shape[1]} dimensions",
            "questions": f"{len(asked)} of {_WORDS_IN_A_QUESTION} words, {settings.retrieve_chunks} passages each",
            "text-like vectors": f"around {len(known):,} texts made of {len(sentences):,} sentences of "
            f"{data or 'the samples'}, {embedder.name}",
        },
        plots=(Plot("histogram", f"Hybrid search over {size.chunks:,} chunks", "milliseconds", waits),),
    )


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


def _measure(
    name: str,
    folder: Path,
    vectors: Matrix,
    questions: Matrix,
    sentences: Sequence[str],
    embedder: Embedder,
    settings: Settings,
    size: Size,
) -> tuple[list[Figure], list[float]]:
    known = vocabulary(sentences, size.words)
    texts = list(made_up_texts(known, len(questions), _WORDS_IN_A_QUESTION, seed=1))
    dimensions = vectors.shape[1]
    store = open_store(folder, dimensions)
    inserting = 0.0
    nodes: list[TextNode] = []
    for number, text in enumerate(made_up_texts(known, len(vectors), _WORDS_IN_A_CHUNK, seed=2)):
        nodes.append(_node(number, text, vectors[number].tolist()))
        if len(nodes) == size.batch or number == len(vectors) - 1:
            started = time.perf_counter()
            store.add(nodes)
            inserting += time.perf_counter() - started
            nodes = []
    started = time.perf_counter()
    store.flush()
    store.optimize()
    optimising = time.perf_counter() - started

    retriever = HybridRetriever(store, embedder, settings.retrieve_chunks)
    asked = list(zip(texts, questions.tolist(), strict=True))
    waits = []
    for question, vector in [*asked[: len(asked) // 10], *asked]:  # the first tenth warms up and is measured again
        started = time.perf_counter()
        retriever.search(question, vector)
        waits.append(1000 * (time.perf_counter() - started))
    waits = waits[len(asked) // 10 :]
    shares = recall([_dense(store, vector) for _, vector in asked], vectors, questions)
    similar = np.sort(questions @ vectors.T, axis=1)
    store.close()
    # A process of its own, because this one still holds what the vectors were made from.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        memory = pool.submit(_memory_of, folder, dimensions, asked[:50]).result()
    middle, nearly_all, worst = (_percentile(waits, share) for share in (0.5, 0.95, 0.99))
    spread = Spread(min(waits), middle, max(waits), f"{len(waits)} questions")
    aims = name == "text-like"
    figures = [
        Figure(f"{name}: hybrid search, p50", middle, "ms", _LATENCY_TARGET if aims else None, spread),
        Figure(f"{name}: hybrid search, p95", nearly_all, "ms"),
        Figure(f"{name}: hybrid search, p99", worst, "ms"),
        Figure(
            f"{name}: dense recall@{_DEPTH} against exact search",
            round(statistics.fmean(shares), 4),
            "",
            _RECALL_TARGET if aims else None,
            Spread(min(shares), statistics.median(shares), max(shares), f"{len(shares)} questions"),
            f"similarity of the 1st and {_DEPTH}th nearest: "
            f"{np.median(similar[:, -1]):.2f}, {np.median(similar[:, -_DEPTH]):.2f}",
        ),
        Figure(f"{name}: insert", round(inserting, 2), "s", note=f"{len(vectors) / inserting:,.0f} chunks/s"),
        Figure(f"{name}: build the search graph", round(optimising, 2), "s"),
        Figure(f"{name}: memory of the reopened store after 50 questions", memory / 2**20, "MiB"),
    ]
    return figures, waits


def _memory_of(folder: Path, dimensions: int, asked: Sequence[tuple[str, list[float]]]) -> int:
    """Memory that opening a store and searching it adds to a process."""
    pid = multiprocessing.current_process().pid or 0
    before = memory_bytes(pid)
    store = open_store(folder, dimensions)
    retriever = HybridRetriever(store, open_hash_embedder(), _DEPTH)
    for question, vector in asked:
        retriever.search(question, vector)
    after = memory_bytes(pid)
    store.close()
    return after - before


def _dense(store: VectorStore, vector: list[float]) -> list[int]:
    found = store.query(VectorStoreQuery(query_embedding=vector, similarity_top_k=_DEPTH))
    return [node.metadata["ordinal"] for node in found.nodes or []]


def _node(number: int, text: str, vector: list[float]) -> TextNode:
    """A chunk as `docmind.ingestion.chunking` makes it."""
    owner = number // _CHUNKS_IN_A_DOCUMENT
    return TextNode(
        id_=f"00000000-0000-0000-0000-{number:012d}",
        text=text,
        embedding=vector,
        metadata={
            "title": f"Report {owner}",
            "heading": "",
            "document": f"report-{owner}.pdf",
            "page": number % 100 + 1,
            "ordinal": number,
        },
        excluded_embed_metadata_keys=["document", "page", "ordinal"],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"document-{owner}")},
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
