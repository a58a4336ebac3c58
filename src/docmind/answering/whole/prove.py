"""Prove: what a model wrote of a text, each sentence tied to the sentence of the text that supports it, or left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from docmind.answering.citations import align
from docmind.answering.evidence import Evidence, embed
from docmind.answering.whole.analysis import Entry
from docmind.answering.whole.places import Places
from docmind.embeddings import Embedder

_NEAREST = 24  # sentences that a statement is held against; what is farther away in meaning does not support it
_BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+")
_SHORTEST = 4  # words of a statement
_SMALL = 0.3  # share of words that begin with a small letter; titles have fewer
_END = re.compile(r"[.!?…][\"'”’)\]]*$")


def statements(written: str, *, cut_short: bool = False) -> list[str]:
    """The statements of what a model wrote, one a line; without bullets, introductions and repetitions.

    Args:
        written: Its text.
        cut_short: Whether it was still writing, so that the last line may be half a sentence.
    """
    lines = [_BULLET.sub("", line).strip() for line in written.splitlines()]
    lines = [line for line in lines if line]
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
            if sentence.supported:
                proved.append(Entry(places.renumbered(sentence, citations)))
            else:
                left_out += 1
    return proved, left_out


def _says(line: str) -> bool:
    """Whether a line is a sentence rather than a title."""
    words: list[str] = re.findall(r"[^\W\d_]+", line)
    return sum(word[0].islower() for word in words) >= _SMALL * len(words)
