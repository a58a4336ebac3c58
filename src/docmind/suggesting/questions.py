"""Questions out of sentences and headings, by rule: 'The deposit is £500.' answers 'How much is the deposit?'.

English only: in other languages the order of words cannot be turned round like this. What the rules make is not meant
to be complete but to be asked: where a subject is unclear, there is no question.
"""

from __future__ import annotations

import re

from docmind.records import SECTION_SEPARATOR
from docmind.sentences import MONTHS

_SUBJECT_WORDS, _HEADING_WORDS, _SENTENCE_WORDS, _TITLE_CHARACTERS = 6, 6, 32, 60

_NUMBER = re.compile(r"^(?:\(?\d+(?:\.\d+)*[.)]?|\([a-z]\)|[•*–-])\s+")
_SUBJECT = r"(?P<subject>[A-Z][^,;:()“”\"]+?)"
# Nothing that stands for something in another sentence, and nothing that makes a clause of it.
_UNCLEAR = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|their|he|she|his|her|we|you|i|there|which|who|such|same|other|each|any|"
    r"some|both|following|above|below|and|or|if|when|as|to|has|have|had|can|may|must|shall|will|would|is|are|was|were|"
    r"not|no|during|at|on|by|than)\b",
    re.IGNORECASE,
)
_ABOUT = r"(?:about |around |approximately |only |now |currently |up to |more than |at least )?"
_MONEY = (
    rf"{_ABOUT}(?:[£$€¥] ?\d|(?:USD|EUR|GBP|US\$|CHF) ?\d|"
    r"\d[\d,.]* (?:million |billion )?(?:pounds|euros|dollars|cents|pence)\b)"
)
_SHARE = rf"{_ABOUT}\d[\d.,]* ?(?:%|per ?cent)(?! (?:higher|lower|more|less|above|below))"
_STATES = (
    "due|payable|held|open|closed|paid|published|signed|planned|scheduled|valid|served|returned|shown|delivered|ended|"
    "mended|repaired|reviewed|measured|opened|replaced"
)
_TIME = (
    rf"(?:on|by|at|from|in|until|before|after|within|every) (?:the |about )?(?:\d|first|last|{MONTHS}|"
    r"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
)
_IS = re.compile(rf"{_SUBJECT} (?P<verb>is|are|was|were|will be) (?P<rest>.+)")
_WHEN = re.compile(rf"(?:(?P<state>{_STATES})\b[^.;:]*? )?{_TIME}")
_COSTS = re.compile(rf"{_SUBJECT} (?P<verb>costs?|may cost|can cost) {_MONEY}.*")
_PAYS = re.compile(rf".*\b(?:an?|the) (?P<what>(?:[a-z-]+ )?[a-z-]+) of {_MONEY}.*")
_BEGINS = re.compile(rf"{_SUBJECT} (?P<verb>begins|starts|ends|expires|opens|closes) {_TIME}.*")
_CHANGES = re.compile(
    rf"{_SUBJECT} (?P<verb>increased|decreased|rose|fell|grew|declined) (?:by )?(?:{_MONEY}|{_SHARE}).*"
)
_BASE = {
    **{"begins": "begin", "starts": "start", "ends": "end", "expires": "expire", "opens": "open", "closes": "close"},
    **{"increased": "increase", "decreased": "decrease", "rose": "rise", "fell": "fall", "grew": "grow"},
    "declined": "decline",
}
_THING = re.compile(r"(?:The|Our|Your|An?) ")
_WHAT = re.compile(r"(?:an?|the) [a-z]")

_SECTION = re.compile(
    r"^(?:(?:section|part|chapter|article|clause|item|step)\s+)?(?:\d+(?:\.\d+)*|[IVX]+)[.):]*\s+", re.IGNORECASE
)
_NO_TOPIC = re.compile(
    r"\b(?:contents?|introduction|overview|summary|appendix|annex|index|pages?|notes?|references|general|other|conclusions?|"
    r"background|abstract|exhibits?|signatures?|tables?|items?|contact|cautionary)\b",
    re.IGNORECASE,
)
_NO_NOUN = re.compile(
    r"(?:what|why|when|where|who|which|if|from|for|by|with|at|in|on|of|to|our|your|we|is|are|do|does|can)\b",
    re.IGNORECASE,
)


