"""OpenVINO GenAI in this process: reads GGUF and OpenVINO models, runs on CPU, Intel GPU and NPU.

The pipeline belongs to one thread, which steps all requests forward together; everyone else waits on a queue.
A prompt that begins like an earlier one reuses its key-value cache.
"""

from __future__ import annotations

import itertools
import queue
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import openvino_genai as genai
from llama_index.core.base.llms.types import (
    ChatMessage,
    CompletionResponse,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms.callbacks import llm_completion_callback

from docmind.engines.base import Engine
from docmind.errors import ContextWindowError, EngineError, ModelError
from docmind.models import find_model
from docmind.models.window import context_window
from docmind.settings import Settings

# Below this size a model invents more than it reads; SmolLM2-135M has 0.1 GB, Qwen3-0.6B in four bits 0.4 GB.
_SMALL_MODEL_BYTES = 1_000_000_000
_CONCURRENT_REQUESTS = 8
_TOKENS_PER_CHARACTER = 4  # at most: a byte-pair model reads the four bytes of a rare character one by one
_UNFINISHED_CHARACTER = "\ufffd"  # what decoding gives for half of a character


class OpenVINOEngine(Engine):
    """A model on a device that OpenVINO drives."""

    answer_tokens: int

    _tokenizer: genai.Tokenizer = PrivateAttr()
    _special_tokens: frozenset[str] = PrivateAttr()
    _batch: _Batch = PrivateAttr()

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Load the model that the settings name; see `docmind.engines.open_engine` for what it raises."""
        path = find_model(settings.model, "language", settings)
        scheduler = genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.cache_size = settings.kv_cache_gib
        scheduler.max_num_seqs = _CONCURRENT_REQUESTS
        try:
            pipeline = genai.ContinuousBatchingPipeline(str(path), scheduler, settings.device, {})
        except (RuntimeError, IndexError, ValueError) as error:  # a damaged GGUF file raises any of them
            raise ModelError(
                f"OpenVINO cannot load {path.name} on {settings.device} ({_last_line(error)}). "
                "`docmind doctor` shows the devices of this machine; `docmind models list` shows the models."
            ) from error
        engine = cls(
            engine_name="openvino",
            model_name=_model_name(path),
            context_window=context_window(path),
            best_style="quote" if _bytes_of(path) < _SMALL_MODEL_BYTES else "write",
            answer_tokens=settings.answer_tokens,
        )
        engine._tokenizer = pipeline.get_tokenizer()
        # Commands look like <|im_end|> or <think> in every model family that OpenVINO reads.
        engine._special_tokens = frozenset(
            word.decode(errors="ignore")
            for word in engine._tokenizer.get_vocab()
            if len(word) > 2 and word.startswith(b"<") and word.endswith(b">")
        )
        engine._batch = _Batch(pipeline)
        engine.messages_to_prompt = engine.render
        engine.completion_to_prompt = lambda text: engine.render([ChatMessage(content=text)])
        return engine

    @classmethod
    def class_name(cls) -> str:
        """Name under which LlamaIndex serialises it."""
        return "OpenVINOEngine"

    @property
    def metadata(self) -> LLMMetadata:
        """What LlamaIndex asks of a model."""
        return LLMMetadata(
            context_window=self.context_window,
            num_output=self.answer_tokens,
            is_chat_model=True,
            model_name=self.model_name,
        )

    def count_tokens(self, text: str) -> int:
        """See `Engine.count_tokens`."""
        counted = int(self._tokenizer.encode(text, add_special_tokens=False).input_ids.shape[1])
        # A tokenizer made from GGUF silently stops at the window, so a full count may be a cut one.
        if counted < self.context_window or len(text) < self.context_window // _TOKENS_PER_CHARACTER:
            return counted
        middle = _place_to_cut(text)
        return self.count_tokens(text[:middle]) + self.count_tokens(text[middle:])

    def render(self, messages: Sequence[ChatMessage]) -> str:
        """See `Engine.render`."""
        turns = [{"role": MessageRole(message.role).value, "content": message.content or ""} for message in messages]
        return str(self._tokenizer.apply_chat_template(turns, add_generation_prompt=True))

    def special_tokens(self) -> frozenset[str]:
        """See `Engine.special_tokens`."""
        return self._special_tokens

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        """Stream an answer.

        Args:
            prompt: The prompt; in the model's own template when `formatted`.
            formatted: Whether the prompt needs no template.
            kwargs: `max_tokens`, the longest answer in tokens.

        Raises:
            ContextWindowError: prompt and answer together exceed the model's window.
            EngineError: the computation failed.
        """
        if not formatted:
            prompt = self.render([ChatMessage(content=prompt)])
        longest = int(kwargs.get("max_tokens", self.answer_tokens))
        prompt_tokens = self.count_tokens(prompt)
        if prompt_tokens + longest > self.context_window:
            raise ContextWindowError(
                f"The prompt has {prompt_tokens:,} tokens and the answer may take {longest:,}, but {self.model_name} "
                f"reads {self.context_window:,} in all. Ask about fewer documents or lower DOCMIND_PROMPT_PASSAGES."
            )
        return self._stream(prompt, self._generation_config(longest))

    def close(self) -> None:
        """See `Engine.close`."""
        self._batch.close()

    def _generation_config(self, longest: int) -> genai.GenerationConfig:
        config = genai.GenerationConfig()
        config.max_new_tokens = longest
        # Greedy, and repetition is not discouraged: an answer about a document has to repeat the document.
        config.do_sample = False
        config.apply_chat_template = False
        config.set_eos_token_id(self._tokenizer.get_eos_token_id())
        return config

    def _stream(self, prompt: str, config: genai.GenerationConfig) -> CompletionResponseGen:
        request = self._batch.submit(prompt, config)
        text, arrived = "", []
        try:
            for ids in request.arrivals():
                # Decoded from the start each time, because a token may change how those before it are written.
                arrived.extend(ids)
                decoded = self._tokenizer.decode(arrived)
                if decoded.endswith(_UNFINISHED_CHARACTER) or decoded == text:
                    continue
                delta, text = decoded[len(text) :], decoded
                yield CompletionResponse(text=text, delta=delta)
            if not text:
                yield CompletionResponse(text="", delta="")  # LlamaIndex fails on a stream of nothing
        finally:
            request.cancel()


@dataclass(slots=True, eq=False)
class _Request:
    """One prompt on its way through the batch."""

    prompt: str
    config: genai.GenerationConfig
    cancelled: bool = False
    handle: Any = None  # a GenerationHandle, a class that openvino_genai does not export
    _events: queue.SimpleQueue[list[int] | EngineError | None] = field(default_factory=queue.SimpleQueue)

    def arrivals(self) -> Iterator[list[int]]:
        """Token ids as they are computed."""
        while (event := self._events.get()) is not None:
            if isinstance(event, EngineError):
                raise event
            yield event

    def cancel(self) -> None:
        """Stop computing; without effect on a finished request."""
        self.cancelled = True

    def deliver(self, event: list[int] | EngineError | None) -> None:
        """Hand the consumer tokens, a failure or the end."""
        self._events.put(event)


class _Batch:
    """The one thread that may touch the pipeline."""

    def __init__(self, pipeline: genai.ContinuousBatchingPipeline) -> None:
        self._pipeline: genai.ContinuousBatchingPipeline | None = pipeline
        self._wake = threading.Condition()
        self._waiting: list[_Request] = []
        self._closed = False
        self._numbers = itertools.count()
        self._thread = threading.Thread(target=self._run, name="openvino", daemon=True)
        self._thread.start()

    def submit(self, prompt: str, config: genai.GenerationConfig) -> _Request:
        """Queue a prompt.

        Raises:
            EngineError: the engine was closed.
        """
        request = _Request(prompt, config)
        with self._wake:
            if self._closed:
                raise EngineError("The model was closed. Open DocMind again to ask.")
            self._waiting.append(request)
            self._wake.notify()
        return request

    def close(self) -> None:
        """End all requests and free the model."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()
        self._pipeline = None

    def _run(self) -> None:
        running: list[_Request] = []
        pipeline = self._pipeline
        assert pipeline is not None  # noqa: S101 - set before the thread starts
        while True:
            with self._wake:
                while not (self._closed or self._waiting or running):
                    self._wake.wait()
                if self._closed:
                    for request in [*running, *self._waiting]:
                        if request.handle is not None:
                            request.handle.cancel()
                        request.deliver(EngineError("The model was closed before the answer was complete."))
                    while pipeline.has_non_finished_requests():
                        pipeline.step()
                    return
                arrived, self._waiting = self._waiting, []
            try:
                for request in arrived:
                    request.handle = pipeline.add_request(next(self._numbers), request.prompt, request.config)
                    running.append(request)
                running = self._step(pipeline, running)
            except Exception as error:  # noqa: BLE001 - were this thread to end, every answer would wait for ever
                failure = EngineError(f"The model failed while answering ({_last_line(error)}). Ask again.")
                for request in {*running, *arrived}:
                    request.deliver(failure)
                running = []

    def _step(self, pipeline: genai.ContinuousBatchingPipeline, running: list[_Request]) -> list[_Request]:
        """Advance every request by a step; return those that go on."""
        for request in running:
            if request.cancelled and request.handle is not None:
                request.handle.cancel()
        if pipeline.has_non_finished_requests():
            pipeline.step()
        going_on = []
        for request in running:
            handle = request.handle
            assert handle is not None  # noqa: S101 - it was added to the pipeline before
            while not request.cancelled and handle.can_read():
                for output in handle.read().values():
                    request.deliver(list(output.generated_ids))
            if handle.get_status() == genai.GenerationStatus.RUNNING:
                going_on.append(request)
            elif handle.get_status() == genai.GenerationStatus.IGNORED and not request.cancelled:
                request.deliver(
                    EngineError(
                        "The prompt does not fit the engine's cache. Raise DOCMIND_KV_CACHE_GIB, or ask about "
                        "fewer documents."
                    )
                )
            else:
                request.deliver(None)
        return going_on


def _place_to_cut(text: str) -> int:
    """A place near the middle that no token crosses: the space before a word, which byte-pair models keep with it.

    Where there is none, the very middle: the count may then be a token too high, never too low.
    """
    middle = len(text) // 2
    match = re.compile(r"(?<=\w) (?=\w)").search(text, middle, middle + len(text) // 4)
    return match.start() if match else middle


def _model_name(path: Path) -> str:
    return path.parent.name if path.suffix == ".gguf" else path.name


def _bytes_of(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
