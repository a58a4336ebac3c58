"""A follow-up said anew by rules: what it leaves out is taken from the question before it and from its answer.

A rewrite is `sure` where there is one way to read it. A question that leans on nothing is left alone: most do stand
alone, and a wrong guess is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from docmind.answering.follow_up.fragments import ask_the_same_of
from docmind.answering.follow_up.phrases import is_name, periods_of, words_of
from docmind.answering.follow_up.pronouns import (
    antecedent,
    antecedents_of,
    free_pronouns,
    in_place,
    noun_follows,
    with_pronouns_resolved,
)
from docmind.answering.follow_up.words import ADJUNCTS, AUXILIARIES, PREPOSITIONS, QUESTION_WORDS
from docmind.answering.question import Turn

LONGEST_FOLLOW_UP = 2_000
"""Characters; what is longer says all of it. To look for what each of its pronouns stands for would take minutes."""

_MAY_LEAN = re.compile(
    r"^(?:and|but|so|then|also)\b|\b(?:it|its|they|them|their|theirs|he|him|his|she|hers?|this|that|these|those)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:(?:and|but|so|then|also|okay|ok|now|well|right|thanks|thank you)\b[,.!]?\s+)+", re.IGNORECASE)
_BARE = re.compile(
    r"^(?P<asks>why|when|where|since when|until when|how come|how so|how|by whom|who|whom|which ones?|what for|"
    r"how (?:much|many|long|often|far|old))(?: exactly| not| then| else)?"
    r"(?: (?:is|was|were|are|does|did) (?:that|this|it)(?: so)?)?\s*\??$",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"^(?:what|how) about (?P<rest>.+?)\s*\??$", re.IGNORECASE)

# 'In the lease agreement', 'according to tariff.pdf': where a question wants its answer from.
_KINDS = (
    "lease|contract|agreement|report|policy|manual|handbook|minutes|filing|10-[KQ]|letter|invoice|statement|brochure|"
    "tariff|specification|will|deed"
)
_DOCUMENT = re.compile(
    r"\b(?P<where>in|according to|under|from|per) (?P<document>[\w-]+\.(?:pdf|docx|txt|md|html|xlsx|pptx|csv|eml)\b|"
    rf"(?:the|our|my|your) (?:[\w’'-]+ ){{0,3}}?(?:{_KINDS})(?: (?:{_KINDS}))?\b)",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(r"(?:an|ish|ese|ch|ic)$")
_COMMANDS = frozenset(
    {"name", "list", "give", "tell", "show", "describe", "explain", "summarise", "summarize", "compare", "find", "say"}
)
# Words for what has a name: 'the company' after a question about Acme.
_PEOPLE = ("man", "woman", "author", "scientist", "inventor", "founder")
_GENERAL = re.compile(
    r"\b(?:the|this|that|these|those|said) (?:company|firm|business|corporation|organi[sz]ation|institution|"
    rf"{'|'.join(_PEOPLE)})\b(?! (?:of|in|that|who|which|with|for|called|named)\b)(?!['’-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A follow-up said so that it stands alone, and whether there is one way only to read it."""

    text: str
    sure: bool


def rewrite(question: str, history: Sequence[Turn]) -> Rewrite | None:
    """A follow-up said so that it stands alone; None where it does already, or where nothing can be carried over.

    Args:
        question: In the user's words, without white space around them.
        history: The turns before it, oldest first; their questions stand alone.
    """
    if not history:
        return None
    history = [replace(turn, question=_plain(turn.question)) for turn in history]
    said = _said_anew(_plain(question), history)
    return said and _with_document(said, history[-1].question)


def _said_anew(question: str, history: Sequence[Turn]) -> Rewrite | None:
    rest = _LEAD.sub("", question)
    led = rest != question
    before = history[-1]
    if _BARE.match(rest):
        return _bare(rest, before, history)
    if (about := _ABOUT.match(rest)) and not free_pronouns(rest):
        return _finished(ask_the_same_of(about["rest"], before.question))
    if _is_fragment(rest, led=led) and not free_pronouns(rest):
        return _finished(ask_the_same_of(rest.rstrip(" ?."), before.question))
    return (
        _finished(with_pronouns_resolved(rest, history))
        or _with_general_words(rest, history)
        or (_led(rest, before) if led else None)
    )


def _plain(question: str) -> str:
    """In one line, with 'what is' for 'what's'."""
    return re.sub(r"^(what|who|where|when|how)['’]s\b", r"\1 is", " ".join(question.split()), flags=re.IGNORECASE)


