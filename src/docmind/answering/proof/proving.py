"""Proving: how well one sentence of the documents bears out a statement, and which of its words it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docmind.answering.proof.case import ABSENT, Case, Conflict
from docmind.answering.proof.comparing import Comparison, compare
from docmind.answering.proof.markers import markers
from docmind.answering.proof.meaning import opposites
from docmind.answering.proof.opposites import alike
from docmind.answering.proof.rules import conflicts
from docmind.answering.proof.tokens import Word, words_in
from docmind.answering.proof.words import keys, read

# Words are stronger evidence than similar meaning: embeddings hardly tell 'may' from 'must' or one month from another.
_WORDS_WEIGHT = 0.6
# What the question said already needs less proof than what the answer adds to it.
_ASKED_WEIGHT = 0.5
# How a bare answer is weighed: what it adds stands in the source, and the source is hardly less near to the question
# than the nearest sentence of all and shares the question's words.
_AT_THE_PLACE = 0.75
_BEHIND_WEIGHT = 0.5
_ABOUT_WEIGHT = 0.25
_VERBS = words_in(
    "is are was were has have had can could may might must shall should will would do does did "
    "isn't aren't wasn't weren't"
)
# What contradicts the source caps the score below any sensible threshold.
_CONTRADICTED = 0.3
# A statement that says less than this share of its source's telling words is no quotation but a bare answer...
_BARE_SHARE = 0.6
# A statement with this share of its question's telling words is the question again, with the answer in it.
_REPEATED = 0.6
# Rules that ask for the source's own words; a question may use others.
_LOOSE = frozenset({"modal", "quantity", "time", "cause", "name"})
_NEAR = 6  # words around a verb that two things are exchanged over
# ... where it has at most so many of them.
_BARE_WORDS = 8
# Where a sentence may be taken apart, and how many telling words each half needs to say something.
_JOINT = re.compile(r";\s+|,?\s+(?:and|but|while|whereas)\s+")
_HALF_WORDS = 3
_PREAMBLE = re.compile(
    r"(?:(?:yes|no)[,.:]\s+)?(?:"
    r"(?:the|my) (?:correct |short |final )?answer(?: to (?:this|the|your) question)? (?:is|was):?\s+(?:that )?"
    r"|(?:according to|based on|as stated in) the (?:\w+ )?(?:passages?|documents?|text|sources?|context|excerpts?)"
    r"[^,:]{0,40}[,:]\s*"
    r"|the (?:passages?|documents?|text|sources?) (?:says?|states?) that\s+"
    r"|answer:\s+)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words of an answer that its source does not bear out.

    Attributes:
        start: The first character's place in the sentence.
        end: The place behind the last.
        reason: Why, in words for the reader.
    """

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What one sentence of the documents says about a statement.

    Attributes:
        score: How well it bears the statement out, 0 to 1.
        doubts: The words that it does not.
        rest: Share of the statement's telling words, without those in doubt, that stand in it (0 to 1).
        shared: The same with those in doubt.
    """

    score: float
    doubts: tuple[Doubt, ...] = ()
    rest: float = 0.0
    shared: float = 0.0


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer, read once.

    Attributes:
        text: The sentence.
        begin: Where in it the statement begins, behind 'The answer is'.
        words: The statement's words, with places in the sentence.
        asked: The question's words.
    """

    text: str
    begin: int
    words: tuple[Word, ...]
    asked: tuple[Word, ...]

    @property
    def telling(self) -> list[Word]:
        """The words that carry meaning."""
        return [word for word in self.words if word.telling]

    @property
    def said(self) -> str:
        """The statement alone."""
        return self.text[self.begin :]

    @property
    def is_sentence(self) -> bool:
        """Whether it says something by itself; a bare answer is proved together with its question."""
        if self.begin or not self.telling:
            return False
        words = any(not word.name and word.kind == "word" for word in self.telling)
        ended = self.text.rstrip("\"'”) ").endswith((".", "!"))
        return any(word.lower in _VERBS for word in self.words) or (ended and words and len(self.telling) > 2)


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence of the documents.

    Attributes:
        words: Its words.
        own: Their keys.
        context: Keys of the title's and the section path's words.
        near: Keys of the words in the sentences next to it.
        passage: Keys of all words of its passage.
    """

    words: tuple[Word, ...]
    own: frozenset[str]
    context: frozenset[str]
    near: frozenset[str]
    passage: frozenset[str]


def statement_of(question: str, sentence: str) -> Statement:
    """Read a sentence of an answer; phrases like 'The answer is' say nothing."""
    found = _PREAMBLE.match(sentence)
    begin = found.end() if found and found.end() < len(sentence) else 0
    return Statement(sentence, begin, read(sentence[begin:]), read(question))


def halves_of(sentence: str) -> Iterator[tuple[str, str]]:
    """The ways to take a sentence apart into two that each say something."""
    for found in _JOINT.finditer(sentence):
        first, second = sentence[: found.start()], sentence[found.end() :]
        if min(len(keys(read(first))), len(keys(read(second)))) >= _HALF_WORDS:
            yield first, second


def prove(statement: Statement, source: Source, similarity: float, behind: float) -> Proof:
    """Hold a statement against a sentence of the documents.

    Args:
        statement: What is said, and what was asked.
        source: The sentence.
        similarity: Cosine similarity (-1 to 1) of the two.
        behind: How much less near the source is to the question than the nearest sentence of all (0 and below).
    """
    if statement.text.rstrip(" \"'”").endswith("?") or not statement.telling:
        return Proof(0.0)  # a question states nothing
    comparison = compare(statement.words, source.words)
    asked = keys(statement.asked)
    part = _is_part(statement, comparison)
    quoted = not part and all(
        at is not None for word, at in zip(statement.words, comparison.at, strict=True) if word.telling
    )
    repeats = not quoted and _repeats(statement, asked)
    # Whom a question is about its passage may tell; what it counts must stand in the source.
    context = source.context | (keys([word for word in statement.asked if word.kind == "word"]) & source.passage)
    case = Case(comparison, context, asked, statement.asked, fragment=part)
    found = [c for c in conflicts(case) if not (repeats and _only_asked(statement, c, asked))]
    if part and any(marker.family == "denial" for marker in markers(statement.asked)):
        found = [c for c in found if c.rule != "denial"]  # asked for what is not, the source says what is not
    unknown = _unknown(comparison, context | asked, found)
    doubts = [Doubt(*_place(statement, c.begin, c.end), c.reason) for c in found]
    doubts += [Doubt(*_place(statement, i, i + 1), ABSENT) for i in unknown]
    if asked and ((repeats and not quoted) or (part and not statement.is_sentence)):
        score = _answered(statement, comparison, source, behind)
        contradicted = bool(found) or _asked_otherwise(statement, source)
    else:
        covered = _covered(statement, comparison, source.context)
        score = _WORDS_WEIGHT * covered + (1 - _WORDS_WEIGHT) * similarity
        contradicted = bool(found)
    score = max(0.0, min(1.0, score, _CONTRADICTED if contradicted else 1.0))
    return Proof(score, _merged(doubts), _rest(comparison, found, unknown), _rest(comparison, (), ()))


def _repeats(statement: Statement, asked: frozenset[str]) -> bool:
    """Whether the statement is the question again, with a short answer in it."""
    own = keys(statement.words)
    added = [word for word in statement.telling if not word.keys & asked]
    return bool(asked) and len(own & asked) >= _REPEATED * len(asked) and 0 < len(added) <= _BARE_WORDS


def _only_asked(statement: Statement, found: Conflict, asked: frozenset[str]) -> bool:
    """Whether a conflict concerns words that the question brought in, and that need not be the source's own."""
    words = statement.words[found.begin : found.end]
    if found.rule == "order":  # 'X is the name of Y' may stand as 'Y (X)'; 'X bought Y' is not 'Y bought X'
        inner = any(word.telling and word.keys & asked for word in words[1:-1])
        return len(words) > _NEAR or not inner or bool(words[0].keys & asked and words[-1].keys & asked)
    if found.rule == "number":
        return all(word.keys & asked and word.text.isalpha() for word in words)  # 'two examples'
    return found.rule in _LOOSE and all(word.keys & asked for word in words)


