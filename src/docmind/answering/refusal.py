"""Refusal: 'it stands in the documents' is not yet 'it answers the question'.

A true sentence about the right thing answers nothing where the question asks for another year, another name or
something that the documents do not say. What an answer rests on is therefore scored against the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from docmind.answering.alike import alike_to
from docmind.answering.evidence import Evidence, spelt_there
from docmind.answering.expected import defines_role, has_what_is_asked_for
from docmind.answering.proof.opposites import opposite
from docmind.answering.proof.words import keys, read
from docmind.sentences import MONTHS, content_terms, names, numbers

# A number that the question names and the statement's surroundings lack: it tells of another year, another sum.
_LACKED_NUMBER = 1.5
# A word of the question is lacking, and the statement says its opposite: it tells of the other side.
_OPPOSITE = 1.0
# A question for a number or a date, of which none of the statements has one.
_LACKED_KIND = 0.6
# The statement that gives a role to somebody, where the question asks who has it.
_DEFINES = 0.6
# Names are written in more ways than numbers, so one that is lacking weighs less: its share of all that are asked for.
_LACKED_NAMES = 0.4
# Rows and items of lists are short: the question's words that stand in title and headings alone count for them.
_UNDER_WEIGHT = 0.4
# 'Flat 3' and 'Section 12' may stand somewhere else in the document: what they weigh among the question's
# words is enough.
_LABELS = re.compile(rf"(?<=\w )(?!{MONTHS})[A-Z][a-z]+ \d{{1,3}}\b(?![.,]\d)")
# 'Which famous Indian' names a kind and nobody. Of so many words at most: of a pasted text each 'what' would otherwise
# be followed to its end.
_KINDS = re.compile(r"\b(?:[Ww]hich|[Ww]hat) (?:[a-z-]+ ){0,12}([A-Z][a-z]+)(?= [a-z])")
_CAPITALS = re.compile(r"\b[A-Z]")
_FEW = 11  # the least number in words that a statement must have
_LONGEST_INITIALS = 5
_ABBREVIATIONS = re.compile(r"\b[A-Z]{2,5}\b")
_NAMES = re.compile(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)+\b")  # of more than one word


def answer_score(question: str, resting_on: Iterable[Evidence], evidence: Sequence[Evidence]) -> float:
    """How likely it is that statements answer a question: of the best of them, its relevance less what it lacks.

    Args:
        question: What was asked.
        resting_on: The statements that an answer rests on.
        evidence: All that were gathered: the ones beside a statement tell what it is about.

    Returns:
        On the scale of `Evidence.relevance`; minus infinity without a statement.
    """
    placed = {(item.node.node_id, item.position): item for item in evidence}

    def around(item: Evidence) -> set[str]:
        places = [(item.node.node_id, item.position + step) for step in (-1, 0, 1)]
        near = [item, *(placed[place] for place in places if place in placed)]
        return {*item.context}.union(*(each.terms | _values(each.text) for each in near))

    statements = list(resting_on)
    kind = 0.0 if any(has_what_is_asked_for(question, item.quoted) for item in statements) else _LACKED_KIND
    return max(
        (
            item.relevance
            + _understood(item)
            + role_defined(question, item)
            - _lacked(question, item, around(item))
            - kind
            for item in statements
        ),
        default=float("-inf"),
    )


def role_defined(question: str, item: Evidence) -> float:
    """What 'Elena Marsh (the landlord)' is worth more where somebody asks who the landlord is."""
    return _DEFINES if defines_role(question, item.quoted, item.terms | item.context) else 0.0


def _understood(item: Evidence) -> float:
    """What a row or an item need not say, because title and headings do: a sentence names its subject itself."""
    return _UNDER_WEIGHT * item.under if item.statement.is_row or item.statement.is_item else 0.0


def _lacked(question: str, item: Evidence, known: set[str]) -> float:
    """What the question names and the surroundings of a statement do not, weighed."""
    # A row says itself whose it is, so a label that is asked for must stand in it: 'Station 16' is not 'Station 33'.
    labels = () if item.statement.is_row else _LABELS.findall(question)
    labelled = {term for label in labels for term in content_terms(label)}
    unlike = _LACKED_NUMBER if (numbers(question) | _spelled(question)) - labelled - known else 0.0
    unlike = unlike or (_OPPOSITE if _says_the_opposite(question, item) else 0.0)
    named = (
        set(content_terms(" ".join(names(question))))
        - labelled
        - set(content_terms(" ".join(_KINDS.findall(question))))
    )
    missing = named - known
    if not missing:
        return unlike
    passage = item.node.get_content()
    initials = "".join(_CAPITALS.findall(passage)).casefold()
    abbreviations = set(_ABBREVIATIONS.findall(passage))
    written_out = [name for name in _NAMES.findall(question) if _initials(name) in abbreviations]
    shortened = set(content_terms(" ".join(written_out)))
    lacking = [
        term
        for term in missing - shortened
        if not (2 <= len(term) <= _LONGEST_INITIALS and term in initials) and not spelt_there(term, known)
    ]
    return unlike + _LACKED_NAMES * len(lacking) / len(named)


def _values(text: str) -> frozenset[str]:
    """The values of a text's numbers, also of those in words."""
    return frozenset(key for word in read(text) if word.kind == "number" for key in word.keys)


def _spelled(question: str) -> frozenset[str]:
    """The values of a question's numbers in words, small ones left out: 'Which two teams' asks for two."""
    words = [word for word in read(question) if word.kind == "number" and word.text.isalpha()]
    return frozenset(word.key for word in words if float(word.key) >= _FEW)


def _says_the_opposite(question: str, item: Evidence) -> bool:
    """Whether a word of the question is missing and its opposite stands there: 'east' is asked for, and 'west' told."""
    there, asked = keys(read(item.text)) | item.terms, keys(read(question)) | set(content_terms(question))
    missing = [word for word in read(question) if word.lower.isalpha() and word.telling and not word.keys & there]
    others = [word for word in read(item.text) if word.lower.isalpha() and word.telling and not word.keys & asked]
    # 'Begins on 1 March and ends' says when something starts.
    alike = alike_to(item.terms)
    lacking = [word for word in missing if alike.isdisjoint(content_terms(word.lower))]
    return any(opposite(word, other) for word in lacking for other in others)


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split())
