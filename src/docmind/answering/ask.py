"""Ask: question in, events out. This file is the whole order.

about       is the app itself asked, or thanked?                   -> what it says, and nothing else
understand  what is asked, after what, and is it hard to answer?   -> a question that stands alone
whole       is it asked of whole documents? `analyse.py`           -> their analysis, and nothing else
each        is it put to each of several documents? `each.py`      -> all below for each, and nothing else
recall      was the same asked of the same documents before?       -> the answer that was kept, and nothing else
retrieve    by meaning and words, and the best of it read again    -> passages; of each part of the question by turns
ground      their sentences, compared with the question            -> evidence; none near: say so, ask no model
preview     the nearest of them, before a model is even opened     -> something to read at once
calculate   two numbers of the passages, where one is asked for   -> the calculation, by us; no model is asked
write       an engine is lent, fits the passages and writes        -> Thinking and Token events, a draft
judge       each sentence with its source, or marked               -> the answer; none supported: say so
remember    where it was found, whole and still holds              -> kept for the next who asks that
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from typing import Final

from llama_index.core.schema import BaseNode, NodeWithScore

from docmind.answering.about_library import about_library
from docmind.answering.analyse import analyse
from docmind.answering.arithmetic import NOT_COMPUTED, Computed, calculation_of, compute
from docmind.answering.budget import USUAL_PASSAGES, passages_to_retrieve
from docmind.answering.citations import Citation, cite, with_hashes
from docmind.answering.each import ask_each, each_of, names_asked
from docmind.answering.events import Answer, Event, Preview, Read, Retrieved, Token, Unread
from docmind.answering.evidence import most_telling
from docmind.answering.expected import defines_role, role_asked_for
from docmind.answering.follow_up.model import sayer_of
from docmind.answering.generation import Written
from docmind.answering.grounding import ground, widen
from docmind.answering.judging import STOPPED, Judgement, judge, not_found
from docmind.answering.question import Question
from docmind.answering.quoting import choose
from docmind.answering.remembering import ground_of, recall, remember
from docmind.answering.routing import whole_request
from docmind.answering.understanding import Understood, understand
from docmind.answering.unread import not_read_yet, with_those_read, without
from docmind.answering.whole.analysis import Analysis, Planned, Progress, Stopped
from docmind.answering.whole.as_answers import as_answer
from docmind.answering.whole.request import Request
from docmind.answering.writing import Draft, budget_of, pinned_among, write, writer_of
from docmind.errors import DocumentNotFoundError, LibraryError
from docmind.retrieval.hybrid import Found, Step
from docmind.retrieval.reranking import together
from docmind.sentences import content_terms
from docmind.storage.catalog import Catalog
from docmind.workspace import Workspace

_OF_A_PINNED_DOCUMENT = 3  # passages of it that are read in any case
_AS_FOUND: Final[tuple[Step, ...]] = ("reranking",)


def ask(
    workspace: Workspace, question: Question | str, stopped: Callable[[], bool] = lambda: False
) -> Generator[Event, None, None]:
    """Answer a question over the library, streaming.

    Args:
        workspace: The open library.
        question: What is asked; a text alone asks all documents.
        stopped: Asked several times a second; once it says yes, the answer ends there.

    Yields:
        `Retrieved` first and `Answer` last; between them, where a model is asked, `Preview` and what happens while it
        writes. Where an answer was kept, `Answer` alone; where the app itself is asked, its text and `Answer`.

    Raises:
        LibraryError: the library is empty, or the question is.
        ModelNotFoundError: a model is missing; the message says how to get it.
        EngineError: the model failed.
    """
    asked = Question(question) if isinstance(question, str) else question
    if said := about_library(asked, workspace.catalog):
        yield from (Token(said.text), said)
    else:
        asked_of = names_asked(workspace.catalog, with_those_read(workspace.catalog, asked.scope, asked.awaited))
        with workspace.index.lend():  # what is found by one embedding model is not judged by another
            for event in _ask_documents(workspace, asked, stopped):
                yield replace(event, asked_of=asked_of) if isinstance(event, Answer) else event


def _ask_documents(workspace: Workspace, asked: Question, stopped: Callable[[], bool]) -> Generator[Event, None, None]:
    started = time.perf_counter()
    understood = _understood(workspace, asked, stopped)
    if not workspace.catalog.has("ready"):
        raise LibraryError("The library is empty. Add documents first: `docmind ingest PATH`, or the Documents page.")

    unread = not_read_yet(workspace.catalog, understood.scope, understood.awaited)
    request = whole_request(understood.text, understood.scope, lambda: workspace.catalog.documents("ready"))
    if request is not None:
        yield from _of_whole_documents(workspace, request, understood, unread, stopped)
        return

    each = each_of(understood.text, asked.each, understood.scope, lambda: workspace.catalog.documents("ready"))
    if each is not None and not whole_request(each.question, [each.documents[0].id], lambda: each.documents):
        yield from ask_each(
            each, asked, understood, unread, partial(_ask_documents, workspace, stopped=stopped), stopped
        )
        return
    yield from _ask_passages(workspace, asked, understood, unread, started, stopped)


def _ask_passages(
    workspace: Workspace,
    asked: Question,
    understood: Understood,
    unread: tuple[Unread, ...],
    started: float,
    stopped: Callable[[], bool],
) -> Generator[Event, None, None]:
    """What passages of the documents answer, or that they do not."""
    settings, current = workspace.settings, workspace.current_engine
    ground_then = ground_of(workspace, asked, understood)
    if ground_then and not asked.fresh and (kept := recall(workspace, understood, ground_then, started)):
        yield replace(kept, unread=unread)
        return

    found = retrieve(understood, workspace, started)
    yield found

    passages = [item.node for item in found.passages]
    # The first few tell whether to ask; with the rest, only what was written is compared, so that nobody waits for it.
    grounding = ground(understood.asks, _first(passages, understood), workspace.embedder)
    parts = {
        part: ground(part, [item.node for item in near[:USUAL_PASSAGES]], workspace.embedder)
        for part, near in zip(understood.parts, found.by_part, strict=True)
    }

    calculation = calculation_of(understood.asks)
    computed: Computed | None = None
    if calculation:
        grounding = widen(grounding, understood.asks, passages, workspace.embedder)
        computed = compute(calculation, grounding.evidence)

    preview: Preview | None = None
    if any(each.about_the_question for each in (grounding, *parts.values())):
        quoted = choose(understood.asks, "", grounding.evidence, workspace.embedder)
        (nearest,) = cite([quoted[0].best if quoted else most_telling(grounding.evidence)])
        preview = Preview(nearest, round(time.perf_counter() - started, 4))
        yield preview

    draft = Draft(writer_of(current.if_open))  # nothing is opened before there is something to ask it
    if preview is None:
        judgement = not_found(grounding.evidence)
    elif computed:
        judgement = Judgement(computed.sentence.text, (computed.sentence,), computed.citations)
        yield Token(judgement.text)
    elif stopped():
        draft.written = Written(stopped=True)
        judgement = Judgement(STOPPED)
    else:
        checker = workspace.checker  # opened before there is anything to lose
        draft = yield from write(understood, passages, grounding, current, settings, stopped)
        grounding = widen(grounding, understood.asks, draft.passages, workspace.embedder)
        judgement = judge(
            understood.asks, draft, grounding, workspace.embedder, settings.support_threshold, checker, parts
        )
        if draft.style == "quote" and judgement.sentences:
            yield Token(judgement.text)

    if calculation and not judgement.sentences and not draft.written.stopped:
        judgement = replace(judgement, text=NOT_COMPUTED)
    answer = _answer(workspace, understood, found, preview, draft, judgement, started)
    if ground_then:
        remember(workspace, understood.text, ground_then, answer)
    yield answer


def _understood(workspace: Workspace, asked: Question, stopped: Callable[[], bool]) -> Understood:
    """What a question asks for, and of which of the documents that are read by now."""
    settings = workspace.settings
    understood = understand(asked, settings.thinking, sayer_of(workspace.current_engine, settings, stopped))
    return replace(understood, scope=with_those_read(workspace.catalog, understood.scope, understood.awaited))


def _of_whole_documents(
    workspace: Workspace,
    request: Request,
    question: Understood,
    unread: tuple[Unread, ...],
    stopped: Callable[[], bool],
) -> Generator[Event, None, None]:
    """An analysis as an answer."""
    yield Retrieved((), 0.0, question.asked_as)
    analysis = Analysis(request.kind, request.length, (), (), ())
    ended = False
    for event in analyse(workspace, request, stopped):
        match event:
            case Planned() | Progress():
                yield event
            case Analysis():
                analysis = event
            case Stopped():
                ended = True
    answer = as_answer(analysis, bullets=True)
    answer = replace(answer, question=question.asked, asked_as=question.asked_as, gist=analysis.gist, unread=unread)
    if ended:
        answer = replace(answer, text=STOPPED, found=False, stopped=True)
    else:
        yield Token(answer.text)
    yield answer


def retrieve(question: Understood, workspace: Workspace, started: float) -> Retrieved:
    """The passages nearest to a question, best first; `started` is when it was asked (`time.perf_counter`)."""
    settings, engine = workspace.settings, workspace.current_engine.if_open
    budget = budget_of(settings, engine) if engine else None
    limit = passages_to_retrieve(settings, budget)
    model = workspace.embedder.model
    searched = question.parts or (question.text,)
    # What the user has pinned is looked through for the whole question, also where only its parts are searched.
    embedded = {*searched, question.text} if question.pinned else searched
    embeddings = {text: model.get_query_embedding(text) for text in embedded}
    share = 1 / len(searched)
    unread = not_read_yet(workspace.catalog, question.scope, question.awaited)  # last of all before the search
    found = {text: _nearest_to(text, embeddings[text], question, workspace, limit, share) for text in searched}
    reranked = together([each.reranked for each in found.values() if each.reranked])
    by_part = tuple(tuple(found[part].passages) for part in question.parts)
    if by_part:
        by_turns = [item for rank in zip_longest(*by_part) for item in rank if item is not None]
        passages = list({item.node.node_id: item for item in reversed(by_turns)}.values())[::-1]
    else:
        passages = found[question.text].passages
    if question.pinned:
        known = {item.node.node_id for item in passages}
        pinned = _pinned(question, embeddings[question.text], workspace)
        passages = [*passages, *(item for item in pinned if item.node.node_id not in known)]
    seconds = round(time.perf_counter() - started, 4)
    looked_first = tuple(dict.fromkeys(name for each in found.values() for name in each.looked_first))
    unread = without(unread, {item.node.ref_doc_id for item in passages})
    return Retrieved(tuple(passages), seconds, question.asked_as, by_part, looked_first, reranked, unread)


def _nearest_to(
    text: str, embedding: list[float], question: Understood, workspace: Workspace, limit: int, share: float
) -> Found:
    """The passages nearest to a question, or to a part of it, best first; `share` of a reranker's time is its own."""
    # Passages as they were cut: joined ones are read in place of others, and change what words of the question weigh.
    without: tuple[Step, ...] = ("names", "pages") if question.evenly else ("pages",)
    found = workspace.retriever(question.scope, limit).find(text, embedding, without=without, share=share)
    asks = text if question.parts else question.asks
    if not role_asked_for(asks):
        return found
    # Who the landlord is stands in one sentence of a contract, and 'the landlord' in all the others.
    return replace(found, passages=sorted(found.passages, key=lambda item: not _defines_role(asks, item.node)))


