"""Reading a question: what it asks for, its telling words with the parts they play, and the small words between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from docmind.answering.alike import groups
from docmind.answering.cache.phrasing import bare, lemmas, one_spelling
from docmind.answering.cache.small_words import (
    ASKING,
    AUXILIARIES,
    BE,
    HOW,
    LIGHT,
    MODALS,
    MOMENTS,
    OPENING,
    PAST,
    PLACES,
    PLAIN,
    PREPOSITIONS,
    PRESENT,
)  # fmt: skip
from docmind.answering.proof.tokens import Word, forms
from docmind.answering.proof.words import read


@dataclass(frozen=True, slots=True)
class Term:
    """A telling word of a question.

    Attributes:
        forms: What it is compared by: the words that it may be a form of and their synonyms, or a value with its unit.
        text: The word in small letters, as it is written.
        exact: Whether it is a number or an ordinal, which is the same or is not.
        link: The kind of preposition that it hangs on; '' where it hangs on none.
        firm: Whether it stands right behind that preposition.
        asked: Whether it belongs to what is asked for: the team in 'which team did …'.
        group: Which preposition of the question that is, counted from 1.
        past: Whether it has the form of a verb in the past.
        place: Its place among the words.
    """

    forms: frozenset[str]
    text: str
    exact: bool
    link: str = ""
    firm: bool = False
    asked: bool = False
    group: int = 0
    past: bool = False
    place: int = 0

    @property
    def free(self) -> bool:
        """Whether its place among the others tells what part it plays: who does it, and to whom."""
        return not self.link and not self.asked


@dataclass(frozen=True, slots=True)
class Reading:
    """A question, read.

    Attributes:
        wants: What kind of thing is asked for: 'who', 'when', 'how many', 'what'; 'whether' for yes or no.
        wants_link: The preposition that what is asked for hangs on: 'from' in 'from whom' and in 'who … from'.
        terms: The telling words, in order.
        small: The small words that turn a meaning, each with how often it is there.
        tenses: How often an auxiliary verb is in the present and in the past.
        roles: The places of the free terms in the order of the active voice.
    """

    wants: str
    wants_link: str
    terms: tuple[Term, ...]
    small: Counter[str]
    tenses: Counter[str]
    roles: tuple[int, ...]


def read_question(question: str, correct: Callable[[str], str] = lambda word: word) -> Reading:
    """Read a question.

    Args:
        question: In whatever words.
        correct: Mends a misspelt small word; others it leaves as they are.
    """
    text = " ".join(correct(word) for word in bare(question).split())
    return _Reader([word for word in read(text) if word.text != "'"]).reading()


class _Reader:
    """Goes through the words of a question once, from the left."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._asks = _asking(words)
        self._wants, self._skipped = _wants(words, self._asks)
        self._wants_link = ""
        self._terms: list[Term] = []
        self._small: Counter[str] = Counter()
        self._link = self._pending = ""  # the preposition that words hang on, and one that no word hangs on yet
        self._length = self._group = 0  # of words behind it, and which one it is
        self._in_asked = False
        self._by: int | None = None

    def reading(self) -> Reading:
        """What was read."""
        for at, word in enumerate(self._words):
            if at not in self._skipped:
                self._take(at, word)
        self._strand()
        terms, lowers = self._terms, {word.lower for word in self._words}
        if not any(word.lower in AUXILIARIES for word in self._words[(self._asks or 0) + 1 :]):
            terms = [replace(term, asked=False) for term in terms]  # 'which team won': nothing ends what is asked for
        roles = _free(terms)
        if lowers & BE and self._by is not None:
            terms, roles, self._wants_link = _active(terms, self._wants_link, self._by)
        tenses = Counter("past" if lower in PAST else "present" for lower in self._lowers() if lower in PRESENT | PAST)
        wants_link = "" if self._wants_link == "in" else self._wants_link
        return Reading(self._wants, wants_link, tuple(terms), self._small, tenses, roles)

    def _lowers(self) -> list[str]:
        return [word.lower for word in self._words]

    def _take(self, at: int, word: Word) -> None:
        lower = one_spelling(word.lower)
        month = word.text == "May" and not word.first
        if at == self._asks:
            self._wants_link, self._link, self._pending, self._in_asked = self._pending, "", "", True
        elif word.kind == "mark":
            if word.text in ",;:()?.!":
                self._close()
            elif word.text in "%$€£":
                self._small[word.text] += 1
        elif lower in PREPOSITIONS:
            self._open(at, PREPOSITIONS[lower])
        elif lower in AUXILIARIES and not month:
            self._close()
            if lower in MODALS:
                self._small[lower] += 1
        elif not word.telling or lower in OPENING:
            if lower in OPENING and self._length and not self._pending:
                self._link = ""
            if lower not in PLAIN:
                self._small[lower] += 1
        else:
            self._add(at, word)

    def _open(self, at: int, link: str) -> None:
        self._strand()
        self._link = self._pending = link
        self._length, self._in_asked, self._group = 0, False, self._group + 1
        if link == "by":
            self._by = at
        if link not in LIGHT:
            self._small[link] += 1

    def _close(self) -> None:
        self._strand()
        self._link, self._pending, self._in_asked = "", "", False

    def _strand(self) -> None:
        """A preposition without a word behind it belongs to what is asked for: 'born in', 'written by'."""
        self._wants_link = self._pending or self._wants_link

    def _add(self, at: int, word: Word) -> None:
        text = word.lower.removesuffix("'s").rstrip("'")
        term = Term(
            forms=_forms(word),
            text=text,
            exact=word.kind == "number" or word.key.startswith("#"),
            link=self._link,
            firm=bool(self._pending),
            asked=self._in_asked,
            group=self._group if self._link else 0,
            past=text.endswith("ed") or text in forms(),
            place=at,
        )
        if word.kind == "word" and word.lower.endswith(("'s", "s'")):
            term = replace(term, link="of", firm=True)  # 'France's capital' is 'the capital of France'
        else:
            self._pending, self._length = "", self._length + 1
        self._terms.append(term)


