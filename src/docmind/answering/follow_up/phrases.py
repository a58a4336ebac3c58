"""What a question is about: the names, the subjects and the periods in it, with where they stand.

No tagger of word classes comes with DocMind, so grammar is read from the small words: after 'does' comes a subject and
then a verb, after 'the' a noun, and a capital letter inside a sentence makes a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from docmind.answering.follow_up.words import (
    AUXILIARIES,
    BE,
    DETERMINERS,
    DO,
    HAVE,
    PREDICATES,
    PREPOSITIONS,
    QUESTION_WORDS,
    RELATIONS,
    SMALL,
    VERBS,
)
from docmind.sentences import MONTHS

Kind = Literal["name", "noun"]

# Small words that stand inside names.
_LINKS = frozenset({"of", "on", "for", "the", "de", "la", "du", "von", "van", "der", "den", "del", "di", "da", "&"})
_WORD = re.compile(r"\w(?:[\w.’'&/-]*\w)?|[^\w\s]")
_POSSESSIVE = re.compile(r"['’]s?$")
_YEAR = r"(?:1[0-9]|20)\d\d"
PERIOD = re.compile(
    rf"\b(?:(?:{MONTHS})(?: \d{{1,2}},?)? {_YEAR}|\d{{1,2}} (?:{MONTHS})(?: {_YEAR})?"
    rf"|(?:Q[1-4]|H[12]|FY|fiscal|fiscal year|financial year) ?/?-?{_YEAR}"
    rf"|the (?:first|second|third|fourth|last) (?:quarter|half)(?: of {_YEAR})?"
    rf"|{_YEAR}(?: ?[/–-] ?(?:{_YEAR}|\d\d))?s?|the \d{{2}}(?:st|nd|rd|th) century"
    rf"|(?:the )?(?:last|next|previous|following|same) (?:year|quarter|month|week|decade|century)"
    rf"|(?:the )?(?:year|quarter|month) (?:before|after)|(?:{MONTHS})|Q[1-4]|today|yesterday)\b(?!\w)"
)
_MOST_WORDS = 6  # in a phrase; a longer one is no name of anything


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question, or a mark, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def small(self) -> str:
        """It in small letters, without the end of a possessive."""
        return _POSSESSIVE.sub("", self.text.casefold())


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something that a question speaks of.

    Attributes:
        text: As it stands there, with its article.
        start: Where it begins in the question.
        end: Where it ends.
        kind: A name, or a noun with its adjectives.
        subject: Whether it is the subject of the question's verb.
        before: The preposition before it; '' where there is none.
        whole: It with the 'of ...' that follows it.
        asked_for: Whether it is hardly what is talked about next: 'boats' in 'how many boats', 'the size' of something.
    """

    text: str
    start: int
    end: int
    kind: Kind
    subject: bool = False
    before: str = ""
    whole: str = ""
    asked_for: bool = False

    @property
    def head(self) -> str:
        """Its last word, in small letters."""
        return self.text.split()[-1].casefold()

    @property
    def has_article(self) -> bool:
        """Whether 'the' or its like stands before it."""
        return self.text.split()[0].casefold() in DETERMINERS

    @property
    def plural(self) -> bool:
        """Whether several are meant, as far as spelling tells."""
        return " and " in self.text or (self.head.endswith("s") and not self.head.endswith(("ss", "us", "is")))

    @property
    def may_be_person(self) -> bool:
        """Whether it may name a person, as far as spelling and neighbours tell."""
        words = self.text.split()
        return (
            self.kind == "name"
            and not self.has_article
            and len(words) <= 4
            and self.before not in ("in", "at", "near", "across", "through")
            and not any(word.isupper() and len(word) > 2 for word in words)
            and not _PLACES.search(self.text)
        )


_PLACES = re.compile(
    r"\b(?:University|College|School|Church|Bank|Inc|Ltd|LLC|GmbH|AG|Corp\w*|Company|Group|River|Lake|Mountains?|Sea|Ocean"
    r"|City|County|State|States|Boulevard|Street|Avenue|Road|Park|Act|Treaty|Agreement|Contract|Report|War|Empire"
    r"|Kingdom|Republic|Union|Bowl|Program|Programme|Project|Theory|Museum|Hospital|Airport|Station|Parliament)\b"
)


def words_of(text: str) -> list[Word]:
    """The words and marks of a text."""
    return [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]


def periods_of(text: str) -> list[re.Match[str]]:
    """The years, dates, quarters and the like in a text."""
    return list(PERIOD.finditer(text))


def phrases_of(question: str) -> list[Phrase]:
    """What a question speaks of, in order, without its periods."""
    words = words_of(question)
    taken = [match.span() for match in periods_of(question)]
    found: list[Phrase] = []
    position = 0
    while position < len(words):
        phrase, after = _phrase_at(question, words, position)
        if phrase and not any(start < phrase.end and phrase.start < end for start, end in taken):
            found.append(phrase)
        position = max(after, position + 1)
    return found