def question_of(sentence: str) -> str | None:
    """The question that a sentence answers; None where none can be told."""
    said = _NUMBER.sub("", " ".join(sentence.split())).rstrip(".")
    if len(said.split()) > _SENTENCE_WORDS or said.endswith(("?", "!", ":")):
        return None
    for pattern, made in ((_COSTS, _costs), (_BEGINS, _begins), (_CHANGES, _changes), (_IS, _is)):
        found = pattern.fullmatch(said)
        if found and _clear(found["subject"]) and (question := made(found)):
            return question
    if paid := _PAYS.fullmatch(said):
        return f"How much is the {paid['what']}?" if not _UNCLEAR.search(paid["what"]) else None
    return None


def question_of_heading(heading: str, title: str) -> str | None:
    """What a heading, the last of a section path, lets one ask of a document of that title; None where no topic."""
    topic = _SECTION.sub("", heading.rpartition(SECTION_SEPARATOR)[2]).strip(" .:–—-")
    words = topic.split()
    if not 2 <= len(words) <= _HEADING_WORDS or not re.fullmatch(r"[^\W\d][\w '’&-]+", topic):
        return None
    if _NO_TOPIC.search(topic) or _NO_NOUN.match(topic) or sum(character.isdigit() for character in topic) > 4:
        return None
    name = title.rpartition(": ")[2] if len(title) > _TITLE_CHARACTERS else title
    if not name or len(name) > _TITLE_CHARACTERS or topic.casefold() in name.casefold():
        return None
    return f"What does “{name}” say about {_inside(topic)}?"


def _is(found: re.Match[str]) -> str | None:
    subject, verb, rest = _inside(found["subject"]), found["verb"], found["rest"]
    if verb == "will be":
        when = _WHEN.match(rest)
        return f"When will {subject} be{_after(when['state'])}?" if when else None
    if re.match(_MONEY, rest):
        return f"How much {verb} {subject}?"
    if re.match(_SHARE, rest):
        return f"What {verb} {subject}?"
    if when := _WHEN.match(rest):
        return f"When {verb} {subject}{_after(when['state'])}?"
    is_a_thing = _THING.match(found["subject"]) and verb in ("is", "are") and _WHAT.match(rest)
    return f"What {verb} {subject}?" if is_a_thing else None


def _costs(found: re.Match[str]) -> str:
    subject, verb = _inside(found["subject"]), found["verb"]
    if verb in ("may cost", "can cost"):
        return f"How much {verb.split()[0]} {subject} cost?"
    many = subject.endswith("s") and not subject.startswith(("a ", "an "))  # 'Taxis cost', but 'The recall cost'
    return f"How much {'does' if verb == 'costs' else 'do' if many else 'did'} {subject} cost?"


def _begins(found: re.Match[str]) -> str:
    return f"When does {_inside(found['subject'])} {_BASE[found['verb']]}?"


def _changes(found: re.Match[str]) -> str:
    return f"How much did {_inside(found['subject'])} {_BASE[found['verb']]}?"


def _after(state: str | None) -> str:
    return f" {state}" if state else ""


def _clear(subject: str) -> bool:
    return len(subject.split()) <= _SUBJECT_WORDS and not _UNCLEAR.search(subject)


def _inside(words: str) -> str:
    """Words that began a sentence or are a heading, as they stand within a sentence."""
    first, _, rest = words.partition(" ")
    if words.istitle() or words.isupper():
        return words.lower()
    if (first.isupper() and len(first) > 1) or any(character.isupper() for character in first[1:]):
        return words
    named = not _THING.match(words) and rest[:1].isupper()  # 'Ada Whitcombe', 'Flat A'
    return words if named else first[:1].lower() + words[1:]
