"""Rules of binding: numbers, units and names that the source lacks, or has in another place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docmind.answering.proof.case import ABSENT, PREPOSITIONS, Case, Conflict
from docmind.answering.proof.clauses import clauses
from docmind.answering.proof.comparing import Comparison
from docmind.answering.proof.opposites import alike
from docmind.answering.proof.tokens import Word

_LINKS = frozenset({",", "and", "or", "&", ";", "/", "as", "well", "both", "also", "the", "a", "an"})
_ARTICLES = frozenset({"the", "a", "an", "its", "their", "his", "her"})
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being"})
_PRONOUNS = frozenset({"it", "them", "this", "these", "him", "her", "they", "he", "she"})
_PHRASE = 5  # words, at most, between a preposition and the word that moves with it
_SPREAD = 6  # places between two neighbours of one list, at most
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
            if unit is not None or not (word.unit in known or word.keys & case.asked):
                yield Conflict(i, i + 1, f"the source says “{c.source[j].text}”", "unit")
                continue
        yield from _counts_something_else(case, i, j)


def _both_degrees(one: str, other: str | None) -> bool:
    return "degree" in (one, other) and {one, other} <= {"degree", "celsius", "fahrenheit"}


def _counts_something_else(case: Case, i: int, j: int) -> Iterator[Conflict]:
    """Whether what a number counts is counted by another number in the source; brackets are passed over."""
    c = case.comparison
    own = i + 1
    if own >= len(c.statement) or not c.statement[own].telling or c.statement[own].kind == "number":
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


def replaced(case: Case) -> Iterator[Conflict]:
    """A word in the very place where the source has another that does not mean the same."""
    c = case.comparison
    turned = {k for m in case.said for k in range(m.begin, m.end)}
    for i, word in enumerate(c.statement):
        plain = word.kind == "word" and word.telling and not word.name and not word.key.startswith("#")
        if c.at[i] is not None or not plain or i in turned or word.keys & (case.context | case.asked):
            continue
        if i == 0 or i + 1 == len(c.statement) or c.at[i - 1] is None or c.at[i + 1] is None:
            continue
        there = range((c.at[i - 1] or 0) + 1, c.at[i + 1] or 0)
        others = [j for j in there if c.source[j].telling and c.back[j] is None]
        if others and len(there) <= _TOUCHING and not any(alike(word, c.source[j]) for j in others):
            yield Conflict(i, i + 1, f"the source says “{case.text(others)}”", "word")


def names(case: Case) -> Iterator[Conflict]:
    """A name that the source lacks."""
    c = case.comparison
    for i, word in enumerate(c.statement):
        if not word.name or c.at[i] is not None or word.keys & case.context:
            continue
        there = [j for j in case.slot(i) if c.source[j].name]
        if word.first and not there:
            continue  # the first word is capitalised whatever it is
        if word.first and (word.keys & case.asked or any(m.begin <= i < m.end for m in case.said)):
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
            if (telling and _voice(c, telling)) or _listed(c, a, b):
                yield Conflict(a, b + 1, "the source has these the other way round", "order")
                return


def _listed(c: Comparison, a: int, b: int) -> bool:
    """Whether two things stand in one list whose order tells: numbers, or names that are taken 'respectively'."""
    between = [word.lower for word in c.statement[a + 1 : b]]
    if not between or not _LINKS.issuperset(between) or abs((c.at[a] or 0) - (c.at[b] or 0)) > _SPREAD:
        return False
    numbered = c.statement[a].kind == c.statement[b].kind == "number"
    return numbered or any(word.lower == "respectively" for word in c.source)


def _own_place(c: Comparison, i: int) -> bool:
    """Whether a word does not move as part of a phrase that begins with its own preposition."""
    k = i
    while k > 0 and i - k < _PHRASE and c.at[k - 1] is not None and c.at[k - 1] + 1 == c.at[k]:  # type: ignore[operator]  # both are matched
        k -= 1
        if c.statement[k].kind == "mark" and c.statement[k].text in ",;:":
            return True
        if c.statement[k].lower in PREPOSITIONS:
            return False
    while k > 0 and c.statement[k - 1].lower in _ARTICLES:
        k -= 1
    return k == 0 or c.at[k - 1] is not None or c.statement[k - 1].lower not in PREPOSITIONS


def moved(case: Case) -> Iterator[Conflict]:
    """A word that stands in another's place, without a preposition of its own."""
    c = case.comparison
    for i, word in enumerate(c.statement):
        own = c.at[i]
        if own is None or not word.telling or not _own_place(c, i):
            continue
        left, right = _beside(c, i, -1), _beside(c, i, 1)
        if right is not None and left is None and _takes_a_place(c, i, right):
            yield Conflict(i, i + 1, "the source has this in another place", "order")
            return
        if left is None or right is None or _phrase_moved(c, left, own, right):
            continue
        before, after = c.at[left] or 0, c.at[right] or 0
        if not 0 < after - before <= _TOUCHING or before < own < after:
            continue
        replaced = any(c.back[j] is None and c.source[j].telling for j in range(before + 1, after))
        if word.name or word.kind == "number" or (replaced and right - left <= _TOUCHING):
            yield Conflict(i, i + 1, "the source has this in another place", "order")
            return