def _defines_role(question: str, passage: BaseNode) -> bool:
    text = passage.get_content()
    return defines_role(question, text, content_terms(f"{passage.metadata['title']} {text}"))


def _first(passages: list[BaseNode], question: Understood) -> list[BaseNode]:
    """The passages that tell whether to ask: the best ones, and what the user has pinned."""
    others = passages[USUAL_PASSAGES:]
    pinned = pinned_among(others, question.pinned)
    return passages[:USUAL_PASSAGES] + [node for node in others if node.node_id in pinned]


def _pinned(question: Understood, embedding: list[float], workspace: Workspace) -> list[NodeWithScore]:
    """What the user has pinned: passages, and of documents those nearest to the question."""
    ready = {each.id for each in workspace.catalog.documents("ready")}
    asked = ready if question.scope is None else ready & set(question.scope)
    near = [
        item
        for document in question.pinned
        if document in asked
        for item in workspace.retriever([document], _OF_A_PINNED_DOCUMENT)
        .find(question.text, embedding, without=_AS_FOUND)
        .passages
    ]
    passages = workspace.store.get_nodes([each for each in question.pinned if each not in ready])
    return near + [NodeWithScore(node=node, score=0.0) for node in passages if node.ref_doc_id in asked]


def _answer(
    workspace: Workspace,
    question: Understood,
    found: Retrieved,
    preview: Preview | None,
    draft: Draft,
    judgement: Judgement,
    started: float,
) -> Answer:
    written, writer = draft.written, draft.writer
    return Answer(
        question=question.asked,
        text=judgement.text,
        found=any(item.supported for item in judgement.sentences),
        stopped=written.stopped,
        draft=judgement.rejected,
        sentences=judgement.sentences,
        citations=with_hashes(judgement.citations, _hashes(judgement.citations, workspace.catalog)),
        read=Read(
            documents=len({node.ref_doc_id for node in draft.passages}),
            chunks=len(draft.passages),
            prompt_tokens=draft.prompt_tokens,
            context_window=writer.context_window,
            most_chunks=draft.budget.passages if draft.budget else None,
            most_chunk_tokens=draft.budget.passage_tokens if draft.budget else None,
            reads_per_second=writer.speed.reads if writer.speed else None,
            writes_per_second=writer.speed.writes if writer.speed else None,
            prompt_limit=draft.prompt_limit,
            parts=draft.parts,
            left_out=draft.left_out,
        ),
        retrieve_seconds=found.seconds,
        first_token_seconds=round(written.first_at - started, 4) if written.first_at else None,
        total_seconds=round(time.perf_counter() - started, 4),
        tokens_per_second=written.tokens_per_second,
        engine=writer.engine,
        model=writer.model,
        device=writer.device,
        left_machine=workspace.store.leaves_machine or (bool(draft.passages) and writer.leaves_machine),
        thoughts=written.thoughts.strip(),
        thinking_seconds=written.thinking_seconds,
        looked_first=found.looked_first,
        reranked=found.reranked,
        unread=found.unread,
        preview=preview.citation if preview else None,
        preview_seconds=preview.seconds if preview else None,
        asked_as=question.asked_as,
        gist=next((item.text for item in judgement.sentences if item.supported), ""),
        answered=round(time.time(), 3),
        alternative=judgement.alternative,
        correction=judgement.correction,
    )


def _hashes(citations: tuple[Citation, ...], catalog: Catalog) -> dict[str, str]:
    """The SHA-256 of each cited document that is still there, by its id."""
    hashes: dict[str, str] = {}
    for document_id in {citation.document_id for citation in citations}:
        with suppress(DocumentNotFoundError):  # deleted while the answer was written
            hashes[document_id] = catalog.document(document_id).sha256
    return hashes
