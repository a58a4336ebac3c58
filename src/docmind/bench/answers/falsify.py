"""Falsehoods: a true sentence changed in one place so that it no longer says what the document says, a function a kind.

The tables are short and general on purpose, and none of them is the one that the proof of answers reads.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

Change = Callable[[str, random.Random], str | None]

_OPPOSITES = (
    "increase/decrease increased/decreased increases/decreases increasing/decreasing rose/fell rise/fall large/small "
    "larger/smaller largest/smallest high/low higher/lower highest/lowest more/less most/least first/last early/late "
    "earlier/later north/south northern/southern east/west eastern/western won/lost win/lose success/failure "
    "successful/unsuccessful major/minor majority/minority strong/weak stronger/weaker long/short longer/shorter "
    "old/new older/younger public/private positive/negative internal/external upper/lower inside/outside "
    "begin/end began/ended start/end beginning/end open/closed legal/illegal common/rare possible/impossible "
    "same/different good/bad better/worse best/worst rich/poor male/female men/women up/down support/oppose "
    "supported/opposed accept/reject accepted/rejected allow/forbid allowed/forbade include/exclude included/excluded "
    "gained/lost fast/slow simple/complex urban/rural domestic/foreign import/export heavy/light hot/cold wide/narrow "
    "near/far ancient/modern war/peace left/right direct/indirect natural/artificial active/passive present/absent"
)
_MODALS = {
    "may": ("must", "will"), "might": ("must", "will"), "could": ("must", "will"), "can": ("must",),
    "must": ("may", "might"), "shall": ("may",), "should": ("must", "may"), "will": ("may", "might"),
}  # fmt: skip
_QUANTITIES = {
    "all": ("some", "few"), "every": ("no",), "most": ("few", "all"), "many": ("few", "all"), "some": ("all", "no"),
    "several": ("all",), "few": ("many",), "only": ("mostly",), "always": ("sometimes",),
    "usually": ("always", "rarely"),
    "often": ("always", "rarely"), "both": ("neither",), "each": ("no",), "at least": ("at most",),
    "at most": ("at least",), "more than": ("less than",), "less than": ("more than",), "over": ("under",),
    "fewer than": ("more than",), "up to": ("at least",), "no": ("some",), "none of": ("all of",),
}  # fmt: skip
_TIMES = {
    "before": "after", "after": "before", "until": "since", "since": "until", "during": "after", "prior to": "after",
    "following": "before",
}  # fmt: skip
_CAUSES = {
    "because of": "despite", "because": "although", "due to": "despite", "led to": "was caused by",
    "resulted in": "resulted from", "caused by": "followed by", "although": "because", "despite": "because of",
    "as a result of": "in spite of", "caused": "prevented", "leads to": "prevents",
}  # fmt: skip
_UNITS = {
    "million": "billion", "billion": "million", "thousand": "million", "years": "months", "months": "years",
    "days": "weeks", "weeks": "days", "hours": "minutes", "minutes": "hours", "km": "miles", "miles": "km",
    "kilometres": "miles", "kilometers": "miles", "metres": "feet", "meters": "feet", "feet": "metres", "%": " million",
    "percent": "million", "°C": "°F", "tons": "kilograms", "tonnes": "kilograms", "acres": "square miles",
    "centuries": "decades", "year": "month", "hour": "minute",
}  # fmt: skip
_PAST = {
    "became": "become", "began": "begin", "built": "build", "led": "lead", "made": "make", "took": "take", "won": "win",
    "wrote": "write", "gave": "give", "held": "hold", "grew": "grow", "found": "find", "brought": "bring",
    "published": "publish", "established": "establish", "created": "create", "released": "release", "joined": "join",
    "received": "receive", "moved": "move", "developed": "develop", "produced": "produce", "introduced": "introduce",
    "discovered": "discover", "signed": "sign", "defeated": "defeat", "opened": "open", "completed": "complete",
    "reached": "reach", "formed": "form", "founded": "found", "caused": "cause", "increased": "increase",
    "used": "use", "played": "play", "served": "serve", "started": "start", "agreed": "agree", "passed": "pass",
}  # fmt: skip
_AUXILIARY = re.compile(r"(?<=\w )(?:is|was|are|were|can|will|must|has|had|have|could|should)\b(?! (?:not|been no)\b)")
_DENIAL = re.compile(r"(?:(?<=\w) (?:not|never|no longer)\b)|(?<=\b(?:do|is|as|ld))n't\b")
_NAME = re.compile(r"(?<=[\w,;:] )[A-Z][\w’'-]+(?: (?:of |the |de )?[A-Z][\w’'-]+)*")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w.,]*\d)")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
# What is said of one thing, and behind a joint of another.
_FEWEST_WORDS = 5  # before the joint: fewer may say nothing
_JOINT = re.compile(r"(?:,? (?:and|while|whereas|but)|;) ")
_VALUE = re.compile(
    rf"(?<=[a-z] )(?<!between )(?P<value>[$€£]?\d+(?:,\d{{3}})*(?:\.\d+)?(?: million| billion|%)?)(?![-–—\w]|\.\d)"
    rf"|^(?P<name>(?:[A-Z][\w’'-]+ )*[A-Z][\w’'-]+)(?= (?:{'|'.join(_PAST)}|is|was|are|were|had)\b)"
)
_RATE = re.compile(
    r"(?<=\d)(?: [\w$€£]+){0,4} (?:a|an|per|each|every) (?P<period>hour|day|night|week|month|year)\b(?! \w+er\b)"
)
_PERIODS = ("hour", "day", "week", "month", "year")
_INVENTED = ("Harlow", "Brandvik", "Quillmere", "Osterhagen", "Delacroix", "Pemberton", "Castellan", "Voss")


def falsehoods(sentence: str, seed: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each false statement that can be made of a sentence."""
    for kind, change in CHANGES.items():
        made = change(sentence, random.Random(f"{seed} {kind}"))  # noqa: S311 - the same every time is what is wanted
        if made and made != sentence:
            yield kind, made


