"""Which embedding model a library is searched with, and which other one is wanted or would be better."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from docmind.errors import ModelNotFoundError
from docmind.models.installed import find_model, installed
from docmind.models.known_models import KNOWN_MODELS
from docmind.models.weights import weights_of
from docmind.settings import Settings


@dataclass(frozen=True, slots=True)
class Wish:
    """A model that a library could be embedded with anew.

    Attributes:
        name: What names it: a name, or a path.
        reason: 'chosen': the settings name it; 'better': it came after the library was filled; 'weights': it is called
            as the one that filled it, and has other weights; 'words': it is the same one, and the settings have words
            weighed otherwise; 'chunks': it is the same one, and documents are cut otherwise by now.
    """

    name: str
    reason: Literal["chosen", "better", "weights", "words", "chunks"]


def name_of(embedder: str) -> str:
    """What a model is called, in small letters, that is named by its name or its path."""
    return PurePath(embedder.strip()).name.casefold()


def embedder_to_open(settings: Settings, filled_with: str | None) -> str:
    """What names the model that a library is searched with: the one that filled it, whatever the settings name.

    Where the settings name its path, that is given; a new library takes what they name.
    """
    if filled_with is None or name_of(settings.embedder) == filled_with.casefold():
        return settings.embedder
    return filled_with


def engine_to_open(settings: Settings, words: str) -> str:
    """What computes the model that a library is searched with: where the library has learned words what gives them.

    Args:
        settings: They decide, as far as the library's words allow.
        words: What weighs the library's words, see `docmind.fingerprint`.
    """
    if words == "learned":
        return "learned_words"
    # What gives them is torch.
    return "torch" if wished_words(settings) == "learned" else settings.embedder_engine


def wished_words(settings: Settings) -> Literal["bm25", "learned"]:
    """What weighs words in a library that is filled now."""
    return "learned" if settings.embedder_engine == "learned_words" else "bm25"


def wished_embedder(settings: Settings, filled_with: str) -> Wish | None:
    """The model that the settings name, or with 'auto' a better one on this machine, where it is another.

    Better is what the catalogue names first; of models that the user brought along nobody knows.
    """
    if settings.embedder != "auto":
        return None if name_of(settings.embedder) == filled_with.casefold() else Wish(settings.embedder, "chosen")
    here = [entry.name for entry in installed(settings) if entry.kind == "embedding" and entry.model]
    order = [model.name for model in KNOWN_MODELS]
    better = order[: order.index(filled_with)] if filled_with in order else order
    brought_along = filled_with not in order and filled_with != "hash"
    best = next((name for name in here if name in better), None)
    return None if best is None or brought_along else Wish(best, "better")


def has_other_weights(settings: Settings, filled_with: str, weights: str) -> bool:
    """Whether the model of that name on this machine is another than the one that filled a library."""
    if not weights:
        return False
    try:
        return weights_of(find_model(embedder_to_open(settings, filled_with), "embedding", settings)) != weights
    except (ModelNotFoundError, OSError):  # whoever opens it meets that too
        return False
