"""What an answer is to OpenVINO: one request on its way between the asker's thread and the thread with the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import openvino_genai as genai
from openvino import Tensor  # type: ignore[import-untyped]  # it carries annotations but not the marker that says so

from docmind.engines.arrivals import Arrivals
from docmind.errors import EngineLostError


@dataclass(slots=True, eq=False)
class Request:
    """One prompt, computed elsewhere.

    Attributes:
        prompt: Its tokens.
        config: Length, sampling and form of the answer.
        cancelled: Whether nobody wants the rest.
        arrivals: Token ids as they are computed.
        handle: A GenerationHandle, a class that openvino_genai does not export.
    """

    prompt: Sequence[int]
    config: genai.GenerationConfig
    cancelled: bool = False
    arrivals: Arrivals[list[int]] = field(default_factory=Arrivals)
    handle: Any = None

    @property
    def inputs(self) -> genai.TokenizedInputs:
        """The prompt as OpenVINO takes it."""
        ids = np.array([self.prompt], dtype=np.int64)
        return genai.TokenizedInputs(Tensor(ids), Tensor(np.ones_like(ids)))

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
