"""Which models exist, which of them are on this machine, what fits it, and how the rest get here.

The door: `choose` says which engine opens which model; `overview` shows what this machine makes of all models;
`known_models`, `starter_models`, `installed`, `find_model` and `pull` deal with the files, `facts_of`, `fit` and
`detect` with the sums.
"""

from __future__ import annotations

from pathlib import Path

from docmind.errors import ModelNotFoundError
from docmind.models import fetching
from docmind.models.choose import Choice, choose, has_room_for_writer, missing, needs_weights
from docmind.models.facts import ModelFacts, Shape, facts_of, tokenizer_metadata, weight_bytes
from docmind.models.fetching import Progress
from docmind.models.fit import Fit, fit, kv_cache_bytes, steps
from docmind.models.folders import relation_labels
from docmind.models.hardware import CudaDevice, Hardware, OpenVINODevice, detect
from docmind.models.installed import find_checker, find_model, find_reranker, installed, models_with_mode
from docmind.models.known_models import KNOWN_MODELS, by_name, starter_models
from docmind.models.model import Model, ModelFile, ModelKind, PackageIndexParts, PackageIndexWheel, WheelFile
from docmind.models.overview import Row, overview
from docmind.models.recommended import recommended
from docmind.models.runtimes import SERVERS, is_local
from docmind.models.writer import WRITER
from docmind.settings import Settings

__all__ = [
    "SERVERS",
    "WRITER",
    "Choice",
    "CudaDevice",
    "Fit",
    "Hardware",
    "Model",
    "ModelFacts",
    "ModelFile",
    "ModelKind",
    "OpenVINODevice",
    "PackageIndexParts",
    "PackageIndexWheel",
    "Progress",
    "Row",
    "Shape",
    "WheelFile",
    "choose",
    "detect",
    "facts_of",
    "find_checker",
    "find_model",
    "find_reranker",
    "fit",
    "has_room_for_writer",
    "installed",
    "is_local",
    "known_models",
    "kv_cache_bytes",
    "missing",
    "models_with_mode",
    "needs_weights",
    "overview",
    "pull",
    "recommended",
    "relation_labels",
    "starter_models",
    "steps",
    "tokenizer_metadata",
    "weight_bytes",
]


def known_models() -> tuple[Model, ...]:
    """Every model of the catalogue, best first within each kind."""
    return KNOWN_MODELS


def pull(name: str, settings: Settings, progress: Progress = lambda *_: None, *, verify: bool = False) -> Path:
    """Have a model on this machine, fetching it where it is missing.

    Args:
        name: A name from the catalogue.
        settings: Says where models live.
        progress: Told the stage ('waiting', 'downloading', 'checking'), bytes done and bytes in all.
        verify: Recheck the SHA-256 of every file already there, and fetch again what does not match; of a model from a
            hub, say which file it is.

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
    if model.in_package_index:
        return fetching.pull(model, settings, progress, verify=verify)
    from docmind.models import hub  # noqa: PLC0415 - it loads what speaks to the web, which hardly anybody needs

    return hub.fetch(model, settings, progress, verify=verify)
