"""Many requests at once: OpenVINO's batching pipeline and the one thread that steps it."""

from __future__ import annotations

import itertools
import threading

import openvino_genai as genai

from docmind.engines.arrivals import CLOSED
from docmind.engines.openvino.requests import Request, lost
from docmind.errors import EngineError, EngineLostError


class Batch:
    """All requests of a ContinuousBatchingPipeline, stepped forward together.

    Args:
        pipeline: The loaded model; nobody else may touch it.
    """

    def __init__(self, pipeline: genai.ContinuousBatchingPipeline) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Request] = []
        self._running: list[Request] = []
        self._closed = False
        self._failure: EngineLostError | None = None
        self._numbers = itertools.count()
        self._thread = threading.Thread(target=self._run, args=(pipeline,), name="openvino", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> None:
        """See `Worker.submit`."""
        with self._changed:
            self._check()
            self._waiting.append(request)
            self._changed.notify()

    def close(self) -> None:
        """See `Worker.close`."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _check(self) -> None:
        if self._closed:
            raise EngineError(CLOSED)
        if self._failure is not None:
            raise self._failure

    def _run(self, pipeline: genai.ContinuousBatchingPipeline) -> None:
        while True:
            with self._changed:
                while not (self._closed or self._waiting or self._running):
                    self._changed.wait()
                if self._closed:
                    break
                arrived, self._waiting = self._waiting, []
            try:
                for request in arrived:
                    self._add(pipeline, request)
                self._step(pipeline)
            except Exception as error:  # noqa: BLE001 - were this thread to end, every answer would wait for ever
                # A failed step leaves the pipeline failing at each further one, whoever caused it.
                self._give_up(lost(error), arrived)
                return
        self._end(pipeline)

    def _add(self, pipeline: genai.ContinuousBatchingPipeline, request: Request) -> None:
        try:
            request.handle = pipeline.add_request(next(self._numbers), request.inputs.input_ids, request.config)
        except RuntimeError as error:  # this request is not one; the others are not affected
            request.arrivals.end(EngineError(f"OpenVINO refuses this question ({error}). Ask it in other words."))
        else:
            self._running.append(request)

    def _step(self, pipeline: genai.ContinuousBatchingPipeline) -> None:
        """Advance every request by a step, and let go of those that ended."""
        for request in self._running:
            if request.cancelled:
                request.handle.cancel()
        if pipeline.has_non_finished_requests():
            pipeline.step()
        for request in self._running:
            if not request.cancelled:
                _read(request)
            status = request.handle.get_status()
            if status == genai.GenerationStatus.IGNORED and not request.cancelled:
                request.arrivals.end(
                    EngineError(
                        "The prompt and its answer do not fit the engine's cache. Raise DOCMIND_KV_CACHE_GIB, or ask "
                        "about fewer documents."
                    )
                )
            elif status != genai.GenerationStatus.RUNNING:
                request.arrivals.end()
        self._running = [r for r in self._running if r.handle.get_status() == genai.GenerationStatus.RUNNING]

    def _give_up(self, failure: EngineLostError, arrived: list[Request]) -> None:
        with self._changed:
            self._failure = failure
            ended = {*arrived, *self._running, *self._waiting}
            self._running, self._waiting = [], []
        for request in ended:
            request.arrivals.end(failure)

    def _end(self, pipeline: genai.ContinuousBatchingPipeline) -> None:
        for request in [*self._running, *self._waiting]:
            if request.handle is not None:
                request.handle.cancel()
            request.arrivals.end(EngineError(CLOSED))
        self._running, self._waiting = [], []
        # Cancelled requests give their blocks back in the next step; a failure here changes nothing any more.
        while pipeline.has_non_finished_requests():
            try:
                pipeline.step()
            except RuntimeError:
                return


def _read(request: Request) -> None:
    while request.handle.can_read():
        for output in request.handle.read().values():
            request.arrivals.deliver(list(output.generated_ids))