def _takes_a_place(c: Comparison, i: int, right: int) -> bool:
    """Whether the first word of a statement stands where the source has another: the buyer for the supplier."""
    own, after = c.at[i] or 0, c.at[right] or 0
    if own <= after or any(c.statement[k].telling and c.at[k] is None for k in range(right)):
        return False
    if any(own in part.places and part.taken & c.statement[right].keys for part in clauses(c.source)):
        return False  # 'Adults pay 12 euros and children 6'
    if own + 1 < len(c.source) and c.source[own + 1].lower in _PRONOUNS:
        return False  # 'clean it', which the statement says of what 'it' is
    passive = [any(words[k].lower in _BE for k in range(max(0, k - 2), k)) for words, k in _both_verbs(c, right, after)]
    place = next((j for j in range(after - 1, max(-1, after - 4), -1) if c.source[j].telling), None)
    return passive[0] == passive[1] and place is not None and c.back[place] is None and not _by_after(c.source, after)


def _both_verbs(c: Comparison, right: int, after: int) -> list[tuple[Sequence[Word], int]]:
    return [(c.statement, right), (c.source, after)]


def parallel(case: Case) -> Iterator[Conflict]:
    """'$5 in 2020' where the source says '$5 in 2021': what follows a number or name in the same words is another."""
    c = case.comparison
    for i, j in enumerate(c.at):
        if j is None or not (c.statement[i].name or c.statement[i].kind == "number"):
            continue
        bound = False
        for k in range(1, min(5, len(c.statement) - i, len(c.source) - j)):
            one, other = c.statement[i + k], c.source[j + k]
            if not one.keys & other.keys:
                both = (one.kind == other.kind == "number") or (one.name and other.name)
                if bound and both and c.at[i + k] is not None:
                    yield Conflict(i + k, i + k + 1, f"the source says “{other.text}”", "order")
                break
            bound = bound or one.lower in PREPOSITIONS


def _phrase_moved(c: Comparison, left: int, own: int, right: int) -> bool:
    """Whether it is the phrase beside a word that has moved, with a preposition of its own, and not the word."""
    before, after = c.at[left] or 0, c.at[right] or 0
    if not _own_place(c, left):
        further = _beside(c, left, -1)
        return own < after and (further is None or (c.at[further] or 0) < own)
    if not _own_place(c, right):
        further = _beside(c, right, 1)
        return before < own and (further is None or own < (c.at[further] or 0))
    return False


def _beside(c: Comparison, i: int, step: int) -> int | None:
    """The nearest matched telling word on one side that is no part of the same run."""
    k, last, broken = i, c.at[i], False
    while 0 <= k + step < len(c.at):
        k += step
        to = c.at[k]
        broken = broken or to is None or last is None or to != last + step
        last = to
        if broken and to is not None and c.statement[k].telling:
            return k
    return None


def _voice(c: Comparison, pivots: Sequence[int]) -> bool:
    """Whether both sentences say it in the same voice, so that an exchange of places is one of roles."""
    passive = any(_by_after(c.statement, i) for i in pivots)
    sourced = any(_by_after(c.source, c.at[i]) for i in pivots if c.at[i] is not None)  # type: ignore[arg-type]  # matched
    return passive == sourced


def _by_after(words: Sequence[Word], i: int) -> bool:
    return any(words[k].lower == "by" for k in range(i + 1, min(len(words), i + 4)))
