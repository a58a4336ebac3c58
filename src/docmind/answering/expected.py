"""Expected: what kind of thing a question asks for, as far as its first words tell, and whether a statement has one.

'How many' wants a number and 'in what month' a month: a sentence that has none of them answers another question,
however near it is.
"""

from __future__ import annotations

import re

_MONTHS = (
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{4}-\d{2}\b"
)
_NUMBER_WORDS = (
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|halves|thirds?|quarters?|twice|once"
    r"|double|triple|several|few|many|much|most|majority|minority|numerous|both|all|none|no|nothing|every|each|single"
    r"|pairs?|couple|unlimited|zero|free)\b"
)
_TIMES = (
    r"\b(?:before|after|during|until|till|since|while|when|once|upon|following|throughout|by the time|as soon|century"
    r"|centuries|decades?|years?|months?|weeks?|days?|hours?|minutes?|today|tomorrow|yesterday|now|currently|recent(?:ly)?"
    r"|early|late(?:r|st)?|ago|era|age|period|time|times|moment|annual(?:ly)?|daily|weekly|monthly|always|never|every|each"
    r"|first|then|morning|noon|evening|night|spring|summer|autumn|fall|winter|eve|dawn|monday|tuesday|wednesday|thursday"
    r"|friday|saturday|sunday|immediately|ancient|medieval|modern|initially|originally|eventually|prior)\b"
)
# A question's form, and what a statement that answers it must have.
_EXPECTED = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(wanted, re.IGNORECASE))
    for asked, wanted in (
        (r"\b(?:what|which) month\b", _MONTHS),
        (r"\b(?:what|which) year\b", r"(?<!\d)\d{4}(?!\d)|\bFY\s?\d\d|'\d\d\b"),
        (
            r"\bhow (?:many|much|old)\b|\b(?:what|which) (?:percentage|percent|proportion|share)\b",
            rf"\d|{_NUMBER_WORDS}",
        ),
        (r"^\W*when\b(?![^?]*,)", rf"\d|{_MONTHS}|{_TIMES}|{_NUMBER_WORDS}"),
    )
)


# What asks two things may be answered in one of them.
_TWO_QUESTIONS = re.compile(r"\band (?:how|what|when|where|which|who|why)\b", re.IGNORECASE)


def has_what_is_asked_for(question: str, statement: str) -> bool:
    """Whether a statement has a thing of the kind that a question asks for; true where the question tells no kind."""
    if _TWO_QUESTIONS.search(question):
        return True
    return all(wanted.search(statement) for asked, wanted in _EXPECTED if asked.search(question))
