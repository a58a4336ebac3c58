"""Comparing: the words of a statement, each laid beside the same word of a source sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docmind.answering.proof.tokens import Word

_REPEATED, _TIES = 12, 64


@dataclass(frozen=True, slots=True)
class Comparison:
    """A statement laid beside a source.

    Attributes:
        statement: Its words.
        source: The source's words.
        at: For each word of the statement, the place of the same word in the source; None where there is none.
        back: The same from the source.
    """

    statement: tuple[Word, ...]
    source: tuple[Word, ...]
    at: tuple[int | None, ...]
    back: tuple[int | None, ...]

    @property
    def span(self) -> range:
        """The part of the source from the first to the last telling word that the statement shares."""
        places = [to for word, to in zip(self.statement, self.at, strict=True) if to is not None and word.telling]
        return range(min(places), max(places) + 1) if places else range(0)


def compare(statement: tuple[Word, ...], source: tuple[Word, ...]) -> Comparison:
    """Lay a statement beside a source: the longest runs of equal words first, then single words near them."""
    at: list[int | None] = [None] * len(statement)
    back: list[int | None] = [None] * len(source)
    places: dict[str, list[int]] = {}
    for j, word in enumerate(source):
        for key in word.keys:
            places.setdefault(key, []).append(j)
    steep = len(source) / max(1, len(statement))
    equal = [
        sorted(_nearest({j for key in word.keys for j in places.get(key, ())}, i * steep))
        for i, word in enumerate(statement)
    ]
    while run := _longest_run(equal, statement, at, back):
        for i, j in run:
            at[i], back[j] = j, i
    _match_small_words(equal, statement, at, back)
    return Comparison(statement, source, tuple(at), tuple(back))


def _nearest(places: set[int], to: float) -> Iterable[int]:
    """Of a word that a long row repeats over and over, only some places, so that no table takes minutes."""
    return places if len(places) <= _REPEATED else sorted(places, key=lambda j: abs(j - to))[:_REPEATED]


def _longest_run(
    equal: Sequence[Sequence[int]], statement: Sequence[Word], at: Sequence[int | None], back: Sequence[int | None]
) -> list[tuple[int, int]]:
    """The run with most telling words; of several, the one that stands nearest to what goes before it."""
    most = (0, 0)
    ends: list[tuple[int, int]] = []  # of the runs with so many telling words and words
    lengths: dict[tuple[int, int], tuple[int, int]] = {}  # of the run that ends there: telling words, words
    for i in range(len(statement)):
        if at[i] is not None:
            continue
        for j in equal[i]:
            if back[j] is not None:
                continue
            telling, length = lengths.get((i - 1, j - 1), (0, 0))
            lengths[i, j] = worth = telling + statement[i].telling, length + 1
            if worth[0] and worth > most:
                most, ends = worth, []
            if worth == most and len(ends) < _TIES:
                ends.append((i, j))
    if not ends:
        return []
    length = most[1] - 1
    i, j = min(ends, key=lambda end: _distance(end[0] - length, end[1] - length, end[1], at)) if ends[1:] else ends[0]
    return [(i - step, j - step) for step in range(length, -1, -1)]


def _distance(i: int, first: int, last: int, at: Sequence[int | None]) -> int:
    """How far the place from `first` to `last` is from that of the words before `i`."""
    places: list[int] = []
    for k in range(i - 1, -1, -1):
        to = at[k]
        if to is None and places:
            break
        if to is not None:
            if places and abs(places[-1] - to) > 2:
                break
            places.append(to)
    return min((min(abs(to - first), abs(to - last)) for to in places), default=0)


def _match_small_words(
    equal: Sequence[Sequence[int]], statement: Sequence[Word], at: list[int | None], back: list[int | None]
) -> None:
    """Prepositions, articles and marks that stand between matched words, each beside the nearest in the source."""
    for i, word in enumerate(statement):
        if at[i] is not None or word.telling:
            continue
        near = [to for to in _around(at, i) if to is not None]
        free = [j for j in equal[i] if back[j] is None]
        if near and free:
            j = min(free, key=lambda j: min(abs(j - to) for to in near))
            if min(abs(j - to) for to in near) <= 4:
                at[i], back[j] = j, i


def _around(at: Sequence[int | None], i: int) -> Iterable[int | None]:
    yield next((at[k] + 1 for k in range(i - 1, -1, -1) if at[k] is not None), None)  # type: ignore[operator]  # not None by the condition
    yield next((at[k] - 1 for k in range(i + 1, len(at)) if at[k] is not None), None)  # type: ignore[operator]  # as above
