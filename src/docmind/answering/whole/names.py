"""The names in a document, by rules: words capitalised where grammar does not ask for it, and defined terms."""

from __future__ import annotations

import re
from collections import defaultdict

from docmind.answering.whole.condense import SENTENCE, readable
from docmind.answering.whole.reading import Source
from docmind.answering.whole.rules import Found

_WORD = r"[A-ZÀ-Þ][\w’'.&-]*"
_NAME = re.compile(rf"{_WORD}(?:(?:\s+(?:of|for|and|the|&|de|van|von|der)){{0,2}}\s+{_WORD})*")
_DEFINED = re.compile(r"\(\s*(?:the\s+|each,?\s+an?\s+|together,?\s+)?[“\"]([^”\"()]{2,40})[”\"]\s*\)")
# What stands before the names of people in the head of minutes, letters and forms, and what ends their list.
_INTRODUCES = re.compile(
    r"\b(?:present|in attendance|attend(?:ees|ing|ed)|participants?|excused|apologies|absent|guests?|invited|members?|"
    r"chair(?:man|woman|person)?|secretary|treasurer|authors?|speakers?|witness(?:es)?|contacts?|parties|landlords?|"
    r"tenants?|from|to|cc|(?:taken|written|prepared|reviewed|approved|signed) by)\s*:"
    r"|\b(?:taken|written|prepared|reviewed|approved|signed) by\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\b[A-Z][\w-]*\s*:")
# Capitalised for other reasons than that they name something.
_WORDS = """
    january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday the this that these those it its we our you your he she they their there here
    if  in on at by for from to of as and or but a an no not all any each every some when where while after before
    during  since under over with without within such other both i ii iii iv v see note table page item part
    section article  chapter however although because also total new mr mrs ms dr q1 q2 q3 q4 fy
"""
_NO_NAME = frozenset(_WORDS.split())


def named(source: Source) -> list[Found]:
    """Names and defined terms, those in most sentences first, each at the first place where it can be read."""
    levels = readable(source.evidence)
    where: dict[str, list[int]] = defaultdict(list)
    inside: set[str] = set()  # seen capitalised where grammar does not ask for it
    defined: set[str] = set()
    for place, item in enumerate(source.evidence):
        for term in _DEFINED.findall(item.text):
            defined.add(" ".join(term.split()))
        if levels[place] < SENTENCE:
            for name in _introduced(item.text):
                where[name].append(place)
            continue
        for name, begin in _names_in(item.text):
            if not where[name] or where[name][-1] != place:
                where[name].append(place)
            if re.search(r"[^\W\d_]", item.text[:begin]):
                inside.add(name)
    found = []
    for name, places in where.items():
        single = " " not in name
        if single and name not in inside and name not in defined:
            continue
        if single and not name.isupper() and len(name) < 3:
            continue
        found.append(Found(places[0], name, count=len(places), weight=float(len(places)) * (1.0 if single else 1.5)))
    return sorted(found, key=lambda item: (-item.weight, item.place))


def _introduced(line: str) -> list[str]:
    """The names after 'Present:' and the like, up to the first that is none: the head of minutes is no sentence."""
    found: list[str] = []
    for match in _INTRODUCES.finditer(line):
        told = _LABEL.split(line[match.end() :], maxsplit=1)[0]
        for item in re.split(r"[,;]|\band\b", re.sub(r"\([^()]*\)", "", told)):
            name = " ".join(item.split()).rstrip(".")
            if not (" " in name and _NAME.fullmatch(name) and _trimmed(name) == name):
                break
            found.append(name)
    return list(dict.fromkeys(found))


def _names_in(text: str) -> list[tuple[str, int]]:
    """The names in a sentence, each with where it begins."""
    found = []
    for match in _NAME.finditer(text):
        for begin, written in _apart(match.group(), match.start()):
            if name := _trimmed(written):
                found.append((name, begin + written.index(name)))
    return found


def _apart(written: str, begin: int) -> list[tuple[int, str]]:
    """'Ada Marsh and Tom Reed' are two; 'Securities and Exchange Commission' is one."""
    left, joint, right = written.partition(" and ")
    if joint and len(left.split()) == len(right.split()):
        return [(begin, left), (begin + len(left) + len(joint), right)]
    return [(begin, written)]


def _trimmed(written: str) -> str:
    """A name without what only begins or ends the phrase around it; '' where nothing is left."""
    words = written.strip(".'’-&").split()
    while words and words[0].casefold().strip(".") in _NO_NAME:
        words.pop(0)
    while words and (words[-1].casefold().strip(".") in _NO_NAME or not words[-1][:1].isupper()):
        words.pop()
    name = re.sub(r"['’]s$", "", " ".join(words)).rstrip(".,;:")
    return name if len(name) > 1 and re.search(r"[a-zß-ÿ]|^[A-Z]{2,6}$", name) else ""
