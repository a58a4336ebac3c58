"""Analyse: whole documents in, an analysis out. This file is the whole order.

read      every sentence of each document, in reading order, with what it means
quote     the key sentences, dates, names or duties, as they stand in the document
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence

from docmind.answering.whole.analysis import AnalysedDocument, Analysis, Part, Progress, Stopped
from docmind.answering.whole.places import Places
from docmind.answering.whole.quoting import left_aside, quote, topic
from docmind.answering.whole.reading import Source, read
from docmind.answering.whole.request import BETWEEN_DOCUMENTS, Request
from docmind.errors import LibraryError
from docmind.workspace import Workspace

AnalysisEvent = Progress | Analysis | Stopped


def analyse(
    workspace: Workspace, request: Request, stopped: Callable[[], bool] = lambda: False
) -> Generator[AnalysisEvent, None, None]:
    """Analyse whole documents.

    Args:
        workspace: The open library.
        request: Which analysis, of which documents.
        stopped: Asked between two steps and several times a second while a model writes.

    Yields:
        `Progress` now and then; `Analysis` last, or `Stopped` where the user ended it.

    Raises:
        LibraryError: a document is not there, or there are too few for what is asked.
        EngineError: the model failed.
    """
    started = time.perf_counter()
    check(request)
    sources = []
    for number, document_id in enumerate(request.documents):
        yield Progress("Reading the documents", number, len(request.documents))
        if stopped():
            yield Stopped()
            return
        sources.append(_read(workspace, document_id, request))

    places = Places()
    parts: list[Part] = []
    notes = []
    for source in sources:
        quoted = quote(request, source, places)
        parts += _under(source, quoted) if len(sources) > 1 else quoted
        if more := left_aside(request, source):
            notes.append(f"{more:,} more were found in {source.document.name}; the surest are shown.")
    yield Analysis(
        kind=request.kind,
        length=request.length,
        documents=analysed(sources, places),
        parts=tuple(part for part in parts if part.entries),
        citations=places.citations,
        question=request.question,
        notes=tuple(notes),
        method="Key sentences, quoted",
        seconds=round(time.perf_counter() - started, 2),
    )


def check(request: Request) -> None:
    """Raise LibraryError where a request cannot be met as it is."""
    if not request.documents:
        raise LibraryError("Choose at least one document.")
    if request.kind in BETWEEN_DOCUMENTS and len(set(request.documents)) < 2:
        raise LibraryError(f"A {request.kind.removesuffix('s')} needs two documents at least. Choose another one too.")
    if request.kind == "list" and not request.question.strip():
        raise LibraryError("Say what to list: 'all fees', say.")


def analysed(sources: Sequence[Source], places: Places) -> tuple[AnalysedDocument, ...]:
    """What was read, and which tenths of each document are cited."""
    found = []
    for source in sources:
        tenths = {
            (item.node.node_id, item.text): tenth for item, tenth in zip(source.evidence, source.tenths, strict=True)
        }
        by_text = {text: tenth for (_, text), tenth in tenths.items()}
        cited = {
            by_text[citation.quote]
            for citation in places.citations
            if citation.document_id == source.document.id and citation.quote in by_text
        }
        document = source.document
        found.append(
            AnalysedDocument(document.id, document.name, document.sha256, document.pages, tuple(sorted(cited)))
        )
    return tuple(found)


def _read(workspace: Workspace, document_id: str, request: Request) -> Source:
    document = workspace.catalog.find(document_id)
    passages = list(workspace.store.chunks_of(document.id))
    return read(document, passages, workspace.embedder, topic(request.question))


def _under(source: Source, parts: Sequence[Part]) -> list[Part]:
    """The parts of one of several documents, under its name."""
    name = source.document.name
    return [Part(f"{name}: {part.heading}" if part.heading else name, part.entries) for part in parts]