def is_name(words: Sequence[Word], position: int) -> bool:
    """Whether a name begins at this word: it has a capital that grammar does not ask for."""
    word = words[position].text
    if not word[0].isupper() or words[position].small in ({"i"} | SMALL):
        return False
    if position == 0 or words[position - 1].text in (".", "?", "!", ":", "(", '"', "“"):
        following = words[position + 1].text if position + 1 < len(words) else ""
        return (word.isupper() and len(word) > 1) or following[:1].isupper() or bool(_POSSESSIVE.search(word))
    return True


def _phrase_at(question: str, words: Sequence[Word], position: int) -> tuple[Phrase | None, int]:
    """The phrase that begins at a word, and the word after it."""
    before = words[position - 1].small if position else ""
    auxiliary = before if before in AUXILIARIES and _asks_by(words, position) else ""
    article = words[position].small in DETERMINERS
    start = position + article
    asked_for = not article and _is_asked_for(words, position)
    is_object = (
        before in VERBS and words[0].small in QUESTION_WORDS | AUXILIARIES and words[position].small not in SMALL
    )
    kind: Kind = "noun"
    end = start
    if start < len(words) and is_name(words, start):
        kind, end = "name", _end_of_name(words, start)
        if article:
            end = _end_of_noun(words, end, start, auxiliary, most=1)
    elif start < len(words) and (article or auxiliary or asked_for or is_object):
        end = _end_of_noun(words, start, start, auxiliary)
        if not article and not asked_for and end - start == 1 and _is_verb(words[start], auxiliary):
            end = start
    if asked_for and (end >= len(words) or words[end].small not in AUXILIARIES):
        return None, max(end, position + 1)
    if not start < end <= start + _MOST_WORDS:
        return None, max(end, position + 1)
    last = words[end - 1]
    cut = last.end - (len(match[0]) if (match := _POSSESSIVE.search(last.text)) else 0)
    text = whole = question[words[position].start : cut]
    if kind == "noun" and end + 1 < len(words) and words[end].small == "of":
        owner, after = _phrase_at(question, words, end + 1)
        if owner:
            whole = question[words[position].start : owner.end]
            if text.rsplit(maxsplit=1)[-1].casefold() in RELATIONS:
                asked_for = True  # the end of a sentence is not what is gone on about
            elif owner.kind == "noun":  # 'the notice period of the lease' is one thing; 'the chair of the IPCC' are two
                text, cut, end = whole, owner.end, after
    if cut < last.end:  # 'Acme's income': whose it is, and the whole of it
        whole = question[words[position].start : words[max(end, _end_of_noun(words, end, end, "")) - 1].end]
    preposition = before if before in PREPOSITIONS else ""
    return Phrase(text, words[position].start, cut, kind, bool(auxiliary), preposition, whole, asked_for), end


def _is_verb(word: Word, auxiliary: str) -> bool:
    """Whether a lone word after an auxiliary is a verb, as in 'what can result' and 'what is located'."""
    return auxiliary in DO | HAVE or (auxiliary in BE and bool(re.search(r"\w{2}(?:ed|ing)$", word.small)))


def _is_asked_for(words: Sequence[Word], position: int) -> bool:
    """Whether a noun without an article is what the question asks for: 'boats' in 'how many boats'."""
    before = [word.small for word in words[max(0, position - 2) : position]]
    asks = before[-1:] in (["which"], ["what"]) or before in (["how", "many"], ["how", "much"])
    return asks and words[position].text[0].isalpha() and words[position].small not in SMALL


def _asks_by(words: Sequence[Word], position: int) -> bool:
    """Whether the auxiliary before this word asks the question: a question word, or nothing, stands before it."""
    return position == 1 or any(word.small in QUESTION_WORDS for word in words[: position - 1])


def _end_of_name(words: Sequence[Word], start: int) -> int:
    end = start + 1
    while end < len(words) and not _POSSESSIVE.search(words[end - 1].text):
        ahead = end
        acronym = len(words[end - 1].text) > 1 and words[end - 1].text.isupper()  # 'the CEO of Acme' are two
        while not acronym and ahead < len(words) and words[ahead].small in _LINKS and ahead - end < 2:
            ahead += 1
        if ahead < len(words) and (words[ahead].text[0].isupper() or (ahead == end and words[ahead].text.isdigit())):
            end = ahead + 1
        else:
            break
    return end


def _end_of_noun(words: Sequence[Word], end: int, start: int, auxiliary: str, most: int = _MOST_WORDS) -> int:
    """Where a noun with its adjectives ends; verbs and predicates at its end are no part of it."""
    first = end
    while end < len(words) and words[end].text[0].isalnum() and words[end].small not in SMALL:
        if auxiliary in DO and end > start and words[end].small in VERBS:
            return min(end, first + most)
        end += 1
        if _POSSESSIVE.search(words[end - 1].text):
            return min(end, first + most)
    # After 'does' comes a verb, and after 'has' a participle, unless that is a small word and stands there already.
    verb_follows = end < len(words) and words[end].small in (AUXILIARIES | {"be", "been", "say", "get", "go", "come"})
    if auxiliary in DO | HAVE and not verb_follows and end - start > 1:
        end -= 1
    while end - start > 1 and (words[end - 1].small in PREDICATES or re.search(r"\w{2}ed$|ly$", words[end - 1].small)):
        end -= 1
    return max(min(end, first + most), min(first, end))
