"""Rules of meaning: opposites, and the small words that deny, weaken, bound, date or give causes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docmind.answering.proof.case import PREPOSITIONS, Case, Conflict
from docmind.answering.proof.comparing import Comparison
from docmind.answering.proof.markers import Family, Marker
from docmind.answering.proof.opposites import opposite
from docmind.answering.proof.tokens import Word

_BOUNDS = frozenset({"over", "under", "least", "most than", "nearly"})
_STRENGTH = {"may": "possible", "should": "advised", "must": "sure", "will": "sure"}


def opposites(case: Case) -> Iterator[Conflict]:
    """'rose' where the source says 'fell'; a denial on one side makes two opposites agree."""
    c = case.comparison
    span = c.span
    near = range(max(0, span.start - 4), min(len(c.source), span.stop + 4))
    for i, word in enumerate(c.statement):
        if c.at[i] is not None or word.kind != "word":
            continue
        anywhere = word.telling and not case.question and not word.keys & case.asked
        places = [j for j in near if c.back[j] is None] if anywhere else case.slot(i)
        for j in places:
            other = c.source[j]
            if other.kind == "word" and opposite(word, other) and _denied(case.said, i) == _denied(case.sourced, j):
                yield Conflict(i, i + 1, f"the source says “{other.text}”", "opposite")
                break


def denials(case: Case) -> Iterator[Conflict]:
    """A denial that only one side has; two of one side are not met by one of the other."""
    c = case.comparison
    said, sourced = case.of("denial")
    left = list(sourced)
    for marker in said:
        other = case.pair(marker, left, c.at)
        if other is not None:
            left.remove(other)
        elif not any(_turned(case, i) for i in marker.scope):
            yield Conflict(marker.begin, marker.end, "the source does not deny this", "denial")
    for marker in left:
        heads = [c.back[j] for j in marker.scope]
        inside = marker.begin > 0 and marker.end < len(c.source) and _both(c, marker.begin - 1, marker.end)
        head = next((i for i in heads if i is not None), None)
        if head is None and inside:
            head = c.back[marker.end]
        if head is None or _turned(case, head) or any(_turned_source(case, j) for j in marker.scope):
            continue
        if heads[0] is None and not inside and c.source[marker.begin].lower not in ("no", "without"):
            continue
        words = case.text(range(marker.begin, marker.end))
        yield Conflict(head, head + 1, f"the source says “{words}”", "denial")


def modals(case: Case) -> Iterator[Conflict]:
    """'must' where the source says 'may', and the other way round."""
    c = case.comparison
    said, sourced = case.of("modal")
    for marker in said:
        other = case.pair(marker, sourced, c.at)
        strength = _STRENGTH[marker.value]
        if other is None and marker.value != "will" and not _imperative(case, marker):
            if any(c.at[i] is not None for i in marker.scope) and not _any_denied(case, marker):
                yield Conflict(marker.begin, marker.end, "the source does not say so", "modal")
        elif other is not None and _STRENGTH[other.value] != strength and not _forbids(case, marker, other):
            words = case.text(range(other.begin, other.end))
            yield Conflict(marker.begin, marker.end, f"the source says “{words}”", "modal")
    if case.fragment:
        return
    for marker in sourced:
        head = c.back[marker.scope[0]] if marker.scope else None
        if marker.value not in ("may", "should") or head is None or _denied(case.sourced, marker.scope[0]):
            continue
        if case.pair(marker, said, c.back) is None:
            words = case.text(range(marker.begin, marker.end))
            yield Conflict(head, head + 1, f"the source says “{words}”", "modal")


def quantities(case: Case) -> Iterator[Conflict]:
    """'all' where the source says 'some'; 'at most' where it says 'at least'."""
    c = case.comparison
    said = [m for m in case.of("quantity")[0] if _counts(m, c.statement)]
    sourced = [m for m in case.of("quantity")[1] if _counts(m, c.source)]
    for marker in said:
        other = case.pair(marker, sourced, c.at)
        if other is None:
            gap = [j for i in range(marker.begin, marker.end) for j in case.slot(i)]
            other = next((m for m in sourced if m.begin in gap), None)
        if other is not None and other.value != marker.value:
            words = case.text(range(other.begin, other.end))
            yield Conflict(marker.begin, marker.end, f"the source says “{words}”", "quantity")
        elif other is None and _adds(marker, c.statement) and any(c.at[i] is not None for i in marker.scope):
            yield Conflict(marker.begin, marker.end, "the source does not say so", "quantity")
    if case.fragment:
        return
    for marker in sourced:
        head = c.back[marker.scope[0]] if marker.scope else None
        if marker.value not in ("some", "few", "most", "only") or head is None or marker.scope[0] != marker.end:
            continue
        if case.pair(marker, said, c.back) is None:
            words = case.text(range(marker.begin, marker.end))
            yield Conflict(head, head + 1, f"the source says “{words}”", "quantity")


def times(case: Case) -> Iterator[Conflict]:
    """'after' where the source says 'before'."""
    yield from _exchanged(case, "time", "time")


def causes(case: Case) -> Iterator[Conflict]:
    """'because of' where the source says 'despite', or names no cause."""
    yield from _exchanged(case, "cause", "cause")


def _exchanged(case: Case, family: Family, rule: str) -> Iterator[Conflict]:
    c = case.comparison
    said, sourced = case.of(family)
    for marker in said:
        if marker.value == "during":
            continue
        other = case.pair(marker, sourced, c.at)
        gap = [j for i in range(marker.begin, marker.end) for j in case.slot(i)]
        if other is None:
            other = next((m for m in sourced if m.begin in gap or _converse(case, marker, m)), None)
        if other is not None:
            if other.value != marker.value and not _converse(case, marker, other):
                words = case.text(range(other.begin, other.end))
                yield Conflict(marker.begin, marker.end, f"the source says “{words}”", rule)
        elif all(c.at[i] is None for i in range(marker.begin, marker.end)) and any(
            c.at[i] is not None for i in marker.scope
        ):
            words = case.text([j for j in gap if c.source[j].kind == "word"][:3])
            reason = f"the source says “{words}”" if words else "the source does not say so"
            yield Conflict(marker.begin, marker.end, reason, rule)
    for marker in sourced:
        head = c.back[marker.scope[0]] if marker.scope else None
        if case.fragment or marker.value == "during" or head is None or head == 0:
            continue
        stands_free = c.at[head - 1] is None and not any(m.begin <= head - 1 < m.end for m in said)
        if stands_free and c.statement[head - 1].lower in PREPOSITIONS and case.pair(marker, said, c.back) is None:
            words = case.text(range(marker.begin, marker.end))
            yield Conflict(head - 1, head, f"the source says “{words}”", rule)


def _turned(case: Case, i: int) -> bool:
    """Whether a word of the statement stands for its opposite in the source."""
    c = case.comparison
    near = [i, i - 1, i + 1]
    denying = {j for m in case.of("denial")[1] for j in range(m.begin, m.end)}
    return any(
        c.at[k] is None and any(opposite(c.statement[k], c.source[j]) for j in case.slot(k) if j not in denying)
        for k in near
        if 0 <= k < len(c.statement)
    )


def _turned_source(case: Case, j: int) -> bool:
    c = case.comparison
    free = [i for i, to in enumerate(c.at) if to is None and c.statement[i].telling]
    return c.back[j] is None and any(opposite(c.statement[i], c.source[j]) for i in free)


def _imperative(case: Case, marker: Marker) -> bool:
    """Whether the source commands what the statement says must be done."""
    c = case.comparison
    return marker.value == "must" and any(
        c.at[i] is not None and not any(w.telling for w in c.source[: c.at[i]]) for i in marker.scope
    )


def _counts(marker: Marker, words: Sequence[Word]) -> bool:
    """Whether 'over' or 'about' stands before a number, where it is one of these markers."""
    if marker.value not in _BOUNDS:
        return True
    return any(words[k].kind == "number" for k in range(marker.end, min(len(words), marker.end + 3)))


def _adds(marker: Marker, words: Sequence[Word]) -> bool:
    if marker.value == "all":
        return words[marker.begin].lower not in ("each", "every", "any", "both", "whole")
    return marker.value not in ("some", "nearly", "many")


def _converse(case: Case, marker: Marker, other: Marker) -> bool:
    """Whether 'A led to B' is told as 'B was caused by A'."""
    c = case.comparison
    if {marker.value, other.value} != {"because", "therefore"}:
        return {marker.value, other.value} in ({"since", "after"}, {"during", "since"})
    left = next(
        (c.at[i] for i in range(marker.begin - 1, -1, -1) if c.at[i] is not None and c.statement[i].telling), None
    )
    right = next((c.at[i] for i in marker.scope if c.at[i] is not None), None)
    return left is not None and right is not None and left > right


def _forbids(case: Case, marker: Marker, other: Marker) -> bool:
    """Whether both say what is not allowed: 'may not', 'must not' and 'shall not' forbid alike."""
    return _any_denied(case, marker) and {marker.value, other.value} == {"may", "must"}


def _any_denied(case: Case, marker: Marker) -> bool:
    return any(_denied(case.said, i) for i in marker.scope)


def _both(c: Comparison, left: int, right: int) -> bool:
    one, other = c.back[left], c.back[right]
    return one is not None and other is not None and 0 < other - one <= 3


def _denied(found: Sequence[Marker], at: int) -> bool:
    return sum(m.family == "denial" and at in m.scope for m in found) % 2 == 1
