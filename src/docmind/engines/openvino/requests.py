"""What an answer is to OpenVINO: one request on its way between the asker's thread and the thread with the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import openvino_genai as genai

from docmind.engines.arrivals import Arrivals
from docmind.errors import EngineLostError


@dataclass(slots=True, eq=False)
class Request:
    """One prompt, computed elsewhere.

    Attributes:
        prompt: What the tokenizer made of it.
        config: Length, sampling and form of the answer.
        cancelled: Whether nobody wants the rest.
        arrivals: Token ids as they are computed.
        handle: A GenerationHandle, a class that openvino_genai does not export.
    """

    prompt: genai.TokenizedInputs
    config: genai.GenerationConfig
    cancelled: bool = False
    arrivals: Arrivals[list[int]] = field(default_factory=Arrivals)
    handle: Any = None

    def cancel(self) -> None:
        """Stop computing; without effect on a finished request."""
        self.cancelled = True


class Worker(Protocol):
    """A thread that owns a model."""

    def submit(self, request: Request) -> None:
        """Queue a request.

        Raises:
            EngineError: the worker was closed.
            EngineLostError: the model has failed.
        """

    def close(self) -> None:
        """End all requests and free the model."""


def lost(error: Exception) -> EngineLostError:
    """What each waiting request hears when the model itself fails."""
    return EngineLostError(f"The model failed while answering ({last_line(error)}). Ask again: it will be loaded anew.")


def last_line(error: Exception) -> str:
    """The end of an error of OpenVINO, where it says what happened."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
