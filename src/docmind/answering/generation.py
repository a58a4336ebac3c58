"""Generation: a prompt in, pieces of an answer out, until it ends, is stopped, or leaves its quotation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from docmind.answering.context import FittedPrompt
from docmind.answering.events import Event, Queued, Thinking, Token
from docmind.engines import Engine


@dataclass(slots=True)
class Written:
    """An answer as it grows. Times are those of `time.perf_counter`, in seconds.

    Attributes:
        text: What was said so far.
        thoughts: What was thought before it.
        tokens: Tokens of both, as the engine counts them.
        stopped: Whether the user ended it.
        first_at: When the first word of answer or thoughts arrived.
        answer_at: When the first word of the answer arrived.
        last_at: When the last one did.
    """

    text: str = ""
    thoughts: str = ""
    tokens: int = 0
    stopped: bool = False
    first_at: float | None = None
    answer_at: float | None = None
    last_at: float | None = None

    @property
    def thinking_seconds(self) -> float | None:
        """How long the model thought; None where it did not."""
        if not self.thoughts or self.first_at is None:
            return None
        return round((self.answer_at or self.last_at or self.first_at) - self.first_at, 2)

    @property
    def tokens_per_second(self) -> float | None:
        """Speed of writing; None where fewer than two tokens were written. The first belongs to reading the prompt."""
        if self.first_at is None or self.last_at is None or self.last_at == self.first_at or self.tokens < 2:
            return None
        return round((self.tokens - 1) / (self.last_at - self.first_at), 1)

    def arrived(self, *, answer: bool) -> None:
        """Note the time of something that arrived."""
        self.last_at = time.perf_counter()
        self.first_at = self.first_at or self.last_at
        if answer:
            self.answer_at = self.answer_at or self.last_at


def generate(engine: Engine, prompt: FittedPrompt, stopped: Callable[[], bool], written: Written) -> Iterator[Event]:
    """Have the engine go on from the prompt.

    Args:
        engine: The language model.
        prompt: What it reads.
        stopped: Asked at every sign of life; once it says yes, the answer ends there.
        written: Filled while the answer grows.

    Yields:
        `Queued` while others are served first, `Thinking` and `Token` as they arrive.

    Raises:
        EngineError: the computation failed.
    """
    stream = engine.stream_prepared(prompt.prepared)
    position: int | None = None
    with closing(stream):
        for response in stream:
            more = response.additional_kwargs
            written.tokens = more.get("tokens", written.tokens)
            if more.get("position") not in (None, position):
                position = more["position"]
                yield Queued(position)
            if thought := more.get("thinking_delta"):
                written.arrived(answer=False)
                written.thoughts += thought
                yield Thinking(thought)
            if response.delta:
                piece, ended = _before_stop(response.delta, prompt.stops)
                if piece:
                    written.arrived(answer=True)
                    written.text += piece
                    yield Token(piece)
                if ended:
                    return
            if stopped():
                written.stopped = True
                return


def _before_stop(piece: str, stops: tuple[str, ...]) -> tuple[str, bool]:
    """The piece up to the first stop in it, and whether there was one."""
    ends = [end for stop in stops if (end := piece.find(stop)) >= 0]
    return (piece[: min(ends)], True) if ends else (piece, False)
