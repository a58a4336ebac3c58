"""Phrasing: what people say around a question, and the several ways to write its words, made one."""

from __future__ import annotations

import re

from docmind.answering.proof.tokens import words_in

# What a phrase in front of a question may consist of, and what marks it as one.
_AROUND = words_in(
    "a about again also am an and any anybody anyone are ask can could curious do does docs document documents does "
    "excuse explain figure find for from good got happen have hear hello help hey hi i i'd i'm i've idea if in "
    "interested is it just kindly know learn let like look looking love may maybe me mind morning my need now of oh "
    "ok okay one out perhaps please possible possibly question quick quickly recall remember remind say see show so "
    "somebody someone sorry tell telling thank thanks the there this to trying understand us want was well "
    "whether will wish wonder wondering would you your"
)
_TELLS = words_in(
    "ask curious explain find happen hello help hey hi idea interested know learn look looking please question recall "
    "remember remind say show sorry tell telling thank thanks understand wonder wondering ok okay well so excuse"
)
_WORD = re.compile(r"[\w'’]+|[^\w\s]")
_WH = r"(?:who|whom|whose|what|which|when|where|why|how)\b"
_BEFORE_WH = r"(?:(?:in|on|at|by|for|of|from|to|during|with|about|after|before|since|under|into) )?"
_QUESTION_WORD = re.compile(rf"\b{_WH}", re.IGNORECASE)
# How a question begins within a sentence, and after a comma or a full stop.
_BEGINS = re.compile(rf"{_BEFORE_WH}{_WH}|(?:if|whether)\b", re.IGNORECASE)
_BEGINS_ANYHOW = re.compile(
    rf"{_BEFORE_WH}{_WH}|(?:if|in|on|at|by|for|of|from|to|during|with|after|before|since|is|are|was|were|do|does|did|has"
    r"|have|had|can|could|will|would|should|may|must)\b",
    re.IGNORECASE,
)
# More of a polite phrase: 'would you tell me'.
_MORE = re.compile(
    r"(?:can|could|would|will|do|does|may|is|are|have) (?:you|i|we|it|there|anyone|someone|anybody)\b", re.IGNORECASE
)
_BEHIND = re.compile(
    r"[\s,.!?]*(?:\b(?:please|thanks(?: a lot)?|thank you(?: very much)?|many thanks|cheers|do you(?: happen to)? know"
    r"|if you know|can you tell me|could you tell me|any idea)\b[\s,.!?]*)+$",
    re.IGNORECASE,
)
_SHORT = (
    (re.compile(r"\bcan['’]?t\b|\bcannot\b", re.IGNORECASE), "can not"),
    (re.compile(r"\bwon['’]t\b", re.IGNORECASE), "will not"),
    (re.compile(r"\bshan['’]t\b", re.IGNORECASE), "shall not"),
    (re.compile(r"\b(do|did|does|is|was|are|were|ha[sd]|have|\w+ould|must)n['’]?t\b", re.IGNORECASE), r"\1 not"),
    (re.compile(r"\b(what|who|where|when|how|why|which|that|there|it|he|she)['’]s\b", re.IGNORECASE), r"\1 is"),
    (re.compile(r"\b(what|who|where|when|how)s\b(?=\s)", re.IGNORECASE), r"\1 is"),
    (re.compile(r"\b(what|who|where|when|how|why)['’]d\b", re.IGNORECASE), r"\1 did"),
    (re.compile(r"\b(\w+)['’]re\b", re.IGNORECASE), r"\1 are"),
    (re.compile(r"\b(\w+)['’]ve\b", re.IGNORECASE), r"\1 have"),
    (re.compile(r"\b(\w+)['’]ll\b", re.IGNORECASE), r"\1 will"),
)  # fmt: skip
# Other ways to ask for the same.
_SAID = (
    (re.compile(r"\bhow come\b|\b(?:for )?what(?: is| was)?(?: the)? reasons? (?:that|why)\b", re.IGNORECASE), "why"),
    (re.compile(r"\bfor what reasons?\b", re.IGNORECASE), "why"),
    (re.compile(r"\bat (?:what|which) (?:time|moment|point)\b", re.IGNORECASE), "when"),
    (re.compile(r"\bwhat (?:is|was|are|were) the (?:total )?number of\b", re.IGNORECASE), "how many"),
    (re.compile(r"\bwhat number of\b", re.IGNORECASE), "how many"),
    (re.compile(r"\b(?:take|takes|took|taken) place\b", re.IGNORECASE), "happen"),
    (re.compile(r"\bper cent\b", re.IGNORECASE), "percent"),
    (re.compile(
        r",?\s*\b(?:according to|in|from) (?:the|this|these|those|my|our) "
        r"(?:documents?|texts?|files?|pdfs?|passages?|articles?|sources?)\b,?", re.IGNORECASE), ""),
    (re.compile(r"\b(?:actually|exactly|precisely|currently|specifically)\b ?", re.IGNORECASE), ""),
)  # fmt: skip
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:[ \u00a0\u202f]\d{3})+)(?![\d.,]*\d)")
_SPELLINGS = (
    (re.compile(r"(?<=\w\w)our(?=(?:s|ed|ing|able|ite|ful|hoods?|less|ers?|ists?|al)?$)"), "or"),
    (re.compile(r"(?<=\w\w)is(?=(?:e|es|ed|ing|ations?|ers?)$)"), "iz"),
    (re.compile(r"(?<=\w\w)ys(?=(?:e|es|ed|ing|ers?)$)"), "yz"),
    (re.compile(r"(?<=\w)([tb])re(?=s?$)"), r"\1er"),
    (re.compile(r"(?<=\w\w)ogue(?=s?$)"), "og"),
    (re.compile(r"(?<=fen|cen|ten)c(?=es?$)"), "s"),
    (re.compile(r"^(\w{4,}l)l(?=(?:ed|ing|ers?)$)"), r"\1"),
    (re.compile(r"aeo"), "eo"),
    (re.compile(r"oe(?=tus|soph|strog|dema)"), "e"),
)  # fmt: skip
_SPELT = {
    "grey": "gray", "programme": "program", "programmes": "programs", "aluminium": "aluminum", "plough": "plow",
    "jewellery": "jewelry", "sceptic": "skeptic", "sceptics": "skeptics", "mould": "mold", "ageing": "aging",
    "whilst": "while", "amongst": "among", "towards": "toward", "upon": "on", "til": "until", "till": "until",
    "women": "woman", "men": "man", "children": "child", "mice": "mouse", "feet": "foot", "teeth": "tooth",
    "licence": "license", "licences": "licenses", "whom": "who", "percentage": "percent",
    "written": "write", "given": "give", "taken": "take", "driven": "drive", "risen": "rise", "hidden": "hide",
    "eaten": "eat", "fallen": "fall", "beaten": "beat", "proven": "prove", "shown": "show", "known": "know",
    "grown": "grow", "thrown": "throw", "blown": "blow", "drawn": "draw", "seen": "see", "gone": "go",
    "forbidden": "forbid", "shaken": "shake", "ridden": "ride", "forgotten": "forget", "overthrown": "overthrow",
}  # fmt: skip


