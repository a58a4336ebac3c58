"""Standing: how far the queue is, and how much longer it takes where that can be estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from docmind.parsing.formats import FORMATS
from docmind.storage.document import Document


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the queue is.

    Attributes:
        number: Which document of this run is being read, from 1.
        total: How many there are in this run, those that are through included.
        name: The one being read.
        share: How much of all is done, from 0 to 1.
        seconds_left: None where it cannot be estimated.
        paused: Whether the user has paused it.
    """

    number: int
    total: int
    name: str
    share: float
    seconds_left: float | None
    paused: bool


def standing(
    done: int, waiting: Sequence[Document], pace: Mapping[str, float], *, paused: bool = False
) -> Standing | None:
    """How far the queue is; None where nothing waits.

    Args:
        done: Documents of this run that are through.
        waiting: Those being read or waiting for it, as the catalogue lists them.
        pace: Seconds that a byte of each format took so far in this library.
        paused: Whether the user has paused it.
    """
    if not waiting:
        return None
    current = next((document for document in waiting if document.state == "reading"), waiting[0])
    embedded = current.chunks_done / current.chunks if current.chunks else 0.0
    total = done + len(waiting)
    left = [_seconds(document, pace) for document in waiting if document is not current]
    of_current = _seconds(current, pace)
    left.append(None if of_current is None else of_current * (1 - embedded))
    return Standing(
        number=done + 1,
        total=total,
        name=current.name,
        share=(done + embedded) / total,
        seconds_left=None if None in left else sum(filter(None, left)),
        paused=paused,
    )


def _seconds(document: Document, pace: Mapping[str, float]) -> float | None:
    """As long as documents of the format took so far, byte by byte; one of a format that is not read takes no time."""
    suffix = PurePath(document.name).suffix.lower()
    name = next((form.name for form in FORMATS if suffix in form.suffixes), None)
    if name is None:
        return 0.0
    return pace[name] * document.size if name in pace else None
