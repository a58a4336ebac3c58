"""Between documents: what two or more of them say about the same, side by side, and where they do not agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from docmind.answering.citations import AnswerSentence
from docmind.answering.evidence import Evidence, embed
from docmind.answering.proof.case import ABSENT
from docmind.answering.proof.proving import Source as Held
from docmind.answering.proof.proving import prove, statement_of
from docmind.answering.proof.words import keys, read
from docmind.answering.whole.analysis import Entry, Part
from docmind.answering.whole.changes import Changes, are_versions, asks_for_changes, changes, in_both, said, said_in_all
from docmind.answering.whole.condense import SENTENCE, key_sentences, readable
from docmind.answering.whole.places import Places
from docmind.answering.whole.quantities import Quantity, comparable, quantities, written
from docmind.answering.whole.reading import Source
from docmind.answering.whole.request import Request
from docmind.answering.whole.topics import topics_of
from docmind.embeddings import Embedder
from docmind.sentences import content_terms

DIFFERENCE = "Difference"
_ROWS = {"short": 10, "detailed": 25}
_ALONE = 5  # sentences that only one document has, at most
_SAME_THING = 0.5  # cosine from which two sentences are about the same
_ELSEWHERE = 0.35  # below it nothing in the other document is about the same
_ABOUT = 0.3  # nearness of a sentence to a topic that the user named
_NEAR, _NEAR_WORDS = 0.6, 0.5  # of two sentences that may contradict each other: cosine, share of common words
_MOST_PAIRS = 400  # nearest pairs that are held against each other word by word


def compare(
    request: Request, sources: Sequence[Source], places: Places, embedder: Embedder
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """What documents say about the same, one row a topic; then what only one of them says; and notes for the reader.

    Of two versions of a document, of which is asked what is different, what they do not have in common.

    Args:
        request: The topics where the user names any, separated by commas; how many rows.
        sources: The documents.
        places: Numbers the citations.
        embedder: Compares topics with sentences.
    """
    named = [(source.document.name, source.document.title) for source in sources]
    if topics := topics_of(request.question, named):
        return _by_topic(topics, sources, places, embedder), ()
    notes: tuple[str, ...] = ()
    first, *others = sources
    if len(others) == 1:
        (second,) = others
        both = in_both(first, second)
        if equal := both.total():
            stand = "sentence or row stands" if equal == 1 else "sentences and rows stand"
            notes = (f"{equal:,} {stand} in both, word for word.",)
        if asks_for_changes(request.question) and are_versions(first, second, both):
            parts, more = _changed(request, sources, changes(first, second, both), places)
            return parts, (*more, *notes)
    chosen = key_sentences(first, 3 * _ROWS[request.length], cover=False)
    rows: list[tuple[float, Part]] = []
    taken: set[tuple[str, int]] = set()
    in_all = said_in_all(sources)
    for place in chosen:
        item = first.evidence[place]
        if said(item) in in_all:
            continue  # what all say word for word is nothing to be put side by side
        matches = [(other, _match(item, other)) for other in others]
        near = [(other, at, similarity) for other, (at, similarity) in matches if similarity >= _SAME_THING]
        near = [(other, at, similarity) for other, at, similarity in near if (other.document.id, at) not in taken]
        if not near:
            continue
        taken |= {(other.document.id, at) for other, at, _ in near}
        cells = [(first, item), *((other, other.evidence[at]) for other, at, _ in near)]
        rows.append((max(similarity for _, _, similarity in near), _row(cells, places)))
    best = sorted(rows, key=lambda pair: -pair[0])[: _ROWS[request.length]]
    alone = [part for source in sources if (part := _only_in(source, sources, places)).entries]
    return (*(part for _, part in best), *alone), notes


def _changed(
    request: Request, sources: Sequence[Source], found: Changes, places: Places
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """What two versions say differently, in the order of the first, and what only one of them says; with notes."""
    most = 2 * _ROWS[request.length]
    rows = [_row(list(zip(sources, pair, strict=True)), places) for pair in found.paired[:most]]
    alone = [
        Part(f"Only in {source.document.name}", tuple(places.quoted(item) for item in items[:most]))
        for source, items in zip(sources, (found.first, found.second), strict=True)
        if items
    ]
    more = sum(max(0, len(items) - most) for items in (found.paired, found.first, found.second))
    notes = (f"{more:,} more differences were found; the first of each kind are shown.",) if more else ()
    return (*rows, *alone), notes


def contradictions(request: Request, sources: Sequence[Source], places: Places) -> tuple[Part, ...]:
    """Pairs of sentences of two documents that are about the same and do not agree, with the reason."""
    parts = []
    for first, second in combinations(sources, 2):
        for pair in _pairs(first, second)[:_MOST_PAIRS]:
            reason = _disagreement(pair)
            if reason:
                cells = [(first, pair.one), (second, pair.other)]
                entries = [places.quoted(item, source.document.name) for source, item in cells]
                parts.append(Part(reason, tuple(entries)))
            if len(parts) == 2 * _ROWS[request.length]:
                return tuple(parts)
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class _Pair:
    one: Evidence
    other: Evidence
    similarity: float


def _pairs(first: Source, second: Source) -> list[_Pair]:
    """Sentences of two documents that are near to each other, the nearest first."""
    ones = [item for item, level in zip(first.evidence, readable(first.evidence), strict=True) if level >= SENTENCE]
    others = [item for item, level in zip(second.evidence, readable(second.evidence), strict=True) if level >= SENTENCE]
    if not ones or not others:
        return []
    similar = np.stack([item.vector for item in ones]) @ np.stack([item.vector for item in others]).T
    found = []
    for row, column in np.argwhere(similar >= _NEAR).tolist():
        one, other = ones[row], others[column]
        own, its = _words_alone(one), _words_alone(other)
        if len(own & its) >= _NEAR_WORDS * max(1, min(len(own), len(its))) and one.text != other.text:
            found.append(_Pair(one, other, float(similar[row, column])))
    return sorted(found, key=lambda pair: -pair.similarity)


def _words_alone(item: Evidence) -> set[str]:
    return {term for term in item.terms if not term[:1].isdigit()}


def _disagreement(pair: _Pair) -> str:
    """Why two sentences do not agree, in words; '' where they may both be true."""
    if _years(pair.one.text) != _years(pair.other.text):
        return ""  # of two times
    if numbers := _numbers_apart(pair):
        return numbers
    return _denied(pair.one, pair.other, pair.similarity) or _denied(pair.other, pair.one, pair.similarity)


def _denied(said: Evidence, by: Evidence, similarity: float) -> str:
    """The words of a sentence that another one contradicts, with the reason; '' where it does not."""
    words = read(by.text)
    passage = keys(read(by.node.get_content()))
    held = Held(words=words, own=keys(words), context=by.context, near=frozenset(), passage=passage)
    proof = prove(statement_of("", said.text), held, similarity, similarity)
    told = [doubt for doubt in proof.doubts if doubt.reason != ABSENT]
    if not told or proof.rest < _NEAR_WORDS:
        return ""
    doubted = ", ".join(f"“{said.text[doubt.start : doubt.end]}”" for doubt in told[:2])
    return f"{doubted}: {told[0].reason}"


def _numbers_apart(pair: _Pair) -> str:
    ours, theirs = quantities(pair.one.text), quantities(pair.other.text)
    if len(ours) != len(theirs) or not ours:
        return ""
    apart = [
        (one, other)
        for one, other in zip(ours, theirs, strict=True)
        if comparable(one, other) and one.value != other.value and one.noun.casefold() == other.noun.casefold()
    ]
    return " and ".join(f"{one.text} or {other.text}" for one, other in apart[:2])


def _years(text: str) -> set[str]:
    return set(re.findall(r"\b(?:1[5-9]|20)\d\d\b", text))


def _by_topic(topics: Sequence[str], sources: Sequence[Source], places: Places, embedder: Embedder) -> tuple[Part, ...]:
    parts = []
    for topic, vector in zip(topics, embed(topics, embedder), strict=True):
        wanted = set(content_terms(topic))
        cells = []
        for source in sources:
            levels = readable(source.evidence)
            worth = [
                float(item.vector @ vector)
                + 0.5 * len(wanted & (item.terms | item.context)) / max(1, len(wanted))
                + 0.1 * (level >= SENTENCE)
                if level
                else -1.0
                for item, level in zip(source.evidence, levels, strict=True)
            ]
            best = int(np.argmax(worth)) if worth else -1
            if best >= 0 and worth[best] >= _ABOUT + 0.1:
                cells.append((source, source.evidence[best]))
        if cells:
            parts.append(_row(cells, places, topic))
    return tuple(parts)


def _row(cells: Sequence[tuple[Source, Evidence]], places: Places, topic: str = "") -> Part:
    entries = [places.quoted(item, source.document.name) for source, item in cells]
    if len(cells) == 2 and (difference := _difference([item for _, item in cells], entries)):
        entries.append(difference)
    return Part(topic or _common(cells), tuple(entries))


def _difference(items: Sequence[Evidence], entries: Sequence[Entry]) -> Entry | None:
    """The second number minus the first, computed here, where each sentence counts one thing and both the same."""
    first, second = (quantities(item.text) for item in items)
    if len(first) != 1 or len(second) != 1:
        return None
    one, other = first[0], second[0]
    if not comparable(one, other) or one.noun.casefold() != other.noun.casefold() or one.value == other.value:
        return None
    numbers = tuple(number for entry in entries for number in entry.sentence.citations)
    return Entry(AnswerSentence(subtraction(other, one), True, 1.0, numbers), DIFFERENCE)


def subtraction(greater: Quantity, less: Quantity) -> str:
    """'118 - 93 = 25', in the scale in which both are written."""
    scale = greater.scale if greater.scale == less.scale else ""
    terms = [written(value, greater.unit, scale) for value in (greater.value, less.value, greater.value - less.value)]
    return f"{terms[0]} - {terms[1]} = {terms[2]}"


def _common(cells: Sequence[tuple[Source, Evidence]]) -> str:
    """What sentences have in common, in the words of the first: its section, or the words that all of them share."""
    shared = frozenset.intersection(*(item.terms for _, item in cells))
    words = re.findall(r"[^\W\d_]{3,}", cells[0][1].text)
    common = [word for word in words if set(content_terms(word)) & shared]
    return " ".join(dict.fromkeys(word.casefold() for word in common[:3])).capitalize() or "Same subject"


def _match(item: Evidence, other: Source) -> tuple[int, float]:
    """The sentence of another document nearest to one, and how near it is."""
    levels = readable(other.evidence)
    best, similarity = 0, -1.0
    for place, (its, level) in enumerate(zip(other.evidence, levels, strict=True)):
        near = float(item.vector @ its.vector)
        if level >= SENTENCE and near > similarity and len(item.terms & its.terms) >= 2:
            best, similarity = place, near
    return best, similarity


def _only_in(source: Source, sources: Sequence[Source], places: Places) -> Part:
    others = [item.vector for other in sources if other is not source for item in other.evidence]
    if not others:
        return Part("", ())
    elsewhere = np.stack(others)
    alone = [
        source.evidence[place]
        for place in key_sentences(source, 4 * _ALONE, cover=False)
        if float((elsewhere @ source.evidence[place].vector).max()) < _ELSEWHERE
    ]
    return Part(f"Only in {source.document.name}", tuple(places.quoted(item) for item in alone[:_ALONE]))
