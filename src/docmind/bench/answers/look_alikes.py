"""Look-alikes: questions that differ from one that was asked in little and ask something else."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from docmind.bench.answers.evaluation_set import EvaluationQuestion

_OPPOSITES = (
    ("first", "last"), ("largest", "smallest"), ("biggest", "smallest"), ("highest", "lowest"), ("longest", "shortest"),
    ("oldest", "youngest"), ("earliest", "latest"), ("maximum", "minimum"), ("increase", "decrease"),
    ("increased", "decreased"), ("north", "south"), ("east", "west"), ("northern", "southern"), ("eastern", "western"),
    ("won", "lost"), ("win", "lose"), ("began", "ended"), ("begin", "end"), ("started", "stopped"), ("open", "close"),
    ("opened", "closed"), ("inside", "outside"), ("support", "oppose"), ("supported", "opposed"), ("high", "low"),
    ("allowed", "forbidden"), ("legal", "illegal"), ("positive", "negative"), ("strong", "weak"), ("male", "female"),
    ("entered", "left"), ("gained", "lost"), ("rise", "fall"), ("arrived", "departed"), ("always", "never"),
    ("advantage", "disadvantage"), ("public", "private"), ("rich", "poor"), ("early", "late"), ("upper", "lower"),
    ("large", "small"), ("old", "new"), ("good", "bad"), ("import", "export"), ("buy", "sell"), ("bought", "sold"),
    ("success", "failure"), ("same", "different"), ("major", "minor"), ("best", "worst"), ("long", "short"),
    ("top", "bottom"), ("modern", "ancient"), ("common", "rare"), ("create", "destroy"), ("created", "destroyed"),
)  # fmt: skip
_COMPARATIVES = (
    ("more than", "less than"), ("more", "less"), ("most", "least"), ("larger", "smaller"), ("higher", "lower"),
    ("longer", "shorter"), ("older", "younger"), ("better", "worse"), ("over", "under"), ("above", "below"),
    ("at least", "at most"), ("stronger", "weaker"), ("greater", "smaller"), ("faster", "slower"),
)  # fmt: skip
_QUANTIFIERS = (
    ("all", "some"), ("every", "any"), ("both", "either"), ("many", "few"), ("only", "mostly"), ("always", "sometimes"),
    ("any", "all"), ("some", "all"), ("each", "one"), ("half", "all"), ("most", "all"),
)  # fmt: skip
_TIMES = (
    ("before", "after"), ("since", "until"), ("during", "after"), ("is", "was"), ("are", "were"), ("does", "did"),
    ("next", "previous"), ("now", "then"), ("in", "before"), ("in", "after"), ("current", "former"),
)  # fmt: skip
_MODALS = (
    ("can", "must"), ("could", "should"), ("may", "must"), ("will", "may"), ("should", "may"), ("must", "may"),
    ("would", "must"),
)  # fmt: skip
_UNITS = (
    ("kilometres", "miles"), ("miles", "kilometres"), ("km", "miles"), ("square miles", "square kilometres"),
    ("dollars", "euros"), ("euros", "dollars"), ("kg", "pounds"), ("pounds", "kilograms"), ("feet", "metres"),
    ("meters", "feet"), ("metres", "feet"), ("years", "months"), ("days", "weeks"), ("hours", "minutes"),
    ("percent", "percentage points"), ("percentage", "number"), ("degrees", "percent"), ("tons", "kilograms"),
    ("million", "billion"), ("billion", "million"), ("century", "decade"), ("decade", "century"), ("year", "month"),
    ("minutes", "hours"), ("weeks", "months"), ("Celsius", "Fahrenheit"), ("acres", "hectares"), ("inches", "feet"),
)  # fmt: skip
_ASKED = (
    ("Who", ("When", "Where", "Why")), ("When", ("Where", "Why", "How")), ("Where", ("When", "Why")),
    ("How many", ("How much", "Which", "Whose")), ("How much", ("How many", "Why")), ("Why", ("When", "How", "Where")),
    ("In what year", ("In what country", "In what city", "In what month")), ("What year", ("What month", "What day")),
    ("What", ("Who", "Why")), ("How long", ("How often", "How far")), ("How", ("Why", "When")), ("Which", ("Whose",)),
)  # fmt: skip
_NAME = re.compile(r"(?<=[\w,;:(“\"] )(?:[A-Z][\w-]+)(?: (?:of |the )?[A-Z][\w-]+)*")
_NUMBER = re.compile(r"(?<![\w.,-])\d[\d,.]*\d|(?<![\w.,-])\d(?![\w.,])")
_AUXILIARY = re.compile(r"\b(is|are|was|were|did|does|do|has|have|had|can|could|would|will|should)\b(?! not\b|n't)")
_NO_NAME = {"I", "What", "Who", "When", "Where", "Why", "Which", "How", "In", "The"}


def look_alikes(question: EvaluationQuestion, article: Sequence[EvaluationQuestion]) -> list[tuple[str, str]]:
    """Questions that look like one and ask something else, with their kinds."""
    chance = random.Random(question.id)  # noqa: S311 - the same every time is what is wanted
    asked = " ".join(question.question.split())
    made: list[tuple[str, str | None]] = [
        ("other name", _other_name(asked, article, chance)),
        ("other number", _other_number(asked, chance)),
        ("negation", _negated(asked)),
        ("opposite", _exchanged(asked, _both_ways(_OPPOSITES), chance)),
        ("question word", _asking_for_something_else(asked, chance)),
        ("swapped roles", _swapped(asked)),
        ("subject or object", _turned(asked)),
        ("comparative", _exchanged(asked, _both_ways(_COMPARATIVES), chance)),
        ("quantifier", _exchanged(asked, _QUANTIFIERS, chance) or _only(asked)),
        ("time", _exchanged(asked, _both_ways(_TIMES), chance)),
        ("modal", _exchanged(asked, _MODALS, chance)),
        ("unit", _exchanged(asked, _UNITS, chance)),
        ("part left out", _left_out(asked)),
    ]
    return [(kind, other) for kind, other in made if other and other != asked]


def _other_name(asked: str, article: Sequence[EvaluationQuestion], chance: random.Random) -> str | None:
    mine = [name for name in _NAME.findall(asked) if name not in _NO_NAME]
    others = sorted(
        {
            name
            for each in article
            for name in _NAME.findall(each.question)
            if name not in _NO_NAME and name not in asked
        }
    )
    if not mine or not others:
        return None
    return asked.replace(chance.choice(mine), chance.choice(others), 1)


def _other_number(asked: str, chance: random.Random) -> str | None:
    numbers = _NUMBER.findall(asked)
    if not numbers:
        return None
    old = chance.choice(numbers)
    digits = re.sub(r"\D", "", old)
    new = str(int(digits) + chance.choice((1, 2, -1, 5, 10)))
    return asked.replace(old, new, 1) if int(digits) > 10 else asked.replace(old, str(int(digits) + 1), 1)


def _negated(asked: str) -> str | None:
    if re.search(r"\bnot\b|n't\b", asked):
        return re.sub(r" not\b|n't\b", "", asked, count=1)
    found = _AUXILIARY.search(asked)
    if not found:
        return None
    end = found.end()
    rest = asked[end:]
    name = re.match(r" (?:the |a |an )?\w+(?= )", rest)  # 'did the Panthers not win'
    if found[1] in ("did", "does", "do", "can", "could", "would", "will", "should") and name:
        end += name.end()
    return f"{asked[:end]} not{asked[end:]}"


def _exchanged(asked: str, pairs: Sequence[tuple[str, str]], chance: random.Random) -> str | None:
    fitting = [(old, new) for old, new in pairs if re.search(rf"\b{old}\b", asked)]
    if not fitting:
        return None
    old, new = chance.choice(fitting)
    return re.sub(rf"\b{old}\b", new, asked, count=1)


def _both_ways(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [*pairs, *((new, old) for old, new in pairs)]


def _asking_for_something_else(asked: str, chance: random.Random) -> str | None:
    for word, others in _ASKED:
        if asked.startswith(f"{word} "):
            return chance.choice(others) + asked[len(word) :]
    return None


def _swapped(asked: str) -> str | None:
    """Two names in each other's place."""
    names = [name for name in _NAME.findall(asked) if name not in _NO_NAME]
    if len(names) < 2 or names[0] in names[1] or names[1] in names[0]:
        return None
    if re.search(rf"{re.escape(names[0])}(?:,| and| or| &) {re.escape(names[1])}", asked):
        return None  # a list in another order is the same list
    return asked.replace(names[0], "\0", 1).replace(names[1], names[0], 1).replace("\0", names[1], 1)


