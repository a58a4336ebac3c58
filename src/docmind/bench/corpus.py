"""What benchmarks work on: the sample documents, their questions, and libraries that last as long as the benchmark."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from docmind.bench.code_version import code_version
from docmind.errors import DocMindError
from docmind.ingestion.ingest import ingest
from docmind.ingestion.removal import delete
from docmind.ingestion.sources import expand
from docmind.resources import app_folder
from docmind.settings import Settings
from docmind.storage.catalog import Document
from docmind.workspace import Workspace

# Told what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]
# What makes a chunk, its vector and its words what they are.
_MAKES_CHUNKS = ("ingestion", "parsing", "embeddings", "stores/bm25", "sentences", "tables")


def samples_folder() -> Path:
    """The sample documents."""
    return app_folder() / "data" / "samples"


def sample_questions() -> list[str]:
    """Questions that the samples answer.

    Raises:
        DocMindError: this installation came without them.
    """
    path = app_folder() / "data" / "sample_questions.json"
    try:
        questions = json.loads(path.read_text(encoding="utf-8"))["questions"]
    except FileNotFoundError as error:
        raise DocMindError(
            f"{path} is missing from this installation. Run this benchmark from a checkout of the repository."
        ) from error
    return [entry["question"] for entry in questions]


def library_settings(settings: Settings, data_dir: Path) -> Settings:
    """The user's settings over a library of the benchmark's own; models stay where they are, and no answer is kept."""
    return settings.model_copy(update={"data_dir": data_dir, "models_dir": settings.models_path, "cache": False})


def fill(workspace: Workspace, folder: Path, progress: Progress | None = None) -> int:
    """Ingest a folder and return the chunks that the library then holds.

    Args:
        workspace: The open library.
        folder: The documents.
        progress: Told the file's name, chunks embedded and chunks in all.

    Raises:
        DocMindError: a document could not be read, so that figures would speak of something else.
    """
    outcomes = list(ingest(workspace, [folder], progress))
    failed = [f"{outcome.path}: {outcome.error}" for outcome in outcomes if outcome.status == "failed"]
    if failed or not outcomes:
        raise DocMindError(
            f"The benchmark needs documents that can be read: {'; '.join(failed) or f'{folder} holds none'}."
        )
    return workspace.store.count()


@contextmanager
def kept_library(
    settings: Settings, folder: Path, documents: Path, progress: Progress | None = None
) -> Iterator[tuple[Workspace, dict[str, Document]]]:
    """An open library of all documents in a folder, and each of them by its name there.

    What an earlier run left in the library's folder is used again where the same code made it; documents that are no
    longer there are taken out of it.

    Args:
        settings: The user's; the library is the benchmark's own.
        folder: Where the library lies; whatever else is in this folder may go.
        documents: The documents.
        progress: Told the name of a document that is read, chunks embedded and chunks in all.

    Raises:
        DocMindError: a document could not be read.
    """
    version = " ".join(
        (code_version(*_MAKES_CHUNKS), settings.embedder, settings.embedder_engine, settings.embedder_precision)
    )
    made_by = folder / "made-by.txt"
    if folder.exists() and (not made_by.is_file() or made_by.read_text(encoding="utf-8") != version):
        shutil.rmtree(folder)
    with Workspace(library_settings(settings, folder)) as workspace:
        # Before anything is read, so that a run that was broken off goes on where it was.
        made_by.write_text(version, encoding="utf-8")
        files = {name: file for file, name in expand([documents])}
        for document in workspace.catalog.documents("ready"):
            if document.name not in files:  # it lay in the folder when an earlier run filled the library
                delete(workspace, document)
        fill(workspace, documents, progress)
        # By their bytes, because a library keeps equal files once, under the name of one of them.
        ready = {each.sha256: each for each in workspace.catalog.documents("ready")}
        yield workspace, {name: ready[_sha256(file)] for name, file in files.items()}


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
