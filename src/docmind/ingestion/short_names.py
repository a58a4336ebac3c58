"""Short names: what a document calls itself for short, as in 'Johnson & Johnson (J&J)'.

People ask for 'J&J', and a file is called JOHNSON_JOHNSON_2023.pdf. What abbreviates a name is guessed where it begins
with the letters of that name (`docmind.retrieval.clues`); what leaves letters out, or has some of words that the file's
name leaves out, only the document itself can tell. It says so where it introduces itself: in brackets behind the long
name, in front of a long name in brackets, or in front of a role ('AXP ("the Company")'). Documents introduce many
others too, so the words that give the letters have to be those of its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from docmind.ingestion.titles import beginning
from docmind.records import ParsedDocument
from docmind.sentences import abbreviations, content_terms

_READ: Final = 50_000  # characters of a document, which introduces itself early
_MOST: Final = 8  # short names; a document that has more is no reader's friend, and every passage keeps them
_BEFORE: Final = 120  # characters that a long name may take
_WORDS: Final = 12
_MOST_TRIED: Final = 300  # that may be short names; a text with more of them early is not about itself
_FEWEST_KNOWN: Final = 2  # words of the title that make up for one that it leaves out
_BRACKETS = re.compile(rf"\(([^()]{{1,{_BEFORE}}})\)")
_WORD = re.compile(r"[^\W_]+")
_ROLE = re.compile(r"\W*(?:hereina?fter|hereafter|the)\b|\s*[\"“„'‘]\w", re.IGNORECASE)


def short_names(parsed: ParsedDocument, title: str) -> list[str]:
    """What a document calls itself for short, in the spelling of `abbreviations`: 'jj', 'axp'.

    Args:
        parsed: The document.
        title: What it is called (`titles.py`).
    """
    known = set(content_terms(title))
    tried: set[tuple[str, tuple[str, ...], bool]] = set()
    found: list[str] = []
    for said in islice(_introduced("\n".join(beginning(parsed, _READ)), _words(title)), _MOST_TRIED):
        if said in tried:
            continue
        tried.add(said)
        short, words, from_first = said
        if short not in known and short not in found and _agrees(_makers(short, words, from_first=from_first), known):
            found.append(short)
            if len(found) == _MOST:
                break
    return found


def _introduced(text: str, title: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """What may be a short name, the words that it may be made of, and whether only from the first of them on."""
    for brackets in _BRACKETS.finditer(text):
        before = text[max(0, brackets.start() - _BEFORE) : brackets.start()]
        words = tuple(_words(before)[-_WORDS:])
        for short in abbreviations(brackets[1]):
            yield short, words, False
        for short in abbreviations("".join(before.split()[-1:])):
            role = _ROLE.match(brackets[1])
            yield short, tuple(title[:_WORDS] if role else _words(brackets[1])[:_WORDS]), True


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _makers(short: str, words: tuple[str, ...], *, from_first: bool) -> tuple[str, ...]:
    """The words that give an abbreviation its letters: the nearest to it that can; none where they cannot.

    Letters with which words begin are taken before letters within them: 'AL' is 'Annual Leave' and not 'AnnuaL'.
    """
    begins = [0] if from_first else range(len(words) - 1, -1, -1)
    for inside in (False, True):
        for begin in begins:
            if words[begin:] and words[begin][0] == short[0] and (made := _spelt(short, words[begin:], inside=inside)):
                return made
    return ()


# Kept, so that letters that could stand in many places are looked for once in each.
@lru_cache(maxsize=10_000)
def _spelt(short: str, words: tuple[str, ...], *, inside: bool, first: bool = True) -> tuple[str, ...] | None:
    """The words from the first on that spell an abbreviation, small ones passed over; None where they do not.

    Args:
        short: Its letters, of which each word gives one or more, in its order.
        words: The long name, and whatever follows it.
        inside: Whether words other than the first may give none but letters within them: 'AXP', American eXPress.
        first: Whether the first of these words begins the name.
    """
    if not short:
        return ()
    if not words:
        return None
    word, rest = words[0], words[1:]
    for length in range(1, len(short) + 1):
        if not _gives(word, short[:length], inside=inside and not first):
            break
        following = _spelt(short[length:], rest, inside=inside, first=False)
        if following is not None:
            return (word, *following)
    return None if first or content_terms(word) else _spelt(short, rest, inside=inside, first=False)


def _gives(word: str, letters: str, *, inside: bool) -> bool:
    """Whether letters stand in a word in their order, the first of them at its beginning unless that may be inside."""
    if not inside and word[0] != letters[0]:
        return False
    remaining = iter(word)
    return all(letter in remaining for letter in letters)


def _agrees(makers: Sequence[str], title: set[str]) -> bool:
    """Whether the words are those of the title: all of them, or all but one where the others tell enough."""
    known = sum(title.issuperset(content_terms(word)) for word in makers)
    return known > 0 and (known == len(makers) or (known >= _FEWEST_KNOWN and known == len(makers) - 1))
