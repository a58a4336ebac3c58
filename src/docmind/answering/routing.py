"""Routing: is a question hard enough to let the model think first, and is it asked of whole documents?

Thinking costs seconds to minutes, so only questions that ask for more than finding a sentence are worth it. What
counts can be read in the question itself. So can whether all of a document has to be read: a summary stands in no
passage.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from docmind.answering.whole.request import BETWEEN_DOCUMENTS, Kind, Length, Request
from docmind.sentences import content_terms
from docmind.storage.catalog import Document

# A question needs two weak signs or one strong one, because 'why' and 'how' alone often ask for a sentence that stands
# in the document.
_STRONG = (
    # compares
    r"\b(compare[ds]?|comparison|contrast|differences? between|versus|vs\.?|trade-?offs?|pros and cons)\b",
    # calculates
    r"\b(calculate|compute|how much (more|less|higher|lower)|growth rate|percentage change|in total|sum of|"
    r"difference in|ratio of|average)\b",
    # reasons
    r"\b(step by step|what would happen|what happens if|implications?|consequences?|infer|prove|justify|"
    r"contradict\w*|inconsisten\w*|reconcile)\b",
    # surveys
    r"\b(summari[sz]e|analy[sz]e|assess|evaluate|all (the )?\w+ (that|which|where)|across (all|the|both))\b",
)
_WEAK = (
    r"\bwhy\b|\breasons? for\b",
    r"\bhow (do|does|did|can|could|would|should)\b",
    r"\b(if|unless|provided that|assuming|given that)\b",  # conditions
    r"\?.+\?|;|\band (also|what|why|how|who|when|which)\b",  # several parts
)
_LONG_WORDS = 40  # a question of this many words states a situation before it asks


def needs_thinking(question: str, wish: Literal["auto", "always", "never"]) -> bool:
    """Decide by the question's difficulty, unless the user wishes one or the other."""
    if wish != "auto":
        return wish == "always"
    weak = sum(bool(re.search(pattern, question, re.IGNORECASE | re.DOTALL)) for pattern in _WEAK)
    return (
        any(re.search(pattern, question, re.IGNORECASE) for pattern in _STRONG)
        or weak + (len(question.split()) >= _LONG_WORDS) >= 2
    )


# What is asked of whole documents. Where a question names anything besides the documents, as 'summarise the clause on
# deposits' does, it is asked of passages.
_WHOLE: tuple[tuple[Kind, str], ...] = (
    ("contradictions", r"\b(contradict\w*|inconsisten\w*|disagree\w*|conflict with each other)\b"),
    ("comparison", r"^compare\b|\bcomparison (of|between)\b|\bdifferences? between\b|\bhow (do|does) .* differ\b"),
    ("comparison", r"\bwhat (has |have |was |were )?changed\b"),
    ("timeline", r"\b(timelines?|chronolog\w+|sequence of events|in order of (time|date))\b"),
    ("action items", r"\b(action items?|to-?dos?|next steps|tasks? (to do|for whom)|what (has|needs) to be done)\b"),
    ("open questions", r"\b(open|unanswered|unresolved) (questions?|issues?|points?)\b|"
                       r"\bwhat is (still|not yet) (open|decided)\b"),
    ("entities", r"^(list|name|which|what|who)\b.*\b(people|persons|names|companies|organi[sz]ations|entities)\b.*\b"
                 r"(mentioned|named|appear\w*|involved|occur\w*)\b"),
    ("key points", r"\b(key|main|most important) (points?|takeaways?|facts?|findings?|messages?|ideas?)\b"),
    ("list", r"^(list|enumerate|name|give me|show( me)?|find) (all|every|each)\b|^(list|enumerate)\b|^what are all\b"),
    ("summary", r"\b(summari[sz]e|sum up|summary|overview|tl;?dr)\b|\bwhat (is|are) .* about\b"),
)  # fmt: skip
_POLITE = re.compile(
    r"^\W*(?:(?:please|kindly|can you|could you|would you|i (?:want|need|would like)(?: you to)?|let's|now)\W+)+",
    re.IGNORECASE,
)
# Words that ask or that stand for a document, and so name nothing in it.
_NAMES_NOTHING = frozenset(
    content_terms(
        """
        summarise summarize sum up summary overview short brief detailed long concise key main most important
        point points takeaway takeaways fact facts finding findings message idea give write make create provide
        show tell list all whole entire full complete document documents file files report reports contract
        agreement paper papers text texts filing article articles manual policy minutes lease pdf this these
        those sentences sentence words paragraph paragraphs bullet bullets about please everything content
        contents compare comparison difference differences between versus differ two both three contradict
        contradiction contradictions contradictory inconsistent inconsistency inconsistencies disagree conflict
        each other timeline chronology chronological events event dates date order sequence time action item
        items todo todos next step steps open unanswered unresolved question questions issue issues done changed
        change changes version versions people persons names name companies company organisations organizations
        entities mentioned named appear involved occur tldr there any where
        """
    )
)
_LONG = re.compile(r"\b(detailed|long|thorough|comprehensive|in detail|extensive)\b", re.IGNORECASE)
_SEVERAL = re.compile(
    r"\b(?:documents|files|reports|versions|contracts|agreements|leases|filings|papers|policies|manuals|minutes|both|them|"
    r"these|changed)\b",
    re.IGNORECASE,
)
_FEW = 3  # documents of a library that are all meant where a question names none


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: Kind
    length: Length


