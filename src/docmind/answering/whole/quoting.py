"""Quoting: an analysis out of the documents' own sentences, chosen and ordered, none of them changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from docmind.answering.whole import names, rules
from docmind.answering.whole.analysis import Part
from docmind.answering.whole.condense import LINE, NOTHING, by_tenth, key_sentences, readable
from docmind.answering.whole.places import Places
from docmind.answering.whole.reading import TENTHS, Source
from docmind.answering.whole.request import Kind, Length, Request
from docmind.dates import date_words
from docmind.sentences import content_terms

_POINTS: dict[Length, int] = {"short": 12, "detailed": 36}
_FOUND: dict[Length, int] = {"short": 40, "detailed": 120}  # dates, names, duties: as many as are read with patience
LONG = 50  # sentences from which a document is long enough that all of its tenths are heard
_SAME = 0.9  # cosine from which two items of a list are one
_NEAR, _NEAR_THE_NEAREST = 0.3, 0.65  # relevance of an item of a list: at least, and as a share of the best
# A list of amounts wants sentences with amounts, whatever else their words are.
_OF_THE_KIND = 0.3
_KINDS_OF_THINGS = (
    (
        re.compile(
            r"\b(?:sums?|amounts?|money|prices?|fees?|costs?|payments?|charges?|expenses|fines?)\b", re.IGNORECASE
        ),
        re.compile(r"[$€£¥]\s?\d|\d\s?(?:[$€£¥]|(?:million |billion )?(?:pounds|dollars|euros?|francs|USD|EUR|GBP)\b)"),
    ),
    (
        re.compile(r"\b(?:dates?|deadlines?)\b", re.IGNORECASE),
        re.compile(
            re.compile(
                r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d|\b\d{1,2} [A-Z][a-z]+ \d{4}|"
                r"\b(?:1[5-9]|20)\d\d\b"
            ),
        ),
    ),
    (
        re.compile(r"\b(?:percentages?|per ?cent|shares?|rates?|figures?|numbers?)\b", re.IGNORECASE),
        re.compile(r"\d\s?(?:%|per ?cent\b)|\d"),
    ),
)
# What an item must hold that a model has put into such a list; years of a list of sums are none.
_ITEMS_OF_THE_KIND = (
    (_KINDS_OF_THINGS[0][0], _KINDS_OF_THINGS[0][1]),
    (re.compile(r"\bpercentages?\b|\bper ?cent\b", re.IGNORECASE), re.compile(r"%|\bper ?cent\b", re.IGNORECASE)),
    (
        _KINDS_OF_THINGS[1][0],
        re.compile(r"\d|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\bcentury\b|\bdays?\b", re.IGNORECASE),
    ),
    (_KINDS_OF_THINGS[2][0], re.compile(r"\d")),
)
_SAYS_NO_MORE = frozenset(content_terms("document documents file report text whole mentioned named given stated all"))
_ASKS_FOR = re.compile(
    r"^\W*(?:please\s+)?(?:list|name|give|show|find|enumerate|collect)(?:\s+(?:me|us))?(?:\s+(?:all|every|each))*"
    r"(?:\s+(?:of\s+)?the)?\s+",
    re.IGNORECASE,
)


def quote(request: Request, source: Source, places: Places) -> tuple[Part, ...]:
    """What a request asks of one document, in the document's own sentences."""
    match request.kind:
        case "timeline":
            return _found(rules.dated(source), request, source, places)
        case "action items":
            return _found(rules.duties(source), request, source, places)
        case "open questions":
            return _found(rules.open_questions(source), request, source, places)
        case "entities":
            found = names.named(source)
            return _found(sorted(found, key=lambda item: -item.weight), request, source, places)
        case "list":
            return (
                Part(
                    "",
                    tuple(places.quoted(source.evidence[place]) for place in listed(source, topic(request.question))),
                ),
            )
        case _:
            return _points(request, source, places)


