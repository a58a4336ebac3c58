"""The topics that a comparison is asked about, without the words that ask for it and the names of the documents."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MOST = 12  # rows of a table that somebody asked for by name
_ASKS = re.compile(
    r"^\W*(?:please\s+)?(?:(?:can|could|would) you\s+)?(?:"
    r"(?:compare|contrast)\b|how (?:do|does|did)\b|"
    r"(?:give me |make |what (?:is|are) )?(?:the |a )?(?:differences?|comparison) (?:between|in|of)\b|"
    r"what (?:is different|(?:(?:has|have|was|were) )?changed)\b(?: (?:in|about|with|to|of|for)\b)?)",
    re.IGNORECASE,
)
_TOGETHER = re.compile(r"\s+(?:in|of|between|across)\s+(?:the\s+)?(?:two|both|these|all)\b.*$", re.IGNORECASE)
# What stands before a topic where a name was, and what stands for a topic that was named before.
_LEADS = re.compile(
    r"^\W*(?:(?:and|or|with|to|against|versus|vs|on|regarding|concerning|about|by|for|in terms of|with respect to|"
    r"with regard to|compare|contrast)\b\W*)+",
    re.IGNORECASE,
)
_NO_TOPIC = re.compile(
    r"(?:that|those|it|its|the (?:one|ones|same)|differ|differs|differed|compare|change|changed)", re.IGNORECASE
)
# What is left of 'What are the main differences between the two versions?' names nothing.
_WORDS_THAT_NAME_NOTHING = """
a all an any are between biggest both changed changes change clause clauses comparison contract contracts differ
differed differs difference differences different do document documents does every file files find from had has have
here how important in is it key list main me most new of old paragraph paragraphs point points passage passages please
section sections sentence sentences show some tell text texts than that the their them there these they this those to
two updated us version versions was were what where which with you your
"""
_SAYS_NOTHING = frozenset(_WORDS_THAT_NAME_NOTHING.split())
_BEFORE = r"\b(?:in|of|between|across|from|for|by|under)\s+"
_AND = r"\s*(?:,\s*and\b|,|;|&|\band\b|\bor\b|\bwith\b|\bto\b|\bagainst\b|\bversus\b|\bvs\b\.?)\s*"


def topics_of(question: str, documents: Sequence[tuple[str, str | None]]) -> list[str]:
    """What 'Compare the rent and the deposit in a.txt and b.txt' names besides the documents: two topics.

    Args:
        question: In the user's words.
        documents: Name and title of each document that is compared. A name is known with and without its suffix; what
            may be an ordinary word is taken for a document only after 'in', 'of' and the like.
    """
    asked = _ASKS.sub("", _without_documents(question.strip(), documents))
    parts = [_LEADS.sub("", part).strip(" .?!:") for part in re.split(r",|;|\band\b", _TOGETHER.sub("", asked))]
    return list(dict.fromkeys(part for part in parts if _names_something(part)))[:_MOST]


def _names_something(part: str) -> bool:
    words = re.findall(r"\w+", part.casefold())
    return any(word not in _SAYS_NOTHING for word in words) and not _NO_TOPIC.fullmatch(part)


def _without_documents(question: str, documents: Sequence[tuple[str, str | None]]) -> str:
    """A question with a semicolon wherever it names documents."""
    sure, likely = set[str](), set[str]()
    for name, title in documents:
        own = re.split(r"[/\\]", name)[-1]
        sure |= {re.escape(name), re.escape(own)}
        likely |= {_in_words(re.sub(r"\.\w{1,5}$", "", own)), _in_words(title or "")}
    named, known = _any_of(sure), _any_of(sure | likely)
    further = rf"(?:{_AND}(?:{_BEFORE})?{known})"
    of_documents = rf"{_BEFORE}{known}{further}*|\b(?:compare|contrast)\s+{known}{further}+|{named}{further}*"
    return re.sub(of_documents, " ; ", question, flags=re.IGNORECASE)


def _any_of(names: set[str]) -> str:
    """A pattern of any of the names, the longest first, with an article and quotation marks around it."""
    choice = "|".join(sorted(filter(None, names), key=len, reverse=True))
    return rf"(?:the\s+)?(?:(?:documents?|files?)\s+)?[\"'“‘]?(?<!\w)(?:{choice})(?!\w)[\"'”’]?"


def _in_words(name: str) -> str:
    """'lease_2019' is named as 'lease 2019' too."""
    return r"[\W_]+".join(re.escape(word) for word in re.split(r"[\W_]+", name) if word)
