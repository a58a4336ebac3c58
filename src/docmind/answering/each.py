"""Each: a question that is put to several documents, one after the other, and answered from each alone.

'Who is the landlord in each contract?' has as many answers as there are contracts, while the passages nearest to it may
all stand in one of them.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.events import (
    Answer,
    Event,
    LoadingModel,
    Preview,
    Queued,
    Read,
    Retrieved,
    Thinking,
    Token,
    Unread,
)
from docmind.answering.judging import NOT_FOUND, STOPPED
from docmind.answering.question import Question
from docmind.answering.understanding import Understood
from docmind.answering.whole.analysis import Progress
from docmind.errors import DocMindError
from docmind.sentences import content_terms
from docmind.storage.catalog import Catalog, Document

_log = logging.getLogger(__name__)
MOST_EACH = 8
"""Documents that a question is put to one after the other; more would keep people waiting for minutes."""

_NAMED = 20  # documents that were asked, in an answer
_LONGEST = 400  # characters; what is longer is a text with a question
_NUMBER = r"(?:two|three|four|five|six|seven|eight|[2-8])"
_USUAL = r"(?:documents?|files?|contracts?|agreements?|leases?|reports?|filings?|manuals?|policies|policy)"
# Words that mean documents only where the user has chosen some: a contract speaks of invoices, too.
_CHOSEN = r"(?:papers?|articles?|offers?|invoices?|letters?|statements?|plans?|versions?|texts?)"
_THEM = r"(?: of)?(?: (?:the|these|those|my|our))?"
_ADJECTIVE = r"(?: (?:rental|lease|loan|annual|signed|single|different|chosen|selected|individual|service|supply))?"
_SAYS = r" (?:says?|states?|mentions?|allows?|provides?|requires?|specif(?:y|ies)|regulates?|defines?|names?)\b"
_IN = r"(?P<in>[ ,]?\b(?:in|of|for|from|under|across|according to) )"


def _patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    """Words that put a question to each document, where documents are called so; without `in` they are its subject."""
    forms = (
        rf"{_IN}(?:each|every|both){_THEM}(?: {_NUMBER})?{_ADJECTIVE} {kind}\b",
        rf"{_IN}all{_THEM} {_NUMBER}{_ADJECTIVE} {kind}\b",
        rf"(?P<in>[ ,]?\b(?:in|from|under|across) )all{_THEM}{_ADJECTIVE} {kind}\b",
        rf"{_IN}(?:the|these|those) {_NUMBER}{_ADJECTIVE} {kind}\b",
        rf"(?P<in>[ ,]?\bper ){kind}\b",
        rf"{_IN}(?:each|every one|both|all)(?: of (?:them|these)| one)?(?=\W*$)",
        rf"\b(?:each|every|both){_THEM}(?: {_NUMBER})?{_ADJECTIVE} {kind}(?={_SAYS})",
        rf"\ball{_THEM} {_NUMBER}{_ADJECTIVE} {kind}(?={_SAYS})",
    )
    return tuple(re.compile(form, re.IGNORECASE) for form in forms)


_OF_A_LIBRARY, _OF_THE_CHOSEN = _patterns(_USUAL), _patterns(f"(?:{_USUAL}|{_CHOSEN})")
# What is asked of documents together, whatever it says of each.
_TOGETHER = re.compile(
    r"\b(?:(?:which|how many|any|one|none) of|in total|altogether|together|sum|total|average|most|least|"
    r"(?:high|low|larg|small|bigg|long|short|great|old|new|earli|lat|b|wor)est|worst|differ\w*|compar\w*|common|same)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Each:
    """A question, as it is put to each of some documents."""

    question: str
    documents: tuple[Document, ...]


def each_of(
    question: str, wished: bool, scope: Sequence[str] | None, list_ready: Callable[[], Sequence[Document]]
) -> Each | None:
    """A question that is to be put to each document by itself; None where it is to be put to all of them together.

    Args:
        question: As it stands alone.
        wished: Whether the user wants that, whatever the question says.
        scope: Ids of the documents that the user chose; None for all.
        list_ready: Gives the searchable documents; called only where the question may be meant so.
    """
    alone = _alone(question, chosen=scope is not None) or (question if wished else None)
    if alone is None or (scope is not None and not 2 <= len(scope) <= MOST_EACH):
        return None
    documents = [document for document in list_ready() if scope is None or document.id in scope]
    return Each(alone, tuple(documents)) if 2 <= len(documents) <= MOST_EACH else None


def names_asked(catalog: Catalog, scope: Sequence[str] | None) -> tuple[str, ...]:
    """Names of the documents that the user chose, of many the first and how many more; none where all are asked."""
    if scope is None:
        return ()
    chosen = set(scope)
    names = [name for document_id, name in catalog.ready_names().items() if document_id in chosen]
    return tuple(names if len(names) <= _NAMED else [*names[:_NAMED], f"{len(names) - _NAMED:,} more"])


def _alone(question: str, *, chosen: bool) -> str | None:
    """The question without the words that put it to each document; None where there are none, or nothing else."""
    if len(question) > _LONGEST or _TOGETHER.search(question):
        return None
    for pattern in _OF_THE_CHOSEN if chosen else _OF_A_LIBRARY:
        if found := pattern.search(question):
            said = "" if found.groupdict().get("in") else "the document"
            rest = f"{question[: found.start()]}{said}{question[found.end() :]}"
            rest = re.sub(r"\s+([?,.])", r"\1", " ".join(rest.split())).strip(" ,")
            return rest[:1].upper() + rest[1:] if content_terms(rest.replace("the document", "")) else None
    return None


def ask_each(
    each: Each,
    asked: Question,
    understood: Understood,
    unread: tuple[Unread, ...],
    ask_one: Callable[[Question], Iterator[Event]],
    stopped: Callable[[], bool],
) -> Generator[Event, None, None]:
    """Put a question to each of some documents; events as `ask` yields them, the answer last.

    Args:
        each: What is asked, and of which documents.
        asked: The question, as the user asked it.
        understood: The same, as it stands alone.
        unread: Documents that are not read yet.
        ask_one: Asks one of them.
        stopped: Once it says yes, no more documents are asked.
    """
    started = time.perf_counter()
    yield Retrieved((), 0.0, understood.asked_as)
    answers: list[tuple[str, Answer]] = []
    for number, document in enumerate(each.documents):
        if answers and stopped():
            break
        progress = Progress(f"Asking {document.name}", number, len(each.documents))
        yield progress
        alone = replace(asked, text=each.question, scope=(document.id,), history=(), stands_alone=True, awaited=())
        waits = False
        try:
            for event in ask_one(replace(alone, each=False)):
                match event:
                    case Answer():
                        answers.append((document.name, event))
                    case Preview() | LoadingModel() | Queued():
                        waits = not isinstance(event, Preview)
                        yield event
                    case Token() | Thinking() if waits:
                        waits = False
                        yield progress  # it is opened, and no longer in the queue
        except DocMindError as error:
            if not answers:
                raise
            _log.warning("%s could not be asked: %s", document.name, error)  # what the others said is not lost
            break
    answer = _together(understood.asked, answers, round(time.perf_counter() - started, 4))
    not_asked = tuple(document.name for document in each.documents[len(answers) :])
    was_stopped = answer.stopped or stopped()
    answer = replace(answer, not_asked=not_asked, stopped=was_stopped, asked_as=understood.asked_as, unread=unread)
    if was_stopped and not answer.sentences:
        answer = replace(answer, text=STOPPED)
    if answer.found:
        yield Token(answer.text)
    yield answer


def _together(asked: str, answers: Sequence[tuple[str, Answer]], seconds: float) -> Answer:
    """What each document answered, as one answer: a line for each that did, and the names of the others.

    Args:
        asked: What was asked, in the user's words.
        answers: The name of each document, and its answer; at least one.
        seconds: What all took together.
    """
    sentences: list[AnswerSentence] = []
    citations: list[Citation] = []
    for name, answer in answers:
        if answer.found or (answer.stopped and answer.sentences):
            corrected = f"{answer.correction} " if answer.correction else ""
            line = f"• {name}: {corrected}"
            first, *others = answer.sentences
            said = (_unlisted(first).behind(f"\n{line}" if sentences else line), *map(_unlisted, others))
            for sentence in said:
                numbers = tuple(number + len(citations) for number in sentence.citations)
                sentences.append(replace(sentence, citations=numbers))
            citations += _numbered(answer.citations, len(citations))
    found = any(answer.found for _, answer in answers)
    closest = _numbered([answer.citations[0] for _, answer in answers if not answer.found and answer.citations], 0)
    read = [answer.read for _, answer in answers]
    drafts = [f"{name}: {answer.draft}" for name, answer in answers if answer.draft]
    last = next((answer for _, answer in reversed(answers) if answer.found), answers[-1][1])  # whoever wrote
    return replace(
        last,
        question=asked,
        text=" ".join(sentence.text for sentence in sentences) or NOT_FOUND,
        found=found,
        stopped=answers[-1][1].stopped,
        draft="\n".join(drafts) or None,
        sentences=tuple(sentences),
        citations=tuple(citations if sentences else closest),
        read=Read(
            documents=len(answers),
            chunks=sum(each.chunks for each in read),
            prompt_tokens=sum(each.prompt_tokens for each in read),
            context_window=0,
            left_out=tuple(left for each in read for left in each.left_out),
        ),
        retrieve_seconds=round(sum(answer.retrieve_seconds for _, answer in answers), 4),
        first_token_seconds=None,
        total_seconds=seconds,
        tokens_per_second=None,
        left_machine=any(answer.left_machine for _, answer in answers),
        answered=round(time.time(), 3),
        preview=None,
        preview_seconds=None,
        thoughts="",
        thinking_seconds=None,
        asked_as=None,
        gist="",
        from_cache=None,
        alternative=None,
        correction="",
        looked_first=(),
        reranked=None,
        by_document=True,
        nothing_in=tuple(name for name, answer in answers if not answer.found and not answer.stopped),
        closest=tuple(closest if sentences else ()),
    )


def _unlisted(sentence: AnswerSentence) -> AnswerSentence:
    """A sentence without the mark of a list of its own."""
    text = sentence.text.lstrip("\n• ")
    cut = len(sentence.text) - len(text)
    doubts = tuple(
        replace(each, start=max(0, each.start - cut), end=max(0, each.end - cut)) for each in sentence.doubts
    )
    return replace(sentence, text=text, doubts=doubts)


def _numbered(citations: Sequence[Citation], before: int) -> list[Citation]:
    return [replace(citation, n=before + n) for n, citation in enumerate(citations, start=1)]
