"""What an answer is to OpenVINO: one request on its way between the asker's thread and the thread with the model."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import openvino_genai as genai

from docmind.engines.admission_queue import arriving
from docmind.errors import EngineError, EngineLostError


@dataclass(slots=True, eq=False)
class Request:
    """One prompt, computed elsewhere.

    Attributes:
        prompt: What the tokenizer made of it.
        config: Length, sampling and form of the answer.
        alone: Whether it is computed to its end before anybody else's goes on; for measuring only.
        cancelled: Whether nobody wants the rest.
        handle: A GenerationHandle, a class that openvino_genai does not export.
    """

    prompt: genai.TokenizedInputs
    config: genai.GenerationConfig
    alone: bool = False
    cancelled: bool = False
    handle: Any = None
    _events: queue.SimpleQueue[list[int] | EngineError | None] = field(default_factory=queue.SimpleQueue)

    def arrivals(self) -> Iterator[list[int]]:
        """Token ids as they are computed; none at all every quarter of a second without any.

        Raises:
            EngineError: what was delivered instead of an end.
        """
        return arriving(self._events, [])

    def cancel(self) -> None:
        """Stop computing; without effect on a finished request."""
        self.cancelled = True

    def deliver(self, event: list[int] | EngineError | None) -> None:
        """Hand the reader tokens, a failure or the end."""
        self._events.put(event)


class Worker(Protocol):
    """A thread that owns a model."""

    def submit(self, request: Request) -> None:
        """Queue a request.

        Raises:
            EngineError: the worker was closed.
            EngineLostError: the model has failed.
        """

    def raw(self, prompt: genai.TokenizedInputs, config: genai.GenerationConfig) -> Iterator[int]:
        """The library's own loop, nothing decoded: how many tokens each step gives. Others wait until it is done."""

    def close(self) -> None:
        """End all requests and free the model."""


def closed(during: bool) -> EngineError:
    """What a request hears after the end."""
    if during:
        return EngineError("The model was closed before the answer was complete. Ask again.")
    return EngineError("The model was closed or changed. Ask again.")


def lost(error: Exception) -> EngineLostError:
    """What each waiting request hears when the model itself fails."""
    return EngineLostError(f"The model failed while answering ({last_line(error)}). Ask again: it will be loaded anew.")


def last_line(error: Exception) -> str:
    """The end of an error of OpenVINO, where it says what happened."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