def _is_part(statement: Statement, comparison: Comparison) -> bool:
    """Whether the statement says only a part of what the source says."""
    theirs = sum(word.telling for word in comparison.source)
    return statement.begin > 0 or (
        len(statement.telling) <= _BARE_WORDS and len(statement.telling) < _BARE_SHARE * theirs
    )


def _answered(statement: Statement, comparison: Comparison, source: Source, behind: float) -> float:
    """How well the source proves a bare answer: its words stand there, and the question is about that place."""
    asked = keys(statement.asked)
    added = [
        (word, at)
        for word, at in zip(statement.words, comparison.at, strict=True)
        if word.telling and not (word.keys & asked and len(statement.telling) > 1)
    ]
    if not any(at is not None or word.name for word, at in added):
        return 0.0  # title and headings may name whom an answer is about; what it says of them stands in the source
    known = [at is not None or bool(word.keys & source.context) for word, at in added]
    there = source.own | source.context | source.near
    about = len(asked & there) / max(1, len(asked))
    return sum(known) / len(known) * max(0.0, min(1.0, _AT_THE_PLACE + _BEHIND_WEIGHT * behind + _ABOUT_WEIGHT * about))


def _covered(statement: Statement, comparison: Comparison, context: frozenset[str]) -> float:
    asked = keys(statement.asked)
    total = known = 0.0
    for word, at in zip(statement.words, comparison.at, strict=True):
        if word.telling:
            weight = _ASKED_WEIGHT if word.keys & asked else 1.0
            total += weight
            meant = at is not None or bool(word.keys & context)
            known += weight * (meant or _meant(word, comparison))
    return known / total if total else 0.0


