"""Standing: how far the queue is, and how much longer it takes where that can be estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from docmind.parsing.formats import FORMATS
from docmind.storage.document import Document
from docmind.storage.particulars import SMALL, Pace


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


@dataclass(frozen=True, slots=True)
class Spent:
    """How long the document that is being read has taken, pauses left out.

    Attributes:
        seconds: From its beginning to the last passage that is done.
        since: Seconds since then.
    """

    seconds: float = 0.0
    since: float = 0.0


_NOTHING = Spent()


def standing(
    done: int,
    waiting: Sequence[Document],
    pace: Mapping[str, Pace],
    spent: Spent = _NOTHING,
    *,
    paused: bool = False,
) -> Standing | None:
    """How far the queue is; None where nothing waits.

    The document that is being read takes as long as its own passages say, once some are done. Those that wait take as
    long as others of their format did: a small one as long as small ones, whatever its bytes, and a larger one by its
    bytes as larger ones did, the one that is being read included.

    Args:
        done: Documents of this run that are through.
        waiting: Those being read or waiting for it, as the catalogue lists them.
        pace: How long documents of each format took so far in this library.
        spent: How long the one that is being read has taken.
        paused: Whether the user has paused it.
    """
    if not waiting:
        return None
    current = next((document for document in waiting if document.state == "reading"), waiting[0])
    embedded = current.chunks_done / current.chunks if current.chunks else 0.0
    total = done + len(waiting)
    pace = _with_current(pace, current, embedded, spent)
    left = [_seconds(document, pace) for document in waiting if document is not current]
    if embedded and spent.seconds:
        left.append(max(0.0, spent.seconds * (1 - embedded) / embedded - spent.since))
    else:
        left.append(_seconds(current, pace))
    return Standing(
        number=done + 1,
        total=total,
        name=current.name,
        share=(done + embedded) / total,
        seconds_left=None if None in left else sum(filter(None, left)),
        paused=paused,
    )


def _with_current(pace: Mapping[str, Pace], current: Document, embedded: float, spent: Spent) -> Mapping[str, Pace]:
    """The paces, what the document that is being read has taken so far counted as a larger one's."""
    name = _format(current)
    if name is None or not embedded or current.size < SMALL:
        return pace
    known = pace.get(name, Pace())
    size = known.size + round(embedded * current.size)
    return {**pace, name: replace(known, seconds=known.seconds + spent.seconds, size=size)}


def _seconds(document: Document, pace: Mapping[str, Pace]) -> float | None:
    """How long one that waits will take; None where none like it was read. One that is refused takes no time."""
    name = _format(document)
    if name is None:
        return 0.0
    known = pace.get(name, Pace())
    if document.size < SMALL and known.small is not None:
        return known.small
    # No larger one is told from small ones: what a file costs whatever its size would be taken for its bytes' cost.
    return known.seconds / known.size * document.size if known.size else None


def _format(document: Document) -> str | None:
    suffix = PurePath(document.name).suffix.lower()
    return next((form.name for form in FORMATS if suffix in form.suffixes), None)
