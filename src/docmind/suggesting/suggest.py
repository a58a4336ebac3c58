"""Suggest: questions that a document answers, made from its headings and key sentences, without a language model.

Each is put to the search as if a user had asked it, and kept only where what would be quoted stands in that document;
where a sentence was its source, only where it is that sentence.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from llama_index.core.schema import BaseNode

from docmind.answering.budget import USUAL_PASSAGES
from docmind.answering.citations import Citation
from docmind.answering.grounding import ground
from docmind.answering.judging import judge
from docmind.answering.routing import whole_request
from docmind.answering.statements import Statement, statements_of
from docmind.answering.writing import Draft
from docmind.errors import DocMindError, is_closing, panics_caught
from docmind.records import TABLE
from docmind.storage.catalog import Document
from docmind.suggesting.questions import question_of, question_of_heading
from docmind.workspace import Workspace

PER_DOCUMENT = 2
"""Questions that are kept of a document."""

_FORM = "questions 1"  # under which they are kept; another way to make them gets another number
_PASSAGES = 24  # of a document that are looked at, spread over it
_CHECKED = 8  # candidates that are put to the search at most; each takes some tenths of a second
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that a document answers."""

    question: str
    document_id: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A question, and the sentence that answers it; '' where it was made from a heading."""

    question: str
    answer: str = ""


class Suggesting:
    """Makes questions of documents that have none yet, in a thread of its own, as long as nobody asks anything.

    Args:
        workspace: The open library.
        busy: Whether somebody asks something now, who is not to be kept waiting.
    """

    def __init__(self, workspace: Workspace, busy: Callable[[], bool]) -> None:
        self._workspace = workspace
        self._busy = busy
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def working(self) -> bool:
        """Whether it is at it."""
        return self._thread is not None and self._thread.is_alive()

    def wake(self, documents: Iterable[Document]) -> None:
        """See to it that these documents have questions, in this order."""
        missing = [document for document in documents if kept_suggestions(self._workspace, document) is None]
        with self._lock:
            if missing and not self.working:
                self._thread = threading.Thread(target=self._run, args=(missing,), name="suggesting", daemon=True)
                self._thread.start()

    def _run(self, documents: list[Document]) -> None:
        try:
            with panics_caught():
                for document in documents:
                    if self._busy():
                        return  # the next look at the start goes on from here
                    suggest(self._workspace, document)
        except DocMindError as error:
            _log.warning("No questions were suggested: %s", error)
        except Exception as error:  # noqa: BLE001 - a suggestion is a courtesy: nothing else may fail for it
            if not (is_closing(error) or self._workspace.reader.closed):
                _log.exception("Suggesting questions failed")


def kept_suggestions(workspace: Workspace, document: Document) -> list[Suggestion] | None:
    """The questions that were made of a document; None where nobody has looked yet."""
    kept = workspace.catalog.analyses.step(document.id, _FORM)
    return None if kept is None else [Suggestion(str(question), document.id) for question in json.loads(kept)]


def suggest(workspace: Workspace, document: Document) -> list[Suggestion]:
    """Make the questions of a document and keep them with it; they go when it is deleted.

    Raises:
        DocMindError: the library or its embedding model cannot be used.
    """
    found: list[str] = []
    if document.language in (None, "en"):
        with workspace.index.lend():
            for candidate in islice(_candidates(workspace, document), _CHECKED):
                if _is_answered(workspace, document, candidate):
                    found.append(candidate.question)
                    if len(found) == PER_DOCUMENT:
                        break
    workspace.catalog.analyses.keep_step(document.id, _FORM, json.dumps(found))
    return [Suggestion(question, document.id) for question in found]


def _candidates(workspace: Workspace, document: Document) -> Iterator[_Candidate]:
    """Questions of sentences first, which are the better ones, then of headings; each once."""
    passages = _spread(list(workspace.store.chunks_of(document.id)))
    title = _title(document)
    seen: set[str] = set()
    made = [
        _Candidate(question, statement.text)
        for passage in passages
        for statement in statements_of(passage.get_content(), passage.metadata.get(TABLE, ""))
        if _may_be_asked(statement) and (question := question_of(statement.text))
    ]
    # Amounts and dates are what people ask for; what something is comes after.
    made.sort(key=lambda candidate: not candidate.question.startswith(("How", "When")))
    headings = (question_of_heading(str(passage.metadata.get("heading", "")), title) for passage in passages)
    made += [_Candidate(question) for question in headings if question]
    for candidate in made:
        if candidate.question not in seen and whole_request(candidate.question, None, lambda: [document]) is None:
            seen.add(candidate.question)
            yield candidate


def _title(document: Document) -> str:
    """The title without the file's name, which is put before it when a document is read."""
    title, stem = document.title or "", document.name.rpartition(".")[0]
    for beginning in (f"{stem}: ", f"{stem.replace('_', ' ')}: "):
        title = title.removeprefix(beginning)
    return title or document.name


def _may_be_asked(statement: Statement) -> bool:
    return statement.whole and not (statement.heading or statement.is_row or statement.is_item or statement.asks)


def _is_answered(workspace: Workspace, document: Document, candidate: _Candidate) -> bool:
    """Whether the app would quote this document, and this sentence, if it were asked and its model only quoted."""
    question = candidate.question
    found = workspace.retriever(None, USUAL_PASSAGES).search(
        question, workspace.embedder.model.get_query_embedding(question)
    )
    passages = [item.node for item in found]
    grounding = ground(question, passages, workspace.embedder)
    if not grounding.about_the_question:
        return False
    draft = Draft(passages=tuple(passages), style="quote")
    judged = judge(question, draft, grounding, workspace.embedder, workspace.settings.support_threshold)
    return bool(judged.sentences) and _rests_on(judged.citations[0], document, candidate.answer)


def _rests_on(citation: Citation, document: Document, answer: str) -> bool:
    return citation.document_id == document.id and answer in " ".join(citation.quote.split())


def _spread(passages: list[BaseNode]) -> list[BaseNode]:
    """At most so many of them, as far apart as there are many."""
    step = max(1, -(-len(passages) // _PASSAGES))
    return passages[::step]
