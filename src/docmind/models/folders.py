"""What lies in the models folder: the manifest of a fetched model, and how a folder shows it holds one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from docmind.models.known_models import by_name
from docmind.models.model import Model, ModelFile, ModelKind, PackageIndexSource

MANIFEST = "docmind-model.json"


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model on this machine.

    Attributes:
        name: Name of its folder.
        kind: Whether it writes answers, turns text into vectors, checks what is written, or reorders what is found.
        path: What an engine or embedder opens: a .gguf file, or the folder.
        size_bytes: Size of all its files.
        model: What the catalogue says about it; None for a model the user brought along.
    """

    name: str
    kind: ModelKind
    path: Path
    size_bytes: int
    model: Model | None


def write_manifest(folder: Path, model: Model, source: PackageIndexSource) -> None:
    """As `note_files`, for files out of the package index."""
    note_files(folder, model, source.requirement, source.files)


def note_files(folder: Path, model: Model, source: str, files: Iterable[ModelFile]) -> None:
    """Note with the files what they are, so that completeness can be told later without hashing.

    Raises:
        OSError: the folder cannot be written.
    """
    manifest = {
        "name": model.name,
        "source": source,
        "licence": model.licence,
        "files": {file.path: {"size_bytes": file.size_bytes, "sha256": file.sha256} for file in files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def holds_model(folder: Path) -> bool:
    """Whether the folder holds a usable model.

    A fetched model must have every file of its manifest at its size; one placed by hand must have a
    config.json or a .gguf file.
    """
    if not (folder / MANIFEST).is_file():
        return (folder / "config.json").is_file() or bool(_gguf_files(folder))
    files = _read_manifest(folder).get("files")
    return (
        isinstance(files, dict)
        and bool(files)
        and all(
            isinstance(file, dict) and _has_size(folder / path, file.get("size_bytes", -1))
            for path, file in files.items()
        )
    )


def is_fetched(folder: Path, source: PackageIndexSource, *, verify: bool = False) -> bool:
    """Whether the folder holds exactly what the catalogue promises.

    Args:
        folder: The model's folder.
        source: What should be in it.
        verify: Read every file and compare its SHA-256 too, instead of sizes only.
    """
    if _read_manifest(folder).get("source") != source.requirement:
        return False
    return all(
        _has_size(folder / file.path, file.size_bytes) and (not verify or _sha256(folder / file.path) == file.sha256)
        for file in source.files
    )


def altered_file(folder: Path) -> str:
    """The first file whose bytes are not those that were noted when it came; '' where all are.

    Raises:
        KeyError: nothing was noted, as DocMind did not fetch them.
    """
    noted = _read_manifest(folder).get("files")
    if not isinstance(noted, dict):
        raise KeyError(MANIFEST)
    return next((path for path, file in noted.items() if _sha256(folder / path) != file["sha256"]), "")


def describe(folder: Path) -> InstalledModel | None:
    """The model in the folder; None where the folder holds none."""
    if not holds_model(folder):
        return None
    model = by_name(folder.name)
    kind = model.kind if model else _kind_of(folder)
    size_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return InstalledModel(folder.name, kind, opened_path(folder, kind), size_bytes, model)


def _kind_of(folder: Path) -> ModelKind:
    """What a model is for that the user brought along."""
    if relation_labels(folder):
        return "checker"
    if gives_one_score(folder):
        return "reranker"
    # sentence-transformers writes modules.json into everything it saves; language models have none.
    return "embedding" if (folder / "modules.json").is_file() else "language"


def relation_labels(folder: Path) -> dict[str, int | None] | None:
    """Of a checker, which of its outputs stands for entailment, neutral and contradiction; None of other models.

    Some know no neutral. They say what their outputs mean in `id2label`, in any order.
    """
    places = _labels(folder)
    if not {"entailment", "contradiction"} <= places.keys():
        return None
    return {name: places.get(name) for name in ("entailment", "neutral", "contradiction")}


def gives_one_score(folder: Path) -> bool:
    """Whether it holds a cross-encoder: a model with one label, how well two texts that it reads together match."""
    return len(_labels(folder)) == 1


def _labels(folder: Path) -> dict[str, int]:
    """What the outputs of a model that sorts texts mean, in small letters, and their places; none of other models."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        architectures, labels = config["architectures"], config["id2label"]
        if not any(str(name).endswith("ForSequenceClassification") for name in architectures):
            return {}
        return {str(label).casefold(): int(place) for place, label in labels.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def opened_path(folder: Path, kind: ModelKind) -> Path:
    """What to open: the first .gguf file of a language model, or the folder."""
    gguf_files = _gguf_files(folder) if kind == "language" else []
    return gguf_files[0] if gguf_files else folder


def _gguf_files(folder: Path) -> list[Path]:
    # Sorted, so that a model split into '-00001-of-00003' parts opens at its first.
    return sorted(folder.glob("*.gguf"))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _has_size(path: Path, size_bytes: int) -> bool:
    return path.is_file() and path.stat().st_size == size_bytes


def _read_manifest(folder: Path) -> dict[str, object]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # absent, unreadable or not JSON: in each case the model must be fetched again
        return {}
    return manifest if isinstance(manifest, dict) else {}