def _exchange(table: Mapping[str, Sequence[str]]) -> Change:
    """A change of one word or phrase of a table into one that it may become."""
    pattern = re.compile(
        r"(?<![\w-])(" + "|".join(re.escape(key) for key in sorted(table, key=len, reverse=True)) + r")(?![\w-])",
        re.IGNORECASE,
    )

    def change(sentence: str, chance: random.Random) -> str | None:
        found = [each for each in pattern.finditer(sentence) if each[0] != "May"]
        if not found:
            return None
        at = chance.choice(found)
        new = chance.choice(table[at[0].lower()])
        new = new.capitalize() if at[0][:1].isupper() else new
        return sentence[: at.start()] + new + sentence[at.end() :]

    return change


def _opposites() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for pair in _OPPOSITES.split():
        one, other = pair.split("/")
        table.setdefault(one, (other,))
        table.setdefault(other, (one,))
    return table


def _after_auxiliary(word: str) -> Change:
    def change(sentence: str, chance: random.Random) -> str | None:
        found = list(_AUXILIARY.finditer(sentence))
        if not found:
            return None
        at = chance.choice(found)
        return sentence[: at.end()] + f" {word}" + sentence[at.end() :]

    return change


def _denial_dropped(sentence: str, chance: random.Random) -> str | None:
    found = list(_DENIAL.finditer(sentence))
    if not found:
        return None
    at = chance.choice(found)
    return sentence[: at.start()] + sentence[at.end() :]


def _before_verb(phrase: str) -> Change:
    pattern = re.compile(
        "(?<=[a-z] )"
        + "".join(
            f"(?<!{word} )"
            for word in ["is", "was", "are", "were", "been", "had", "has", "have", "and", "be", "as", "by"]
        )
        + "("
        + "|".join(_PAST)
        + r")\b(?! (?:by|in|from|to|as)\b)"
    )

    def change(sentence: str, chance: random.Random) -> str | None:
        found = list(pattern.finditer(sentence))
        if not found:
            return None
        at = chance.choice(found)
        return sentence[: at.start()] + f"{phrase} {_PAST[at[0]]}" + sentence[at.end() :]

    return change


