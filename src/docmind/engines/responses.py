"""An answer as the responses that LlamaIndex knows: growing, whole, and without messages."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, closing
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    ContentBlock,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from docmind.engines.output_parser import OutputParser, Segment, tool_call


class GrowingAnswer:
    """An answer as it grows, as the responses that LlamaIndex knows.

    Args:
        parser: Takes it apart; its own.
    """

    def __init__(self, parser: OutputParser) -> None:
        self._parser = parser
        self._text = ""
        self._thoughts = ""
        self._calls: list[ToolCallBlock] = []
        self._tokens = 0

    def add(self, text: str, tokens: int) -> Iterator[ChatResponse]:
        """The responses that another piece makes."""
        self._tokens += tokens
        responses = list(self._take(self._parser.feed(text)))
        # Also when everything was held back: each token is a sign of life.
        yield from responses or [self.response()]

    def finish(self) -> Iterator[ChatResponse]:
        """What was held back, and the whole."""
        yield from self._take(self._parser.finish())
        yield self.response()

    def response(self, delta: str = "", **more: Any) -> ChatResponse:
        """The answer so far."""
        blocks: list[ContentBlock] = [ThinkingBlock(content=self._thoughts)] if self._thoughts.strip() else []
        message = ChatMessage(role=MessageRole.ASSISTANT, blocks=[*blocks, TextBlock(text=self._text), *self._calls])
        return ChatResponse(message=message, delta=delta, additional_kwargs={"tokens": self._tokens, **more})

    def _take(self, segments: Iterator[Segment]) -> Iterator[ChatResponse]:
        for segment in segments:
            match segment.kind:
                case "text":
                    self._text += segment.text
                    yield self.response(segment.text)
                case "thinking":
                    self._thoughts += segment.text
                    yield self.response(thinking_delta=segment.text)
                case "tool":
                    if call := tool_call(segment.text):
                        self._calls.append(ToolCallBlock(tool_name=call.name, tool_kwargs=call.arguments))


def last(responses: ChatResponseGen) -> ChatResponse:
    """The whole answer."""
    # One at a time: each response holds the whole text so far.
    return deque(responses, maxlen=1).pop()


async def last_of(responses: AsyncGenerator[ChatResponse, None]) -> ChatResponse:
    """The same of an asynchronous stream."""
    async with aclosing(responses):
        newest = await anext(responses)
        async for response in responses:
            newest = response
        return newest


def completion(response: ChatResponse) -> CompletionResponse:
    """The same response without a message."""
    return CompletionResponse(
        text=response.message.content or "", delta=response.delta, additional_kwargs=response.additional_kwargs
    )


def completions(responses: ChatResponseGen) -> CompletionResponseGen:
    """The same stream without messages; closing it closes the other."""
    with closing(responses):
        yield from map(completion, responses)


async def completions_of(responses: AsyncGenerator[ChatResponse, None]) -> CompletionResponseAsyncGen:
    """The same of an asynchronous stream."""
    async with aclosing(responses):
        async for response in responses:
            yield completion(response)