def wanted_points(source: Source, kind: Kind, length: Length) -> int:
    """How many sentences tell a document: fewer of a short one, of which a third at most is quoted."""
    most = _POINTS["short" if kind == "key points" else length]
    prose = sum(level > LINE for level in readable(source.evidence))
    return max(3, min(most, prose // 3))


def chosen_points(source: Source, wanted: int) -> list[int]:
    """The places of so many key sentences; of a long document at least one from each tenth."""
    return key_sentences(source, wanted, cover=len(source.evidence) >= LONG)


def _points(request: Request, source: Source, places: Places) -> tuple[Part, ...]:
    chosen = chosen_points(source, wanted_points(source, request.kind, request.length))
    if request.length == "short" or request.kind == "key points":
        return (Part("", tuple(places.quoted(source.evidence[place]) for place in chosen)),)
    return tuple(
        Part(tenth_words(source, tenth), tuple(places.quoted(source.evidence[place]) for place in group))
        for tenth, group in by_tenth(source, chosen)
    )


def tenth_words(source: Source, tenth: int) -> str:
    """Where a tenth of a document is: 'Pages 17 to 32'."""
    pages = source.document.pages
    if not pages:
        return f"Part {tenth + 1} of {TENTHS}"
    first, last = -(-tenth * pages // TENTHS) + 1, -(-(tenth + 1) * pages // TENTHS)
    return f"Page {first}" if first >= last else f"Pages {first} to {last}"


def _found(found: Sequence[rules.Found], request: Request, source: Source, places: Places) -> tuple[Part, ...]:
    entries = []
    for item in rules.best(found, _FOUND[request.length]):
        label = item.label
        if request.kind == "timeline":
            label = date_words(label)
        count = item.count if request.kind == "entities" else 0
        entries.append(places.quoted(source.evidence[item.place], label, count))
    return (Part("", tuple(entries)),)


def left_aside(request: Request, source: Source) -> int:
    """How many dates, names or duties were found beyond those that are shown."""
    finders = {"timeline": rules.dated, "action items": rules.duties, "open questions": rules.open_questions,
               "entities": names.named}  # fmt: skip
    finder = finders.get(request.kind)
    return max(0, len(finder(source)) - _FOUND[request.length]) if finder else 0


def topic(question: str) -> str:
    """What a list is to hold: 'list all fees of the lease' wants 'fees of the lease'."""
    return _ASKS_FOR.sub("", question).strip(" .?!") or question


def listed(source: Source, wanted: str, most: int = 60, near: float = 1.0) -> list[int]:
    """The places of the sentences and rows that are about what the source was compared with, each said once.

    Args:
        source: The document, compared with what is wanted.
        wanted: What is wanted, in words.
        most: How many at most.
        near: A share (0 to 1) of the usual nearness that is near enough; a model that reads them may choose further.
    """
    levels = readable(source.evidence)
    of_the_kind = next((holds for asks, holds in _KINDS_OF_THINGS if asks.search(wanted)), None)
    worth = {
        place: item.similarity + 0.5 * item.shared + _OF_THE_KIND * bool(of_the_kind and of_the_kind.search(item.text))
        for place, item in enumerate(source.evidence)
        if levels[place] > NOTHING and not item.text.rstrip().endswith((":", "?"))
    }
    if of_the_kind and not set(content_terms(_kind_words(wanted))) - _SAYS_NO_MORE:
        # A list of nothing but dates wants every date.
        worth = {place: 1.0 for place in worth if of_the_kind.search(source.evidence[place].text)}
    least = near * max(_NEAR, _NEAR_THE_NEAREST * max(worth.values(), default=0.0))
    chosen: list[int] = []
    for place in sorted(worth, key=lambda item: -worth[item]):
        if worth[place] < least or len(chosen) == most:
            break
        vector = source.evidence[place].vector
        if all(float(vector @ source.evidence[other].vector) < _SAME for other in chosen):
            chosen.append(place)
    return sorted(chosen)


def items_of(wanted: str) -> re.Pattern[str] | None:
    """What each item of a list must hold, by what the list is to hold; None where that tells no kind of thing."""
    return next((holds for asks, holds in _ITEMS_OF_THE_KIND if asks.search(wanted)), None)


def _kind_words(wanted: str) -> str:
    """What is wanted without the words for a kind of thing."""
    for asks, _ in _KINDS_OF_THINGS:
        wanted = asks.sub(" ", wanted)
    return wanted
