"""Scoring: whether an answer is right, refused or wrong, and whether a quotation is the document's own words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from docmind.answering.citations import AnswerSentence
from docmind.answering.events import Answer

Verdict = Literal["right", "wrong", "refused"]

_ARTICLES = frozenset({"a", "an", "the"})
_NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_NUMBERS = {word: str(number) for number, word in enumerate(_NUMBER_WORDS.split())} | {
    word: f"{number} {_ENDINGS.get(number, 'th')}" for number, word in enumerate(_ORDINAL_WORDS.split(), start=1)
}
_SIGNS = {"%": " percent ", "$": " dollar ", "€": " euro ", "£": " pound "}
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W_]+")
_QUOTATION_MARKS = "\"'“”‘’«» "


def verdict(answer: Answer, golds: Sequence[str]) -> Verdict:
    """What became of a question that the documents answer.

    Right where the words that answer it stand in what is shown as the answer; refused where nothing is shown as one;
    wrong otherwise.
    """
    if not answer.found:
        return "refused"
    return "right" if stands_in(golds, shown(answer)) else "wrong"


def shown(answer: Answer) -> str:
    """What is shown as the answer; nothing where none was found."""
    return answer.text if answer.found else ""


def in_the_first_two(answer: Answer, golds: Sequence[str]) -> bool:
    """Whether an answer is right, or the statement that is offered beside it as the next best one is."""
    offered = answer.alternative.quote if answer.found and answer.alternative else ""
    return stands_in(golds, shown(answer)) or stands_in(golds, offered)


def stands_in(golds: Sequence[str], text: str) -> bool:
    """Whether any of the answers stands in a text, word by word in its order.

    Case, articles, punctuation and the format of numbers make no difference: '1,200' is '1200', 'six' is '6',
    'nineteenth' is '19th'.
    """
    held = f" {normal(text)} "
    return any(bool(wanted := normal(gold)) and f" {wanted} " in held for gold in golds)


def normal(text: str) -> str:
    """A text in the one spelling that answers are compared in."""
    plain = unicodedata.normalize("NFKC", text.replace("½", ".5")).casefold()
    for sign, word in _SIGNS.items():
        plain = plain.replace(sign, word)
    plain = _THOUSANDS.sub("", plain.replace("’", "'"))
    plain = re.sub(r"(?<=\w)'s\b", "", plain)
    words = [_NUMBERS.get(word, word) for word in _WORD.findall(plain)]
    return " ".join(re.sub(r"\.0+$", "", word) for word in words if word not in _ARTICLES)


def corrects(answer: Answer) -> bool:
    """Whether an answer says what the documents have in place of what the question takes for granted.

    It grants nothing that is not there, so it is no acceptance of a question that nothing answers.
    """
    return answer.found and bool(answer.correction)


def altered(answer: Answer) -> list[str]:
    """Sentences shown as supported whose words are not literally in the passages they cite, white space apart."""
    sources = {citation.n: citation.passage for citation in answer.citations}
    return [
        sentence.text
        for sentence in supported(answer)
        if not any(_bare(sentence.text) in _bare(sources[n]) for n in sentence.citations if n in sources)
    ]


def supported(answer: Answer) -> list[AnswerSentence]:
    """The sentences that are shown as supported."""
    return [sentence for sentence in answer.sentences if answer.found and sentence.supported]


def _bare(text: str) -> str:
    return "".join(text.strip(_QUOTATION_MARKS).split())
