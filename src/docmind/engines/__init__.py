"""Language models as LlamaIndex LLMs that stream, count their own tokens, know their window and can be stopped.

One door, one file an engine. Close a stream (`generator.close()`) to stop the computation behind it.
"""

from __future__ import annotations

from docmind.engines.base import Engine
from docmind.settings import Settings

__all__ = ["Engine", "open_engine"]


def open_engine(settings: Settings) -> Engine:
    """Open the engine that the settings name, with the model that they name.

    Raises:
        ModelNotFoundError: the model is not on this machine; the message says how to get it.
        ModelError: its files cannot be loaded.
    """
    # Imported per case, because each engine brings libraries that cost seconds the others need not pay.
    match settings.engine:
        case "openvino":
            from docmind.engines.openvino import OpenVINOEngine  # noqa: PLC0415 - see above

            return OpenVINOEngine.open(settings)
        case "extractive":
            from docmind.engines.extractive import ExtractiveEngine  # noqa: PLC0415 - see above

            return ExtractiveEngine()
