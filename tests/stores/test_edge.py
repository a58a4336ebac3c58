"""The embedded store alone: what it keeps vectors as, and libraries that were kept otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import qdrant_edge as qdrant
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import VectorStoreQuery, VectorStoreQueryMode

from docmind.stores import VectorStore, open_store

# 11 MB of vectors: below 10 no graph is built. Few and long ones, because the time goes by how many they are.
DIMENSIONS = 8192
CHUNKS = 350
EVERY = 35


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    """Vectors of length 1 around a few centres, as texts about a few things have."""
    generator = np.random.default_rng(1)
    centres = generator.standard_normal((10, DIMENSIONS))
    found = centres[np.arange(CHUNKS) % 10] + generator.standard_normal((CHUNKS, DIMENSIONS))
    unit: np.ndarray = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def filled(store: VectorStore, vectors: np.ndarray) -> None:
    nodes = [
        TextNode(
            id_=f"00000000-0000-4000-8000-{number:012d}",
            text=f"Entry {number} of the list.",
            embedding=vector,
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id="list")},
        )
        for number, vector in enumerate(vectors.tolist())
    ]
    store.add(nodes)


def quantized(folder: Path) -> bool:
    return any(folder.rglob("quantized.data"))


def nearest(store: VectorStore, vector: np.ndarray) -> tuple[list[str], list[float]]:
    result = store.query(VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=10))
    return result.ids or [], result.similarities or []


def test_a_graph_searches_bytes_and_scores_by_the_vectors_themselves(
    tmp_path: Path, vectors: np.ndarray, old_store: Callable[[Path], None]
) -> None:
    """A library from before is found in as it was, and kept as new ones are once its graph is built anew."""
    folder = tmp_path / "vectors"
    old_store(folder)
    store = open_store(folder, DIMENSIONS)
    assert not quantized(folder)
    before = [nearest(store, vectors[number]) for number in range(0, CHUNKS, EVERY)]
    store.optimize()
    assert quantized(folder)
    for number, (ids, scores) in zip(range(0, CHUNKS, EVERY), before, strict=True):
        again, scores_again = nearest(store, vectors[number])
        assert again == ids
        assert scores_again == pytest.approx(scores, abs=1e-6)
        exact = [float(vectors[number] @ vectors[int(each[-12:])]) for each in again]
        assert scores_again == pytest.approx(exact, abs=1e-5)
    both = VectorStoreQuery(
        query_embedding=vectors[7].tolist(), query_str="entry 7", similarity_top_k=3, mode=VectorStoreQueryMode.HYBRID
    )
    assert (store.query(both).ids or [])[0].endswith("000000000007")
    store.close()
    reopened = open_store(folder, DIMENSIONS)
    assert reopened.count() == CHUNKS
    assert nearest(reopened, vectors[0])[0][0].endswith("000000000000")
    reopened.close()


@pytest.fixture
def old_store(vectors: np.ndarray) -> Callable[[Path], None]:
    """Makes a store as it was kept before vectors became bytes, with its graph."""

    def make(folder: Path) -> None:
        first = open_store(folder, DIMENSIONS)
        filled(first, vectors)
        first.close()
        before = qdrant.EdgeConfig(
            vectors={"dense": qdrant.EdgeVectorParams(size=DIMENSIONS, distance=qdrant.Distance.Cosine)},
            sparse_vectors={"bm25": qdrant.EdgeSparseVectorParams(modifier=qdrant.Modifier.Idf)},
            hnsw_config=qdrant.HnswIndexConfig(m=16, ef_construct=128, full_scan_threshold=10_000),
        )
        shard = qdrant.EdgeShard.load(str(folder), before)
        assert shard.optimize()
        shard.close()

    return make