def _swapped(pattern: re.Pattern[str]) -> Change:
    def change(sentence: str, chance: random.Random) -> str | None:
        found = list(pattern.finditer(sentence))
        pairs = [
            (one, other)
            for at, one in enumerate(found)
            for other in found[at + 1 :]
            if one[0] != other[0] and not _in_one_list(sentence[one.end() : other.start()])
        ]
        if not pairs:
            return None
        one, other = chance.choice(pairs)
        between = sentence[one.end() : other.start()]
        return sentence[: one.start()] + other[0] + between + one[0] + sentence[other.end() :]

    return change


def _in_one_list(between: str) -> bool:
    """Whether two things stand in one list, whose order says nothing."""
    return not re.search(r"[a-z]", re.sub(r"\b(?:and|or)\b|[A-Z]\w+", "", between))


def _other_number(sentence: str, chance: random.Random) -> str | None:
    found = [each for each in _NUMBER.finditer(sentence) if not _YEAR.fullmatch(each[0])]
    if not found:
        return None
    at = chance.choice(found)
    return sentence[: at.start()] + str(chance.randrange(13, 980)) + sentence[at.end() :]


def _other_year(sentence: str, chance: random.Random) -> str | None:
    found = list(_YEAR.finditer(sentence))
    if not found:
        return None
    at = chance.choice(found)
    return sentence[: at.start()] + str(int(at[0]) + chance.choice((-9, -3, -1, 1, 2, 7))) + sentence[at.end() :]


def _invented_name(sentence: str, chance: random.Random) -> str | None:
    found = list(_NAME.finditer(sentence))
    if not found:
        return None
    at = chance.choice(found)
    return sentence[: at.start()] + chance.choice(_INVENTED) + sentence[at.end() :]


def _unit(sentence: str, chance: random.Random) -> str | None:
    pattern = re.compile(r"(?<=\d)( ?)(" + "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True))) + r")(?!\w)")
    found = list(pattern.finditer(sentence))
    if not found:
        return None
    at = chance.choice(found)
    return sentence[: at.start(2)] + _UNITS[at[2]] + sentence[at.end(2) :]


def _sibling(sentence: str, chance: random.Random) -> str | None:
    """'Revenue rose to 31', of 'Revenue rose to 40 while costs rose to 31': the other's number, or its subject."""
    made = []
    for joint in _JOINT.finditer(sentence):
        first, second = sentence[: joint.start()], sentence[joint.end() :]
        if len(first.split()) < _FEWEST_WORDS:
            continue
        for own in _VALUE.finditer(first):
            made += [
                first[: own.start()] + other[0] + first[own.end() :] + "."
                for other in _VALUE.finditer(second)
                if _look(own[0]) == _look(other[0]) and other[0] not in first and own[0] not in second
            ]
    return chance.choice(made) if made else None


def _look(value: str) -> str:
    """What of a number or name tells whether another may stand in its place: '$0 million', 'year', 'name'."""
    if not re.search(r"\d", value):
        return "name"
    return "year" if _YEAR.fullmatch(value) else re.sub(r"[\d.,]+", "0", value)


def _other_period(sentence: str, chance: random.Random) -> str | None:
    found = list(_RATE.finditer(sentence))
    if not found:
        return None
    at = chance.choice(found)
    other = chance.choice([period for period in _PERIODS if period != at["period"]])
    return sentence[: at.start("period")] + other + sentence[at.end("period") :]


CHANGES: Mapping[str, Change] = {
    "opposite": _exchange(_opposites()),
    "modal": _exchange(_MODALS),
    "quantity": _exchange(_QUANTITIES),
    "denial dropped": _denial_dropped,
    "denial added": _after_auxiliary("not"),
    "hardly": _after_auxiliary("hardly"),
    "no longer": _after_auxiliary("no longer"),
    "failed to": _before_verb("failed to"),
    "before and after": _exchange({key: (value,) for key, value in _TIMES.items()}),
    "unit": _unit,
    "swapped names": _swapped(_NAME),
    "swapped numbers": _swapped(_NUMBER),
    "sibling of the sentence": _sibling,
    "other period": _other_period,
    "other number": _other_number,
    "other year": _other_year,
    "invented name": _invented_name,
    "cause": _exchange({key: (value,) for key, value in _CAUSES.items()}),
}
