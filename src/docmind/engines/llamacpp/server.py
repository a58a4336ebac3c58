"""llama.cpp's server in this process: loading it, counting and computing with it, and ending it.

All answers are computed together in a thread of the server's own. What it offers over HTTP alone, counting tokens,
goes through a Unix socket that only this user can reach (a loopback port with a random key where there are none).
"""

from __future__ import annotations

import atexit
import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

import httpx

from docmind.engines.arrivals import CLOSED, TICK, Arrivals
from docmind.environment import prepare_process
from docmind.errors import EngineError, EngineLostError, MissingExtraError, ModelError
from docmind.models.fit import steps
from docmind.settings import CacheType

prepare_process()  # OpenMP asks once, as it loads, whether its threads may wait in a busy loop
try:
    import xllamacpp  # type: ignore[import-untyped]  # it has no annotations
except ImportError as error:
    raise MissingExtraError("llama.cpp is not installed. Run `pip install 'docmind[llamacpp]'`.") from error

PARALLEL_ANSWERS = 4  # answers computed at once
# A request is stopped between two batches, so on a CPU a batch must not take long; a graphics card reads 2,048 tokens
# (llama.cpp's own default) in a moment.
_CPU_BATCH_TOKENS = 64
_SILENT = -1  # verbosity; llama.cpp would write to the user's terminal
# llama.cpp has no eight-bit floats; its eight-bit integers take as much room.
_CACHE_TYPES: Mapping[CacheType, str] = {
    "f16": "GGML_TYPE_F16",
    "bf16": "GGML_TYPE_BF16",
    "fp8": "GGML_TYPE_Q8_0",
    "q8_0": "GGML_TYPE_Q8_0",
    "q4_0": "GGML_TYPE_Q4_0",
}


_OPEN: WeakSet[Server] = WeakSet()


@atexit.register
def _close_all() -> None:
    """Python ends its threads in the middle of native code, which would abort the process."""
    for server in list(_OPEN):
        server.close()


class Server:
    """A loaded model, what it computes, and its end.

    Args:
        server: The model.
        http: Speaks to the same server.
        folder: Where its socket lies; deleted at the end.
        window: Tokens that all answers share.
    """

    def __init__(self, server: xllamacpp.Server, http: httpx.Client, folder: Path, window: int) -> None:
        self._server: xllamacpp.Server | None = server
        self._http = http
        self._folder = folder
        self.window = window
        self._changing = threading.Lock()
        self._running: list[_Request] = []
        _OPEN.add(self)

    def properties(self) -> dict[str, Any]:
        """What the server says about its model."""
        return dict(self._http.get("/props").raise_for_status().json())

    def tokens(self, text: str, *, add_special: bool = False) -> list[int]:
        """The ids of a text in the model's own markup.

        Raises:
            EngineError: the engine was closed.
        """
        self._check_open()
        try:
            answer = self._http.post("/tokenize", json={"content": text, "add_special": add_special})
            ids: list[int] = answer.raise_for_status().json()["tokens"]
        except (httpx.HTTPError, RuntimeError) as error:  # httpx raises the second where it was closed meanwhile
            self._check_open()
            raise EngineLostError(f"llama.cpp does not count ({error}). Ask again: it will be loaded anew.") from error
        return ids

    @contextmanager
    def started(self, request: Mapping[str, Any]) -> Iterator[Arrivals[Mapping[str, Any]]]:
        """Compute an answer; yields what arrives.

        Leaving the context stops it and waits for the batch that is being computed.
        """
        with self._changing:
            self._check_open()
            assert self._server is not None  # noqa: S101 - it is open
            running = _Request(self._server, request)
            self._running.append(running)
        try:
            yield running.arrivals
        finally:
            running.stop()
            with self._changing:
                self._running.remove(running)

    def close(self) -> None:
        """End all requests and free the model."""
        with self._changing:
            server, self._server = self._server, None
            running = list(self._running)
        if server is None:
            return
        for request in running:
            request.close()
        self._http.close()
        # The model is freed when the last to hold it lets go.
        del server, running
        shutil.rmtree(self._folder, ignore_errors=True)

    def _check_open(self) -> None:
        if self._server is None:
            raise EngineError(CLOSED)


