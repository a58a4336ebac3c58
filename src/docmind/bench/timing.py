"""Answers and how long they take: one, and several at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from llama_index.core.base.llms.types import ChatMessage

from docmind.engines import Engine
from docmind.engines.trial import Timed, ask_once


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
