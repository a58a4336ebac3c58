"""Words of a sentence with their places: stems, names, and numbers with their values and units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from docmind.answering.proof.numbers import numbered, with_ranges
from docmind.answering.proof.tokens import Word, pieces
from docmind.dates import DateFound, dates_in, month_name
from docmind.sentences import content_terms


@lru_cache(maxsize=8192)
def read(sentence: str) -> tuple[Word, ...]:
    """The words of a sentence, in order; a number takes its currency, scale and unit along.

    A date has its day, month and year in this order, whatever its form: 'March 3, 1921' reads as '3 March 1921'.
    """
    words = list(with_ranges(list(numbered(sentence, list(pieces(sentence))))))
    for date in dates_in(sentence):
        inside = [at for at, word in enumerate(words) if date.begin <= word.start and word.end <= date.end]
        if inside:
            words[inside[0] : inside[-1] + 1] = _date(sentence, date, first=any(words[at].first for at in inside))
    return tuple(words)


def _date(sentence: str, date: DateFound, *, first: bool) -> Iterator[Word]:
    for name in ("day", "number", "year"):
        if name not in date.parts:
            continue
        value, (start, end) = date.parts[name], date.places[name]
        key = content_terms(month_name(value))[0] if name == "number" else str(value)
        own = frozenset({key, f"#{value}"} if name == "day" else {key})  # 'the 3rd' may stand for 3 March
        word = Word(
            sentence[start:end], start, end, "number", key, own, telling=True, first=first and start == date.begin
        )
        yield replace(word, kind="word", name=True) if name == "number" else word


def keys(words: Sequence[Word]) -> frozenset[str]:
    """What telling words are compared by."""
    return frozenset(key for word in words if word.telling for key in word.keys)
