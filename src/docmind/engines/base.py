"""What every engine is: a LlamaIndex LLM plus exact token counts, safe text, fair turns and an end.

`stream_chat` is the way in. Each response carries the text so far and what is new; `additional_kwargs` may hold
`thinking_delta` (new thoughts), `tokens` (the tokens written so far, as the engine counts them) and `place` (one's
place in the queue). A response whose delta is empty is a sign of life: the moment to look whether the user wants to
stop.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple, TypeVar

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    ContentBlock,
    LLMMetadata,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)
from llama_index.core.bridge.pydantic import BaseModel, PrivateAttr, ValidationError
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.custom import CustomLLM
from llama_index.core.prompts import BasePromptTemplate

from docmind.engines.admission_queue import AdmissionQueue
from docmind.engines.options import Mode, Options, Preset, Sampling, sampling_for
from docmind.engines.output_parser import OutputParser, Spoken, tool_call
from docmind.engines.special_tokens import escape
from docmind.errors import ContextWindowError, EngineError, EngineLostError
from docmind.records import AnswerStyle

Model = TypeVar("Model", bound=BaseModel)


class Piece(NamedTuple):
    """Raw text as it arrives, and how many tokens it is; no text and no tokens is a sign of life."""

    text: str = ""
    tokens: int = 0


class Engine(CustomLLM):
    """A language model in this process or behind it. Safe to call from several threads at once.

    Attributes:
        engine_name: Its name in the settings.
        model_name: The model, as users know it.
        context_window: Tokens of prompt and answer together, as this engine was opened.
        answer_tokens: Longest answer where nothing else is asked for.
        best_style: Whether the model is trusted with words of its own.
        modes: What the model's template can do.
        sampling: The preset used where nothing else is asked for.
        seats: Answers written at once; the others queue.
        device: What computes, in words: 'CPU', 'NVIDIA H200', 'server at 127.0.0.1:11434'.
        note: What the user should know about how it was opened: a fallback, a lowered window; '' for nothing.
        leaves_machine: Whether text goes to another machine.
    """

    engine_name: str
    model_name: str
    context_window: int
    answer_tokens: int = 256
    best_style: AnswerStyle = "write"
    modes: frozenset[Mode] = frozenset({"plain"})
    sampling: Preset = "precise"
    seats: int = 8
    device: str = "CPU"
    note: str = ""
    leaves_machine: bool = False

    _queue: AdmissionQueue | None = PrivateAttr(default=None)
    _lost: bool = PrivateAttr(default=False)

    def model_post_init(self, context: Any, /) -> None:
        """Set the chairs out."""
        super().model_post_init(context)
        self._queue = AdmissionQueue(self.seats)

    @abstractmethod
    def count_tokens(self, text: str) -> int:
        """Tokens of a text that already carries the model's own markup, counted with its own tokenizer."""

    @abstractmethod
    def count_prompt(self, messages: Sequence[ChatMessage], options: Options) -> int:
        """Tokens of the whole prompt that these messages become.

        A last message from the assistant is the beginning of its answer, which goes on from there.
        """

    def prompt_tokens(self, messages: Sequence[ChatMessage], options: Options) -> int:
        """See `count_prompt`; an engine that fails for good while counting is remembered as lost."""
        try:
            return self.count_prompt(messages, options)
        except EngineLostError:
            self._lost = True
            raise

    @abstractmethod
    def pieces(self, messages: Sequence[ChatMessage], options: Options) -> Generator[Piece, None, None]:
        """The raw answer, piece by piece; an empty one at least every quarter of a second while nothing arrives.

        Closing the iterator stops the computation behind it. `stream_chat` has checked the window and taken turns.

        Raises:
            EngineError: this answer failed.
            EngineLostError: the engine failed and must be opened again.
        """

    def starts_thinking(self, messages: Sequence[ChatMessage], options: Options) -> bool:  # noqa: ARG002 - the seam's signature
        """Whether the prompt has opened the model's thoughts, so that the answer begins inside them."""
        return False

    def special_tokens(self) -> frozenset[str]:
        """Strings that the model's tokenizer reads as commands rather than text."""
        return frozenset()

    def free(self) -> None:
        """Stop what is running and free the model; called once, by `close`."""

    def close(self) -> None:
        """Stop what is running, send away who waits, and free the model. Twice is fine."""
        if self.queue.close():
            self.free()

    @property
    def queue(self) -> AdmissionQueue:
        """Where one waits for a turn."""
        assert self._queue is not None  # noqa: S101 - set when the object was made
        return self._queue

    @property
    def lost(self) -> bool:
        """Whether it failed in a way that only opening it again mends."""
        return self._lost

    @property
    def metadata(self) -> LLMMetadata:
        """What LlamaIndex asks of a model."""
        return LLMMetadata(
            context_window=self.context_window,
            num_output=self.answer_tokens,
            is_chat_model=True,
            is_function_calling_model=False,
            model_name=self.model_name,
        )

    def escape(self, text: str) -> str:
        """Text from a document or a user with every special token broken, so that it stays text."""
        return escape(text, self.special_tokens())

    def options(self, given: Mapping[str, Any]) -> Options:
        """The options of a call: `max_tokens`, `sampling`, `thinking`, `tools` and `json_schema`, all optional."""
        schema = given.get("json_schema")
        asked = bool(given.get("thinking")) and schema is None  # the schema holds from the first token on
        thinking = "thinking" in self.modes and (asked or "plain" not in self.modes)
        sampling: Sampling | Preset = given.get("sampling") or self.sampling
        return Options(
            max_tokens=int(given.get("max_tokens") or self.answer_tokens),
            sampling=sampling if isinstance(sampling, Sampling) else sampling_for(sampling, thinking=thinking),
            thinking=thinking,
            tools=tuple(given.get("tools") or ()),
            json_schema=schema,
        )

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Stream an answer; see the top of this file for what a response holds.

        Args:
            messages: The conversation. A last message from the assistant is the beginning of its answer.
            kwargs: See `options`.

        Raises:
            ContextWindowError: prompt and answer together exceed the window.
            EngineError: the computation failed, or the engine was closed.
        """
        options = self.options(kwargs)
        self.check_window(self.prompt_tokens(messages, options), options)
        return self.responses(lambda: self.pieces(messages, options), self.starts_thinking(messages, options))

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """The whole answer at once; see `stream_chat`."""
        # One at a time: each response holds the whole text so far.
        last: deque[ChatResponse] = deque(self.stream_chat(messages, **kwargs), maxlen=1)
        return last.pop()

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:  # noqa: ARG002 - an engine with a template of its own looks at it
        """Stream the answer to a single message; see `stream_chat`."""
        return as_completions(self.stream_chat([ChatMessage(content=prompt)], **kwargs))

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """The whole answer at once; see `stream_chat`."""
        last: deque[CompletionResponse] = deque(self.stream_complete(prompt, formatted=formatted, **kwargs), maxlen=1)
        return last.pop()

    def structured_predict(
        self,
        output_cls: type[Model],
        prompt: BasePromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Model:
        """An answer as a pydantic object; the model is held to its schema while it writes.

        Raises:
            EngineError: the answer broke off before it was complete.
        """
        messages = prompt.format_messages(llm=self, **prompt_args)
        schema = output_cls.model_json_schema()
        text = self.chat(messages, json_schema=schema, **(llm_kwargs or {})).message.content or ""
        try:
            return output_cls.model_validate_json(text)
        except ValidationError as error:
            raise EngineError(
                f"{self.model_name} did not finish an answer of the form {output_cls.__name__}. Allow more tokens "
                "(DOCMIND_ANSWER_TOKENS), or ask for less."
            ) from error

    def check_window(self, prompt_tokens: int, options: Options) -> None:
        """Raise ContextWindowError where prompt and answer together exceed the window."""
        if prompt_tokens + options.max_tokens > self.context_window:
            raise ContextWindowError(
                f"The prompt has {prompt_tokens:,} tokens and the answer may take {options.max_tokens:,}, but "
                f"{self.model_name} reads {self.context_window:,} in all. Ask about fewer documents or lower "
                "DOCMIND_PROMPT_PASSAGES."
            )

    def responses(self, start: Callable[[], Generator[Piece, None, None]], starts_thinking: bool) -> ChatResponseGen:
        """Take turns, then speak; every way out gives up the seat and stops the computation."""
        answer = _Answer(OutputParser(self.special_tokens(), thinking=starts_thinking))
        with self.queue.turn() as places:
            for place in places:
                yield answer.response(place=place)
            with closing(start()) as pieces:
                try:
                    for piece in pieces:
                        yield from answer.add(piece)
                except EngineLostError:
                    self._lost = True
                    raise
            yield from answer.finish()


class _Answer:
    """An answer as it grows."""

    def __init__(self, speech: OutputParser) -> None:
        self._speech = speech
        self._text = ""
        self._thoughts = ""
        self._calls: list[ToolCallBlock] = []
        self._tokens = 0

    def add(self, piece: Piece) -> Iterator[ChatResponse]:
        """The responses that another piece makes."""
        self._tokens += piece.tokens
        responses = list(self._say(self._speech.feed(piece.text)))
        # Also when everything was held back: each token is a sign of life.
        yield from responses or [self.response()]

    def finish(self) -> Iterator[ChatResponse]:
        """What was held back, and the whole."""
        yield from self._say(self._speech.finish())
        yield self.response()

    def response(self, delta: str = "", **more: Any) -> ChatResponse:
        """The answer so far."""
        blocks: list[ContentBlock] = [ThinkingBlock(content=self._thoughts)] if self._thoughts.strip() else []
        message = ChatMessage(role=MessageRole.ASSISTANT, blocks=[*blocks, TextBlock(text=self._text), *self._calls])
        return ChatResponse(message=message, delta=delta, additional_kwargs={"tokens": self._tokens, **more})

    def _say(self, stretches: Iterator[Spoken]) -> Iterator[ChatResponse]:
        for said in stretches:
            match said.kind:
                case "text":
                    self._text += said.text
                    yield self.response(said.text)
                case "thinking":
                    self._thoughts += said.text
                    yield self.response(thinking_delta=said.text)
                case "tool":
                    if call := tool_call(said.text):
                        self._calls.append(ToolCallBlock(tool_name=call.name, tool_kwargs=call.arguments))


def as_completions(responses: ChatResponseGen) -> CompletionResponseGen:
    """The same stream without messages; closing it closes the other."""
    with closing(responses):
        for response in responses:
            yield CompletionResponse(
                text=response.message.content or "",
                delta=response.delta,
                additional_kwargs=response.additional_kwargs,
            )
