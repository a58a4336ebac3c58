"""Paraphrases: the same question as somebody else would type it. Made without a look at how the cache compares."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

from docmind.answering.proof.tokens import words_in

# What people put before a question that they leave as it is, and before one that they turn into a clause.
_BEFORE = (
    "Could you tell me: {}", "Please, {}", "Hi, {}", "I'd like to know: {}", "Can you help me? {}", "One question: {}",
    "Hello, I have a question. {}", "Quick question, {}", "Tell me, {}", "I was wondering, {}",
)  # fmt: skip
_BEFORE_CLAUSE = (
    "Could you tell me {}?", "Can you please tell me {}?", "I'd like to know {}.", "Do you know {}?", "I wonder {}.",
    "Please tell me {}.", "Would you mind telling me {}?", "I want to find out {}.",
)  # fmt: skip
_BEHIND = ("{}, please?", "{}? Thanks!", "{}? Thank you.", "{}, do you know?")
_CONTRACTIONS = (
    ("What is", "What's"), ("Who is", "Who's"), ("Where is", "Where's"), ("When is", "When's"), ("How is", "How's"),
    ("did not", "didn't"), ("does not", "doesn't"), ("do not", "don't"), ("is not", "isn't"), ("was not", "wasn't"),
    ("were not", "weren't"), ("are not", "aren't"), ("could not", "couldn't"), ("cannot", "can't"),
    ("would not", "wouldn't"), ("has not", "hasn't"), ("have not", "haven't"),
)  # fmt: skip
_BRITISH = (
    ("color", "colour"), ("colors", "colours"), ("center", "centre"), ("centers", "centres"), ("labor", "labour"),
    ("organization", "organisation"), ("organizations", "organisations"), ("organized", "organised"),
    ("defense", "defence"), ("theater", "theatre"), ("program", "programme"), ("programs", "programmes"),
    ("neighborhood", "neighbourhood"), ("honor", "honour"), ("harbor", "harbour"), ("behavior", "behaviour"),
    ("recognized", "recognised"), ("recognize", "recognise"), ("realized", "realised"), ("favor", "favour"),
    ("traveled", "travelled"), ("traveling", "travelling"), ("modeled", "modelled"), ("labeled", "labelled"),
    ("meter", "metre"), ("meters", "metres"), ("kilometers", "kilometres"), ("liters", "litres"), ("gray", "grey"),
    ("analyze", "analyse"), ("analyzed", "analysed"), ("catalog", "catalogue"), ("aluminum", "aluminium"),
    ("colonized", "colonised"), ("colonization", "colonisation"), ("industrialization", "industrialisation"),
    ("specialized", "specialised"), ("emphasized", "emphasised"), ("civilization", "civilisation"),
    ("license", "licence"), ("rumor", "rumour"), ("armor", "armour"), ("fiber", "fibre"), ("plow", "plough"),
    ("naturalized", "naturalised"), ("characterized", "characterised"), ("stabilize", "stabilise"),
    ("urbanization", "urbanisation"), ("utilized", "utilised"), ("canceled", "cancelled"), ("jewelry", "jewellery"),
)  # fmt: skip
_DIGITS = (
    ("two", "2"), ("three", "3"), ("four", "4"), ("five", "5"), ("six", "6"), ("seven", "7"), ("eight", "8"),
    ("nine", "9"), ("ten", "10"), ("eleven", "11"), ("twelve", "12"), ("twenty", "20"), ("thirty", "30"),
    ("fifty", "50"),
)  # fmt: skip
_KEYS = {
    **dict(zip("qwertyuiop", "wertyuiopo", strict=True)), **dict(zip("asdfghjkl", "sdfghjklk", strict=True)),
    **dict(zip("zxcvbnm", "xcvbnmn", strict=True)),
}  # fmt: skip
_PARTICIPLE = re.compile(r"\w+ed|born|built|made|known|found|written|held|given|taken|sold|won|lost|led|sent|kept")


def paraphrases(question: str, seed: str) -> dict[str, str]:
    """Other ways to ask the same, by their kinds; each kind where the question allows it."""
    chance = random.Random(seed)  # noqa: S311 - the same every time is what is wanted
    kinds: dict[str, Callable[[str, random.Random], str | None]] = {
        "repeat": lambda asked, _: asked,
        "case and marks": _case_and_marks,
        "politeness": _politeness,
        "clause": _clause,
        "contraction": _contraction,
        "typo": _typo,
        "order": _order,
        "year": _year,
        "what or which": _what_or_which,
        "passive": _passive,
        "synonym": _synonym,
        "spelling": _spelling,
        "number": _number,
    }
    asked = " ".join(question.split())
    made = {kind: make(asked, chance) for kind, make in kinds.items()}
    changed = [kind for kind, said in made.items() if said and kind not in ("repeat", "typo", "politeness", "clause")]
    if changed:
        first = made[chance.choice(changed)] or ""
        made["two at once"] = (_politeness if chance.random() < 0.5 else _typo)(first, chance)
    return {kind: said for kind, said in made.items() if said and (said != asked or kind == "repeat")}


def _case_and_marks(asked: str, chance: random.Random) -> str:
    plain = asked.rstrip("?. ")
    return chance.choice((plain.lower(), plain, asked.lower(), asked.upper(), f"{plain} ?", f"{plain}???", plain + "."))


def _politeness(asked: str, chance: random.Random) -> str:
    plain = asked.rstrip("?. ")
    if chance.random() < 0.3:
        return chance.choice(_BEHIND).format(plain)
    before = chance.choice(_BEFORE)
    small = before.endswith((": {}", ", {}"))
    return before.format(_small(plain) + "?" if small else plain + "?")


def _small(asked: str) -> str:
    first = asked.split(" ", 1)[0]
    return asked[:1].lower() + asked[1:] if first.istitle() and first.lower() in _STARTS else asked


_STARTS = words_in(
    "who what when where why which how whose whom in on at by for of from to during did does do is are was were the "
    "about after before into with can could has have had"
)


def _clause(asked: str, chance: random.Random) -> str | None:
    """The question as a clause, where that takes no more than moving 'is' or 'was'."""
    frame, plain = chance.choice(_BEFORE_CLAUSE), asked.rstrip("?. ")
    if found := re.fullmatch(r"((?:Who|What|Where|When|Why|How)) (is|are|was|were) (.+)", plain):
        wh, be, rest = found.groups()
        before, _, last = rest.rpartition(" ")
        if _PARTICIPLE.fullmatch(last) and before:
            return frame.format(f"{wh.lower()} {before} {be} {last}")
        if re.match(r"(?:the|a|an) ", rest) and not re.search(r"\b(?:\w+ed|who|which|that|by|to)\b", rest):
            return frame.format(f"{wh.lower()} {rest} {be}")
        return None
    if re.match(
        r"(?:Who|What|Which)\b(?! (?:is|are|was|were|did|do|does|has|have|had|can|could|would|will|should)\b)", plain
    ):
        if re.search(r"\b(?:did|do|does|was|were|is|are|has|have|had|can|could|would|will)\b", plain):
            return None
        return frame.format(_small(plain))
    return None


def _contraction(asked: str, _: random.Random) -> str | None:
    for long, short in _CONTRACTIONS:
        for old, new in ((long, short), (short, long)):
            if re.search(rf"\b{old}\b", asked):
                return re.sub(rf"\b{old}\b", new, asked, count=1)
    return None


def _typo(asked: str, chance: random.Random) -> str | None:
    """One letter of one word: left out, doubled, exchanged with the next one, or the key beside it."""
    places = [found.span() for found in re.finditer(r"[A-Za-z]{5,}", asked)]
    if not places:
        return None
    begin, end = chance.choice(places)
    word, at = asked[begin:end], chance.randrange(1, end - begin - 1)
    match chance.randrange(4):
        case 0:
            new = word[:at] + word[at + 1 :]
        case 1:
            new = word[:at] + word[at] + word[at:]
        case 2:
            new = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case _:
            new = word[:at] + _KEYS.get(word[at].lower(), "e") + word[at + 1 :]
    return asked[:begin] + new + asked[end:] if new != word else None


def _order(asked: str, _: random.Random) -> str | None:
    """A time or place moved from the end to the beginning or back, or what is asked for put at the end."""
    plain = asked.rstrip("?. ")
    if found := re.fullmatch(
        r"(In|On|At|During|Before|After|Since|By) ((?:\w+ ){0,3}\w+),? ((?:who|what|which|how|where|when|why)\b.+)",
        plain,
    ):
        preposition, rest, question = found.groups()
        return f"{question[:1].upper()}{question[1:]} {preposition.lower()} {rest}?"
    if found := re.fullmatch(
        r"(.+) ((?:in|on|at|during|before|after|since)) ((?:the )?(?:[A-Z\d][\w-]*)(?: [A-Z\d][\w-]*){0,3})", plain
    ):
        question, preposition, rest = found.groups()
        if re.match(r"(?:Who|What|Which|How|Where|When|Why)\b", question) and len(question.split()) > 3:
            return f"{preposition.title()} {rest}, {_small(question)}?"
    if found := re.fullmatch(r"(When|Where|How|Why|What) (is|are|was|were) (.+) (\w+)", plain):
        wh, be, rest, last = found.groups()
        if _PARTICIPLE.fullmatch(last):
            return f"{rest[:1].upper()}{rest[1:]} {be} {last} {wh.lower()}?"
    if found := re.fullmatch(r"What (is|are|was|were) (the .+)", plain):
        be, rest = found.groups()
        if not re.search(r"\b(?:\w+ed|who|which|that|by|to)\b", rest):
            return f"{rest[:1].upper()}{rest[1:]} {be} what?"
    return None


def _year(asked: str, chance: random.Random) -> str | None:
    """'In what year did', 'What year did', 'In which year did' and 'When did' ask the same."""
    ways = ("In what year", "What year", "In which year", "When")
    if found := re.match(r"(?:In (?:what|which) year|(?:What|Which) year|When)(?= (?:did|was|were)\b)", asked):
        return chance.choice([way for way in ways if way != found[0]]) + asked[found.end() :]
    return None


def _passive(asked: str, _: random.Random) -> str | None:
    """'Who founded it?', 'By whom was it founded?' and 'Who was it founded by?'."""
    plain = asked.rstrip("?. ")
    if found := re.fullmatch(r"Who ([a-z]+ed|built|made|found|held|led|won) ((?:the |a )?[\w' -]+)", plain):
        verb, whom = found.groups()
        if not re.search(r"\b(?:to|in|on|at|of|for|from|as|with|by|that|who|and|after|before|during|about)\b", whom):
            return f"By whom was {whom} {verb}?"
    if found := re.fullmatch(r"Who (was|were) (.+) by", plain):
        return f"By whom {found[1]} {found[2]}?"
    if found := re.fullmatch(r"By whom (was|were) (.+)", plain):
        return f"Who {found[1]} {found[2]} by?"
    return None


def _what_or_which(asked: str, _: random.Random) -> str | None:
    if re.match(r"What (?!\w+ed |is|are|was|were|did|do|does|has|have|had|can|could|would|will|happen)[a-z]+ ", asked):
        return "Which" + asked[4:]
    return "What" + asked[5:] if re.match(r"Which [a-z]+ ", asked) and not asked.startswith("Which of") else None


def _synonym(asked: str, chance: random.Random) -> str | None:
    known = [word for word in re.findall(r"\b[a-z]{3,}\b", asked) if word in _synonyms()]
    if not known:
        return None
    old = chance.choice(known)
    return re.sub(rf"\b{old}\b", chance.choice(_synonyms()[old]), asked, count=1)


@cache
def _synonyms() -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for line in _lines():
        word, other = line.split()
        known.setdefault(word, []).append(other)
    return known


def _lines() -> Iterator[str]:
    text = files(__package__).joinpath("synonyms.txt").read_text(encoding="utf-8")
    return (line for line in text.splitlines() if not line.startswith("#"))


def _spelling(asked: str, _: random.Random) -> str | None:
    for american, british in _BRITISH:
        for old, new in ((american, british), (british, american)):
            if re.search(rf"\b{old}\b", asked):
                return re.sub(rf"\b{old}\b", new, asked, count=1)
    return None


def _number(asked: str, chance: random.Random) -> str | None:
    if found := re.search(r"\b(\d{1,3})[, ](\d{3})\b", asked):
        thousands, rest = found.groups()
        new = chance.choice((f"{thousands}{rest}", f"{thousands} {rest}", f"{thousands},{rest}"))
        return asked.replace(found[0], new, 1)
    for word, digits in _DIGITS:
        for old, new in ((word, digits), (digits, word)):
            if re.search(rf"(?<![\w.,-]){old}(?![\d.,%-]|\w)", asked) and not re.search(
                rf"\b{old} [A-Z]|[A-Z]\w+ {old}\b", asked
            ):
                return re.sub(rf"(?<![\w.,-]){old}(?![\d.,%-]|\w)", new, asked, count=1)
    return None
