"""Rules of binding: numbers, units and names that the source lacks, or has in another place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docmind.answering.proof.case import ABSENT, PREPOSITIONS, Case, Conflict
from docmind.answering.proof.comparing import Comparison
from docmind.answering.proof.tokens import Word

_LINKS = frozenset({",", "and", "or", "&", ";", "/", "as", "well", "both", "also", "the", "a", "an"})
_PHRASE = 5  # words, at most, between a preposition and the word that moves with it
_TOUCHING = 3  # places between two words that stand side by side but for an article


def numbers(case: Case) -> Iterator[Conflict]:
    """A number that the source lacks, or that counts something else there."""
    c = case.comparison
    for i, word in enumerate(c.statement):
        if word.kind != "number" and not word.key.startswith("#"):
            continue
        j = c.at[i]
        if j is None:
            if not word.keys & case.context:
                there = [k for k in case.slot(i) if c.source[k].kind == word.kind]
                yield Conflict(i, i + 1, f"the source says “{case.text(there)}”" if there else ABSENT, "number")
            continue
        unit = c.source[j].unit
        if word.unit and unit != word.unit and not _both_degrees(word.unit, unit):
            known = {w.lower for w in c.source} | case.context | case.asked
            if unit is not None or word.unit not in known:
                yield Conflict(i, i + 1, f"the source says “{c.source[j].text}”", "unit")
                continue
        yield from _counts_something_else(case, i, j)


def _both_degrees(one: str, other: str | None) -> bool:
    return "degree" in (one, other) and {one, other} <= {"degree", "celsius", "fahrenheit"}


def _counts_something_else(case: Case, i: int, j: int) -> Iterator[Conflict]:
    """Whether what a number counts is counted by another number in the source; brackets are passed over."""
    c = case.comparison
    own = next((k for k in range(i + 1, min(len(c.statement), i + 3)) if c.statement[k].telling), None)
    if own is None or c.statement[own].kind == "number":
        return
    to = c.at[own]
    if to is None or to < j:
        between = [] if to is None else [k for k in range(max(0, to - 3), to) if k != j]
    else:
        depth, between = _depths(c.source), []
        for k in range(j + 1, to):
            if depth[k] == depth[to]:
                between.append(k)
    counting = [k for k in between if c.source[k].kind == "number"]
    if to is not None and counting and not c.source[counting[-1]].keys & c.statement[i].keys and to - counting[-1] <= 3:
        yield Conflict(i, own + 1, f"the source says “{case.text([counting[-1], to])}”", "number")


def _depths(words: Sequence[Word]) -> list[int]:
    """How many brackets each word stands in."""
    depth, depths = 0, []
    for word in words:
        depth += word.text in ("(", "[")
        depths.append(depth)
        depth -= word.text in (")", "]")
    return depths


def names(case: Case) -> Iterator[Conflict]:
    """A name that the source lacks."""
    c = case.comparison
    for i, word in enumerate(c.statement):
        if not word.name or c.at[i] is not None or word.keys & case.context:
            continue
        there = [j for j in case.slot(i) if c.source[j].name]
        if word.first and not there:
            continue  # the first word is capitalised whatever it is
        if word.first and word.keys & case.asked:
            continue
        yield Conflict(i, i + 1, f"the source says “{case.text(there)}”" if there else ABSENT, "name")


def order(case: Case) -> Iterator[Conflict]:
    """Two names, numbers or things that have changed places around a word that both sentences have."""
    c = case.comparison
    matched = [i for i, j in enumerate(c.at) if j is not None and c.statement[i].telling]
    for a in matched:
        for b in matched:
            if b <= a or c.at[a] < c.at[b]:  # type: ignore[operator]  # both are matched
                continue
            if not _own_place(c, a) or not _own_place(c, b):
                continue
            pivots = [
                i
                for i in range(a + 1, b)
                if c.at[i] is not None and c.at[b] < c.at[i] < c.at[a]  # type: ignore[operator]  # as above
            ]
            telling = [i for i in pivots if c.statement[i].lower not in _LINKS and c.statement[i].kind == "word"]
            if telling and _voice(c, telling):
                yield Conflict(a, b + 1, "the source has these the other way round", "order")
                return


def _own_place(c: Comparison, i: int) -> bool:
    """Whether a word does not move as part of a phrase that begins with its own preposition."""
    k = i
    while k > 0 and i - k < _PHRASE and c.at[k - 1] is not None and c.at[k - 1] + 1 == c.at[k]:  # type: ignore[operator]  # both are matched
        k -= 1
        if c.statement[k].kind == "mark" and c.statement[k].text in ",;:":
            return True
        if c.statement[k].lower in PREPOSITIONS:
            return False
    return True


def moved(case: Case) -> Iterator[Conflict]:
    """A name or number that stands in a place where the source has it not, without a preposition of its own."""
    c = case.comparison
    for i, word in enumerate(c.statement):
        if c.at[i] is None or not (word.name or word.kind == "number") or not _own_place(c, i):
            continue
        left, right = _beside(c, i, -1), _beside(c, i, 1)
        if left is None or right is None:
            continue
        before, after, own = c.at[left] or 0, c.at[right] or 0, c.at[i] or 0
        if 0 < after - before <= _TOUCHING and not before < own < after:
            yield Conflict(i, i + 1, "the source has this in another place", "order")
            return


def _beside(c: Comparison, i: int, step: int) -> int | None:
    """The nearest matched telling word on one side that is no part of the same run."""
    k = i
    while 0 <= k + step < len(c.at):
        k += step
        to, last = c.at[k], c.at[k - step]
        if to is not None and (last is None or to != last + step) and c.statement[k].telling:
            return k
    return None


def _voice(c: Comparison, pivots: Sequence[int]) -> bool:
    """Whether both sentences say it in the same voice, so that an exchange of places is one of roles."""
    passive = any(_by_after(c.statement, i) for i in pivots)
    sourced = any(_by_after(c.source, c.at[i]) for i in pivots if c.at[i] is not None)  # type: ignore[arg-type]  # matched
    return passive == sourced


def _by_after(words: Sequence[Word], i: int) -> bool:
    return any(words[k].lower == "by" for k in range(i + 1, min(len(words), i + 4)))
