"""Libraries filled without reading anything, for measuring how the search grows: made a block of chunks at a time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from docmind.ingestion.chunking import CHUNKING_VERSION
from docmind.stores import VectorStore
from docmind.workspace import Workspace

Matrix = npt.NDArray[np.float32]

EVERY = 20  # of so many documents one has not begun and one has failed
_BLOCK = 5_000  # chunks
_NEIGHBOURS = 20
_HIDDEN_CHUNKS = 10  # of each hidden document that has any


@dataclass(frozen=True, slots=True)
class Filled:
    """Seconds that storing all chunks took, and building the search graph over them."""

    inserting: float
    optimising: float


class Nearest:
    """The truly nearest vectors to some questions, found while the vectors pass by; all of length 1."""

    def __init__(self, questions: Matrix, depth: int) -> None:
        """Look for so many nearest ones (`depth`) of each question."""
        self._questions = questions
        self._depth = depth
        self._numbers = np.zeros((len(questions), 0), dtype=np.int64)
        self._similarities = np.zeros((len(questions), 0), dtype=np.float32)

    def watching(self, blocks: Iterable[Matrix]) -> Iterator[Matrix]:
        """The same blocks, looked at on their way; the first vector is number 0."""
        number = 0
        for block in blocks:
            found = np.broadcast_to(np.arange(number, number + len(block)), (len(self._questions), len(block)))
            numbers = np.concatenate([self._numbers, found], axis=1)
            similarities = np.concatenate([self._similarities, self._questions @ block.T], axis=1)
            best = np.argpartition(-similarities, self._depth - 1, axis=1)[:, : self._depth]
            self._numbers = np.take_along_axis(numbers, best, axis=1)
            self._similarities = np.take_along_axis(similarities, best, axis=1)
            number += len(block)
            yield block

    def shares(self, found: Iterable[Iterable[int]]) -> list[float]:
        """For each question, the share of its nearest vectors that are among those found."""
        return [
            len(set(mine) & set(nearest.tolist())) / len(nearest)
            for mine, nearest in zip(found, self._numbers, strict=True)
        ]


def text_like(known: Matrix, count: int, generator: np.random.Generator) -> Iterator[Matrix]:
    """Blocks of vectors with the structure of real ones; see the top of `benchmarks.scale`."""
    neighbours = np.argsort(-(known @ known.T), axis=1)[:, 1 : _NEIGHBOURS + 1]
    # Noise over the principal directions of the real vectors, as strong in each as they are.
    _, spread, directions = np.linalg.svd(known - known.mean(axis=0), full_matrices=False)

    def block(size: int) -> Matrix:
        first = generator.integers(len(known), size=size)
        second = neighbours[first, generator.integers(neighbours.shape[1], size=size)]
        weights = generator.uniform(0.5, 1.0, size=(size, 1)).astype(np.float32)
        between = weights * known[first] + (1 - weights) * known[second]
        noise = generator.standard_normal((size, len(spread)), dtype=np.float32) * spread @ directions
        noise *= 0.5 / np.linalg.norm(noise, axis=1, keepdims=True)
        return _unit(between + noise)

    return in_blocks(count, block)


def on_sphere(count: int, dimensions: int, generator: np.random.Generator) -> Matrix:
    """Vectors of length 1 in all directions alike."""
    return _unit(generator.standard_normal((count, dimensions), dtype=np.float32))


def in_blocks(count: int, block: Callable[[int], Matrix]) -> Iterator[Matrix]:
    """So many vectors, made a block at a time."""
    for begin in range(0, count, _BLOCK):
        yield block(min(_BLOCK, count - begin))


def note_documents(catalogue: Path, count: int) -> tuple[list[str], list[str]]:
    """Write the rows of so many documents straight into a catalogue, half of them PDF, each added a second later.

    One is being read and one is being removed; of twenty, one has not begun and one has failed; the rest is ready.

    Returns:
        The ids of the two hidden documents that have chunks, and those of the documents that are ready.
    """
    pending = count // EVERY
    ready = count - 2 - 2 * pending
    states = ["reading", "removing", *["queued"] * pending, *["failed"] * pending, *["ready"] * ready]
    rows = [
        (
            f"document-{n}", f"report-{n}.pdf", f"{n:064x}", 1, state, float(n), state not in ("queued", "failed"),
            ("pdf", "docx")[n % 2] if state == "ready" else None,
        )
        for n, state in enumerate(states)
    ]  # fmt: skip
    with closing(sqlite3.connect(catalogue)) as database, database:
        database.executemany(
            "INSERT INTO document (id, name, sha256, size, state, added, may_have_chunks, format) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    ids = [row[0] for row in rows]
    return ids[:2], ids[-ready:]


def fill_library(
    workspace: Workspace, documents: int, texts: Iterable[str], vectors: Iterable[Matrix], count: int, batch: int
) -> Filled:
    """Fill an empty library with so many documents, which share the chunks evenly; the hidden ones have ten each.

    Args:
        workspace: The library.
        documents: How many documents there are, in whatever state.
        texts: The text of each chunk.
        vectors: Their vectors, in blocks.
        count: How many chunks there are.
        batch: Chunks to store at once.
    """
    workspace.bind_embedder(CHUNKING_VERSION)
    hidden, ready = note_documents(workspace.settings.data_dir / "catalog.sqlite", documents)
    behind = len(hidden) * _HIDDEN_CHUNKS

    def owner(number: int) -> str:
        if number < behind:
            return hidden[number // _HIDDEN_CHUNKS]
        return ready[(number - behind) * len(ready) // (count - behind)]

    rows = (row for block in vectors for row in block.tolist())
    nodes = (
        _node(number, owner(number), text, vector)
        for number, (text, vector) in enumerate(zip(texts, rows, strict=True))
    )
    return _store(workspace.store, nodes, batch)


def fill_store(store: VectorStore, vectors: Iterable[Matrix], batch: int) -> Filled:
    """Fill an empty store with vectors, whose chunks say next to nothing."""
    rows = (row for block in vectors for row in block.tolist())
    return _store(store, (_node(number, "one", "Chunk.", row) for number, row in enumerate(rows)), batch)


def _store(store: VectorStore, nodes: Iterable[TextNode], batch: int) -> Filled:
    inserting, left = 0.0, iter(nodes)
    while part := list(islice(left, batch)):
        started = time.perf_counter()
        store.add(part)
        inserting += time.perf_counter() - started
    started = time.perf_counter()
    store.flush()
    store.optimize()
    return Filled(inserting, time.perf_counter() - started)


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


def _unit(vectors: Matrix) -> Matrix:
    lengths: Matrix = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths
