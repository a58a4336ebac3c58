"""Clauses: the parts of a sentence that tell of several things side by side, and what they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from docmind.answering.proof.case import PREPOSITIONS
from docmind.answering.proof.tokens import Word, forms, is_year, words_in

_JOINTS = words_in("and but while whereas ;")
_SMALL = words_in("the a an in on at by of to from for with its their his her about only just then later also")
_PRONOUNS = words_in("it he she they this these those we who which")
AUXILIARIES = words_in("is are was were has have had does did will would shall should can could may might must")
_OBJECTS = words_in("it them him her")
_PAIR = 5  # words, at most, from 'between' to the 'and' that belongs to it
_PAST_LENGTH = 5  # letters of the shortest word that is a verb because it ends in 'ed'


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence.

    Attributes:
        places: Of its words in the sentence.
        first: Of its first telling word; of its first word where none tells.
        own: Keys of its telling words.
        taken: Keys of telling words that it takes from the clauses before it: their subject, or their verb.
    """

    places: range
    first: int
    own: frozenset[str]
    taken: frozenset[str]


@lru_cache(maxsize=2048)
def clauses(words: tuple[Word, ...], kept: frozenset[int] = frozenset()) -> tuple[Clause, ...]:
    """The clauses of a sentence, in their order; one alone where nothing joins several.

    Args:
        words: The sentence.
        kept: Places of joints that part nothing, because what is compared with the sentence has them too.
    """
    starts = [0]
    for j, word in enumerate(words):
        if j not in kept and (_joins(words, starts[-1], j) or (word.text == "," and _opens(words, j))):
            starts.append(j)
    found: list[Clause] = []
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        places = range(start, end)
        taken: frozenset[str] = frozenset()
        if found:
            before = found[-1]
            left_out = _taken(words, before.places, places)
            taken = frozenset() if left_out is None else _keys(words, left_out) | before.taken
        first = next((j for j in places if words[j].telling), start)
        found.append(Clause(places, first, _keys(words, places), taken))
    return tuple(found)


def of_one_kind(one: Word, other: Word) -> bool:
    """Whether one may stand where the other does: two names, two years, two numbers of one unit."""
    if one.kind == other.kind == "number":
        return is_year(one) == is_year(other) and one.unit == other.unit
    return one.name and other.name


def _joins(words: Sequence[Word], start: int, j: int) -> bool:
    """Whether a joint stands between two clauses, and not inside a list, of names above all, or a noun phrase."""
    joint = words[j].lower in _JOINTS
    comma = words[j].text == "," or (not joint and _behind_comma(words, j))
    if not (joint or comma) or not start < j < len(words) - 1:
        return False
    before, after = words[j - 1], words[j + 1 if joint or words[j].text == "," else j]
    one_list = before.kind == after.kind == "number" and of_one_kind(before, after)
    paired = any(word.lower in ("between", "both") for word in words[max(start, j - _PAIR) : j])
    if paired or one_list or (comma and after.lower in _JOINTS):
        return False
    verb = _verb(words, range(j))
    if before.name and after.name:
        behind = next((k for k in range(j + 1, len(words)) if not words[k].name), len(words))
        return behind < len(words) and is_verb(words[behind]) and verb is not None
    end = next((k for k in range(j + 1, len(words)) if _parts(words, k)), len(words))
    counted = any(of_one_kind(one, two) for one in words[j:end] for two in words[start:j] if one.kind == "number")
    if counted or comma:
        opening = words[start].lower in PREPOSITIONS and _verb(words, range(start, j)) is None
        return counted and not opening  # 'In May 2015, sales rose'
    first = next((word for word in words[j + 1 : end] if word.lower not in _SMALL), None)
    alone = first is not None and (first.name or first.kind == "number" or first.lower == "those")
    return verb is not None and (alone or _verb(words, range(j + 1, end)) is not None)


def _parts(words: Sequence[Word], j: int) -> bool:
    return words[j].lower in _JOINTS or words[j].text == "," or _behind_comma(words, j)


def _behind_comma(words: Sequence[Word], j: int) -> bool:
    """Whether a number stands before a word, and a comma between, which is no word of its own there."""
    return j > 0 and words[j - 1].kind == "number" and words[j].start - words[j - 1].end > 1


def _opens(words: Sequence[Word], j: int) -> bool:
    """Whether a comma ends a clause that the sentence begins with: 'While costs fell to 31, revenue rose'."""
    return words[0].lower in ("while", "whereas", "although", "though") and not any(
        word.text == "," for word in words[:j]
    )


def _taken(words: Sequence[Word], before: range, places: range) -> Iterable[int] | None:
    """The places of what a clause leaves out because the one before it has said it; None where it is whole."""
    begin = next((j for j in places if words[j].kind != "mark" and words[j].lower not in _SMALL | _JOINTS), None)
    if begin is None:
        return None
    number = next((j for j in before if words[j].kind == "number"), None)
    verb = _verb(words, before)
    behind = verb if verb is not None else before.stop if number is None else number - 1
    own_verb = _verb(words, places) is not None
    if (
        is_verb(words[begin])
        or (words[begin].lower in _PRONOUNS and own_verb)
        or (not own_verb and _acts(words, begin))
    ):
        return range(before.start, behind)  # the subject
    if any(words[j].lower in _OBJECTS for j in places):
        return [j for j in range(behind + 1, before.stop) if words[j].kind == "word"]
    return None if own_verb else _gap(words, before, behind, words[begin])


def _acts(words: Sequence[Word], at: int) -> bool:
    """Whether a clause begins with a verb of the present: 'and lasts a year', 'and freezes at 0 °C'."""
    verb = (
        words[at].kind == "word"
        and not words[at].name
        and words[at].lower not in _PRONOUNS
        and words[at].lower[-1:] == "s" != words[at].lower[-2:-1]
    )
    after = words[at + 1] if at + 1 < len(words) else None
    follows = after is not None and (after.kind == "number" or after.lower in _SMALL or after.lower in PREPOSITIONS)
    return verb and follows and at > 0 and words[at - 1].lower not in _SMALL


def _gap(words: Sequence[Word], before: range, behind: int, first: Word) -> Iterable[int]:
    """What a clause without a verb leaves out, by the word that it begins with."""
    if first.kind == "number":
        return range(before.start, next((j for j in before if of_one_kind(words[j], first)), behind))
    if first.name and any(words[j].name for j in range(behind, before.stop)):
        return range(before.start, behind + 1)  # subject and verb: 'bought Birch in May and Cedar in June'
    if first.lower in _PRONOUNS:  # 'and those to Italy in May'
        return [j for j in before if words[j].kind == "word" and (words[j].first or not words[j].name)]
    # Verb and thing: 'Oslo has 12 bridges and Bergen 15'.
    return [j for j in range(behind, before.stop) if words[j].kind == "word" and not words[j].name]


def _verb(words: Sequence[Word], places: range) -> int | None:
    """The place of the first word that is a verb for certain."""
    return next((j for j in places if is_verb(words[j])), None)


def is_verb(word: Word) -> bool:
    """Whether a word is a verb, as far as its form tells: irregular ones, auxiliaries, and what ends in 'ed'."""
    if word.kind != "word" or word.name:
        return False
    ends = word.lower.endswith("ed") and len(word.lower) >= _PAST_LENGTH
    return ends or word.lower in AUXILIARIES or word.lower in forms()


def _keys(words: Sequence[Word], places: Iterable[int]) -> frozenset[str]:
    return frozenset(key for j in places if words[j].telling for key in words[j].keys)
