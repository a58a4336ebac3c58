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
from docmind.answering.proof.clauses import AUXILIARIES, is_verb
from docmind.answering.proof.tokens import Word
from docmind.answering.proof.words import read

# So much of what else was asked must stand in the sentence: otherwise it tells of something else.
_REST = 0.8
_FEWEST = 2  # telling words that are the rest
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
# 'Which team' asks for a team; the sentence that names one need not call it so.
_KIND = re.compile(r"\b(?:which|what) ([a-z-]+)(?= [a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A number, and the word behind it, which it counts; None where none does. A unit is part of its number."""

    number: Word
    thing: Word | None

    @property
    def is_year(self) -> bool:
        return self.number.unit is None and bool(_YEAR.fullmatch(self.number.text))

    @property
    def counts(self) -> frozenset[str]:
        """What is counted; nothing where nobody says so."""
        if self.number.unit:
            return frozenset((self.number.unit,))
        return self.thing.keys if self.thing and not self.is_year else frozenset()

    @property
    def words(self) -> str:
        number = self.number.text.lower() if self.number.text[:1].isalpha() else self.number.text
        return f"{number} {self.thing.text}" if self.thing and not self.is_year else number


def correction(question: str, item: Evidence) -> str:
    """What a statement says in place of what a question takes for granted, in a sentence; '' where it agrees or differs
    in more than that.

    Args:
        question: What was asked.
        item: The statement nearest to it.
    """
    said = list(_counted(item.text))
    for asked in _counted(question):
        if any(asked.number.keys & other.number.keys for other in said if _same_kind(asked, other)):
            continue
        others = [other for other in said if _stands_in_its_place(asked, other)]
        # '118 tackles', of '118 tackles and four interceptions', where 118 interceptions were asked for.
        others = [other for other in others if asked.number.keys & other.number.keys] or others
        if len({other.words for other in others}) == 1 and _rest_stands_there(question, asked, others[0], item):
            return f"The documents say {others[0].words}, not {asked.words}."
    return ""


def _counted(text: str) -> Iterator[_Counted]:
    words = read(text)
    for at, word in enumerate(words):
        if word.kind != "number" or word.key.startswith("#"):
            continue
        after = words[at + 1] if at + 1 < len(words) else None
        # The word behind a comma is not counted: 'In 1962, plants'.
        counts = after and after.telling and after.kind == "word" and not after.name and after.start - word.end == 1
        yield _Counted(word, after if counts and after and len(after.text) > 2 else None)


def _same_kind(asked: _Counted, other: _Counted) -> bool:
    """Whether both count the same thing, as far as the question says what it counts."""
    return not asked.counts or asked.is_year or bool(asked.counts & other.counts)


def _stands_in_its_place(asked: _Counted, other: _Counted) -> bool:
    """Another year for a year, another number of the same things, or the same number of other things."""
    if asked.is_year or other.is_year:
        return asked.is_year and other.is_year
    if not (asked.counts and other.counts):
        return False
    if asked.number.unit or other.number.unit:
        return asked.number.unit == other.number.unit
    return bool(asked.counts & other.counts) != bool(asked.number.keys & other.number.keys)


def _rest_stands_there(question: str, asked: _Counted, other: _Counted, item: Evidence) -> bool:
    """Whether what else was asked stands in the sentence, irregular forms of verbs too; things that both count do."""
    kinds = {kind.casefold() for kind in _KIND.findall(question)}
    there = {key for word in read(item.text) for key in word.keys} | item.terms | item.context
    left_out = asked.number.keys if asked.counts & other.counts else asked.number.keys | asked.counts
    rest = {
        word.key: bool(word.keys & there)
        for word in read(question)
        if _tells(word) and not word.keys & left_out and not (word.lower in kinds and not word.keys & there)
    }
    return len(rest) >= _FEWEST and sum(rest.values()) >= _REST * len(rest)


def _tells(word: Word) -> bool:
    """Whether a word carries meaning; 'won' does, which a list of stop words takes for 'won't'."""
    return word.telling or (is_verb(word) and word.lower not in AUXILIARIES and word.lower not in ("do", "be", "been"))
