"""Questions changed so that their document no longer answers them, as people make them who test readers.

Another year, another name of the same document, the opposite, another attribute. Each is held against the document:
what the change asks for is not in it, or in no sentence that is about the rest of the question.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from docmind.bench.answers.evaluation_set import EvaluationQuestion
from docmind.sentences import content_terms, split_sentences

# A sentence that holds the new word and so many of the others may well answer the changed question.
_ABOUT_THE_REST = 0.4
# Of a question that says little beside a name ('What is X's job?') nobody can tell whether a sentence answers it.
_TELLING_REST = 2
_OPPOSITES = (
    ("largest", "smallest"), ("biggest", "smallest"), ("highest", "lowest"), ("longest", "shortest"),
    ("oldest", "youngest"), ("earliest", "latest"), ("most", "least"), ("more", "fewer"), ("before", "after"),
    ("maximum", "minimum"), ("increase", "decrease"), ("increased", "decreased"), ("north", "south"), ("east", "west"),
    ("northern", "southern"), ("eastern", "western"), ("won", "lost"), ("win", "lose"), ("began", "ended"),
    ("begin", "end"), ("begins", "ends"), ("started", "stopped"), ("open", "close"), ("opened", "closed"),
    ("above", "below"), ("inside", "outside"), ("support", "oppose"), ("supported", "opposed"),
    ("allowed", "forbidden"), ("legal", "illegal"), ("positive", "negative"), ("strong", "weak"), ("high", "low"),
    ("male", "female"), ("entered", "left"), ("gained", "lost"), ("rise", "fall"), ("arrived", "departed"),
    ("always", "never"), ("advantage", "disadvantage"), ("public", "private"), ("rich", "poor"), ("early", "late"),
    ("upper", "lower"),
)  # fmt: skip
_ATTRIBUTES = (
    ("population", "rainfall"), ("height", "weight"), ("length", "weight"), ("width", "weight"),
    ("temperature", "pressure"), ("cost", "weight"), ("price", "weight"), ("speed", "price"),
    ("president", "treasurer"), ("director", "producer"), ("author", "illustrator"), ("founder", "owner"),
    ("mother", "sister"), ("father", "grandfather"), ("wife", "daughter"), ("brother", "sister"), ("son", "cousin"),
    ("king", "queen"), ("leader", "treasurer"), ("scientist", "painter"), ("language", "currency"), ("age", "weight"),
    ("city", "street"), ("town", "street"), ("university", "primary school"), ("position", "salary"),
    ("rank", "salary"), ("book", "opera"), ("film", "opera"), ("company", "law firm"),
    ("decade", "month"), ("album", "novel"), ("bridge", "tunnel"), ("river", "lake"), ("mountain", "lake"),
    ("church", "theatre"), ("school", "hospital"), ("award", "fine"), ("percentage", "margin of error"),
)  # fmt: skip
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d{2}\b")
# Of two words at least: single ones are months, nations and titles as often as names, and make no sense in their place.
_NAME = re.compile(r"(?<=[\w,;:(“\"] )(?:[A-Z][\w-]+)(?: [A-Z][\w-]+)+")


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    terms: frozenset[str]

    def holds(self, word: str) -> bool:
        """Whether it has the word, or one of its telling words in another form."""
        whole = re.search(rf"\b{re.escape(word)}\b", self.text, re.IGNORECASE)
        return bool(whole) or bool(self.terms & set(content_terms(word)))


def changed(question: EvaluationQuestion, text: str) -> dict[str, str]:
    """The ways in which a question can be changed so that a document no longer answers it, by their kinds."""
    chance = random.Random(question.id)  # noqa: S311 - the same every time is what is wanted
    sentences = [_Sentence(each, frozenset(content_terms(each))) for each in split_sentences(text)]
    made = {
        "another year": _another_year(question.question, text, chance),
        "another name": _another_name(question.question, text, sentences, chance),
        "the opposite": _exchanged(question.question, _both_ways(_OPPOSITES), sentences),
        "another attribute": _exchanged(question.question, _ATTRIBUTES, sentences),
    }
    return {kind: asked for kind, asked in made.items() if asked}


def _another_year(question: str, text: str, chance: random.Random) -> str | None:
    years = _YEAR.findall(question)
    if not years or years[0] in _title(text):
        return None
    others = [str(year) for year in range(int(years[0]) - 12, int(years[0]) + 12) if str(year) not in text]
    return question.replace(years[0], chance.choice(others)) if others else None


def _another_name(question: str, text: str, sentences: list[_Sentence], chance: random.Random) -> str | None:
    """Somebody or something else of the same document, of whom it does not say what is asked."""
    title = set(content_terms(_title(text)))
    asked = [name for name in _NAME.findall(question) if not set(content_terms(name)) & title]
    if not asked:
        return None
    old = chance.choice(asked)
    if len(set(content_terms(question.replace(old, "")))) < _TELLING_REST:
        return None
    used = set(content_terms(question)) | title
    others = sorted(
        {
            name
            for name in _NAME.findall(text)
            if not set(content_terms(name)) & used and _has_an_article(name, text) == _has_an_article(old, question)
        }
    )
    chance.shuffle(others)
    for new in others:
        rest = question.replace(old, "")
        if content_terms(new) and not _answered(new, rest, sentences):
            return question.replace(old, new)
    return None


def _has_an_article(name: str, text: str) -> bool:
    """Whether a name is said with 'the' before it, as those of wars and roads are, and those of people are not."""
    return f"the {name}" in text


def _exchanged(question: str, pairs: tuple[tuple[str, str], ...], sentences: list[_Sentence]) -> str | None:
    for old, new in pairs:
        pattern = re.compile(rf"\b{old}\b")
        if pattern.search(question) and not _answered(new, pattern.sub("", question), sentences):
            return pattern.sub(new, question, count=1)
    return None


def _answered(new: str, rest: str, sentences: list[_Sentence]) -> bool:
    """Whether a sentence holds the new word and is about the rest of the question."""
    asked = set(content_terms(rest))
    return any(each.holds(new) and len(asked & each.terms) > _ABOUT_THE_REST * len(asked) for each in sentences)


def _both_ways(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return (*pairs, *((new, old) for old, new in pairs))


def _title(text: str) -> str:
    return next((line.lstrip("# ") for line in text.splitlines() if line.strip()), "")
