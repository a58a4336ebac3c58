"""Measure: all questions through the search, or through every stage of it, over one library of all documents."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from llama_index.core.schema import BaseNode

from docmind.bench.corpus import Progress, kept_library
from docmind.bench.report import Report
from docmind.bench.retrieval.metrics import DEPTHS, Ranks, holds, ranks_of
from docmind.bench.retrieval.questions import RetrievalQuestion, read_questions
from docmind.bench.retrieval.reporting import report_of
from docmind.bench.retrieval.stages import WHOLE, stages, whole_search
from docmind.errors import SettingsError
from docmind.retrieval.hybrid import USUAL_LIMIT
from docmind.settings import Settings
from docmind.storage.catalog import Document
from docmind.workspace import Workspace


def bench_retrieval(
    settings: Settings,
    documents: Path,
    questions: Path,
    *,
    compare: bool = False,
    out: Path | None = None,
    progress: Progress = lambda *_: None,
) -> Report:
    """Measure how often, and how far up, the search finds the evidence of questions.

    Args:
        settings: Models and the rest; the library is the benchmark's own.
        documents: Folder of the documents, all of which are searched.
        questions: File of the questions; `questions.py` says its form.
        compare: Measure every stage of the search too, and what each of them finds more or less than the whole.
        out: Where the library is kept, so that a repeated run need not ingest again; None keeps nothing.
        progress: Told how far it is.

    Raises:
        SettingsError: the questions are not of that form, or name pages that their documents have not.
        DocMindError: a document could not be read.
    """
    asked = read_questions(questions, documents)
    with ExitStack() as stack:
        folder = out / "retrieval-library" if out else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workspace, by_name = stack.enter_context(kept_library(settings, folder, documents, progress))
        absent = _without_evidence(workspace, by_name, asked, questions)
        limit = max(settings.retrieve_chunks or USUAL_LIMIT, *DEPTHS)
        searches = (stages if compare else whole_search)(workspace, limit)
        found: dict[str, list[Ranks]] = {stage: [] for stage in searches}
        details: list[dict[str, Any]] = []
        seconds: list[float] = []
        for number, each in enumerate(asked, start=1):
            begun = time.perf_counter()
            embedding = workspace.embedder.model.get_query_embedding(each.question)
            whole = searches[WHOLE](each.question, embedding)
            seconds.append(time.perf_counter() - begun)
            results = {
                stage: whole if stage == WHOLE else search(each.question, embedding)
                for stage, search in searches.items()
            }
            ranks = {stage: ranks_of(each, by_name[each.document].id, nodes) for stage, nodes in results.items()}
            for stage, rank in ranks.items():
                found[stage].append(rank)
            details.append(_detail(each, ranks, results))
            progress("questions", number, len(asked))
        held = workspace.catalog.documents("ready")
        setting = {
            "documents": f"{len(held)} documents, {sum(each.pages or 0 for each in held):,} pages, "
            f"{workspace.store.count():,} passages",
            "questions": _kinds(asked, absent),
            "results": f"{limit} passages a question, several of a page counted once",
            "embedder": workspace.embedder.name,
        }
    return report_of(found, setting, details, seconds)


def _without_evidence(
    workspace: Workspace, documents: Mapping[str, Document], asked: Sequence[RetrievalQuestion], path: Path
) -> int:
    """How many questions have an answer that no passage of their document holds, so that no search can find it.

    Raises:
        SettingsError: a question names a page that its document has not.
    """
    texts: dict[str, list[str]] = {}
    absent = 0
    for each in asked:
        document = documents[each.document]
        if each.pages:
            if max(each.pages) > (document.pages or 0):
                has = f"{document.pages} pages" if document.pages else "no pages; name the 'answer' instead"
                raise SettingsError(
                    f"Line {each.line} of {path} names page {max(each.pages)}, but {each.document} has {has}."
                )
            continue
        if document.id not in texts:
            texts[document.id] = [node.get_content() for node in workspace.store.chunks_of(document.id)]
        absent += not any(holds(text, each.answers) for text in texts[document.id])
    return absent


def _kinds(asked: Sequence[RetrievalQuestion], absent: int) -> str:
    by_page = sum(bool(each.pages) for each in asked)
    kinds = {"whose pages are known": by_page, "whose answer is known": len(asked) - by_page}
    told = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items() if count)
    if absent:
        told += f"; the answers of {absent:,} stand in no passage of their documents and count as not found"
    return told


def _detail(
    asked: RetrievalQuestion, ranks: Mapping[str, Ranks], results: Mapping[str, Sequence[BaseNode]]
) -> dict[str, Any]:
    """One question, looked into: where its evidence came, and what came before."""
    evidence = {"pages": sorted(asked.pages)} if asked.pages else {"answers": list(asked.answers)}
    return {
        "question": asked.question,
        "document": asked.document,
        **evidence,
        "stages": {
            stage: {
                "evidence": list(ranks[stage].evidence),
                "document": ranks[stage].document,
                "found": [_place(node) for node in nodes],
            }
            for stage, nodes in results.items()
        },
    }


def _place(node: BaseNode) -> str:
    page = node.metadata.get("page")
    return f"{node.metadata['document']} " + (f"p. {page}" if page is not None else f"#{node.metadata['ordinal']}")
