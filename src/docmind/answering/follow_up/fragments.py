"""'And in 2021?', 'what about Berlin?', 'and the revenue?': the question before, asked of something else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from docmind.answering.follow_up.phrases import PERIOD, Phrase, Word, is_name, phrases_of, words_of
from docmind.answering.follow_up.words import DETERMINERS, PREPOSITIONS

_ASKED_NOUN = re.compile(
    r"\b(?:how (?:much|many)|what|which) (?P<noun>[a-z][\w-]*(?: [a-z][\w-]*)?) (?=(?:do|does|did|is|are|was|were|has|"
    r"have|had|can|could|will|would|should|must)\b)",
    re.IGNORECASE,
)
_PLACE = frozenset({"in", "at", "near", "from", "across"})
_BEFORE_PERIOD = re.compile(r"\b(?:in|on|for|during|of|since|until|by|at|from|before|after) $", re.IGNORECASE)


def ask_the_same_of(fragment: str, before: str) -> tuple[str, bool]:
    """The question before with the fragment in the place of its like, and whether that place is the only one.

    Args:
        fragment: What is asked now: a period, a name or a noun, with a preposition or without.
        before: The question before, which stands alone.
    """
    before = " ".join(before.split()).rstrip(" ?.")
    words = words_of(fragment)
    has_preposition = words[0].small in PREPOSITIONS and len(words) > 1
    bare = fragment[words[1].start :] if has_preposition else fragment
    if period := PERIOD.match(bare):
        return _of_period(fragment, bare, before, has_preposition=has_preposition, rest=bare[period.end() :])
    named = any(is_name([words[0], *words], position + 1) for position in range(has_preposition, len(words)))
    like = [phrase for phrase in phrases_of(before) if (phrase.kind == "name") == named]
    if has_preposition:
        return _behind_a_preposition(fragment, words[0].small, before, like)
    made = None if named else _of_the_same_kind(fragment, words, before)
    return made or _of_another(fragment, before, like, named=named, article=words[0].small in DETERMINERS)


def _behind_a_preposition(fragment: str, preposition: str, before: str, like: list[Phrase]) -> tuple[str, bool]:
    """'And on the hose?': in the place of what stood behind the same preposition, or added."""
    place = [phrase for phrase in like if phrase.before == preposition] or [
        phrase for phrase in like if {phrase.before, preposition} <= _PLACE
    ]
    if not place:
        return f"{before} {fragment}", True
    start = place[-1].start - len(place[-1].before) - 1
    capital = fragment[0].upper() if start == 0 else fragment[0]
    return before[:start] + capital + fragment[1:] + before[place[-1].end :], len(place) == 1


def _of_the_same_kind(fragment: str, words: Sequence[Word], before: str) -> tuple[str, bool] | None:
    """'Fire damage' for 'water damage', and a noun for what was asked for: 'how many boats', 'which boats'."""
    if same := re.search(rf"\b(?:[a-z][\w-]* )?{re.escape(words[-1].text)}\b", before):
        first = same[0].rpartition(" ")[0]
        kept = f"{first} " if first.casefold() in DETERMINERS | PREPOSITIONS else ""
        return before[: same.start()] + kept + fragment + before[same.end() :], bool(first)
    asked = _ASKED_NOUN.search(before)
    if asked is None or words[0].small in DETERMINERS:
        return None
    return before[: asked.start("noun")] + fragment + before[asked.end("noun") :], True


def _of_another(fragment: str, before: str, like: list[Phrase], *, named: bool, article: bool) -> tuple[str, bool]:
    """A name for a name, a noun for a noun."""
    if not like:
        return f"{before} for {fragment}", False
    place = _place_for(like, named=named, article=article)
    lacks_article = not named and not article and place.text.casefold().startswith("the ")
    return before[: place.start] + ("the " if lacks_article else "") + fragment + before[place.end :], len(like) == 1


def _of_period(fragment: str, bare: str, before: str, *, has_preposition: bool, rest: str) -> tuple[str, bool]:
    periods = list(PERIOD.finditer(before))
    if not periods or rest.strip():
        return f"{before} {fragment if has_preposition else 'in ' + bare}", not rest.strip()
    last = periods[-1]
    start = last.start()
    if has_preposition and (preposition := _BEFORE_PERIOD.search(before[:start])):
        start = preposition.start()
    return before[:start] + (fragment if has_preposition else bare) + before[last.end() :], len(periods) == 1


def _place_for(like: list[Phrase], *, named: bool, article: bool) -> Phrase:
    """A name takes the place of the last name, a noun that of the subject; each of one with an article as it has."""
    alike = [phrase for phrase in like if phrase.has_article == article] or like
    if named:
        return alike[-1]
    return next((phrase for phrase in alike if phrase.subject), alike[0])
