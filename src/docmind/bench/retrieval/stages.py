"""The search taken apart: what it would find without some of its steps, so that each can be judged by what it adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import VectorStoreQuery, VectorStoreQueryMode

if TYPE_CHECKING:
    from docmind.retrieval.hybrid import Step
    from docmind.workspace import Workspace

# From a question and its vector to the passages that are found, best first.
Search = Callable[[str, list[float]], Sequence[BaseNode]]

WHOLE: Final = "the whole search"


def whole_search(workspace: Workspace, limit: int) -> dict[str, Search]:
    """The search as users get it, by its name.

    Args:
        workspace: The open library.
        limit: Passages that a question brings.
    """
    return {WHOLE: _fused(workspace, limit)}


def stages(workspace: Workspace, limit: int) -> dict[str, Search]:
    """Every stage by its name, each with one step more than the one before it; the last one is the whole search."""
    reranking = {"+ reranking": _fused(workspace, limit, "pages")} if workspace.reranker else {}
    return {
        "words alone": _alone(workspace, limit, VectorStoreQueryMode.TEXT_SEARCH),
        "meaning alone": _alone(workspace, limit, VectorStoreQueryMode.DEFAULT),
        "words and meaning": _fused(workspace, limit, "captions", "figures", "names", "reranking", "pages"),
        "+ captions of pages": _fused(workspace, limit, "figures", "names", "reranking", "pages"),
        "+ figures asked for": _fused(workspace, limit, "names", "reranking", "pages"),
        "+ names of documents": _fused(workspace, limit, "reranking", "pages"),
        **reranking,
        # And each page once: the whole.
        **whole_search(workspace, limit),
    }


def _fused(workspace: Workspace, limit: int, *left_out: Step) -> Search:
    retriever = workspace.retriever(limit=limit)

    def search(question: str, embedding: list[float]) -> list[BaseNode]:
        return [item.node for item in retriever.find(question, embedding, without=left_out).passages]

    return search


def _alone(workspace: Workspace, limit: int, mode: VectorStoreQueryMode) -> Search:
    def search(question: str, embedding: list[float]) -> Sequence[BaseNode]:
        query = VectorStoreQuery(query_embedding=embedding, query_str=question, similarity_top_k=limit, mode=mode)
        return workspace.store.query(query).nodes or []

    return search