def whole_request(
    question: str, scope: Sequence[str] | None, list_ready: Callable[[], Sequence[Document]]
) -> Request | None:
    """What a question asks of whole documents; None where it is asked of passages.

    Args:
        question: In the user's words.
        scope: Ids of the documents that the user chose; None for all.
        list_ready: Gives the searchable documents; called only where the question may be about whole ones.
    """
    text = _POLITE.sub("", question.strip())
    asked = _whole_kind(text)
    if asked is None:
        return None
    ready = list_ready()
    documents = _documents_meant(text, scope, ready)
    if not documents or (asked.kind in BETWEEN_DOCUMENTS and len(documents) < 2):
        return None
    if asked.kind in BETWEEN_DOCUMENTS and not (_SEVERAL.search(text) or len(_named(text, ready)) > 1):
        return None  # the difference between two things, say, of which documents speak
    named = {term for document in documents for term in content_terms(f"{document.name} {document.title or ''}")}
    rest = [term for term in content_terms(text) if term not in _NAMES_NOTHING and term not in named]
    # A list and a comparison may say of what; the others are of all.
    if rest and asked.kind not in ("list", "comparison"):
        return None
    about = text if asked.kind == "list" or (asked.kind == "comparison" and rest) else ""
    return Request(asked.kind, tuple(document.id for document in documents), asked.length, question=about)


def _whole_kind(text: str) -> _Asked | None:
    length: Length = "detailed" if _LONG.search(text) else "short"
    for kind, pattern in _WHOLE:
        if re.search(pattern, text, re.IGNORECASE):
            return _Asked(kind, length)
    return None


def _documents_meant(text: str, scope: Sequence[str] | None, ready: Sequence[Document]) -> list[Document]:
    """The documents in scope; of all, those that a question names, or every one where there are few."""
    if scope is not None:
        return [document for document in ready if document.id in scope]
    return _named(text, ready) or (list(ready) if len(ready) <= _FEW else [])


def _named(text: str, ready: Sequence[Document]) -> list[Document]:
    """The documents whose name, with or without its suffix, stands in a text."""
    said, words = text.casefold(), set(content_terms(text))
    return [
        document
        for document in ready
        if document.name.casefold() in said
        or ((stem := set(content_terms(re.sub(r"\.\w{1,5}$|[_-]+", " ", document.name)))) and stem <= words)
    ]
