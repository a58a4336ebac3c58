"""One request at a time: OpenVINO's plain pipeline, the only one that an NPU runs.

Each prompt is computed by itself. `start_chat` and `finish_chat` are not used: OpenVINO GenAI 2026.4 marks both as
deprecated, on an NPU they keep no keys and values between turns (the whole history is computed again), and a session
left open would put one user's text into another's prompt. Without one, every call begins by emptying the state.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import SupportsInt

import openvino_genai as genai

from docmind.engines.arrivals import CLOSED
from docmind.engines.openvino.requests import Request, lost
from docmind.errors import EngineError, EngineLostError


class Single:
    """The requests of an LLMPipeline, one after the other. On an NPU not verified here; on a CPU it is tested.

    A request can be stopped between two tokens; the prompt itself is computed in one piece.

    Args:
        pipeline: The loaded model; nobody else may touch it.
    """

    def __init__(self, pipeline: genai.LLMPipeline) -> None:
        self._changing = threading.Lock()
        self._waiting: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._closed = False
        self._failure: EngineLostError | None = None
        self._thread = threading.Thread(target=self._run, args=(pipeline,), name="openvino", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> None:
        """See `Worker.submit`."""
        with self._changing:
            if self._closed:
                raise EngineError(CLOSED)
            if self._failure is not None:
                raise self._failure
            self._waiting.put(request)

    def close(self) -> None:
        """See `Worker.close`."""
        with self._changing:
            self._closed = True
        self._waiting.put(None)
        self._thread.join()

    def _run(self, pipeline: genai.LLMPipeline) -> None:
        while (request := self._waiting.get()) is not None:
            if request.cancelled:
                request.arrivals.end()
            elif self._closed:
                request.arrivals.end(EngineError(CLOSED))
            elif self._failure is not None:
                request.arrivals.end(self._failure)
            else:
                self._answer(pipeline, request)

    def _answer(self, pipeline: genai.LLMPipeline, request: Request) -> None:
        def arrived(ids: list[int]) -> bool:
            request.arrivals.deliver(ids)
            return not (request.cancelled or self._closed)

        end: EngineError | None = None
        try:
            pipeline.generate(request.inputs, request.config, _Streamer(arrived))
        except Exception as error:  # noqa: BLE001 - were this thread to end, every answer would wait for ever
            end = self._failure = lost(error)
        request.arrivals.end(EngineError(CLOSED) if self._closed and end is None else end)


class _Streamer(genai.StreamerBase):
    """Hands token ids on, and stops the computation where it is told to.

    Args:
        arrived: Takes the ids; whether to go on.
    """

    def __init__(self, arrived: Callable[[list[int]], bool]) -> None:
        super().__init__()
        self._arrived = arrived

    def write(self, token: SupportsInt | Sequence[SupportsInt]) -> genai.StreamingStatus:
        """Hand on more tokens, or one."""
        going_on = self._arrived([*map(int, token)] if isinstance(token, Sequence) else [int(token)])
        return genai.StreamingStatus.RUNNING if going_on else genai.StreamingStatus.CANCEL

    def end(self) -> None:
        """Nothing is left to do."""
