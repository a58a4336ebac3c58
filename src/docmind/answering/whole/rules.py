"""What rules find in a document, verbatim: its dates in order, what is to be done, what is open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from docmind.answering.whole.condense import PROSE, SENTENCE, readable
from docmind.answering.whole.reading import Source
from docmind.dates import dates

_DUTY = re.compile(
    r"\b(?:shall|must|(?:is|are) (?:required|obliged|responsible|asked|due) (?:to|for)|ha(?:s|ve) to|needs? to|"
    r"agree[sd]? to|undertakes? to|commits? to|is to|are to|to be (?:completed|delivered|submitted|done|paid|sent))\b|"
    r"\b(?:action(?: item)?|to ?do|owner|deadline)\s*:",
    re.IGNORECASE,
)
_PROMISE = re.compile(r"\b(?:will|'ll|’ll)\b")
_WHEN = (
    r"(?:the\s+)?(?:end of\b|\d|(?:one|two|three|four|five|six|seven|ten|next|tomorrow|today)\b|"
    r"(?:next\s+)?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? ?\d)"
)
_DEADLINE = re.compile(
    rf"\b(?:by|no later than|not later than|within|due(?: on)?|on or before)\s+{_WHEN}", re.IGNORECASE
)
_LIMIT = re.compile(rf"\b(?:before|until|at the latest)\s+{_WHEN}", re.IGNORECASE)
_PAST = re.compile(r"\b(?:was|were|had|has been|have been|did)\b|\w{3,}ed\b", re.IGNORECASE)
_OPEN = re.compile(
    r"\bto be (?:determined|decided|confirmed|agreed|clarified|announced|discussed|resolved|finali[sz]ed)\b|"
    r"\bTB[DCA]\b|\bopen (?:question|issue|item|point|matter)s?\b|"
    r"\bnot (?:yet )?(?:been )?(?:decided|determined|agreed|settled|resolved|finali[sz]ed|certain)\b|"
    r"\bremains? (?:open|unclear|uncertain|unresolved|undecided|unknown|to be seen)\b|"
    r"\b(?:unclear|undecided|unresolved|uncertain) (?:whether|if|how|when|who|what|which)\b|"
    r"\bnot (?:yet )?(?:known|clear)\b|\bdoes not (?:say|state|specify)\b|"
    r"\bpending (?:approval|decision|review|confirmation|clarification)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\w\W+\w+\W+\w.*\?[\"'”’)]*$")


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence that a rule found.

    Attributes:
        place: Its place in `Source.evidence`.
        label: A normalised date or a name; '' for none.
        weight: How sure the rule is; the greater the better.
        count: In how many sentences the name stands.
    """

    place: int
    label: str = ""
    weight: float = 0.0
    count: int = 1


def dated(source: Source) -> list[Found]:
    """Sentences that name a date, sorted by it; one with several stands at the first of its most exact ones."""
    found = []
    for place, level in enumerate(readable(source.evidence)):
        if level >= SENTENCE and (named := dates(source.evidence[place].text)):
            exact = max(len(date) for date in named)
            label = next(date for date in named if len(date) == exact)
            found.append(Found(place, label, exact / 10 + (level == PROSE)))
    return sorted(found, key=lambda item: (item.label, item.place))


def duties(source: Source) -> list[Found]:
    """Sentences that say what somebody must do, or will do by a date, in reading order."""
    found = []
    for place, level in enumerate(readable(source.evidence)):
        text = source.evidence[place].text
        weight = 2.0 * bool(_DUTY.search(text)) + 0.5 * bool(_LIMIT.search(text)) + 0.5 * bool(_PROMISE.search(text))
        # 'The landlord repairs it within a day' is a duty as well; 'sales rose within a year' is none.
        weight += (1.0 if _PAST.search(text) else 1.5) * bool(_DEADLINE.search(text))
        if level >= SENTENCE and not text.endswith("?") and weight >= 1.5:
            found.append(Found(place, weight=weight + 0.5 * (level == PROSE)))
    return found


def open_questions(source: Source) -> list[Found]:
    """Sentences that ask something, or say that something is not settled, in reading order."""
    found = []
    for place, item in enumerate(source.evidence):
        asks, leaves = bool(_ASKS.search(item.text)), bool(_OPEN.search(item.text))
        if (asks or leaves) and len(item.terms) >= 2:
            found.append(Found(place, weight=1.0 + leaves))
    return found


def best(found: Sequence[Found], most: int) -> list[Found]:
    """The surest of what was found, in its order."""
    if len(found) <= most:
        return list(found)
    chosen = sorted(range(len(found)), key=lambda number: -found[number].weight)[:most]
    return [found[number] for number in sorted(chosen)]
