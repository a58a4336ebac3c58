"""About the library: questions that are put to the app itself, and 'thanks'. No passage is searched for them.

What passages happen to be near to 'What documents do you have?' is no answer to it; the catalogue is. Only what is
plainly meant so is taken: the whole question has to be of a form that is known here, and what it names has to be there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import datetime

from docmind.answering.events import Answer, Read
from docmind.answering.question import Question
from docmind.sentences import content_terms
from docmind.storage.catalog import Catalog, Document

BY_THE_APP = "app"
"""The engine of an answer that the app gives itself."""

_NAMED = 20  # documents in a list; more are counted
_POLITE = re.compile(r"(?:please|can you tell me|could you tell me|tell me|do you know)[,:]? ", re.IGNORECASE)
_THANKS = re.compile(
    r"(?:(?:ok|okay|great|perfect|good|wonderful|nice)[,!. ]+)?(?:many |very good )?(?:thanks|thank you|thx|cheers)"
    r"(?:[ ,]+(?:a lot|so much|very much|again|for (?:that|this|your help|the help)|docmind))?"
)
_GREETING = re.compile(r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day))(?: there|,? docmind)?")
_ABILITIES = re.compile(r"who are you|what are you|what can you do(?: for me)?|what can i ask(?: you)?|what is docmind")
_WORDS = {
    _THANKS: "You are welcome.",
    _GREETING: "Hello. Ask me something about your documents.",
    _ABILITIES: (
        "I answer questions from your documents and show the sentence that each answer rests on. I can also summarise, "
        "compare and list what is in whole documents. What they do not say, I do not make up."
    ),
}
_OF_THE_LIBRARY = (
    r"(?:do you (?:have|know|hold)|are (?:there|here|(?:in|loaded|indexed|available)(?: in)?"
    r"(?: (?:the|my|your) library)?)|have i (?:added|uploaded)|did i (?:add|upload)"
    r"|can (?:you (?:see|read|access)|i ask)|does (?:the|my|your) library (?:have|hold|contain)"
    r"|is (?:in )?(?:the|my|your) library)"
)
_WHICH = re.compile(
    rf"(?:what|which)(?: kinds? of)? (?:documents|files) {_OF_THE_LIBRARY}|what(?:'s| is) in (?:the|my|your) library"
    r"|(?:list|show)(?: me)?(?: all)?(?: the| my| your)? (?:documents|files)(?: in (?:the|my|your) library)?"
)
_HOW_MANY = re.compile(rf"how many (?:documents|files) {_OF_THE_LIBRARY}")
_PAGES = re.compile(
    r"how many pages (?:(?:does|do) (?P<does>.+) (?:have|contain)|(?:has|have) (?P<has>.+?)(?: got)?"
    r"|(?:are there |are )?in (?P<inside>.+?))"
)
_ADDED = re.compile(r"when (?:was (?P<was>.+) (?:added|uploaded)|did i (?:add|upload) (?P<did>.+))")
_THE_DOCUMENT = re.compile(r"(?:the|this|my) (?:document|file|pdf)")


def about_library(question: Question, catalog: Catalog) -> Answer | None:
    """The app's own answer to what is asked of it rather than of the documents; None where the documents are asked."""
    asked = " ".join(_POLITE.sub("", question.text.strip()).casefold().replace("’", "'").split()).rstrip(" ?!.")
    said = _said(asked, question.scope, catalog)
    if said is None:
        return None
    return Answer(
        question=question.text.strip(),
        text=said,
        found=True,
        stopped=False,
        draft=None,
        sentences=(),
        citations=(),
        read=Read(0, 0, 0, 0),
        retrieve_seconds=0.0,
        first_token_seconds=None,
        total_seconds=0.0,
        tokens_per_second=None,
        engine=BY_THE_APP,
        model="",
        answered=round(time.time(), 3),
    )


def _said(asked: str, scope: Sequence[str] | None, catalog: Catalog) -> str | None:
    for pattern, words in _WORDS.items():
        if pattern.fullmatch(asked):
            return words
    for pattern, counted in ((_WHICH, _listed), (_HOW_MANY, _counted)):
        if pattern.fullmatch(asked):
            return counted(catalog)
    for pattern, told in ((_PAGES, _pages), (_ADDED, _added)):
        if found := pattern.fullmatch(asked):
            what = next(name for name in found.groups() if name)
            if meant := _meant(what, scope, catalog.documents("ready")):
                return "\n".join(told(document) for document in meant)
    return None


def _listed(catalog: Catalog) -> str:
    ready = sorted(catalog.documents("ready"), key=lambda document: document.name.casefold())
    lines = [
        f"- {document.name}" + (f" ({_count(document.pages, 'page')})" if document.pages else "") for document in ready
    ]
    more = [f"- and {len(ready) - _NAMED:,} more, on the Documents page"] if len(ready) > _NAMED else []
    return "\n".join([_counted(catalog), *lines[:_NAMED], *more])


def _counted(catalog: Catalog) -> str:
    ready, waiting = len(catalog.documents("ready")), len(catalog.documents("queued", "reading"))
    still = f" {_count(waiting, 'other')} {'is' if waiting == 1 else 'are'} still to be read." if waiting else ""
    return (
        f"Your library holds {_count(ready, 'document')}." if ready else "Your library holds no document yet."
    ) + still


def _pages(document: Document) -> str:
    if document.pages:
        return f"{document.name} has {_count(document.pages, 'page')}."
    return f"{document.name} is of a kind that has no pages. It was read in {_count(document.chunks, 'passage')}."


def _added(document: Document) -> str:
    added = datetime.fromtimestamp(document.added).astimezone()
    return f"{document.name} was added on {added.day} {added:%B %Y} at {added:%H:%M}."


def _meant(what: str, scope: Sequence[str] | None, ready: Sequence[Document]) -> list[Document]:
    """The documents whose name or title holds all the words; 'the document' means the only one that can be meant."""
    asked = [document for document in ready if scope is None or document.id in scope]
    if _THE_DOCUMENT.fullmatch(what):
        return asked if len(asked) == 1 else []
    exact = [document for document in ready if document.name.casefold() == what]
    words = set(content_terms(_as_words(what)))
    return exact or [
        document
        for document in asked
        if words and words <= set(content_terms(_as_words(f"{document.name} {document.title or ''}")))
    ]


def _as_words(name: str) -> str:
    return re.sub(r"[-_.]+", " ", name)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
