"""Condense: the key sentences of a document, so chosen that every part of it is heard.

A sentence counts for being near to what the whole document and its own section are about, for standing where authors
say what matters, and for saying what no chosen sentence says yet (maximal marginal relevance). What cannot be read by
itself, because it is a row, a heading, a notice that returns on every page or only points elsewhere, is taken where a
part of the document has nothing else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from docmind.answering.evidence import Evidence
from docmind.answering.whole.reading import Source

_Floats = npt.NDArray[np.float32]

_SECTION = 25  # sentences to each side that count as what stands around a sentence
_DOCUMENT_WEIGHT, _SECTION_WEIGHT = 1.0, 0.6
_LEAD, _OPENING = 0.08, 0.1  # bonus of a section's first sentence, and of the document's first ones
_FACTS = 0.03  # bonus of a sentence that names or counts something
_POINTS_BACK = 0.08  # loss of a sentence that begins with a word for something said before
_NOVELTY = 0.4  # how much nearness to what is chosen already costs
_SAME = 0.88  # cosine from which two sentences say the same
_SHORTEST, _LONGEST = 7, 55  # words of a sentence that is read with ease
_USUAL_LETTERS = 0.72  # share of letters and spaces in prose; tables and lists of figures have fewer
_USUAL_SMALL = 0.5  # share of words that begin with a small letter; headings and lists of names have fewer

_WHOLE = re.compile(r"^[\"'“‘(•–-]?\s*[A-Z0-9À-Þ].*[.!。…][\"'”’)]*$", re.DOTALL)
_BACK = re.compile(
    r"^(?:this|that|these|those|it|its|they|their|he|she|such|the (?:above|foregoing|following)|however|therefore|"
    r"thus|accordingly|also|in addition|additionally|as a result|further(?:more)?|moreover|similarly|consequently|but|"
    r"and|or|as (?:indicated|noted|discussed|described|mentioned))\b",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"\b(?:see|refer to|set forth in|described in|discussed in|included in|incorporated (?:herein )?by reference|"
    r"table of contents|page \d+|appendix|exhibit)\b|:$",
    re.IGNORECASE,
)


def key_sentences(source: Source, wanted: int, *, cover: bool = True) -> list[int]:
    """The places (in `source.evidence`) of the sentences that tell most, in reading order.

    Args:
        source: The document.
        wanted: How many sentences.
        cover: Whether every tenth of the document that has any text gives at least one, so that there may be up to ten
            where fewer are wanted.
    """
    evidence = source.evidence
    if not evidence:
        return []
    levels = readable(evidence)
    vectors = np.stack([item.vector for item in evidence])
    worth = _worth(evidence, vectors, levels)
    chosen: list[int] = []
    nearest: _Floats = np.zeros(len(evidence), dtype=np.float32)  # to whatever is chosen already

    def choose(candidates: Sequence[int]) -> bool:
        nonlocal nearest
        if not candidates:
            return False
        places = np.array(candidates)
        best = int(places[np.argmax(worth[places] - _NOVELTY * nearest[places] * (nearest[places] > 0.3))])
        chosen.append(best)
        nearest = np.maximum(nearest, vectors @ vectors[best])
        return True

    for tenth in source.there() if cover else ():
        inside = [place for place in range(len(evidence)) if source.tenths[place] == tenth]
        best_level = max(levels[place] for place in inside)
        choose([place for place in inside if levels[place] == best_level])
    # What is left is shared by the tenths in proportion to the prose they hold, so that no part drowns the others.
    prose = Counter(source.tenths[place] for place in range(len(evidence)) if levels[place] == PROSE)
    for tenth, count in _shares(prose, wanted - len(chosen)).items():
        for _ in range(count):
            free = [
                place
                for place in range(len(evidence))
                if source.tenths[place] == tenth
                and levels[place] == PROSE
                and place not in chosen
                and nearest[place] < _SAME
            ]
            if not choose(free):
                break
    return sorted(chosen)


PROSE, SENTENCE, LINE, NOTHING = 3, 2, 1, 0


def readable(evidence: Sequence[Evidence]) -> list[int]:
    """How well each sentence can be read by itself: 3 prose, 2 a sentence of lesser use, 1 a line, 0 no words."""
    seen = Counter(_same(item.text) for item in evidence)
    first: set[str] = set()
    levels = []
    for item in evidence:
        shape = _same(item.text)
        levels.append(_level(item, repeated=seen[shape] > 2 or shape in first))
        first.add(shape)
    return levels


def _level(item: Evidence, *, repeated: bool) -> int:
    text, words = item.text, len(item.text.split())
    if len(item.terms) < 3:
        return NOTHING
    letters = sum(character.isalpha() or character == " " for character in text) / len(text)
    if not _WHOLE.match(text) or " | " in text or letters < _USUAL_LETTERS or _small(text) < _USUAL_SMALL:
        return LINE
    if repeated or not _SHORTEST <= words <= _LONGEST or _POINTER.search(text) or text.endswith("?"):
        return SENTENCE
    return PROSE


def _small(text: str) -> float:
    words = re.findall(r"[^\W\d_]+", text)
    return float(sum(str(word[0]).islower() for word in words)) / max(1, len(words))


def _same(text: str) -> str:
    return " ".join(text.casefold().split())


def _worth(evidence: Sequence[Evidence], vectors: _Floats, levels: Sequence[int]) -> _Floats:
    prose: _Floats = np.array([level == PROSE for level in levels], dtype=np.float32)[:, None]
    of_prose = vectors * (prose if prose.any() else 1)
    worth = np.asarray(_DOCUMENT_WEIGHT * (vectors @ _unit(of_prose.sum(axis=0))), dtype=np.float32)
    sums: _Floats = np.zeros((len(evidence) + 1, vectors.shape[1]), np.float32)
    np.cumsum(of_prose, axis=0, out=sums[1:])
    for place in range(len(evidence)):
        low, high = max(0, place - _SECTION), min(len(evidence), place + _SECTION + 1)
        around = _unit(sums[high] - sums[low] - of_prose[place])
        worth[place] += _SECTION_WEIGHT * float(vectors[place] @ around)
    before = ""
    for place, item in enumerate(evidence):
        heading = str(item.node.metadata["heading"])
        worth[place] += _LEAD * (heading != before and bool(heading)) + _OPENING * max(0.0, 1 - place / 20)
        worth[place] += _FACTS * (bool(re.search(r"\d", item.text)) + bool(re.search(r"\w [A-Z]\w", item.text)))
        worth[place] -= _POINTS_BACK * bool(_BACK.match(item.text))
        before = heading
    return worth


def _unit(vector: _Floats) -> _Floats:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length else vector, dtype=np.float32)


def _shares(prose: Counter[int], wanted: int) -> dict[int, int]:
    """So many sentences shared by the tenths: half evenly, half in proportion to their prose."""
    total = sum(prose.values())
    if wanted <= 0 or not total:
        return {}
    exact = {tenth: wanted * (0.5 / len(prose) + 0.5 * count / total) for tenth, count in sorted(prose.items())}
    shares = {tenth: int(share) for tenth, share in exact.items()}
    rest = wanted - sum(shares.values())
    for tenth in sorted(exact, key=lambda item: shares[item] - exact[item])[:rest]:
        shares[tenth] += 1
    return shares


def by_tenth(source: Source, places: Sequence[int]) -> list[tuple[int, list[int]]]:
    """Places in reading order, those of each tenth together."""
    return [(tenth, list(group)) for tenth, group in groupby(places, key=lambda place: source.tenths[place])]
