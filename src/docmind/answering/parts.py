"""Parts: a question that asks several things at once, taken apart, so that each is looked for by itself.

'Who is the landlord, and how much is the rent?' is near to no sentence: the two answers stand in two places.
"""

from __future__ import annotations

import re

from docmind.answering.follow_up import rewrite
from docmind.answering.follow_up.words import ADJUNCTS, AUXILIARIES, QUESTION_WORDS
from docmind.answering.question import Turn
from docmind.sentences import content_terms

_MOST_PARTS = 3  # a question with more parts is asked as it is: it is an essay, or a list
_LONGEST = 400  # characters; what is longer is a text with a question, not a question with parts
_QUESTION_WORD = rf"(?:{'|'.join(sorted(QUESTION_WORDS))})\b"
_BEFORE = r"(?:(?:also|then) )?(?:(?:at|by|for|from|in|of|on|to|with) )?"
_BETWEEN = re.compile(rf"\s*\?+\s+(?:and )?(?=\S)|\s*[,;]? and (?={_BEFORE}{_QUESTION_WORD})", re.IGNORECASE)
_BEGINS = re.compile(rf"\W*{_BEFORE}(?:{_QUESTION_WORD}|(?:{'|'.join(sorted(AUXILIARIES))})\b)", re.IGNORECASE)
# 'And what it decides' asks nothing: a question has its verb before its subject.
_ASKS_NOTHING = re.compile(
    rf"\W*{_BEFORE}(?:what|whom|{'|'.join(sorted(ADJUNCTS))}) "
    r"(?:i|you|he|she|it|we|they|the|an?|this|that|these|those|its|their)\b",
    re.IGNORECASE,
)
_STANDS_FOR = re.compile(
    r"\b(?:it|its|they|their|them|he|his|him|she|her|this|that|these|those|there)\b", re.IGNORECASE
)


def parts_of(question: str) -> tuple[str, ...]:
    """The questions that a question is made of, each so that it stands alone; none where it is one question.

    Args:
        question: As it stands alone itself.
    """
    if len(question) > _LONGEST:
        return ()
    said = [part.strip(" ?\n") for part in _BETWEEN.split(question)]
    said = [part for part in said if part]
    if not 1 < len(said) <= _MOST_PARTS or not all(_asks(part) for part in said):
        return ()
    parts: list[str] = []
    for part in said:
        alone = _alone(part, parts)
        if alone is None:
            return ()
        parts.append(f"{alone[:1].upper()}{alone[1:].rstrip('?')}?")
    return tuple(parts)


def _asks(part: str) -> bool:
    """Whether a part is a question with something to look for."""
    return bool(_BEGINS.match(part) and not _ASKS_NOTHING.match(part) and content_terms(part))


def _alone(part: str, before: list[str]) -> str | None:
    """A part without words that stand for something in the part before; None where the rules cannot tell for what."""
    if not before or not _STANDS_FOR.search(part):
        return part
    said = rewrite(part, [Turn(before[-1], "")])
    return said.text if said and said.sure and not _STANDS_FOR.search(said.text) else None
