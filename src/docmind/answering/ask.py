"""Ask: question in, events out. This file is the whole order.

    retrieve  by meaning and words, among the chosen documents   -> passages
    gather    their sentences, compared with the question        -> evidence
    gate      nothing near the question?                         -> say so, show the nearest, ask no model
    route     hard enough to think first?                        -> engine
    fit       as many passages as the window holds, counted      -> prompt
    generate  token by token                                     -> Thinking and Token events
    align     each sentence with its source, or marked           -> citations
    judge     no sentence supported?                             -> say so, show the nearest

`ask` yields the events as they happen; `QueryEngine` is the same path as a LlamaIndex query engine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, Literal

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response, StreamingResponse
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import QueryBundle

from docmind.answering.citations import AnswerSentence, Citation, align, nearest
from docmind.answering.context import FittedPrompt, fit_prompt
from docmind.answering.events import Answer, Event, LoadingModel, Read, Retrieved, Token
from docmind.answering.evidence import Evidence, gather, most_relevant
from docmind.answering.generation import Written, generate
from docmind.answering.prompts import NOT_FOUND_REPLY
from docmind.answering.routing import needs_thinking
from docmind.engines import Engine
from docmind.errors import EngineError, LibraryError
from docmind.sentences import content_terms, names, numbers
from docmind.settings import Settings, load_settings
from docmind.workspace import Workspace

NOT_FOUND = "I did not find an answer to this in the documents. The nearest passages are shown instead."
STOPPED = "You stopped this answer before its first word."

# A question is about the documents when a sentence of theirs is at least this similar in meaning, or holds this share
# of its words. Both are low on purpose: the gate stops what is plainly elsewhere, later checks do the rest.
_SIMILAR = 0.3
_SHARED_WORDS = 0.5
# An answer that rests on a sentence far less near to the question than the nearest one answers something else.
_NEAR_THE_NEAREST = 0.6

# A model that was told to quote and did not quote faithfully is not believed: a changed word changes the meaning.
_QUOTED = 0.85


def ask(
    workspace: Workspace,
    question: str,
    document_ids: Sequence[str] | None = None,
    stopped: Callable[[], bool] = lambda: False,
    thinking: Literal["auto", "always", "never"] | None = None,
) -> Iterator[Event]:
    """Answer a question over the library, streaming.

    Args:
        workspace: The open library.
        question: In the user's words.
        document_ids: Limits the search to these documents; None asks all.
        stopped: Asked several times a second; once it says yes, the answer ends there.
        thinking: Whether the model thinks first; None leaves it to the settings.

    Raises:
        LibraryError: the library is empty, or the question is.
        ModelNotFoundError: a model is missing; the message says how to get it.
        EngineError: the model failed.
    """
    started = time.perf_counter()
    question = question.strip()
    if not question:
        raise LibraryError("The question is empty. Type what you want to know.")
    if not workspace.catalog.documents("ready"):
        raise LibraryError("The library is empty. Add documents first: `docmind ingest PATH`, or the Documents page.")

    # Retrieve.
    settings, embedder = workspace.settings, workspace.embedder
    retriever = workspace.retriever(document_ids)
    found = retriever.search(question, embedder.model.get_query_embedding(question))
    report = _Report(question, started)
    report.left_machine = workspace.store.leaves_machine
    report.engine = workspace.engine_if_open  # it is not opened before there is something to ask it
    yield Retrieved(tuple(found), report.retrieve_seconds)

    # Gather.
    candidates = [item.node for item in found[: settings.prompt_passages]]
    evidence = gather(question, candidates, embedder)

    # Gate.
    if not any(item.similarity >= _SIMILAR or item.shared >= _SHARED_WORDS for item in evidence):
        yield report.not_found(nearest(evidence), draft=None)
        return

    if stopped():
        report.written.stopped = True
        yield report.answer(STOPPED, (), ())
        return

    # Route.
    wanted = needs_thinking(question, thinking or settings.thinking)
    if model := workspace.model_to_open(thinking=wanted):
        yield LoadingModel(model)
    engine = report.engine = workspace.engine_for(thinking=wanted)

    # Fit.
    style = engine.best_style if settings.answer_style == "auto" else settings.answer_style
    if engine.options({"thinking": wanted}).thinking:
        style = "write"  # a quotation begun for the model would stand inside its thoughts
    hint = most_relevant(evidence).text
    longest = _longest_answer(settings, engine, thinking=wanted)
    prompt = fit_prompt(style, question, candidates, hint, engine, longest, thinking=wanted)
    report.prompt = prompt

    # Generate.
    written = report.written
    yield from generate(engine, prompt, stopped, written)

    # Align and judge.
    read = [item for item in evidence if item.node in prompt.passages]
    text = written.text.strip()
    if written.thoughts and not (text or written.stopped):
        raise EngineError(
            f"The model thought for {written.tokens:,} tokens without coming to an answer. Raise "
            "DOCMIND_THINKING_TOKENS, or ask without thinking first."
        )
    if written.stopped and not text:
        yield report.answer(STOPPED, (), ())
        return
    threshold = max(settings.support_threshold, _QUOTED if style == "quote" else 0.0)
    sentences, citations = align(question, text, read, embedder, threshold)
    # At its start only: documents say "not found" too, and quoting that is no refusal.
    refused = text.lstrip("\"'* ").casefold().startswith(NOT_FOUND_REPLY.casefold())
    if text and not refused and (written.stopped or _answers(question, sentences, citations, read)):
        yield report.answer(text, sentences, citations)
    else:
        yield report.not_found(nearest(read), draft=None if refused else text or None)


def _longest_answer(settings: Settings, engine: Engine, *, thinking: bool) -> int:
    """Tokens for the answer, and for the thoughts before it, which may take half the window at most."""
    thoughts = min(settings.thinking_tokens, engine.context_window // 2)
    return settings.answer_tokens + (thoughts if engine.options({"thinking": thinking}).thinking else 0)


def _answers(
    question: str,
    sentences: Sequence[AnswerSentence],
    citations: Sequence[Citation],
    evidence: Sequence[Evidence],
) -> bool:
    """Whether a supported sentence tells more than the question did, and its source is about what was asked."""
    asked = set(content_terms(question))
    if not any(item.supported and set(content_terms(item.text)) - asked for item in sentences):
        return False
    specific = {*content_terms(" ".join(names(question))), *numbers(question)}
    quotes = {citation.quote for citation in citations}
    best = max((item.relevance for item in evidence), default=0.0)
    for item in evidence:
        near = item.text in quotes and item.relevance >= _NEAR_THE_NEAREST * best
        if near and (not specific or specific & {*item.context, *content_terms(item.node.get_content())}):
            return True
    return False


class _Report:
    """Collects what the final event tells while the answer grows."""

    def __init__(self, question: str, started: float) -> None:
        self.retrieve_seconds = round(time.perf_counter() - started, 4)
        self.written = Written()
        self.prompt: FittedPrompt | None = None
        self.engine: Engine | None = None
        self.left_machine = False  # a search on another machine sends the question there
        self._question = question
        self._started = started

    def answer(self, text: str, sentences: tuple[AnswerSentence, ...], citations: tuple[Citation, ...]) -> Answer:
        """The final event of an answer that stands."""
        return self._finish(text, None, sentences, citations, found=any(item.supported for item in sentences))

    def not_found(self, citations: tuple[Citation, ...], draft: str | None) -> Answer:
        """The final event where nothing supports an answer."""
        return self._finish(NOT_FOUND, draft, (), citations, found=False)

    def _finish(
        self,
        text: str,
        draft: str | None,
        sentences: tuple[AnswerSentence, ...],
        citations: tuple[Citation, ...],
        *,
        found: bool,
    ) -> Answer:
        passages = self.prompt.passages if self.prompt else ()
        engine = self.engine
        return Answer(
            question=self._question,
            text=text,
            found=found,
            stopped=self.written.stopped,
            draft=draft,
            sentences=sentences,
            citations=citations,
            read=Read(
                documents=len({node.ref_doc_id for node in passages}),
                chunks=len(passages),
                prompt_tokens=self.prompt.tokens if self.prompt else 0,
                context_window=engine.context_window if engine else 0,
            ),
            retrieve_seconds=self.retrieve_seconds,
            first_token_seconds=round(first - self._started, 4) if (first := self.written.first_at) else None,
            total_seconds=round(time.perf_counter() - self._started, 4),
            tokens_per_second=self.written.tokens_per_second,
            engine=engine.engine_name if engine else "",
            model=engine.model_name if engine else "",
            device=engine.device if engine else "",
            left_machine=self.left_machine
            or (self.prompt is not None and engine is not None and engine.leaves_machine),
            thoughts=self.written.thoughts.strip(),
            thinking_seconds=self.written.thinking_seconds,
        )


class QueryEngine(BaseQueryEngine):
    """The ask path as a LlamaIndex query engine. Sources come as NodeWithScore, the whole answer as metadata.

    Args:
        workspace: The open library.
        document_ids: Limits questions to these documents; None asks all.
        streaming: Give a `StreamingResponse`, whose text arrives as it is written and is not judged yet.
    """

    def __init__(
        self, workspace: Workspace, document_ids: Sequence[str] | None = None, *, streaming: bool = False
    ) -> None:
        self._workspace = workspace
        self._document_ids = document_ids
        self._streaming = streaming
        super().__init__(callback_manager=CallbackManager())

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        events = ask(self._workspace, query_bundle.query_str, self._document_ids)
        found = next(events)
        assert isinstance(found, Retrieved)  # noqa: S101 - the first event by definition
        metadata: dict[str, Any] = {}
        if self._streaming:
            tokens = _tokens_then_answer(events, metadata)
            return StreamingResponse(tokens, source_nodes=list(found.passages), metadata=metadata)
        text = "".join(_tokens_then_answer(events, metadata))
        answer: Answer | None = metadata.get("answer")
        return Response(answer.text if answer else text, source_nodes=list(found.passages), metadata=metadata)

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return self._query(query_bundle)


def query_engine(
    workspace: Workspace | None = None, documents: Sequence[str] | None = None, *, streaming: bool = False
) -> QueryEngine:
    """The library as a LlamaIndex query engine.

    Args:
        workspace: An open library; None opens the one that the settings name, until the process ends.
        documents: Names or ids that limit the questions; None asks all.
        streaming: Whether text arrives as it is written.

    Raises:
        DocumentNotFoundError: no document of one of those names.
    """
    workspace = workspace or Workspace(load_settings())
    chosen = None if documents is None else [workspace.catalog.find(name).id for name in documents]
    return QueryEngine(workspace, chosen, streaming=streaming)


def _tokens_then_answer(events: Iterator[Event], metadata: dict[str, Any]) -> Generator[str, None, None]:
    for event in events:
        match event:
            case Token(text):
                yield text
            case Answer():
                metadata["answer"] = event