def _asking(words: Sequence[Word]) -> int | None:
    """The place of the word that asks; None in a question that wants yes or no."""
    places = [at for at, word in enumerate(words) if word.lower in ASKING]
    if not places:
        return None
    if places[0] <= 1 or len(places) == 1 or any(words[at].text in ",:" for at in range(places[0])):
        return places[0]
    return places[-1] if places[-1] >= len(words) - 3 else places[0]


def _wants(words: Sequence[Word], asks: int | None) -> tuple[str, set[int]]:
    """What kind of thing is asked for, and the places of the words that say so besides the first."""
    if asks is None:
        return "whether", set()
    asking = one_spelling(words[asks].lower)
    after = words[asks + 1].lower if asks + 1 < len(words) else ""
    if asking == "how" and after in HOW:
        return f"how {after.replace('frequently', 'often')}", {asks + 1}
    if asking in ("what", "which"):
        if after in MOMENTS:
            return "when", {asks + 1}
        if after in PLACES:
            return "where", {asks + 1}
        return "what", set()
    return asking, set()


def _forms(word: Word) -> frozenset[str]:
    if word.kind == "number":
        return frozenset((f"{word.key} {word.unit or ''}",))
    if word.key.startswith("#"):
        return frozenset((word.key,))
    lower = word.lower.removesuffix("'s").rstrip("'").replace(".", "")
    same = lemmas(one_spelling(lower)) | lemmas(one_spelling(forms().get(lower, lower)))  # 'rent' is no form of 'rend'
    return same | {group for lemma in same if (group := groups().get(lemma))}


def _free(terms: Sequence[Term]) -> tuple[int, ...]:
    return tuple(term.place for term in terms if term.free)


def _active(terms: list[Term], wants_link: str, by: int) -> tuple[list[Term], tuple[int, ...], str]:
    """The terms of a passive question in the order of the active one: 'was written by her' is 'she wrote'."""
    doers = [term for term in terms if term.link == "by"]
    if not doers and wants_link != "by":
        return terms, _free(terms), wants_link
    if doers and doers[0].exact:
        return terms, _free(terms), wants_link  # 'by 1990'
    before = [term for term in terms if term.free and (term.place < by or wants_link == "by")]
    if not before:
        return terms, _free(terms), wants_link
    verb, rest = before[-1], before[:-1]
    behind = [term for term in terms if term.free and term not in before]
    turned = [replace(term, link="", firm=False) if term.link == "by" else term for term in terms]
    order = [*doers, verb, *rest, *behind]
    return turned, tuple(term.place for term in order), "" if wants_link == "by" else wants_link
