"""Opening the engine: the model is loaded without Python, and meanwhile LlamaIndex is imported."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from docmind.engines.openvino.devices import load
from docmind.lean_imports import import_llama_index
from docmind.models import Choice
from docmind.settings import Settings

if TYPE_CHECKING:
    from docmind.engines.openvino.engine import OpenVINOEngine


def open_openvino(settings: Settings, choice: Choice) -> OpenVINOEngine:
    """Load the chosen model; see `docmind.engines.open_engine` for what it raises."""
    assert choice.path is not None  # noqa: S101 - only servers and the extractive engine have none
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load, settings, choice, choice.path)
        import_llama_index()
        from docmind.engines.openvino.engine import OpenVINOEngine  # noqa: PLC0415 - brings LlamaIndex, see above

        loaded = loading.result()
    try:
        return OpenVINOEngine.around(loaded, settings, choice)
    except BaseException:
        loaded.worker.close()
        raise
