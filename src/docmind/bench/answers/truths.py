"""Truths: statements that a sentence of a document bears out, each made of it and of a question that it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from docmind.bench.answers.evaluation_set import EvaluationQuestion
from docmind.sentences import split_sentences

_CLAUSE = re.compile(
    r",\s+(?:which|who|where|when|while|although|though|but|including|such as|and|as|after|before)\b[^.]*(?=\.$)"
)
_BRACKETS = re.compile(r"\s+\([^()]*\)")
_LAST_YEAR = re.compile(r"^(?P<rest>[^,;]+?) (?P<when>in (?:1\d|20)\d\d)\.$")
_FIRST_YEAR = re.compile(r"^(?P<when>In (?:1\d|20)\d\d), (?P<rest>[^,;]+)\.$")
_LONG_NUMBER = re.compile(r"(?<![\d.,$£€])\d{1,3}(?:,\d{3})+(?![\d.,])")
_MILLIONS = re.compile(r"(?<![\d.,])(?P<whole>\d{1,3})(?:\.(?P<tenth>\d))? (?P<scale>million|billion)")
_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_SMALL_DIGITS = re.compile(r"(?<![\d.,$£€-])(?<!\w )\b([2-9]|1[0-2])(?= [a-z]{3,})")
_SMALL_WORDS = re.compile(r"(?<=[a-z] )\b(" + "|".join(_SMALL[2:]) + r")(?= [a-z]{3,})")
_SUBJECT = re.compile(r"^(?:Who|What|Which) (?P<verb>is|was|are|were|has|have|had|can|did) (?P<rest>.+)\?$")
_DOER = re.compile(r"^(?:Who|What) (?P<verb>[a-z]+ed|won|led|made|wrote|built|began|became|took|gave) (?P<rest>.+)\?$")
_OF_WHAT = re.compile(
    r"^(?:What|Which) (?P<what>[a-z][a-z ]{2,25}?) (?P<verb>is|was|are|were|has|had|[a-z]+ed) (?P<rest>.+)\?$"
)
_ASKING = re.compile(r"\b(?:do|does|did|what|who|which|how|whose)\b", re.IGNORECASE)


def sentence_of(each: EvaluationQuestion) -> str | None:
    """The one sentence of the passage that holds the answer; None where there are several, or none."""
    found = [sentence for sentence in split_sentences(each.passage) if each.answers[0] in sentence]
    return found[0] if len(found) == 1 else None


def truths(each: EvaluationQuestion, sentence: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each statement that is true."""
    answer = each.answers[0]
    yield "verbatim", sentence
    yield "bare answer", answer
    yield "the answer is", f"The answer is {answer}."
    for kind, make in _OF_SENTENCE.items():
        if (made := make(sentence)) and made != sentence:
            yield kind, made
    if made := statement_of(each.question, answer):
        yield "question and answer", made


def _trimmed(sentence: str) -> str | None:
    cut = _BRACKETS.sub("", sentence)
    shorter = _CLAUSE.sub("", cut)
    # A remnant of a few words may say nothing.
    return shorter if len(shorter.split()) >= max(6, len(sentence.split()) // 3) else None


def _moved(sentence: str) -> str | None:
    if found := _LAST_YEAR.match(sentence):
        return f"{found['when'].capitalize()}, {found['rest']}."
    if found := _FIRST_YEAR.match(sentence):
        return f"{found['rest'][:1].upper()}{found['rest'][1:]} {found['when'][:1].lower()}{found['when'][1:]}."
    return None


def _other_format(sentence: str) -> str | None:
    def digits(found: re.Match[str]) -> str:
        scale = 10**6 if found["scale"] == "million" else 10**9
        return f"{int(found['whole']) * scale + int(found['tenth'] or 0) * scale // 10:,}"

    made = _LONG_NUMBER.sub(lambda found: found[0].replace(",", ""), sentence)
    made = _MILLIONS.sub(digits, made)
    made = _SMALL_DIGITS.sub(lambda found: _SMALL[int(found[1])], made)
    return _SMALL_WORDS.sub(lambda found: str(_SMALL.index(found[1])), made)


_OF_SENTENCE: Mapping[str, Callable[[str], str | None]] = {
    "trimmed": _trimmed,
    "moved": _moved,
    "other format": _other_format,
}


def statement_of(question: str, answer: str) -> str | None:
    """The question with the answer in the place of what it asks for, where that can be told from its form."""
    begin = answer[:1].upper() + answer[1:]
    for form in (_SUBJECT, _DOER, _OF_WHAT):
        if (found := form.match(question)) and not _ASKING.search(found["rest"]) and found["verb"] != "did":
            return f"{begin} {found['verb']} {found['rest']}."
    return None
