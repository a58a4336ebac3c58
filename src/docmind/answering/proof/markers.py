"""Markers: the small words that turn a statement's meaning, each bound to the word that it turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from docmind.answering.proof.tokens import Word, lines

Family = Literal["denial", "modal", "quantity", "time", "cause"]


@dataclass(frozen=True, slots=True)
class Marker:
    """A word or phrase that turns the meaning of another.

    Attributes:
        family: What it says something about.
        value: What it says; markers of one value are interchangeable.
        begin: Its first word's place in the sentence.
        end: The place behind its last word.
        scope: Places of the words that it turns, the nearest first.
        reach: Where it denies a subject, the place of what that does not do: 'neither party may assign'.
    """

    family: Family
    value: str
    begin: int
    end: int
    scope: tuple[int, ...]
    reach: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: tuple[str, ...]
    family: Family
    value: str


def _phrases() -> dict[str, list[_Phrase]]:
    table: dict[str, list[_Phrase]] = {}
    for line in lines("markers.txt"):
        family, value, written = line.split(" / ")
        for phrase in written.split(" | "):
            words = tuple(phrase.split())
            table.setdefault(words[0], []).append(_Phrase(words, cast("Family", family), value))
    for phrases in table.values():
        phrases.sort(key=lambda phrase: -len(phrase.words))
    return table


_PHRASES = _phrases()
_STOPS = frozenset(".;:!?()[]—")
# How far behind a marker the word that it turns may stand.
_REACH = 6
# Those that deny a subject.
_SUBJECTS = frozenset({"neither", "no", "none", "nobody", "nothing"})
# Those that turn a whole noun phrase rather than the next word.
_WIDE = frozenset({"no", "without", "lack", "lacks", "lacked", "absence"})


@lru_cache(maxsize=8192)
def markers(words: tuple[Word, ...]) -> tuple[Marker, ...]:
    """The markers of a sentence, in order; 'not only' is none."""
    found = list(_find(words))
    taken = {at for marker in found for at in range(marker.begin, marker.end)}
    return tuple(
        Marker(m.family, m.value, m.begin, m.end, scope := _scope(words, m, taken), _reach(words, m, scope, taken))
        for m in found
        if m.value != "plain"
    )


def _find(words: Sequence[Word]) -> Iterator[Marker]:
    at = 0
    while at < len(words):
        phrase = _phrase_at(words, at)
        if phrase and not (phrase.value == "may" and words[at].text == "May"):
            yield Marker(phrase.family, phrase.value, at, at + len(phrase.words), ())
            at += len(phrase.words)
            continue
        if words[at].lower.endswith("n't"):
            yield Marker("denial", "not", at, at + 1, ())
            if words[at].lower in ("can't", "couldn't", "mightn't"):
                yield Marker("modal", "may", at, at + 1, ())
        if words[at].lower == "cannot":
            yield Marker("modal", "may", at, at + 1, ())
        at += 1


def _phrase_at(words: Sequence[Word], at: int) -> _Phrase | None:
    for phrase in _PHRASES.get(words[at].lower, ()):
        end = at + len(phrase.words)
        if tuple(word.lower for word in words[at:end]) == phrase.words:
            return phrase
    return None


def _scope(words: Sequence[Word], marker: Marker, taken: set[int]) -> tuple[int, ...]:
    wide = words[marker.begin].lower in _WIDE or marker.family in ("quantity", "time", "cause")
    scope: list[int] = []
    for at in range(marker.end, min(len(words), marker.end + _REACH)):
        if words[at].text in _STOPS or (words[at].text == "," and marker.family == "denial"):
            break
        if scope and at != scope[-1] + 1:
            break  # the second word only where it follows at once
        if words[at].telling and at not in taken:
            scope.append(at)
            if len(scope) == (2 if wide else 1):
                break
    if not scope:
        behind = [at for at in range(marker.begin - 1, max(-1, marker.begin - _REACH), -1) if words[at].telling]
        scope = [at for at in behind if at not in taken][:1]
    return tuple(scope)


def _reach(words: Sequence[Word], marker: Marker, scope: tuple[int, ...], taken: set[int]) -> tuple[int, ...]:
    if words[marker.begin].lower not in _SUBJECTS or not scope:
        return ()
    ahead = range(scope[-1] + 1, min(len(words), scope[-1] + 1 + _REACH))
    return tuple(at for at in ahead if words[at].telling and at not in taken)[:1]
