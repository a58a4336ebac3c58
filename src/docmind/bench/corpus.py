"""What benchmarks work on: the sample documents, their questions, and libraries that last as long as the benchmark."""

from __future__ import annotations

import json
from pathlib import Path

from docmind.errors import DocMindError
from docmind.ingestion.ingest import ingest
from docmind.resources import app_folder
from docmind.settings import Settings
from docmind.workspace import Workspace


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


def fill(workspace: Workspace, folder: Path) -> int:
    """Ingest a folder and return the chunks that the library then holds.

    Raises:
        DocMindError: a document could not be read, so that figures would speak of something else.
    """
    outcomes = list(ingest(workspace, [folder]))
    failed = [f"{outcome.path}: {outcome.error}" for outcome in outcomes if outcome.status == "failed"]
    if failed or not outcomes:
        raise DocMindError(
            f"The benchmark needs documents that can be read: {'; '.join(failed) or f'{folder} holds none'}."
        )
    return workspace.store.count()
