"""Correction: where a question takes something for granted that the documents say otherwise, it is told what they say.

'Who made 118 interceptions?' is answered by 'The documents say 118 tackles, not 118 interceptions', where the rest of
the question stands in the sentence. Only numbers are corrected, and what they count: with names, too often somebody
else is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docmind.answering.evidence import Evidence
from docmind.sentences import content_terms, normal_number

# So much of what else was asked must stand in the sentence: otherwise it tells of something else.
_REST = 0.8
_FEWEST = 2  # telling words that are the rest
_COUNTED = re.compile(r"(?<![\w.,])([$€£]?\d[\d.,]*%?)(?:[ \u00a0-]+([a-z]{3,}))?")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")


@dataclass(frozen=True, slots=True)
class _Counted:
    """A number as it is written, and the word behind it, which it counts; '' where none does."""

    text: str
    value: str
    counts: str

    @property
    def is_year(self) -> bool:
        return bool(_YEAR.fullmatch(self.value))

    @property
    def words(self) -> str:
        return f"{self.text} {self.counts}" if self.counts and not self.is_year else self.text


def correction(question: str, item: Evidence) -> str:
    """What a statement says in place of what a question takes for granted, in a sentence; '' where it agrees or differs
    in more than that.

    Args:
        question: What was asked.
        item: The statement nearest to it.
    """
    said = list(_counted(item.text))
    for asked in _counted(question):
        if asked.value in {other.value for other in said if _same_kind(asked, other)}:
            continue
        others = [other for other in said if _stands_in_its_place(asked, other)]
        if len({other.words for other in others}) == 1 and _rest_stands_there(question, asked, item):
            return f"The documents say {others[0].words}, not {asked.words}."
    return ""


def _counted(text: str) -> Iterator[_Counted]:
    for match in _COUNTED.finditer(text):
        written = match.group(1).rstrip(".,")
        counts = match.group(2) or ""
        yield _Counted(written, normal_number(written.strip("$€£%")), counts if content_terms(counts) else "")


def _same_kind(asked: _Counted, other: _Counted) -> bool:
    """Whether both count the same thing, as far as the question says what it counts."""
    return not asked.counts or asked.is_year or content_terms(asked.counts) == content_terms(other.counts)


def _stands_in_its_place(asked: _Counted, other: _Counted) -> bool:
    """Another year for a year, another number of the same things, or the same number of other things."""
    if asked.is_year or other.is_year:
        return asked.is_year and other.is_year
    if not (asked.counts and other.counts):
        return False
    same_things = content_terms(asked.counts) == content_terms(other.counts)
    return same_things != (asked.value == other.value)


def _rest_stands_there(question: str, asked: _Counted, item: Evidence) -> bool:
    rest = set(content_terms(question)) - {asked.value} - set(content_terms("" if asked.is_year else asked.counts))
    return len(rest) >= _FEWEST and len(rest & (item.terms | item.context)) >= _REST * len(rest)
