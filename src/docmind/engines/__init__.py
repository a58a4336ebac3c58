"""Language models as LlamaIndex LLMs that stream, count their own tokens, know their window and can be stopped.

One door, one file an engine. Close a stream (`generator.close()`) to stop the computation behind it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from docmind.environment import prepare_process
from docmind.lean_imports import import_llama_index
from docmind.models import Choice, choose
from docmind.models.weights import weights_if_known
from docmind.settings import Settings

if TYPE_CHECKING:
    from docmind.engines.base import Engine, Piece, PreparedPrompt
    from docmind.engines.options import INSTRUCT, PRECISE, THINKING, Options, Sampling

__all__ = ["INSTRUCT", "PRECISE", "THINKING", "Engine", "Options", "Piece", "PreparedPrompt", "Sampling", "open_engine"]


def open_engine(settings: Settings, choice: Choice | None = None) -> Engine:
    """Open an engine with a model.

    Args:
        settings: How to open it.
        choice: What to open; None takes what the settings name, or the best that is here and fits.

    Raises:
        ModelNotFoundError: the model is not on this machine; the message says how to get it.
        MissingExtraError: the engine's package is not installed; the message has the command.
        ModelError: its files cannot be loaded, or it does not fit.
        ServerError: the server behind it does not answer.
    """
    prepare_process()
    choice = choice or choose(settings)
    if choice.engine != "openvino":  # it imports LlamaIndex while it loads
        import_llama_index()
    weights = weights_if_known(choice.path)  # before they are read: what comes later is another model's
    engine = _opened(settings, choice)
    engine.weights = weights
    # Somebody else's server is not put to work unasked, and an NPU reads its whole fixed shape whatever is in it.
    if choice.path is not None and engine.device != "NPU":
        from docmind.engines.speed import speed_of  # noqa: PLC0415 - brings LlamaIndex

        try:
            engine.speed = speed_of(engine, choice.path, choice.cache_type, settings)
        except BaseException:
            engine.close()
            raise
    return engine


def _opened(settings: Settings, choice: Choice) -> Engine:
    # Imported per case, because each engine brings libraries that cost seconds the others need not pay.
    match choice.engine:
        case "vllm":
            from docmind.engines.vllm.engine import VLLMEngine  # noqa: PLC0415 - see above

            return VLLMEngine.open(settings, choice)
        case "openvino":
            from docmind.engines.openvino.opening import open_openvino  # noqa: PLC0415 - see above

            return open_openvino(settings, choice)
        case "llamacpp":
            from docmind.engines.llamacpp.engine import LlamaCppEngine  # noqa: PLC0415 - see above

            return LlamaCppEngine.open(settings, choice)
        case "ollama":
            from docmind.engines.ollama.engine import OllamaEngine  # noqa: PLC0415 - see above

            return OllamaEngine.open(settings, choice)
        case "openai_compatible":
            from docmind.engines.openai_compatible.engine import OpenAICompatibleEngine  # noqa: PLC0415 - see above

            return OpenAICompatibleEngine.open(settings, choice)
        case "extractive":
            from docmind.engines.extractive import ExtractiveEngine  # noqa: PLC0415 - see above

            return ExtractiveEngine(answer_tokens=settings.answer_room)


def __getattr__(name: str) -> Any:
    # Resolved on first use: whoever opens an engine need not wait for LlamaIndex, which all of these need.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "base" if name in ("Engine", "Piece", "PreparedPrompt") else "options"
    return getattr(importlib.import_module(f"docmind.engines.{home}"), name)
