"""The ask path as a LlamaIndex query engine, so that any LlamaIndex program can use the library."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response, StreamingResponse
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import QueryBundle

from docmind.answering.ask import ask
from docmind.answering.events import Answer, Event, Retrieved, Token
from docmind.answering.question import Question
from docmind.settings import load_settings
from docmind.workspace import Workspace


class QueryEngine(BaseQueryEngine):
    """Answers with sources as `NodeWithScore` and the whole `Answer` in the response's metadata.

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
        events = ask(self._workspace, Question(query_bundle.query_str, self._scope))
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
        # TODO(lead)
        return await asyncio.to_thread(self._query, query_bundle)


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
