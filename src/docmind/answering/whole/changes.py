"""Changes: what two versions of a document say differently, and what only one says; equal sentences are none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from docmind.answering.evidence import Evidence
from docmind.answering.whole.reading import Source

_SAME_THING = 0.5  # cosine from which a sentence is another version of one
_NEAREST = 5  # of those that may be, for each sentence
_COMMON_WORDS = 2
_VERSIONS = 0.2  # share of the shorter one's sentences from which two documents are versions of one
_ASKS = re.compile(r"\b(?:changed|changes?|different|differences?|differs?|differ)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is not the same in two versions, in reading order.

    Attributes:
        paired: Sentences that say about the same in other words.
        first: Those of the first alone.
        second: Those of the second alone.
    """

    paired: tuple[tuple[Evidence, Evidence], ...]
    first: tuple[Evidence, ...]
    second: tuple[Evidence, ...]


def asks_for_changes(question: str) -> bool:
    """Whether a comparison is to tell what is different, rather than what documents say about the same."""
    return bool(_ASKS.search(question))


def are_versions(first: Source, second: Source, both: Counter[str]) -> bool:
    """Whether a fair share of one document stands in the other word for word; `both` is what does."""
    shorter = min(len(_told(first)), len(_told(second)))
    return bool(shorter) and both.total() >= _VERSIONS * shorter


def changes(first: Source, second: Source, both: Counter[str]) -> Changes:
    """What two versions do not have in common; what stands in `both` is left out, wherever it stands."""
    ours, theirs = _without(first, both), _without(second, both)
    paired = _paired(ours, theirs)
    taken = {id(item) for pair in paired for item in pair}
    ours, theirs = ([item for item in items if id(item) not in taken] for items in (ours, theirs))
    return Changes(tuple(paired), tuple(ours), tuple(theirs))


def in_both(first: Source, second: Source) -> Counter[str]:
    """The sentences and rows that stand in both documents word for word, as `said` writes them, and how often."""
    return Counter(map(said, _told(first))) & Counter(map(said, _told(second)))


def said_in_all(sources: Sequence[Source]) -> set[str]:
    """What every one of several documents says, as `said` writes it."""
    return set.intersection(*({said(item) for item in _told(source)} for source in sources))


def said(item: Evidence) -> str:
    """A sentence as it is written, whatever the lines are that it is broken into."""
    return " ".join(item.text.split())


def _paired(ours: Sequence[Evidence], theirs: Sequence[Evidence]) -> list[tuple[Evidence, Evidence]]:
    """The nearest to each other first, each once; in the order of the first document."""
    if not ours or not theirs:
        return []
    there = np.stack([item.vector for item in theirs])
    found: list[tuple[float, int, int]] = []
    for row, item in enumerate(ours):
        near = there @ item.vector
        nearest = np.argsort(-near)[:_NEAREST].tolist()
        found += [(float(near[column]), row, column) for column in nearest if near[column] >= _SAME_THING]
    pairs: dict[int, int] = {}
    columns: set[int] = set()
    for _, row, column in sorted(found, key=lambda each: -each[0]):
        if row in pairs or column in columns:
            continue
        one, other = ours[row].terms, theirs[column].terms
        if len(one & other) >= min(_COMMON_WORDS, max(1, min(len(one), len(other)) - 1)):
            pairs[row] = column
            columns.add(column)
    return [(ours[row], theirs[column]) for row, column in sorted(pairs.items())]


def _without(source: Source, known: Counter[str]) -> list[Evidence]:
    left, found = Counter(known), []
    for item in _told(source):
        if left[said(item)] > 0:
            left[said(item)] -= 1
        else:
            found.append(item)
    return found


def _told(source: Source) -> list[Evidence]:
    """All that a document tells, however short; headings tell nothing."""
    return [item for item in source.evidence if item.statement.is_row or not item.statement.heading]