def bare(question: str) -> str:
    """A question without what politeness puts around it, its short forms written out, thousands without spaces."""
    text = " ".join(question.replace("’", "'").replace("‘", "'").split())
    for pattern, long in _SHORT:
        text = pattern.sub(long, text)
    for pattern, said in _SAID:
        text = pattern.sub(said, text)
    text = _THOUSANDS.sub(lambda found: found[1] + re.sub(r"\s", "", found[2]), text)
    text = _BEHIND.sub("", text) or text
    return _without_frame(text)


def _without_frame(text: str) -> str:
    """The question behind words that only say that somebody asks."""
    best, told = 0, False
    for found in _WORD.finditer(text):
        word, rest = found[0].casefold(), text[found.end() :].lstrip()
        if word not in _AROUND and word not in ",.:;!?-—":
            break
        told = told or word in _TELLS
        if told and rest and (word in ",.:;!?—" or _BEGINS.match(rest)):
            best = found.end()
            if (_BEGINS if word.isalnum() else _BEGINS_ANYHOW).match(rest) and not _MORE.match(rest):
                break
    rest = text[best:].lstrip(" ,.:;!?-—")
    if best and text[best - 1].isalnum() and not _QUESTION_WORD.search(rest):
        rest = re.sub(r"^(?:if|whether) ", "", rest, flags=re.IGNORECASE)
    return rest if best else text


def lemmas(word: str) -> frozenset[str]:
    """The words that one in small letters may be a form of, itself among them; no more than endings are taken off.

    Stems would take 'important' and 'imports' for one word.
    """
    found = {word}
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and not word.endswith(("ss", "eed", "news", "us", "is")):
            base = word[: -len(ending)] + instead
            found.add(base)
            if ending in ("ed", "ing") and base[-1:] == base[-2:-1]:
                found.add(base[:-1])  # 'planned'
    return frozenset(base for base in found if base == word or len(base) >= _SHORTEST)


_ENDINGS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y"), ("ing", ""), ("ing", "e"),
    ("ying", "ie"),
)  # fmt: skip
_SHORTEST = 3


def one_spelling(word: str) -> str:
    """A word in small letters, its British and American spellings made one."""
    word = _SPELT.get(word, word)
    for pattern, spelling in _SPELLINGS:
        word = pattern.sub(spelling, word)
    return word
