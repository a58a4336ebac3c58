"""Answers and how long they take: one, and several at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from llama_index.core.base.llms.types import ChatMessage

from docmind.engines import PRECISE, Engine


@dataclass(frozen=True, slots=True)
class Timed:
    """One answer; seconds from the call, tokens as the engine counts them.

    Attributes:
        prompt_tokens: Tokens read.
        tokens: Tokens written.
        first_tokens: Those that came first, together.
        first_seconds: When these came; None where nothing was written.
        last_seconds: When the last came.
        seconds: When the answer ended.
    """

    prompt_tokens: int
    tokens: int
    first_tokens: int
    first_seconds: float | None
    last_seconds: float
    seconds: float

    @property
    def decode_speed(self) -> float | None:
        """Tokens after the first over the time after the first, a second; None where no second one came."""
        if self.first_seconds is None or self.tokens == self.first_tokens:
            return None
        return (self.tokens - self.first_tokens) / (self.last_seconds - self.first_seconds)


@dataclass(frozen=True, slots=True)
class Round:
    """Answers written at the same time, and the seconds from the first call to the end of the last."""

    answers: tuple[Timed, ...]
    seconds: float

    @property
    def total_speed(self) -> float:
        """Tokens that all of them wrote, a second."""
        return sum(answer.tokens for answer in self.answers) / self.seconds

    @property
    def prefill_speed(self) -> float | None:
        """Tokens of all prompts over the time until the last answer had begun, a second."""
        waits = [answer.first_seconds for answer in self.answers if answer.first_seconds is not None]
        return sum(answer.prompt_tokens for answer in self.answers) / max(waits) if waits else None


def ask_once(engine: Engine, messages: Sequence[ChatMessage], answer_tokens: int) -> Timed:
    """One answer, read to its end."""
    written = first_tokens = 0
    first: float | None = None
    last = 0.0
    started = time.perf_counter()
    prompt = engine.prepare(messages, max_tokens=answer_tokens, sampling=PRECISE)
    for response in engine.stream_prepared(prompt):
        tokens = int(response.additional_kwargs["tokens"])
        if tokens > written:
            written, last = tokens, time.perf_counter() - started
            if first is None:
                first, first_tokens = last, tokens
    return Timed(prompt.tokens, written, first_tokens, first, last, time.perf_counter() - started)


def ask_together(engine: Engine, prompts: Sequence[Sequence[ChatMessage]], answer_tokens: int) -> Round:
    """Several answers, begun at the same moment by a thread each."""
    if len(prompts) == 1:
        alone = ask_once(engine, prompts[0], answer_tokens)
        return Round((alone,), alone.seconds)
    ready = threading.Barrier(len(prompts))
    begun: list[float] = []

    def ask(messages: Sequence[ChatMessage]) -> Timed:
        ready.wait()
        begun.append(time.perf_counter())
        return ask_once(engine, messages, answer_tokens)

    with ThreadPoolExecutor(len(prompts)) as pool:
        answers = tuple(pool.map(ask, prompts))
        return Round(answers, time.perf_counter() - min(begun))


@dataclass(frozen=True, slots=True)
class Pair:
    """What a token costs through the engine over what it costs from the bare library: in time, and in processor time.

    The processor's clock ticks coarsely, so that short answers leave the second empty.
    """

    time: float
    work: float | None
