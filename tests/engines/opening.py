"""Opens each engine as its users would, with the starter model behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from docmind.engines import Engine, open_engine
from docmind.models import find_model
from docmind.settings import Settings

WINDOW = 1024  # an eighth of the starter's own: enough for every promise, and read in an eighth of the time


@contextmanager
def opened(name: str, folder: Path, models_dir: Path, window: int = WINDOW) -> Iterator[Engine]:
    """An engine with the one language model of a folder, and where it needs one the server behind it."""
    with ExitStack() as stack:
        settings = Settings(data_dir=folder, models_dir=models_dir, engine=name, window=window)
        starter = find_model("auto", "language", Settings(models_dir=models_dir))
        match name:
            case "openai_compatible":
                from serving import llama_server

                url = stack.enter_context(llama_server(starter, window=window))
                settings = settings.model_copy(update={"server_url": url})
            case "ollama":
                from ollama_stand_in import ollama

                url = stack.enter_context(ollama(starter))
                settings = settings.model_copy(update={"server_url": url, "model": "smollm2:135m"})
            case "vllm":
                from converting import starter_for_vllm

                settings = settings.model_copy(update={"model": str(starter_for_vllm(starter))})
        engine = open_engine(settings)
        stack.callback(engine.close)
        yield engine
