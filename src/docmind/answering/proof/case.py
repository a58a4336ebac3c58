"""Case: a statement beside its source, with their markers, as the rules look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from docmind.answering.proof.comparing import Comparison
from docmind.answering.proof.markers import Family, Marker, markers
from docmind.answering.proof.tokens import Word, words_in

ABSENT = "not in the passages"
_SLOT = 8  # words between two matched ones, at most, that stand in one place
# Words that begin a phrase with a role of its own.
PREPOSITIONS = words_in(
    "in on at by of to from for with into onto within during since until before after between under over through "
    "near across against about among along around behind beyond despite because as than like via upon without towards"
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Words of a statement that its source does not bear out.

    Attributes:
        begin: Place of the first of its words in the statement.
        end: The place behind the last.
        reason: Why, in words.
        rule: Which rule says so.
    """

    begin: int
    end: int
    reason: str
    rule: str


@dataclass(frozen=True)
class Case:
    """What the rules look at.

    Attributes:
        comparison: Statement and source, side by side.
        context: Keys of the words in the title, the section path and, for names, what the question asks about.
        asked: Keys of the question's words.
        asked_words: Those words, in their order.
        fragment: Whether the statement is a bare answer: what it leaves out, it does not deny.
        question: Whether it is a question, which need not share its source's words.
    """

    comparison: Comparison
    context: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    asked_words: tuple[Word, ...] = ()
    fragment: bool = False
    question: bool = False

    @cached_property
    def said(self) -> tuple[Marker, ...]:
        """The statement's markers."""
        return markers(self.comparison.statement)

    @cached_property
    def sourced(self) -> tuple[Marker, ...]:
        """The source's markers."""
        return markers(self.comparison.source)

    def slot(self, i: int) -> list[int]:
        """The source's unmatched words in the place where the statement has word `i`."""
        c = self.comparison
        left = next((k for k in range(i - 1, -1, -1) if c.at[k] is not None), None)
        right = next((k for k in range(i + 1, len(c.at)) if c.at[k] is not None), None)
        start = -1 if left is None else c.at[left]
        end = len(c.source) if right is None else c.at[right]
        if start is None or end is None:  # for the type checker: matched words have places
            return []
        if left is not None and right is not None and start < end <= start + _SLOT:
            places = range(start + 1, end)
            return [j for j in places if c.back[j] is None]
        ahead = [] if left is None else _run(c, range(start + 1, min(len(c.source), start + 5)))
        behind = [] if right is None else _run(c, range(end - 1, max(-1, end - 5), -1))
        return ahead + behind

    def pair(self, marker: Marker, others: Sequence[Marker], at: Sequence[int | None]) -> Marker | None:
        """The marker of the other side that turns the same word, or stands in the same place."""
        scope = {at[i] for i in marker.scope} - {None}
        own = {at[i] for i in range(marker.begin, marker.end)} - {None}
        for other in others:
            same_word = other.family == marker.family and bool(own & set(range(other.begin, other.end)))
            # A 'not' that was moved to another word is another denial.
            if same_word and (marker.family != "denial" or not scope or scope & {*other.scope, *other.reach}):
                return other
        for other in others:
            if other.family == marker.family and scope & set(other.scope[:1] or other.scope):
                return other
        for other in others:
            if other.family == marker.family and scope & set(other.scope):
                return other
        reach = {at[i] for i in marker.reach} - {None}
        for other in others:
            if other.family == marker.family and (reach & set(other.scope) or scope & set(other.reach)):
                return other
        return None

    def of(self, family: Family) -> tuple[list[Marker], list[Marker]]:
        """The markers of a kind: the statement's, the source's."""
        return [m for m in self.said if m.family == family], [m for m in self.sourced if m.family == family]

    def text(self, places: Sequence[int]) -> str:
        """Some of the source's words."""
        return " ".join(self.comparison.source[j].text for j in sorted(places))


def _run(c: Comparison, places: range) -> list[int]:
    found = []
    for j in places:
        if c.back[j] is not None:
            break
        found.append(j)
    return found
