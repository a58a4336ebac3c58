"""Comparing: what makes two questions different that look alike; '' where nothing does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from docmind.answering.cache.reading import Reading, Term
from docmind.answering.cache.small_words import ASKING, MENDED
from docmind.answering.proof.opposites import opposite
from docmind.answering.proof.words import read

_TYPO_LETTERS = 5  # shorter words differ from others by one letter too easily
_RARE_LETTERS = 6  # the same for two words that both are unknown


IsKnown = Callable[[str], bool]
"""Whether a word in small letters is one that everybody knows, rather than a rare or a misspelt one."""


def mend(is_known: IsKnown) -> Callable[[str], str]:
    """A function that mends a slip in a small word, and leaves every other word as it is."""

    def mended(word: str) -> str:
        lower = word.casefold()
        if len(lower) < _TYPO_LETTERS - 1 or not lower.isalpha() or lower in MENDED:
            return word
        near = [small for small in MENDED if small[0] == lower[0] and one_slip(lower, small)]
        near = [small for small in near if small in ASKING] or near  # 'wich' may be 'which' or 'with'
        return near[0] if len(near) == 1 and not is_known(lower) else word

    return mended


def difference(one: Reading, other: Reading, is_known: IsKnown) -> str:
    """Why two questions ask for different things, in words; '' where they ask the same.

    Args:
        one: A question.
        other: Another one.
        is_known: Knows words.
    """
    if one.wants != other.wants:
        return f"asks {one.wants}, not {other.wants}"
    if one.wants_link != other.wants_link:
        return f"asks {one.wants_link or 'plainly'}, not {other.wants_link or 'plainly'}"
    if one.small != other.small:
        return f"small words {dict(one.small - other.small)} {dict(other.small - one.small)}"
    pairs, mine, theirs = _matched(one.terms, other.terms, is_known)
    if mine or theirs:
        return _left_over(mine, theirs)
    return _times(one, other, pairs) or _roles(one, other, pairs)


Pair = tuple[Term, Term]


def _matched(
    one: Sequence[Term], other: Sequence[Term], is_known: IsKnown
) -> tuple[list[Pair], list[Term], list[Term]]:
    """The terms that are the same, and those of either question that are left over."""
    pairs: list[Pair] = []
    rest = list(other)
    left: list[Term] = []
    for term in one:
        twins = [twin for twin in rest if twin.forms & term.forms]
        if twins:
            best = min(twins, key=lambda twin: (twin.text != term.text, twin.link != term.link, twin.place))
            rest.remove(best)
            pairs.append((term, best))
        else:
            left.append(term)
    for term in list(left):
        slip = next((twin for twin in rest if _misspelt(term, twin, is_known)), None)
        if slip is not None:
            left.remove(term)
            rest.remove(slip)
            pairs.append((term, slip))
    return pairs, left, rest


def _misspelt(one: Term, other: Term, is_known: IsKnown) -> bool:
    """Whether one of two words is a slip of the other: one letter, not the first, and nobody knows it as a word."""
    first, second = one.text, other.text
    shorter = min(len(first), len(second))
    if one.exact or other.exact or shorter < _TYPO_LETTERS - 1 or max(len(first), len(second)) < _TYPO_LETTERS:
        return False
    if first[0] != second[0] or not first.isalpha() or not second.isalpha() or not one_slip(first, second):
        return False
    if _opposite(first, second):
        return False
    known = is_known(first) + is_known(second)
    return known == 1 or (known == 0 and shorter >= _RARE_LETTERS)


def one_slip(first: str, second: str) -> bool:
    """Whether two words differ by one letter too many, too few or another, or by two in the wrong order."""
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    begin = next(
        (at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    one, other = first[begin:], second[begin:]
    if len(one) == len(other):
        return one[1:] == other[1:] or (one[:2] == other[1::-1] and one[2:] == other[2:])
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer[1:] == shorter


def _opposite(first: str, second: str) -> bool:
    (one, *_), (other, *_) = read(first), read(second)
    return opposite(one, other)


def _times(one: Reading, other: Reading, pairs: Sequence[Pair]) -> str:
    """Whether one question is about another time than the other, by the forms of their verbs."""
    if one.tenses and other.tenses:
        return "" if one.tenses == other.tenses else "another time"
    if not one.tenses and not other.tenses:
        return "another time" if any(a.past != b.past and a.forms & b.forms for a, b in pairs) else ""
    told, bare = (one, other) if one.tenses else (other, one)
    if any(term.past for term in bare.terms):
        return "another time" if not told.tenses["past"] else ""
    return ""


def _roles(one: Reading, other: Reading, pairs: Sequence[Pair]) -> str:
    """Whether the same words play other parts: who does it and to whom, from where and to where."""
    asked = [pair for pair in pairs if pair[0].asked or pair[1].asked]
    both_ask = any(term.asked for term in one.terms) and any(term.asked for term in other.terms)
    if both_ask and any(not (a.asked and b.asked) for a, b in asked):
        return "asks for something else"
    rest = [pair for pair in pairs if pair not in asked]
    moved = [(a, b) for a, b in rest if (a.link, a.firm) != (b.link, b.firm)]
    hard = [(a, b) for a, b in moved if a.exact or b.exact or {a.link, b.link} not in _NEAR]
    if hard or len(moved) > 1:
        first, second = (hard or moved)[0]
        return f"{first.text}: {first.link or 'plain'}, not {second.link or 'plain'}"
    # Times and places come in any order, so words behind 'in' are compared within one phrase only.
    phrases: dict[tuple[str, int], list[Pair]] = {}
    for pair in rest:
        if pair[0].link:
            phrases.setdefault((pair[0].link, pair[0].group if pair[0].link == "in" else 0), []).append(pair)
    for (link, _), linked in phrases.items():
        places = [b.place for _, b in sorted(linked, key=lambda pair: pair[0].place)]
        if places != sorted(places):
            return f"other order behind {link}"
    return _doers(one, other, pairs)


_NEAR = ({"of", ""}, {"in", ""})


def _doers(one: Reading, other: Reading, pairs: Sequence[Pair]) -> str:
    """Whether who does it and to whom it is done are exchanged."""
    twins = {first.place: second.place for first, second in pairs}
    common = [twins[place] for place in one.roles if twins.get(place) in other.roles]
    return "" if common == [place for place in other.roles if place in common] else "other parts"


def _left_over(mine: Sequence[Term], theirs: Sequence[Term]) -> str:
    """Which words only one of two questions has."""
    return f"further words: {[term.text for term in mine]} or {[term.text for term in theirs]}"
