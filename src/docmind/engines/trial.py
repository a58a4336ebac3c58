"""Trying an engine out: prompts that no cache can know, and one answer with its times.

No prompt begins like another, so that no cache answers for the engine; and every answer counts upwards, begun for the
model, because even a small one then goes on until it is stopped.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llama_index.core.base.llms.types import ChatMessage, MessageRole

from docmind.engines.options import PRECISE

if TYPE_CHECKING:
    from docmind.engines.base import Engine

# Common words, most of them one token in most vocabularies.
_COMMON = (
    "river stone garden market winter letter engine copper window harbour forest paper silver bridge season teacher "
    "village morning summer doctor kitchen number office building street corner island weather picture history music "
    "station country question answer problem system company member report school family"
)
_WORDS = _COMMON.split()
_BEGUN = 8  # numbers that the answer begins with


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


def prompt(number: int, words: int) -> list[ChatMessage]:
    """A prompt that begins like none of another number.

    Args:
        number: Any; the answer counts on from there.
        words: How many words to put before the task.
    """
    text = " ".join(random.Random(number).choices(_WORDS, k=words))  # noqa: S311 - no secret
    return [
        # Also the system's words, because some templates put a page of their own in the place of missing ones.
        ChatMessage(role=MessageRole.SYSTEM, content=f"{number} is where you begin. Do what the last line asks."),
        ChatMessage(content=f"{number}: {text}.\n\nCount upwards from {number}, one number a line."),
        ChatMessage(role=MessageRole.ASSISTANT, content="".join(f"{number + further}\n" for further in range(_BEGUN))),
    ]


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