def _meant(word: Word, comparison: Comparison) -> bool:
    """Whether a word that the source lacks means the same as one that the statement lacks."""
    free = [other for other, i in zip(comparison.source, comparison.back, strict=True) if i is None and other.telling]
    return word.kind == "word" and any(alike(word, other) for other in free if other.kind == "word")


def _unknown(comparison: Comparison, known: frozenset[str], found: Sequence[Conflict]) -> list[int]:
    marked = {i for c in found for i in range(c.begin, c.end)}
    return [
        i
        for i, (word, at) in enumerate(zip(comparison.statement, comparison.at, strict=True))
        if at is None and word.telling and i not in marked and not word.keys & known and not _meant(word, comparison)
    ]


def _asked_otherwise(statement: Statement, source: Source) -> bool:
    """Whether the question asks for the opposite of what the source says: what fell where it rose, what is not."""
    case = Case(compare(statement.asked, source.words), source.context, fragment=True, question=True)
    if any(True for _ in opposites(case)):
        return True
    asked, sourced = case.of("denial")
    denies = bool(asked) or any(marker.family == "denial" for marker in markers(statement.words))
    turned = [m for m in sourced if m.scope and case.comparison.back[m.scope[0]] is not None]
    kept = [m for m in asked if any(case.comparison.at[i] is not None for i in m.scope)]
    return (bool(turned) and not denies) or (bool(kept) and not sourced)


def _rest(comparison: Comparison, found: Sequence[Conflict], unknown: Sequence[int]) -> float:
    marked = {i for c in found for i in range(c.begin, c.end)} | set(unknown)
    telling = [i for i, word in enumerate(comparison.statement) if word.telling]
    return sum(comparison.at[i] is not None and i not in marked for i in telling) / max(1, len(telling))


def _place(statement: Statement, begin: int, end: int) -> tuple[int, int]:
    words = statement.words[begin:end]  # those of a date may stand in another order than they are read in
    return statement.begin + min(word.start for word in words), statement.begin + max(word.end for word in words)


def _merged(doubts: Sequence[Doubt]) -> tuple[Doubt, ...]:
    """The doubts in order; of those that overlap, the first."""
    merged: list[Doubt] = []
    for doubt in sorted(doubts, key=lambda doubt: (doubt.start, -doubt.end)):
        if not merged or doubt.start >= merged[-1].end:
            merged.append(doubt)
    return tuple(merged)
