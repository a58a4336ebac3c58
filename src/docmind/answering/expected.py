"""Expected: what kind of thing a question asks for, as far as its first words tell, and whether a statement has one.

'How many' wants a number and 'in what month' a month: a sentence that has none of them answers another question,
however near it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from docmind.answering.alike import words_alike
from docmind.sentences import content_terms, names

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
_UNITS_OF_TIME = r"(?:minute|hour|day|week|fortnight|month|quarter|year|decade)s?\b"
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
        (r"^\W*how long is the (?:[a-z-]+ )*period\b", rf"(?:\d|{_NUMBER_WORDS})[^.;]{{0,20}}\b{_UNITS_OF_TIME}"),
    )
)
# 'Who is the landlord?' asks for a name; 'who is responsible' and 'who pays' are answered by 'the landlord' too.
_WHO_IS = re.compile(
    r"^\W*who(?: is| are| was| were|['’]s) (?:the|our|my|its|their) ([a-z][a-z-]*(?: [a-z][a-z-]*)?)\b", re.IGNORECASE
)
_WHO_DOES = re.compile(
    r"^\W*who (?:(?:must|has to|have to|had to|needs to|should|shall|will|would|can|could|may|might) )?([a-z]+)\b",
    re.IGNORECASE,
)
_LINKS = re.compile(r" (?:of|in|for|at|on|to|under|from|by|and|or|that|who|which)$")
# A name inside a sentence; 'the Tenant' is a role, which contracts write with a capital letter.
_NAME_INSIDE = re.compile(r"(?<![.!?:] )(?<!\b[Tt]he )(?<!\b[Tt]his )(?<!\b[Aa]ny )(?<=[\w,;:(&] )[A-Z][\w'’-]+")
_NAME_FIRST = re.compile(r"^\W*((?!The |This |Any |Each |No )[A-Z][\w'’-]+ (?:[A-Z]\.? )?[A-Z][\w'’-]+)")
_DAYS_AND_MONTHS = re.compile(rf"{_MONTHS}|\b\w+day\b", re.IGNORECASE)

# 'If rent is more than 14 days late, the tenant pays interest' tells nothing of rent that is paid in time.
_CASE = re.compile(
    r"^\W*(?:\d[\d.]*\)?\s+)?(?:if|unless|in (?:the )?(?:case|event)(?: of| that)?|should)\b(?P<case>[^,;]*)",
    re.IGNORECASE,
)
_ASKS_FOR_A_CASE = re.compile(
    r"\b(?:if|unless|happens?|in (?:which|what|the) (?:case|event)|what about|without|fails?)\b", re.IGNORECASE
)


# What asks two things may be answered in one of them.
_TWO_QUESTIONS = re.compile(r"\band (?:how|what|when|where|which|who|why)\b", re.IGNORECASE)


def has_what_is_asked_for(question: str, statement: str) -> bool:
    """Whether a statement has a thing of the kind that a question asks for; true where the question tells no kind."""
    if _TWO_QUESTIONS.search(question):
        return True
    if role_asked_for(question) and not _names_somebody(question, statement):
        return False
    return all(wanted.search(statement) for asked, wanted in _EXPECTED if asked.search(question))


def does_what_is_asked_for(question: str, terms: Collection[str]) -> bool:
    """Whether a statement of these telling words has the verb of 'Who pays for the roof?'; true of other questions."""
    asked = _WHO_DOES.search(question)
    return not asked or set(content_terms(asked[1])).issubset(terms)


def depends_on_a_case(question: str, statement: str) -> bool:
    """Whether a statement holds only in a case ('If rent is late, ...') that the question does not speak of."""
    case = _CASE.match(statement)
    if not case or _ASKS_FOR_A_CASE.search(question):
        return False
    return not set(content_terms(case["case"])).issubset(content_terms(question))


def role_asked_for(question: str) -> str:
    """The role whose holder a question asks for: 'landlord' in 'Who is the landlord?'; '' where it asks for none."""
    asked = _WHO_IS.search(question)
    return _LINKS.sub("", asked[1]) if asked else ""


def defines_role(question: str, statement: str, known: Collection[str]) -> bool:
    """Whether a statement gives the role that a question asks for to somebody: 'Elena Marsh (the landlord)'.

    Args:
        question: What is asked.
        statement: A statement, or a whole passage.
        known: Telling words of it and of what it stands under, which must hold the names in the question.
    """
    role = role_asked_for(question)
    if not role or not _names_somebody(question, statement):
        return False
    if not set(content_terms(" ".join(names(question)))).issubset(known):
        return False
    roles = "|".join(map(re.escape, words_alike(role.casefold())))
    word = rf"(?:the |an? )?[\"“”'‘’]?(?:{roles})s?[\"“”'‘’]?"
    return bool(re.search(rf"\([^()]{{0,40}}\b{word}\)|\(\W*{word}\)|[\"“‘]{word}", statement, re.IGNORECASE))


def _names_somebody(question: str, statement: str) -> bool:
    found = [*_NAME_INSIDE.findall(statement), *_NAME_FIRST.findall(statement)]
    return any(not _DAYS_AND_MONTHS.fullmatch(name) and name.casefold() not in question.casefold() for name in found)
