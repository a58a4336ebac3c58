"""Analyse: whole documents in, an analysis out. This file is the whole order.

estimate  how it will be done, and how long that takes here, before anything takes long -> Planned
read      every sentence of each document, in reading order, with what it means
plan      by the model in full, by the model from key sentences, or quoted
write     the model reads part by part, then what it wrote of the parts; each statement proved or left out
quote     or, without a model: key sentences, dates, names, duties as they stand in the document
compare   what several documents say about the same, side by side, or where they do not agree
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence

from llama_index.core.schema import BaseNode

from docmind.answering.citations import with_hashes
from docmind.answering.whole.analysis import AnalysedDocument, Analysis, Part, Planned, Progress, Stopped
from docmind.answering.whole.between import compare, contradictions
from docmind.answering.whole.dictation import EndedByUser, Tally
from docmind.answering.whole.map_reduce import Desk, condensed, in_full
from docmind.answering.whole.places import Places
from docmind.answering.whole.plan import WRITTEN, Plan, altogether, kept_plan, plan, quoted
from docmind.answering.whole.prompts import whole_text
from docmind.answering.whole.quoting import left_aside, quote, topic
from docmind.answering.whole.reading import Source, read
from docmind.answering.whole.request import BETWEEN_DOCUMENTS, Request
from docmind.engines import Engine
from docmind.errors import LibraryError
from docmind.storage.catalog import Document
from docmind.workspace import Workspace

AnalysisEvent = Planned | Progress | Analysis | Stopped

_METHODS = {
    "quoted": "Sentences of the documents, quoted",
    "in full": "Read in full by the model",
    "condensed": "Key sentences read by the model, part by part",
}


def analyse(
    workspace: Workspace, request: Request, stopped: Callable[[], bool] = lambda: False
) -> Generator[AnalysisEvent, None, None]:
    """Analyse whole documents.

    Args:
        workspace: The open library.
        request: Which analysis, of which documents.
        stopped: Asked between two steps and several times a second while a model writes.

    Yields:
        `Planned` once, before anything is read, `Progress` now and then; `Analysis` last, or `Stopped` where the user
        ended it: what a model wrote until then is kept, and the next run goes on from there.

    Raises:
        LibraryError: a document is not there, or there are too few for what is asked.
        EngineError: the model failed.
        ModelError: the checker, where there is one, cannot be loaded.
    """
    check(request)
    try:
        with workspace.index.lend():
            yield from _analyse(workspace, request, stopped)
    except EndedByUser:
        yield Stopped()


def _analyse(
    workspace: Workspace, request: Request, stopped: Callable[[], bool]
) -> Generator[AnalysisEvent, None, None]:
    started = time.perf_counter()
    if request.kind in WRITTEN and workspace.current_engine.if_open is None:
        yield Progress("Opening the model", 0, 1)
    planned = estimate(workspace, request)
    checker = workspace.checker if request.kind in WRITTEN else None
    yield planned

    sources = []
    for number, document_id in enumerate(request.documents):
        yield Progress("Reading the documents", number, len(request.documents))
        if stopped():
            raise EndedByUser
        sources.append(_read(workspace, document_id, request))

    places, tally = Places(), Tally()
    parts: list[Part] = []
    notes: tuple[str, ...] = ()
    left_out = 0
    engine: Engine | None = None
    if request.kind in WRITTEN:
        with workspace.current_engine.lend(thinking=False) as engine:
            plans = [
                _plan(request, source.document, source.passages, len(source.evidence), engine, workspace)
                for source in sources
            ]
            desk = Desk(
                engine,
                workspace.embedder,
                workspace.settings.support_threshold,
                checker,
                workspace.catalog.analyses,
                stopped,
                tally,
                places,
            )
            for source, chosen in zip(sources, plans, strict=True):
                match chosen.method:
                    case "in full":
                        written = yield from in_full(request, source, chosen, desk)
                    case "condensed":
                        written = yield from condensed(request, source, chosen, desk)
                    case "quoted":
                        parts += _under(sources, source, quote(request, source, places))
                        continue
                left_out += written.left_out
                if request.kind == "list" and written.said and not any(part.entries for part in written.parts):
                    # Nothing of a model's list stands in the document, which may hold such things all the same.
                    quoted_parts = quote(request, source, places)
                    if any(part.entries for part in quoted_parts):
                        name = source.document.name
                        notes += (f"Nothing that the model listed stands so in {name}; it is quoted instead.",)
                    parts += _under(sources, source, quoted_parts)
                    continue
                parts += _under(sources, source, written.parts)
    else:
        plans = [quoted(len(source.evidence)) for source in sources]
        found, notes = _quoted(request, sources, places, workspace)
        parts += found

    asked = engine if engine and any(chosen.method != "quoted" for chosen in plans) else None
    yield Analysis(
        kind=request.kind,
        length=request.length,
        documents=analysed(sources, places),
        parts=tuple(part for part in parts if part.entries),
        citations=with_hashes(places.citations, {source.document.id: source.document.sha256 for source in sources}),
        question=request.question,
        left_out=left_out,
        notes=(*notes, *_notes(request, sources)),
        method=_method(plans),
        verbatim=asked is None,
        prompt_tokens=tally.prompt_tokens,
        written_tokens=tally.written_tokens,
        estimated_seconds=planned.seconds,
        seconds=round(time.perf_counter() - started, 2),
        first_seconds=tally.first_seconds,
        engine=asked.engine_name if asked else "",
        model=asked.model_name if asked else "",
        device=asked.device if asked else "",
        left_machine=workspace.store.leaves_machine or bool(asked and asked.leaves_machine),
    )


def estimate(workspace: Workspace, request: Request) -> Planned:
    """How a request would be met, and how long that takes; opens the model, where one is asked, and reads no sentence.

    Raises:
        LibraryError: a document is not there, there are too few for what is asked, or one does not fit that is to be
            read in full.
        EngineError: the model cannot be opened, or cannot count its prompt.
    """
    check(request)
    documents = [workspace.catalog.find(document_id) for document_id in request.documents]
    engine = workspace.engine if request.kind in WRITTEN else None
    plans = []
    for document in documents:
        passages = list(workspace.store.chunks_of(document.id))
        sentences = sum(passage.get_content().count(". ") + 1 for passage in passages)
        if engine is None:
            plans.append(quoted(sentences))
            continue
        plans.append(_plan(request, document, passages, sentences, engine, workspace))
    return Planned(
        _method(plans),
        sum(chosen.prompt_tokens for chosen in plans),
        sum(chosen.written_tokens for chosen in plans),
        altogether(plans),
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
        by_text = {item.text: tenth for item, tenth in zip(source.evidence, source.tenths, strict=True)}
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


def _plan(
    request: Request,
    document: Document,
    passages: Sequence[BaseNode],
    sentences: int,
    engine: Engine,
    workspace: Workspace,
) -> Plan:
    begun = kept_plan(workspace.catalog.analyses, document.id, engine, request)
    tokens = engine.count_tokens(engine.escape(whole_text(document.title or document.name, passages)))
    return plan(request, tokens, sentences, engine, workspace.settings, begun)


def _quoted(
    request: Request, sources: Sequence[Source], places: Places, workspace: Workspace
) -> tuple[Sequence[Part], tuple[str, ...]]:
    """The parts, and notes for the reader."""
    match request.kind:
        case "comparison":
            return compare(request, sources, places, workspace.embedder)
        case "contradictions":
            return contradictions(request, sources, places), ()
        case _:
            quoted_parts = (_under(sources, source, quote(request, source, places)) for source in sources)
            return [part for parts in quoted_parts for part in parts], ()


def _method(plans: Sequence[Plan]) -> str:
    return "; ".join(dict.fromkeys(_METHODS[chosen.method] for chosen in plans))


def _notes(request: Request, sources: Sequence[Source]) -> tuple[str, ...]:
    return tuple(
        f"{more:,} more were found in {source.document.name}; the surest are shown."
        for source in sources
        if (more := left_aside(request, source))
    )


def _under(sources: Sequence[Source], source: Source, parts: Sequence[Part]) -> list[Part]:
    """The parts of a document, under its name where there are several."""
    if len(sources) == 1:
        return list(parts)
    name = source.document.name
    return [Part(f"{name}: {part.heading}" if part.heading else name, part.entries) for part in parts]
