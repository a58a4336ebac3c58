"""What the catalogue knows of one document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DocumentState = Literal["queued", "reading", "ready", "failed", "removing"]


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one document. Times are seconds since 1970, `seconds` is how long ingesting took.

    `attempts` counts how often reading it was begun and ended for a reason that may lie in the document. `description`
    holds its own first words, '' where they are not known; `language` is a code of ISO 639-1, or None.
    """

    id: str
    name: str
    sha256: str
    size: int
    state: DocumentState
    added: float
    format: str | None
    title: str | None
    pages: int | None
    chunks: int
    chunks_done: int
    seconds: float | None
    error: str | None
    warnings: tuple[str, ...]
    attempts: int
    description: str
    language: str | None
