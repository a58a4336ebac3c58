"""Prove: what a model wrote of a text, each sentence tied to the sentence of the text that supports it, or left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from docmind.answering.citations import Citation, align
from docmind.answering.evidence import Evidence, embed
from docmind.answering.second_opinion import second_opinion
from docmind.answering.whole.analysis import Entry
from docmind.answering.whole.places import Places
from docmind.answering.whole.prompts import NONE
from docmind.checking import Checker
from docmind.embeddings import Embedder
from docmind.sentences import content_terms

_NEAREST = 24  # sentences that a statement is held against; what is farther away in meaning does not support it
_BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+")
_SHORTEST = 4  # words of a statement
_SMALL = 0.3  # share of words that begin with a small letter; titles have fewer
# 'The document states that' says nothing; 'the document is about ...' is no statement of the document's.
_PREFACE = re.compile(
    r"^The (?:document|text|report|passage|part) (?:states|says|mentions|notes|reports|explains) that\s+", re.IGNORECASE
)
_OF_THE_TEXT = re.compile(
    r"^The (?:document|text|report|passage|part)(?: of the document)? (?:is about|discusses|describes|covers|mentions|"
    r"contains|provides|includes|outlines)\b",
    re.IGNORECASE,
)
# A sentence that holds under a condition says something else without it.
_CONDITION = re.compile(r"^\W*(?:\d[\d.]*\s+)?(?:if|where|when|unless|in case|provided that|should)\b", re.IGNORECASE)
_CONDITIONAL = re.compile(r"\b(?:if|where|when|unless|in case|provided|should|once|until)\b", re.IGNORECASE)
_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_AROUND = " .,;:\"'“”‘’()"  # what may stand around an item of a list and is none of it


def statements(written: str, *, cut_short: bool = False) -> list[str]:
    """The statements of what a model wrote, one a line; without bullets, introductions and repetitions.

    Args:
        written: Its text.
        cut_short: Whether it was still writing, so that the last line may be half a sentence.
    """
    return [line for line in items(written, cut_short=cut_short) if _is_statement(line)]


def items(written: str, *, cut_short: bool = False) -> list[str]:
    """The same, names and dates that stand alone on their lines among them."""
    lines = [_BULLET.sub("", line).replace("**", "").strip() for line in written.splitlines()]
    lines = [_without_preface(line) for line in lines if re.search(r"\w", line) and not _OF_THE_TEXT.match(line)]
    if cut_short and lines and not _END.search(lines[-1]):
        lines.pop()
    kept = [line for line in lines if not line.endswith(":") and line.strip("(). ").upper() != NONE]
    return list(dict.fromkeys(kept))


def prove_items(
    written: Sequence[str],
    evidence: Sequence[Evidence],
    places: Places,
    proved: Callable[[Sequence[str]], tuple[list[Entry], int]],
) -> tuple[list[Entry], int]:
    """The items of a list that the evidence holds, in its order, and how many were left out.

    A statement is proved as any other. What is no sentence ('May 2012') says nothing that could be proved: the first
    sentence in which it stands is shown, under it, unless a statement of the list rests on that one already.

    Args:
        written: What a model wrote.
        evidence: The sentences that it was given.
        places: Numbers the citations.
        proved: Proves statements, as `prove` does.
    """
    entries, left_out = proved([line for line in written if _is_statement(line)])
    held = [" ".join(item.text.split()) for item in evidence]
    under: dict[int, list[str]] = {}
    for line in written:
        if _is_statement(line):
            continue
        pattern = _standing(line)
        holding = [place for place, text in enumerate(held) if pattern and pattern.search(text)]
        if holding:
            whole = [place for place in holding if not evidence[place].statement.heading]
            under.setdefault((whole or holding)[0], []).append(line.strip(_AROUND))
        else:
            left_out += 1
    quotes = {citation.n: citation.quote for citation in places.citations}
    told = {quotes[number] for entry in entries for number in entry.sentence.citations}
    shown = [(place, named) for place, named in under.items() if evidence[place].text not in told]
    entries += [places.quoted(evidence[place], ", ".join(named)) for place, named in shown]
    order = {item.text: place for place, item in reversed(list(enumerate(evidence)))}
    quotes = {citation.n: citation.quote for citation in places.citations}

    def first_cited(entry: Entry) -> int:
        return min((order.get(quotes[number], len(order)) for number in entry.sentence.citations), default=len(order))

    return sorted(entries, key=first_cited), left_out


def prove(
    written: Sequence[str],
    evidence: Sequence[Evidence],
    embedder: Embedder,
    threshold: float,
    places: Places,
    checker: Checker | None = None,
) -> tuple[list[Entry], int]:
    """The statements that the evidence supports, with their places, and how many sentences were left out.

    Args:
        written: What a model wrote.
        evidence: The sentences that it was given.
        embedder: Compares meanings.
        threshold: Score (0 to 1) from which a sentence is supported.
        places: Numbers the citations.
        checker: A model that is asked too, where there is one.
    """
    if not written or not evidence:
        return [], len(written)
    vectors = np.stack([item.vector for item in evidence])
    proved: list[Entry] = []
    left_out = 0
    for statement, vector in zip(written, embed(written, embedder), strict=True):
        near = sorted(np.argsort(-(vectors @ vector))[:_NEAREST].tolist())
        sentences, citations = align("", statement, [evidence[place] for place in near], embedder, threshold)
        for sentence in second_opinion(checker, sentences, citations):
            if sentence.supported and not _drops_its_condition(sentence.text, citations):
                proved.append(Entry(places.renumbered(sentence, citations)))
            else:
                left_out += 1
    return proved, left_out


def _without_preface(line: str) -> str:
    said = _PREFACE.sub("", line)
    return said[:1].upper() + said[1:] if said != line else line


def _drops_its_condition(statement: str, citations: Sequence[Citation]) -> bool:
    conditional = any(_CONDITION.match(citation.quote) for citation in citations)
    return conditional and not _CONDITIONAL.search(statement)


def _standing(item: str) -> re.Pattern[str] | None:
    """Finds an item of a list where it stands in a sentence, letter for letter; None where it tells nothing.

    '£450' does not stand in '£1,450', nor '5' in '5%' or '-5'; a single word stands there as it is written, so that
    'May' is no 'may'.
    """
    words = item.strip(_AROUND).split()
    if not content_terms(" ".join(words)):
        return None
    said = r"\s".join(map(re.escape, words))
    alone = r"(?<![\w£$€¥])(?<!\d[.,])(?<!\s-)(?<!^-)" + said + r"(?![\w%])(?![.,]\d)"
    return re.compile(alone, re.IGNORECASE if len(words) > 1 else 0)


def _is_statement(line: str) -> bool:
    return len(line.split()) >= _SHORTEST and _says(line)


def _says(line: str) -> bool:
    """Whether a line is a sentence rather than a title."""
    words: list[str] = re.findall(r"[^\W\d_]+", line)
    return sum(word[0].islower() for word in words) >= _SMALL * len(words)
