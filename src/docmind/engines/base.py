"""What every engine is: a LlamaIndex LLM plus exact token counts, safe text, a fair queue and an end.

`prepare` renders and counts a prompt once, `stream_prepared` answers it; `stream_chat` is the two in a row. Each
response carries the text so far and what is new; `additional_kwargs` may hold `thinking_delta` (new thoughts),
`tokens` (the tokens written so far, as the engine counts them) and `position` (one's position in the queue). A
response whose delta is empty is a sign of life: the moment to look whether the user wants to stop.

The asynchronous methods run the same stream in a thread; cancelling one closes its stream.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    LLMMetadata,
)
from llama_index.core.bridge.pydantic import BaseModel, PrivateAttr, ValidationError
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.custom import CustomLLM
from llama_index.core.prompts import BasePromptTemplate

from docmind.async_streams import in_thread
from docmind.engines.admission_queue import AdmissionQueue
from docmind.engines.options import Options, Preset, Sampling, sampling_for
from docmind.engines.output_parser import OutputParser
from docmind.engines.responses import GrowingAnswer, completion, completions, completions_of, last, last_of
from docmind.engines.special_tokens import escape
from docmind.engines.speed import Speed
from docmind.errors import ContextWindowError, EngineError, EngineLostError
from docmind.models.model import Mode
from docmind.records import AnswerStyle

Model = TypeVar("Model", bound=BaseModel)


class Piece(NamedTuple):
    """Raw text as it arrives, and how many tokens it is; no text and no tokens is a sign of life."""

    text: str = ""
    tokens: int = 0


def joined(pieces: Sequence[Piece]) -> Piece:
    """Pieces that arrived together, as one."""
    return Piece("".join(piece.text for piece in pieces), sum(piece.tokens for piece in pieces))


@dataclass(frozen=True, slots=True)
class PreparedPrompt:
    """A prompt that is rendered and counted.

    Attributes:
        messages: The conversation. A last message from the assistant is the beginning of its answer.
        options: How the answer is to be written.
        tokens: Tokens of the whole prompt.
        text: What the model reads, in its own markup; '' where the engine's server renders the messages itself.
        ids: Its tokens, in the form in which the engine's library takes them; None where that takes text.
    """

    messages: tuple[ChatMessage, ...]
    options: Options
    tokens: int
    text: str = ""
    ids: Any = None


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
        parallel_answers: Answers written at once; the others queue.
        device: What computes, in words: 'CPU', 'NVIDIA H200', 'server at 127.0.0.1:11434'.
        speed: How fast it reads and writes here; None where that was not measured.
        note: What the user should know about how it was opened: a fallback, a lowered window; '' for nothing.
        leaves_machine: Whether text goes to another machine.
        weights: What identifies the model's weights, as they were when it was opened; '' where nobody knows.
        longest_prompt: Longest prompt in tokens; None where only the window limits it.
    """

    engine_name: str
    model_name: str
    context_window: int
    answer_tokens: int = 256
    best_style: AnswerStyle = "write"
    modes: frozenset[Mode] = frozenset({"plain"})
    sampling: Preset = "precise"
    parallel_answers: int = 8
    device: str = "CPU"
    speed: Speed | None = None
    note: str = ""
    leaves_machine: bool = False
    weights: str = ""
    longest_prompt: int | None = None

    _queue: AdmissionQueue | None = PrivateAttr(default=None)
    _lost: bool = PrivateAttr(default=False)

    def model_post_init(self, context: Any, /) -> None:
        """Open the queue."""
        super().model_post_init(context)
        self._queue = AdmissionQueue(self.parallel_answers)

    @classmethod
    def class_name(cls) -> str:
        """Name under which LlamaIndex serialises it."""
        return cls.__name__

    @abstractmethod
    def count_tokens(self, text: str) -> int:
        """Tokens of a text that already carries the model's own markup, counted with its own tokenizer."""

    @abstractmethod
    def prepare_prompt(self, messages: Sequence[ChatMessage], options: Options) -> PreparedPrompt:
        """Render and count the prompt that these messages become; `prepare` calls it once for each."""

    @abstractmethod
    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """The raw answer, piece by piece; an empty one at least every quarter of a second while nothing arrives.

        Closing the iterator stops the computation behind it. `stream_prepared` has checked the window and queued.

        Raises:
            EngineError: this answer failed.
            EngineLostError: the engine failed and must be opened again.
        """

    def share(self, prompt: PreparedPrompt) -> int:  # noqa: ARG002 - the seam's signature
        """What its answer takes of the queue's capacity, which is `parallel_answers` where an engine sets no other."""
        return 1

    def starts_thinking(self, prompt: PreparedPrompt) -> bool:  # noqa: ARG002 - the seam's signature
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
        """Where one waits until others have been answered."""
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

    def prepare(self, messages: Sequence[ChatMessage], **kwargs: Any) -> PreparedPrompt:
        """Render and count a prompt, once; `stream_prepared` answers it.

        Args:
            messages: The conversation. A last message from the assistant is the beginning of its answer.
            kwargs: See `options`.

        Raises:
            EngineError: it cannot be rendered or counted, or the engine was closed.
        """
        try:
            return self.prepare_prompt(messages, self.options(kwargs))
        except EngineLostError:
            self._lost = True
            raise

    def prepare_completion(self, prompt: str, formatted: bool, **kwargs: Any) -> PreparedPrompt:  # noqa: ARG002 - engines with a template look at it
        """The same for a text: a single message, or, where `formatted`, the model's own markup, if it is known."""
        return self.prepare([ChatMessage(content=prompt)], **kwargs)

    def count_prompt(self, messages: Sequence[ChatMessage], options: Options) -> int:
        """Tokens of the whole prompt that these messages become."""
        return self.prepare_prompt(messages, options).tokens

    def stream_prepared(self, prompt: PreparedPrompt) -> ChatResponseGen:
        """Stream the answer to a prompt; see the top of this file for what a response holds.

        Raises:
            ContextWindowError: prompt and answer together exceed the window.
            EngineError: the computation failed, or the engine was closed.
        """
        self.check_window(prompt.tokens, prompt.options)
        return self._responses(prompt)

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Stream an answer; see `prepare` and `stream_prepared`."""
        return self.stream_prepared(self.prepare(messages, **kwargs))

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """The whole answer at once; see `stream_chat`."""
        return last(self.stream_prepared(self.prepare(messages, **kwargs)))

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        """Stream the answer to a text; see `prepare_completion` and `stream_prepared`."""
        return completions(self.stream_prepared(self.prepare_completion(prompt, formatted, **kwargs)))

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """The whole answer at once; see `stream_complete`."""
        return completion(last(self.stream_prepared(self.prepare_completion(prompt, formatted, **kwargs))))

    @llm_chat_callback()
    async def astream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseAsyncGen:
        """See `stream_chat`."""
        return await self._stream_in_thread(partial(self.prepare, messages, **kwargs))

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """See `chat`."""
        return await last_of(await self._stream_in_thread(partial(self.prepare, messages, **kwargs)))

    @llm_completion_callback()
    async def astream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseAsyncGen:
        """See `stream_complete`."""
        prepare = partial(self.prepare_completion, prompt, formatted, **kwargs)
        return completions_of(await self._stream_in_thread(prepare))

    @llm_completion_callback()
    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """See `complete`."""
        prepare = partial(self.prepare_completion, prompt, formatted, **kwargs)
        return completion(await last_of(await self._stream_in_thread(prepare)))

    async def _stream_in_thread(self, prepare: Callable[[], PreparedPrompt]) -> AsyncGenerator[ChatResponse, None]:
        prompt = await asyncio.to_thread(prepare)
        return in_thread(self.stream_prepared(prompt))

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
        return self._parsed(output_cls, self.chat(messages, json_schema=schema, **(llm_kwargs or {})))

    async def astructured_predict(
        self,
        output_cls: type[Model],
        prompt: BasePromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Model:
        """See `structured_predict`."""
        messages = prompt.format_messages(llm=self, **prompt_args)
        schema = output_cls.model_json_schema()
        return self._parsed(output_cls, await self.achat(messages, json_schema=schema, **(llm_kwargs or {})))

    def _parsed(self, output_cls: type[Model], response: ChatResponse) -> Model:
        try:
            return output_cls.model_validate_json(response.message.content or "")
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

    def _responses(self, prompt: PreparedPrompt) -> ChatResponseGen:
        """Queue, then answer; every way out leaves the queue and stops the computation."""
        tools = [str(tool["function"]["name"]) for tool in prompt.options.tools]
        parser = OutputParser(self.special_tokens(), thinking=self.starts_thinking(prompt), tools=tools)
        answer = GrowingAnswer(parser)
        with self.queue.admission(self.share(prompt)) as positions:
            for position in positions:
                yield answer.response(position=position)
            with closing(self.pieces(prompt)) as pieces:
                try:
                    for piece in pieces:
                        yield from answer.add(piece.text, piece.tokens)
                except EngineLostError:
                    self._lost = True
                    raise
            yield from answer.finish()
