"""Language models as LlamaIndex LLMs that stream, count their own tokens, know their window and can be stopped.

One door, one file an engine. Close a stream (`generator.close()`) to stop the computation behind it.
"""

from __future__ import annotations

from docmind.engines.base import Engine, Piece, PreparedPrompt
from docmind.engines.options import INSTRUCT, PRECISE, THINKING, Options, Sampling
from docmind.engines.speed import speed_of
from docmind.models import Choice, choose
from docmind.settings import Settings, prepare_process

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
    engine = _opened(settings, choice)
    # Somebody else's server is not put to work unasked, and an NPU reads its whole fixed shape whatever is in it.
    if choice.path is not None and engine.device != "NPU":
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
            from docmind.engines.openvino.engine import OpenVINOEngine  # noqa: PLC0415 - see above

            return OpenVINOEngine.open(settings, choice)
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
