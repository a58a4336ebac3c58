"""The ask path as a LlamaIndex query engine, so that any LlamaIndex program can use the library."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import (
    RESPONSE_TYPE,
    AsyncStreamingResponse,
    Response,
    StreamingResponse,
)
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle

from docmind.answering.ask import ask
from docmind.answering.events import Answer, Event, Preview, Retrieved, Token
from docmind.answering.question import Question
from docmind.async_streams import in_thread
from docmind.settings import load_settings
from docmind.storage.scope import Limits, documents_within
from docmind.workspace import Workspace


class QueryEngine(BaseQueryEngine):
    """Answers with sources as `NodeWithScore` and the whole `Answer` in the response's metadata.

    A response that streams has the sentence to read meanwhile there too (`preview`, a `Citation`), from its first piece
    of text on.

    Args:
        workspace: The open library.
        document_ids: Limits questions to these documents; None asks all.
        streaming: Give a `StreamingResponse`, whose text arrives as it is written and is not judged yet.
    """

    def __init__(
        self, workspace: Workspace, document_ids: Sequence[str] | None = None, *, streaming: bool = False
    ) -> None:
        self._workspace = workspace
        self._scope = None if document_ids is None else tuple(document_ids)
        self._streaming = streaming
        super().__init__(callback_manager=CallbackManager())

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        events = ask(self._workspace, self._question(query_bundle))
        passages = _passages(next(events))
        metadata: dict[str, Any] = {}
        if not self._streaming:
            *_, answer = events
            return _response(passages, answer)

        def tokens() -> Generator[str, None, None]:
            for event in events:
                yield from _text(event, metadata)

        return StreamingResponse(tokens(), source_nodes=passages, metadata=metadata)

    def _question(self, query_bundle: QueryBundle) -> Question:
        # Anew each time: a response has the passages that were retrieved for it, and a kept answer has none.
        return Question(query_bundle.query_str, self._scope, fresh=True)

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        """The same without blocking the event loop; cancelling it stops the answer."""
        stopped = threading.Event()
        question = self._question(query_bundle)
        events = in_thread(ask(self._workspace, question, stopped.is_set), stop=stopped.set)
        if not self._streaming:
            async with aclosing(events):
                passages = _passages(await anext(events))
                answer = [event async for event in events][-1]
            return _response(passages, answer)
        passages = _passages(await anext(events))
        metadata: dict[str, Any] = {}

        async def tokens() -> AsyncGenerator[str, None]:
            async with aclosing(events):
                async for event in events:
                    for text in _text(event, metadata):
                        yield text

        return AsyncStreamingResponse(tokens(), source_nodes=passages, metadata=metadata)


def query_engine(
    workspace: Workspace | None = None,
    documents: Sequence[str] | None = None,
    *,
    limits: Limits | None = None,
    streaming: bool = False,
) -> QueryEngine:
    """The library as a LlamaIndex query engine.

    Args:
        workspace: An open library; None opens the one that the settings name, until the process ends.
        documents: Names or ids that limit the questions; None asks all.
        limits: Further limits: collections, types, when documents were added.
        streaming: Whether text arrives as it is written.

    Raises:
        DocumentNotFoundError: no document of one of those names, or none within the limits.
        LibraryError: there is no such collection, or no document of such a type.
    """
    workspace = workspace or Workspace(load_settings())
    limits = limits or Limits()
    if documents is not None:
        limits = replace(limits, documents=(*(limits.documents or ()), *documents))
    return QueryEngine(workspace, documents_within(workspace.catalog, limits), streaming=streaming)


def _passages(event: Event) -> list[NodeWithScore]:
    assert isinstance(event, Retrieved)  # noqa: S101 - the first event by definition
    return list(event.passages)


def _response(passages: list[NodeWithScore], answer: Event) -> Response:
    assert isinstance(answer, Answer)  # noqa: S101 - the last event by definition
    return Response(answer.text, source_nodes=passages, metadata={"answer": answer})


def _text(event: Event, metadata: dict[str, Any]) -> list[str]:
    """The words that an event brings; the preview and the answer itself go into the metadata."""
    if isinstance(event, Preview):
        metadata["preview"] = event.citation
    if isinstance(event, Answer):
        metadata["answer"] = event
    return [event.text] if isinstance(event, Token) else []
