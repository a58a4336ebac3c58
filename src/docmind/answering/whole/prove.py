"""Prove: what a model wrote of a text, each sentence tied to the sentence of the text that supports it, or left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from docmind.answering.citations import Citation, align
from docmind.answering.evidence import Evidence, embed
from docmind.answering.whole.analysis import Entry
from docmind.answering.whole.places import Places
from docmind.embeddings import Embedder

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


def statements(written: str, *, cut_short: bool = False) -> list[str]:
    """The statements of what a model wrote, one a line; without bullets, introductions and repetitions.

    Args:
        written: Its text.
        cut_short: Whether it was still writing, so that the last line may be half a sentence.
    """
    lines = [_BULLET.sub("", line).strip() for line in written.splitlines()]
    lines = [_without_preface(line) for line in lines if line and not _OF_THE_TEXT.match(line)]
    if cut_short and lines and not _END.search(lines[-1]):
        lines.pop()
    kept = [line for line in lines if len(line.split()) >= _SHORTEST and not line.endswith(":") and _says(line)]
    return list(dict.fromkeys(line.replace("**", "") for line in kept))


def prove(
    written: Sequence[str], evidence: Sequence[Evidence], embedder: Embedder, threshold: float, places: Places
) -> tuple[list[Entry], int]:
    """The statements that the evidence supports, with their places, and how many sentences were left out.

    Args:
        written: What a model wrote.
        evidence: The sentences that it was given.
        embedder: Compares meanings.
        threshold: Score (0 to 1) from which a sentence is supported.
        places: Numbers the citations.
    """
    if not written or not evidence:
        return [], len(written)
    vectors = np.stack([item.vector for item in evidence])
    proved: list[Entry] = []
    left_out = 0
    for statement, vector in zip(written, embed(written, embedder), strict=True):
        near = sorted(np.argsort(-(vectors @ vector))[:_NEAREST].tolist())
        sentences, citations = align("", statement, [evidence[place] for place in near], embedder, threshold)
        for sentence in sentences:
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


def _says(line: str) -> bool:
    """Whether a line is a sentence rather than a title."""
    words: list[str] = re.findall(r"[^\W\d_]+", line)
    return sum(word[0].islower() for word in words) >= _SMALL * len(words)
