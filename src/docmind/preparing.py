"""A model that has just arrived is opened once, so that the forms that engines keep of it are there next time.

That happens in a process of its own: converting a model takes twice its memory, and the app answers meanwhile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

from docmind.embeddings import open_embedder
from docmind.engines import open_engine
from docmind.environment import process_environment
from docmind.errors import DocMindError, ModelError
from docmind.models import Progress, choose, known_models, needs_weights
from docmind.settings import Settings

_POLL_SECONDS = 0.1
_SECRETS = {"server_key", "qdrant_key"}  # opening a model needs neither


def prepare(name: str, settings: Settings, progress: Progress = lambda *_: None) -> None:
    """Open a model of the catalogue once and close it again.

    Args:
        name: Its name; it must be on this machine.
        settings: Say where models live, and which engine opens them.
        progress: Told 'preparing' about ten times a second; what it raises ends the work.

    Raises:
        ModelError: it cannot be opened; the message says why.
    """
    command = [sys.executable, "-P", "-m", "docmind.preparing", name]
    given = settings.model_dump_json(exclude=_SECRETS).encode()
    with tempfile.TemporaryFile() as words, tempfile.TemporaryFile() as asked:
        asked.write(given)
        asked.seek(0)
        process = subprocess.Popen(
            command, env=process_environment(), stdin=asked, stdout=words, stderr=subprocess.DEVNULL
        )
        try:
            while process.poll() is None:
                progress("preparing", 0, 1)
                time.sleep(_POLL_SECONDS)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        words.seek(0)
        said = words.read().decode("utf-8", errors="replace").strip().splitlines()
    if process.returncode:
        # A library that ends the process says nothing itself.
        raise ModelError(said[-1] if said else f"{name} ended the process that opened it; `docmind doctor` may help.")
    progress("preparing", 1, 1)


def _open(name: str, settings: Settings) -> None:
    (model,) = (model for model in known_models() if model.name == name)
    if model.kind == "embedding":
        open_embedder(settings.model_copy(update={"embedder": name}))
    elif needs_weights(settings):  # where a server answers, no engine here will open it
        settings = settings.model_copy(update={"model": name})
        open_engine(settings, choose(settings)).close()


def _main() -> int:
    if hasattr(os, "nice"):
        os.nice(5)  # whoever asks meanwhile comes first
    try:
        _open(sys.argv[1], Settings(**json.load(sys.stdin)))
    except DocMindError as error:
        sys.stdout.write(f"\n{' '.join(str(error).split())}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main())