def _turned(asked: str) -> str | None:
    """'Who did Rome conquer?' and 'Who conquered Rome?': whoever does it, and whom it is done to."""
    if found := re.fullmatch(r"(Who|What|Which \w+|What \w+) did ((?:the )?(?:[A-Z][\w-]+ ?)+) ([a-z]+)\?", asked):
        wh, name, verb = found.groups()
        return f"{wh} {verb.rstrip('e')}ed {name}?"
    if found := re.fullmatch(r"(Who|Which \w+|What \w+) ([a-z]+)ed ((?:the )?(?:[A-Z][\w-]+ ?)+)\?", asked):
        wh, verb, name = found.groups()
        return f"{wh} did {name} {verb}?"
    return None


def _only(asked: str) -> str | None:
    """One word more that asks for another number, or for another set."""
    if re.match(r"How many \w+", asked):
        return re.sub(r"^How many (\w+)", r"How many other \1", asked)
    found = re.match(r"(Who|What|Which \w+) (?=(?:is|are|was|were) )", asked)
    return None if found is None else f"{found[0]}else {asked[found.end() :]}"


def _left_out(asked: str) -> str | None:
    """Without the time or place at its end."""
    plain = asked.rstrip("?. ")
    found = re.fullmatch(r"(.{25,}) (?:in|on|at|during|before|after|since|from|for) (?:the )?[A-Z\d][^,]*", plain)
    return f"{found[1]}?" if found else None
