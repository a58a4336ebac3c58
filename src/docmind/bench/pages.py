"""How often the right page is found: all documents in one library, questions whose evidence pages are known.

The data is a folder with `pdfs/`, the documents, and `questions.jsonl`, on each line an object with `question`,
`document` (a file name in `pdfs/`) and `pages` (1-based pages that hold the evidence).
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import VectorStoreQuery, VectorStoreQueryMode

from docmind.bench.corpus import fill, library_settings
from docmind.bench.report import Figure, Plot, Report, Spread, Target
from docmind.errors import SettingsError
from docmind.settings import Settings
from docmind.workspace import Workspace

DEPTHS = (1, 5, 10)
_TARGET = Target(">=", 55)
_MODES = {
    "dense": VectorStoreQueryMode.DEFAULT,
    "bm25": VectorStoreQueryMode.TEXT_SEARCH,
}


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """A question and where its evidence stands."""

    question: str
    document: str
    pages: frozenset[int]


def bench_pages(settings: Settings, data: Path, out: Path | None = None) -> Report:
    """Share of questions with an evidence page in the first 1, 5 and 10 results: fused, by meaning, by words.

    Args:
        settings: Models and the rest; the library is the benchmark's own.
        data: Folder with `pdfs/` and `questions.jsonl`.
        out: Where the library is kept, so that a repeated run need not ingest again; None keeps nothing.

    Raises:
        SettingsError: the folder is not of that form.
    """
    questions = read_questions(data)
    with ExitStack() as stack:
        folder = out / "pages-library" if out else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workspace = stack.enter_context(Workspace(library_settings(settings, folder)))
        chunks = fill(workspace, data / "pdfs")
        retriever = workspace.retriever(limit=max(DEPTHS))
        ranks: dict[str, list[int | None]] = {mode: [] for mode in ("hybrid", *_MODES)}
        details: list[dict[str, Any]] = []
        for asked in questions:
            embedding = workspace.embedder.model.get_query_embedding(asked.question)
            results: dict[str, Sequence[BaseNode]] = {
                "hybrid": [item.node for item in retriever.search(asked.question, embedding)]
            }
            for mode, how in _MODES.items():
                query = VectorStoreQuery(
                    query_embedding=embedding, query_str=asked.question, similarity_top_k=max(DEPTHS), mode=how
                )
                results[mode] = workspace.store.query(query).nodes or []
            for mode, nodes in results.items():
                ranks[mode].append(first_hit(asked, nodes))
            details.append(_detail(asked, results))
        documents, embedder = workspace.catalog.documents("ready"), workspace.embedder.name
    shares = {
        mode: {depth: sum(rank is not None and rank <= depth for rank in found) for depth in DEPTHS}
        for mode, found in ranks.items()
    }
    return Report(
        "pages",
        figures=tuple(_figures(shares, len(questions))),
        setting={
            "documents": f"{len(documents)} documents, {sum(each.pages or 0 for each in documents)} pages, "
            f"{chunks} chunks, {len(questions)} questions",
            "embedder": embedder,
        },
        plots=(
            Plot(
                "bars",
                f"Questions with an evidence page among the first results (n = {len(questions)})",
                "% of questions",
                {mode: [100 * by[depth] / len(questions) for depth in DEPTHS] for mode, by in shares.items()},
                tuple(f"first {depth}" for depth in DEPTHS),
            ),
        ),
        details=tuple(details),
    )


def read_questions(data: Path) -> list[PageQuestion]:
    """The questions of a data folder.

    Raises:
        SettingsError: it has none, or no documents.
    """
    path = data / "questions.jsonl"
    wanted = (
        "This benchmark needs --data FOLDER with pdfs/ and questions.jsonl (question, document, pages on each line)"
    )
    if not path.is_file() or not (data / "pdfs").is_dir():
        raise SettingsError(f"{wanted}; {data} has not both.")
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        questions = [PageQuestion(line["question"], line["document"], frozenset(line["pages"])) for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{wanted}; {path} cannot be read so ({error!r}).") from error
    if not questions:
        raise SettingsError(f"{wanted}; {path} is empty.")
    return questions


def first_hit(asked: PageQuestion, nodes: Sequence[BaseNode]) -> int | None:
    """Rank, from 1, of the first result that stands on an evidence page."""
    for rank, node in enumerate(nodes, start=1):
        if node.metadata["document"] == asked.document and node.metadata["page"] in asked.pages:
            return rank
    return None


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share, between 0 and 1; right for small numbers too."""
    z = 1.959964
    share = hits / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def _figures(shares: Mapping[str, Mapping[int, int]], total: int) -> list[Figure]:
    figures = []
    for mode, by_depth in shares.items():
        for depth, hits in sorted(by_depth.items(), reverse=True):
            low, high = wilson(hits, total)
            aims = mode == "hybrid" and depth == max(DEPTHS)
            figures.append(
                Figure(
                    f"{mode}, evidence page in the first {depth}",
                    round(100 * hits / total, 1),
                    "%",
                    _TARGET if aims else None,
                    Spread(round(100 * low, 1), None, round(100 * high, 1), "Wilson 95%"),
                    f"{hits} of {total}",
                )
            )
    return figures


def _detail(asked: PageQuestion, results: Mapping[str, Sequence[BaseNode]]) -> dict[str, Any]:
    """One question, looked into: where its evidence came, and what came before."""
    return {
        "question": asked.question,
        "document": asked.document,
        "pages": sorted(asked.pages),
        **{f"{mode} rank": first_hit(asked, nodes) for mode, nodes in results.items()},
        **{f"{mode} found": [_place(node) for node in nodes] for mode, nodes in results.items()},
    }


def _place(node: BaseNode) -> str:
    return f"{node.metadata['document']} p. {node.metadata['page']}"
