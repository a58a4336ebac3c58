"""'And in 2021?', 'what about Berlin?', 'and the revenue?': the question before, asked of something else."""

from __future__ import annotations

import re

from docmind.answering.follow_up.phrases import DETERMINERS, PERIOD, PREPOSITIONS, Phrase, is_name, phrases_of, words_of

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
        place = [phrase for phrase in like if phrase.before == words[0].small] or [
            phrase for phrase in like if {phrase.before, words[0].small} <= _PLACE
        ]
        if place:
            start = before.rfind(place[-1].before, 0, place[-1].start) if place[-1].before else place[-1].start
            return before[:start] + fragment + before[place[-1].end :], len(place) == 1
        return f"{before} {fragment}", True
    if not named and (asked := _ASKED_NOUN.search(before)) and words[0].small not in DETERMINERS:
        return before[: asked.start("noun")] + fragment + before[asked.end("noun") :], True
    if not like:
        return f"{before} for {fragment}", False
    place_ = _place_for(like, named=named)
    article = (
        "the " if not named and place_.text.casefold().startswith("the ") and words[0].small not in DETERMINERS else ""
    )
    return before[: place_.start] + article + fragment + before[place_.end :], len(like) == 1


def _of_period(fragment: str, bare: str, before: str, *, has_preposition: bool, rest: str) -> tuple[str, bool]:
    periods = list(PERIOD.finditer(before))
    if not periods or rest.strip():
        return f"{before} {fragment if has_preposition else 'in ' + bare}", not rest.strip()
    last = periods[-1]
    start = last.start()
    if has_preposition and (preposition := _BEFORE_PERIOD.search(before[:start])):
        start = preposition.start()
    return before[:start] + (fragment if has_preposition else bare) + before[last.end() :], len(periods) == 1


def _place_for(like: list[Phrase], *, named: bool) -> Phrase:
    """A name takes the place of the last name, a noun that of the subject."""
    if named:
        return like[-1]
    return next((phrase for phrase in like if phrase.subject), like[0])
