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
_WELL = r"ok(?:ay)?|great|perfect|good|wonderful|nice|got it|i see|all right|alright|understood|cool"
_THANKS = re.compile(
    rf"(?:(?:{_WELL})[,!. ]+)?(?:many |very good )?(?:thanks|thank (?:you|u)|thx|ty|cheers)"
    r"(?:[ ,]+(?:a lot|so much|very much|again|for (?:that|this|your help|the help|helping)|docmind))?"
    r"(?:[ ,.!]+(?:that|this|it) (?:helped|helps|was helpful|is helpful)(?: a lot)?)?"
)
_FAREWELL = re.compile(r"(?:good)?bye(?: bye)?|bye-bye|see you(?: later)?|good night|that(?:'s| is) all(?: for now)?")
_GREETING = re.compile(r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day))(?: there|,? docmind)?")
_ABILITIES = re.compile(
    r"who are you|what are you|what can you do(?: for me)?|what can i (?:ask(?: you)?|do(?: here)?)|what is docmind"
    r"|(?:help(?: me)?|how does (?:this|it|docmind) work|how do (?:i|you) (?:use|work with) (?:this|it|docmind))"
)
_WORDS = {
    _THANKS: "You are welcome.",
    re.compile(_WELL): "Good. Ask on whenever you like.",
    _FAREWELL: "Goodbye. Your documents and chats are kept.",
    # Where nothing but thanks is said in another language, it is answered in that.
    re.compile(r"(?:vielen |besten )?dank(?:e(?: schön| sehr| dir| ihnen)?)?"): "Gern geschehen.",
    re.compile(r"merci(?: beaucoup| bien)?"): "Je vous en prie.",
    re.compile(r"(?:muchas )?gracias"): "De nada.",
    re.compile(r"(?:molte )?grazie(?: mille)?"): "Prego.",
    re.compile(r"(?:muito )?obrigad[oa]"): "De nada.",
    _GREETING: "Hello. Ask me something about your documents.",
    _ABILITIES: (
        "I answer questions from your documents and show the sentence that each answer rests on. I can also summarise, "
        "compare and list what is in whole documents. What they do not say, I do not make up."
    ),
}
_DOCUMENTS = r"(?:documents?|files?|docs?|pdfs?)"
_OF_THE_LIBRARY = (
    r"(?:(?:do|have) (?:you|i|we) (?:have|know|hold|got)"
    r"|are (?:there|here|(?:in|loaded|indexed|available)(?: in)?"
    r"(?: (?:the|my|your) library)?)"
    r"|(?:have|did) (?:i|we) (?:added?|upload(?:ed)?|imported)(?: so far)?"
    r"|(?:are|were|have been) (?:added|uploaded)"
    r"|can (?:you (?:see|read|access)|i ask)|does (?:the|my|your) library (?:have|hold|contain)"
    r"|is (?:in )?(?:the|my|your) library)"
)
_WHICH = re.compile(
    rf"(?:what|which)(?: (?:kinds?|sorts?) of)? {_DOCUMENTS} {_OF_THE_LIBRARY}"
    rf"|what are (?:the|my|your) {_DOCUMENTS}(?: {_OF_THE_LIBRARY})?"
    rf"|what(?:'s| is)(?: there)? in (?:the|my|your) (?:library|{_DOCUMENTS} list)"
    rf"|what (?:have i|did i) (?:added?|upload(?:ed)?)(?: so far)?|what do you have(?: here)?"
    rf"|(?:list|show|name|give)(?: me)?(?: an? (?:list|overview) of)?(?: all)?(?: (?:of )?(?:the|my|your|our))?"
    rf" {_DOCUMENTS}(?: (?:in (?:the|my|your) library|you have|i have|i uploaded))?"
)
_HOW_MANY = re.compile(rf"how many {_DOCUMENTS} {_OF_THE_LIBRARY}|(?:the )?number of {_DOCUMENTS}")
_COLLECTIONS = re.compile(
    r"(?:what|which|how many) collections (?:do (?:you|i|we) have|are there|have i made|did i make|exist)"
    r"|(?:list|show)(?: me)?(?: all)?(?: the| my| your)? collections"
)
_PAGES = re.compile(
    r"how many pages (?:(?:does|do) (?P<does>.+) (?:have|contain)|(?:has|have|is|are) (?P<has>.+?)(?: got| long)?"
    r"|(?:are there |are )?in (?P<inside>.+?))"
    r"|(?:what(?:'s| is) )?the (?:number of pages|page count) (?:in|of) (?P<number>.+)"
    r"|(?:number of pages|page count) (?:in|of) (?P<count>.+)"
)
_SUPERLATIVES = "largest|biggest|longest|newest|latest|oldest|most recent"
_MOST = re.compile(
    rf"(?:which|what)(?P<of> {_DOCUMENTS})? is (?:the|my) (?P<most>{_SUPERLATIVES})(?(of)| {_DOCUMENTS})"
    r"(?: (?:in (?:the|my|your) library|i have|you have|here|of all))?"
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
    if _COLLECTIONS.fullmatch(asked):
        return _collections(catalog)
    if found := _MOST.fullmatch(asked):
        return _most(found["most"], catalog.documents("ready"))
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


def _collections(catalog: Catalog) -> str:
    held = catalog.collections.all()
    lines = [f"- {name} ({_count(documents, 'document')})" for name, documents in held.items()]
    return "\n".join([f"You have made {_count(len(held), 'collection')}.", *lines])


def _most(most: str, ready: Sequence[Document]) -> str:
    """The document that is so: by when it was added, by pages where any has some, else by its size."""
    if not ready:
        return "Your library holds no document yet."
    if most in ("newest", "latest", "most recent", "oldest"):
        by_age = sorted(ready, key=lambda document: document.added)
        return _added(by_age[0 if most == "oldest" else -1])
    if most == "longest" and (paged := [document for document in ready if document.pages]):
        return _pages(max(paged, key=lambda document: document.pages or 0))
    largest = max(ready, key=lambda document: document.size)
    return f"{largest.name} is the largest, with {max(1, round(largest.size / 1000)):,} kB."


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
