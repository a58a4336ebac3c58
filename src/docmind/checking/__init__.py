"""Checker models: the one door to a second opinion on whether a source says what an answer says."""

from __future__ import annotations

from docmind.checking.checker import Checker, Relation
from docmind.models import find_checker
from docmind.settings import Settings

__all__ = ["Checker", "Relation", "open_checker"]


def open_checker(settings: Settings) -> Checker | None:
    """Open the checker that the settings name; None where there is none, or none is wanted.

    Raises:
        ModelNotFoundError: one is named that is not on this machine.
        ModelError: its folder cannot be loaded.
    """
    folder = find_checker(settings)
    if folder is None:
        return None
    # Imported here, because it brings torch, which nothing else of an answer needs.
    from docmind.checking.sequence_classifier import open_sequence_classifier  # noqa: PLC0415 - see above

    return open_sequence_classifier(folder)
