"""Which models are on this machine, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from docmind.errors import ModelNotFoundError
from docmind.models.folders import InstalledModel, describe, gives_one_score, holds_model, opened_path, relation_labels
from docmind.models.known_models import KNOWN_MODELS, by_name, starter_models
from docmind.models.model import HubRepository, Mode, Model, ModelKind
from docmind.settings import Settings


def installed(settings: Settings) -> tuple[InstalledModel, ...]:
    """The models on this machine: known ones in the catalogue's order, then the user's own by name."""
    found: dict[str, InstalledModel] = {}
    for folder in sorted(path for place in settings.model_folders if place.is_dir() for path in place.iterdir()):
        if folder.is_dir() and folder.name[0] != "." and folder.name not in found and (entry := describe(folder)):
            found[entry.name] = entry
    order = {model.name: number for number, model in enumerate(KNOWN_MODELS)}
    return tuple(sorted(found.values(), key=lambda entry: (order.get(entry.name, len(order)), entry.name)))


def language_models(settings: Settings) -> tuple[InstalledModel, ...]:
    """The language models on this machine, the one to open first.

    A model that the user brought along or had fetched from its home is there to be used, those out of the package index
    only until something better is, and one that thinks before every answer only where no other one is: the router opens
    it for questions that need it.
    """
    here = [entry for entry in installed(settings) if entry.kind == "language"]
    return tuple(sorted(here, key=lambda entry: (_only_thinks(entry), _is_makeshift(entry))))


def models_with_mode(mode: Mode, settings: Settings) -> tuple[str, ...]:
    """The language models on this machine that the catalogue knows to have this mode, best first."""
    return tuple(entry.name for entry in installed(settings) if entry.model is not None and mode in entry.model.modes)


def _only_thinks(entry: InstalledModel) -> bool:
    return entry.model is not None and "thinking" in entry.model.modes and "plain" not in entry.model.modes


def _is_makeshift(entry: InstalledModel) -> bool:
    return entry.model is not None and entry.model.in_package_index


def find_model(name_or_path: str, kind: ModelKind, settings: Settings) -> Path:
    """Where a model lies on this machine. Never fetches anything.

    Args:
        name_or_path: A name from the catalogue or of a folder in the models folder, a path, or 'auto' for the
            best model present: the first of `language_models`, or of embedding models the first in the catalogue's
            order, then the user's own by name. Whether an engine here reads it and it fits, `choose` says.
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
            f"here. `docmind models` shows what there is; {_setting(kind)}=auto chooses for you."
        )
    for folder in _candidates(name_or_path, model, settings):
        if kind == "language" and folder.suffix == ".gguf" and folder.is_file():
            return folder
        if folder.is_dir() and holds_model(folder):
            return opened_path(folder, kind)
    if model:
        raise ModelNotFoundError(
            f"The {kind} model {model.name} is not in {settings.models_path}. {how_to_get(model, settings)}"
        )
    raise ModelNotFoundError(
        f"There is no {kind} model '{name_or_path}': neither a name from `docmind models` nor the "
        f"path of {'a .gguf file or ' if kind == 'language' else ''}a folder with a config.json. To start "
        f"with the small one, run `docmind models pull {_starter_of(kind).name}` and set "
        f"{_setting(kind)}=auto."
    )


def find_checker(settings: Settings) -> Path | None:
    """The folder of the checker that the settings name; None where there is none, or none is wanted.

    Raises:
        ModelNotFoundError: one is named that is not on this machine, or is no checker.
    """
    labels = "entailment and contradiction among its labels"
    return _further("checker", settings.checker, "off", relation_labels, labels, settings)


def find_reranker(settings: Settings) -> Path | None:
    """The folder of the reranker that the settings name; None where there is none, or none is wanted.

    Raises:
        ModelNotFoundError: one is named that is not on this machine, or is no reranker.
    """
    one_label = "a model for sequence classification with one label"
    return _further("reranker", settings.reranker, "none", gives_one_score, one_label, settings)


def _further(
    kind: ModelKind, named: str, without: str, is_one: Callable[[Path], object], says: str, settings: Settings
) -> Path | None:
    """The folder of a model that DocMind can do without; None where there is none, or none is wanted.

    Args:
        kind: What it is for.
        named: The setting: a name, a path, 'auto' or `without`.
        without: The setting for none.
        is_one: Whether a folder's config.json is that of one.
        says: What that names, in words.
        settings: Where models are.
    """
    if named == without:
        return None
    here = [entry for entry in installed(settings) if entry.kind == kind]
    if named == "auto":
        return here[0].path if here else None
    wanted = [entry.path for entry in here if entry.name == named]
    wanted += [path for path in _candidates(named, None, settings) if is_one(path)]
    if not wanted:
        raise ModelNotFoundError(
            f"There is no {kind} '{named}' in {settings.models_path}: a folder whose config.json names {says}. Put it "
            f"there, or set DOCMIND_{kind.upper()}={without}."
        )
    return wanted[0]


def _best_present(kind: ModelKind, settings: Settings) -> Path:
    for entry in language_models(settings) if kind == "language" else installed(settings):
        if entry.kind == kind:
            return entry.path
    raise ModelNotFoundError(
        f"There is no {kind} model in {settings.models_path}. "
        f"Run `docmind models pull {_starter_of(kind).name}` for the small one that runs anywhere."
    )


def _candidates(name_or_path: str, model: Model | None, settings: Settings) -> tuple[Path, ...]:
    # Joining an absolute path to a models folder gives the absolute path itself.
    inside = [folder / (model.name if model else name_or_path) for folder in settings.model_folders]
    # A bare name never means what lies in the current folder, which somebody else may have made.
    is_path = not model and any(mark in name_or_path for mark in "/\\~")
    return (*inside, *([Path(name_or_path).expanduser().absolute()] if is_path else []))


def how_to_get(model: Model, settings: Settings) -> str:
    """What to do to have a model of the catalogue, as sentences."""
    fetching = f"Run `docmind models pull {model.name}`"
    if not isinstance(model.source, HubRepository):
        return f"{fetching}."
    by_hand = how_to_copy(model, model.source, settings)
    return f"{fetching}, where this machine reaches the model's home. Or, by hand: {by_hand}"


def how_to_copy(model: Model, source: HubRepository, settings: Settings) -> str:
    """How to bring a model of a hub without its being fetched, as a sentence."""
    what = source.file or "all files"
    so_that = "" if source.file else ", so that config.json lies directly in that folder"
    return (
        f"Copy {what} of the hub repository {source.repository} (about {model.size_bytes / 1e9:.1f} GB) "
        f"into {settings.models_path / model.name}{so_that}."
    )


def _starter_of(kind: ModelKind) -> Model:
    return next(model for model in starter_models() if model.kind == kind)


def _setting(kind: ModelKind) -> str:
    return "DOCMIND_MODEL" if kind == "language" else "DOCMIND_EMBEDDER"


def _with_article(kind: ModelKind) -> str:
    return "a language" if kind == "language" else "an embedding"
