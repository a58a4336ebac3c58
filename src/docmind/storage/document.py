"""What the catalogue knows of one document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

DocumentState = Literal["queued", "reading", "ready", "failed", "removing"]


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one document. Times are seconds since 1970, `seconds` is how long ingesting took.

    `attempts` counts how often reading it was begun and ended for a reason that may lie in the document. `description`
    holds its own first words, '' where they are not known; `language` is a code of ISO 639-1, or None.
    `may_retry` is whether reading it failed and may end otherwise the next time.
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
    description: str = ""
    language: str | None = None
    may_retry: bool = False


def document_of(row: Mapping[str, Any]) -> Document:
    """A document as the catalogue's table holds it."""
    values = {**row, "warnings": tuple(json.loads(row["warnings"])), "may_retry": bool(row["may_retry"])}
    return Document(**values)
