"""Rules of rates: '45 euros a night' are not 45 euros a week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from docmind.answering.proof.case import Case, Conflict
from docmind.answering.proof.tokens import Word, words_in

_BEHIND = 5  # words, at most, between a number and what it is a rate of: '25 days of paid leave a year'
_BEFORE = 6  # and from 'monthly' to its number
_PER = words_in("a an per each every /")
_PERIODS = {
    written: period
    for period, forms in (line.split(": ") for line in (
        "second: second seconds", "minute: minute minutes", "hour: hour hours hourly", "day: day days daily",
        "night: night nights nightly", "week: week weeks weekly", "fortnight: fortnight fortnightly",
        "month: month months monthly", "quarter: quarter quarters quarterly", "season: season seasons",
        "term: term terms", "year: year years yearly annual annually annum", "decade: decade decades",
        "century: century centuries",
    ))
    for written in forms.split()
}  # fmt: skip
_ADJECTIVES = words_in("hourly daily nightly weekly fortnightly monthly quarterly yearly annual annually")


def periods(case: Case) -> Iterator[Conflict]:
    """A number by the week where the source has it by the night; what the question says of it counts too."""
    c = case.comparison
    numbers = [i for i, word in enumerate(c.statement) if word.kind == "number"]
    for i in numbers:
        j = c.at[i]
        if j is None:
            continue
        theirs = _behind(c.source, j) or _before(c.source, j)
        ours = _behind(c.statement, i) or (_told(c.statement) or _told(case.asked_words) if len(numbers) == 1 else "")
        if ours and theirs and ours != theirs:
            yield Conflict(i, i + 1, f"the source says this of a {theirs}", "unit")


def _behind(words: Sequence[Word], at: int) -> str:
    """The period that follows a number: 'a year', 'per week', '/month', 'annually'."""
    for k in range(at + 1, min(len(words), at + 2 + _BEHIND)):
        word = words[k]
        if word.kind == "number" or (word.kind == "mark" and word.text != "/"):
            return ""
        if word.lower in _ADJECTIVES:
            return _PERIODS[word.lower]
        if word.lower in _PER and k + 1 < len(words) and words[k + 1].lower in _PERIODS:
            return _PERIODS[words[k + 1].lower] if _rates(words, k + 2) else ""
    return ""


def _rates(words: Sequence[Word], behind: int) -> bool:
    """Whether a period ends there; 'a year later' and 'a week before' are no rates."""
    return behind >= len(words) or words[behind].lower not in words_in("later before after ago earlier on in of -")


def _before(words: Sequence[Word], at: int) -> str:
    """The period that stands before a number as an adjective, with no other number between: 'an annual fee of 45'."""
    for k in range(at - 1, max(-1, at - 1 - _BEFORE), -1):
        if words[k].kind == "number":
            return ""
        if words[k].lower in _ADJECTIVES:
            return _PERIODS[words[k].lower]
    return ""


def _told(words: Sequence[Word]) -> str:
    """The one period that a sentence speaks of as a rate."""
    found = {_PERIODS[word.lower] for word in words if word.lower in _ADJECTIVES}
    found |= {_PERIODS[b.lower] for a, b in pairwise(words) if a.lower == "per" and b.lower in _PERIODS}
    return found.pop() if len(found) == 1 else ""