def leans_on_history(question: str) -> bool:
    """Whether a question shows by its form that it goes on with what was said before."""
    question = _plain(question)
    if len(question) > LONGEST_FOLLOW_UP:  # whose pronouns cannot all be looked into: what may lean on it does
        return bool(_MAY_LEAN.search(question))
    rest = _LEAD.sub("", question)
    if rest != question or _BARE.match(rest) or _ABOUT.match(rest):
        return True
    return bool(free_pronouns(rest)) or _is_fragment(rest, led=False)


def _with_document(said: Rewrite, before: str) -> Rewrite:
    """The same asked of the document that the question before named, where it names none."""
    named = _DOCUMENT.search(before)
    if named is None or _DOCUMENT.search(said.text) or named["document"].casefold() in said.text.casefold():
        return said
    return replace(said, text=f"{said.text.rstrip('?')} {named['where'].lower()} {named['document']}?")


def _finished(made: tuple[str, bool] | None) -> Rewrite | None:
    if made is None:
        return None
    text = " ".join(made[0].split()).rstrip(" ?.!")
    return Rewrite(f"{text[:1].upper()}{text[1:]}?", made[1])


# --- 'Why?' ---------------------------------------------------------------------------------------------------------


def _bare(question: str, before: Turn, history: Sequence[Turn]) -> Rewrite | None:
    """A question word alone asks for more about what was just said."""
    match = _BARE.match(question)
    assert match is not None  # noqa: S101 - the caller has looked
    asks = match["asks"].casefold()
    points_back = re.search(r"\b(?:is|was|were|are) (?:that|this|it)\b", question, re.IGNORECASE)
    if points_back and asks not in ADJUNCTS:
        return _finished(with_pronouns_resolved(question, history))  # 'how much was that': of the subject
    words = words_of(before.question)
    adjunct = "why" if asks in ("how come", "what for") else asks.removeprefix("since ").removeprefix("until ")
    if (adjunct in ADJUNCTS or asks == "by whom") and len(words) > 2:
        first, second = words[0].small, words[1].small
        if first in ADJUNCTS and second in AUXILIARIES:
            return _finished((f"{asks} {before.question[words[1].start :]}", True))
        if first in AUXILIARIES:
            return _finished((f"{asks} {before.question[0].lower()}{before.question[1:]}", True))
    if said := before.said:
        return _finished((f"{asks}: {said}", False))
    return _finished((f"{asks}: {before.question}", False))


# --- 'And in 2021?' -------------------------------------------------------------------------------------------------


def _is_fragment(rest: str, *, led: bool) -> bool:
    """Whether it is a part of a question: 'and in 2021', 'in Germany?', 'the revenue?'."""
    words = [word for word in words_of(rest) if word.text[0].isalnum()]
    asks = any(word.small in QUESTION_WORDS | AUXILIARIES for word in words[:3])
    if not words or len(words) > 7 or asks or words[0].small in _COMMANDS:
        return False
    starts_with_preposition = words[0].small in PREPOSITIONS
    periods = periods_of(rest)
    only_a_period = bool(periods) and periods[0].start() == 0 and len(words) <= 3
    return led or starts_with_preposition or only_a_period


# --- 'How many people work for the company?' --------------------------------------------------------------------------


def _with_general_words(question: str, history: Sequence[Turn]) -> Rewrite | None:
    """'The company' exchanged for its name, where the question before has one and this one has none."""
    match = _GENERAL.search(question)
    words = words_of(question)
    if not match or any(is_name(words, position) for position in range(len(words))):
        return None
    found = antecedent(history, "he" if match[0].split()[-1].casefold() in _PEOPLE else "it")
    if found is None or found[0].kind != "name":
        return None
    phrase, only = found
    return _finished((question[: match.start()] + in_place(phrase) + question[match.end() :], only))


# --- 'And who is the vice-chair?' -------------------------------------------------------------------------------------


def _led(question: str, before: Turn) -> Rewrite | None:
    """A whole question that begins with 'and': it goes on about what the one before was about."""
    words = words_of(question)
    named = [
        position
        for position in range(len(words))
        # 'The Dutch word' names nobody.
        if is_name(words, position) and not (_ADJECTIVE.search(words[position].text) and noun_follows(words, position))
    ]
    if named or periods_of(question):
        return None
    antecedents = antecedents_of(before)
    said = {word.small for word in words}
    carried = [
        phrase
        for phrase in antecedents.of_question
        if not phrase.asked_for and not {word.small for word in words_of(phrase.text)} - {"the", "a", "an"} <= said
    ]
    if not carried:
        return None
    # Of nouns, the one that says where, when or of what the question before was.
    phrase = min(carried, key=lambda item: (item.kind != "name", not item.has_article, not item.before))
    preposition = phrase.before or "for"
    return _finished((f"{question.rstrip(' ?.')} {preposition} {in_place(phrase)}", len(carried) == 1))