class _Request:
    """One prompt on its way through the server, in a thread of its own, because the server's call blocks.

    Args:
        server: The model.
        request: What `/v1/completions` of llama.cpp's server reads.
    """

    def __init__(self, server: xllamacpp.Server, request: Mapping[str, Any]) -> None:
        self.arrivals = Arrivals[Mapping[str, Any]]()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, args=(server, dict(request)), name="llama.cpp", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop computing; without effect on a finished request."""
        self._stopped = True
        # One that waits behind another's prompt is looked at after it; it computes nothing until then.
        self._thread.join(2 * TICK)

    def close(self) -> None:
        """Stop computing, tell the reader, and wait until the server has let go."""
        self._stopped = True
        self.arrivals.end(EngineError(CLOSED))
        self._thread.join()

    def _run(self, server: xllamacpp.Server, request: dict[str, Any]) -> None:
        try:
            server.handle_completions(request, self._arrived)
        except Exception as error:  # noqa: BLE001 - whatever C++ throws: the reader would wait for ever
            self.arrivals.end(EngineLostError(f"llama.cpp failed ({error}). Ask again: it will be loaded anew."))
        finally:
            self.arrivals.end()

    def _arrived(self, event: Mapping[str, Any]) -> bool:
        """Take what the server says; True stops it."""
        if problem := event.get("error"):
            self.arrivals.end(_failure(problem))
        elif not self._stopped:
            self.arrivals.deliver(event)
        return self._stopped


def _failure(problem: Mapping[str, Any]) -> EngineError:
    words = str(problem.get("message", problem))
    if problem.get("type") == "server_error":
        return EngineLostError(f"The model failed while answering ({words}). Ask again: it will be loaded anew.")
    return EngineError(f"llama.cpp cannot answer ({words}). Ask about fewer documents, or ask again.")


def load(path: Path, window: int, cache_type: CacheType) -> Server:
    """Load a model with a window, or with the largest of the steps below it that fits into memory.

    Args:
        path: A .gguf file, the first where it is split.
        window: Prompt and answer together, in tokens.
        cache_type: The numbers in the KV cache.

    Raises:
        ModelError: it cannot be loaded with any.
    """
    for tried in steps(window):
        folder = Path(tempfile.mkdtemp(prefix="docmind-"))  # only this user can enter it
        key = secrets.token_urlsafe(32)
        local = folder / "llama.sock" if hasattr(socket, "AF_UNIX") else None
        parameters = _parameters(path, tried, cache_type)
        parameters.hostnames = [str(local) if local else "127.0.0.1"]
        parameters.api_keys = [key]
        try:
            server = xllamacpp.Server(parameters)
            _wait_until_it_serves(server)
        except RuntimeError:  # its only word for a damaged file, an unknown architecture and too little memory
            shutil.rmtree(folder, ignore_errors=True)
            continue
        http = httpx.Client(
            transport=httpx.HTTPTransport(uds=str(local) if local else None),
            base_url="http://llama.cpp" if local else server.listening_address,
            headers={"Authorization": f"Bearer {key}"},
            timeout=60.0,
        )
        return Server(server, http, folder, tried)
    raise ModelError(
        f"llama.cpp cannot load {path.name}, not even with a window of {tried:,} tokens. Either the file is damaged "
        "(fetch it again), or this llama.cpp does not know its architecture, or it does not fit into memory "
        "(`docmind models` shows which models do)."
    )


def _wait_until_it_serves(server: xllamacpp.Server) -> None:
    """Have one token computed. The server never ends when it is told to before its thread has begun to wait for work.

    Raises:
        RuntimeError: it cannot be computed.
    """
    events: list[Mapping[str, Any]] = []
    server.handle_completions({"prompt": [0], "max_tokens": 1, "stream": True}, events.append)
    if problem := next((event["error"] for event in events if "error" in event), None):
        raise RuntimeError(problem)


def _parameters(path: Path, window: int, cache_type: CacheType) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = window
    parameters.n_parallel = PARALLEL_ANSWERS
    parameters.kv_unified = True  # one user has the whole window, several share it
    parameters.cont_batching = True
    parameters.ctx_shift = False  # it would cut the prompt silently
    number = getattr(xllamacpp.ggml_type, _CACHE_TYPES[cache_type])
    parameters.cache_type_k = parameters.cache_type_v = number
    attention = xllamacpp.llama_flash_attn_type
    # Quantised values need flash attention; elsewhere llama.cpp knows where it helps.
    quantised = _CACHE_TYPES[cache_type] in ("GGML_TYPE_Q8_0", "GGML_TYPE_Q4_0")
    parameters.flash_attn_type = (
        attention.LLAMA_FLASH_ATTN_TYPE_ENABLED if quantised else attention.LLAMA_FLASH_ATTN_TYPE_AUTO
    )
    if not graphics_cards():
        parameters.n_batch = parameters.n_ubatch = _CPU_BATCH_TOKENS
    parameters.cache_prompt = True
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.offline = True
    parameters.verbosity = _SILENT
    return parameters


@cache
def graphics_cards() -> tuple[str, ...]:
    """What this build of llama.cpp drives besides the CPU; as many layers as fit are put there by llama.cpp itself."""
    kinds = xllamacpp.ggml_backend_dev_type
    cards = (kinds.GGML_BACKEND_DEVICE_TYPE_GPU, kinds.GGML_BACKEND_DEVICE_TYPE_IGPU)
    return tuple(device["description"] for device in xllamacpp.get_device_info() if device["type"] in cards)
