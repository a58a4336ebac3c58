"""Questions to the app itself: answered from the catalogue, and never by passages that happen to be near."""

from __future__ import annotations

import pytest

from docmind.answering.about_library import BY_THE_APP, about_library
from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.question import Question
from docmind.workspace import Workspace


def said(workspace: Workspace, question: str, scope: tuple[str, ...] | None = None) -> str | None:
    answer = about_library(Question(question, scope), workspace.catalog)
    return answer.text if answer else None


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("What documents do you have?", "Your library holds 6 documents.\n- coffee-machine-manual.md\n- "),
        ("Please list all my documents.", "residential-lease.pdf (4 pages)"),
        ("which files are in the library", "Your library holds 6 documents.\n"),
        ("How many documents have I added?", "Your library holds 6 documents."),
        ("How many pages does the lease have?", "residential-lease.pdf has 4 pages."),
        ("How many pages has residential-lease.pdf?", "residential-lease.pdf has 4 pages."),
        ("How many pages are there in the coffee machine manual?", "coffee-machine-manual.md is of a kind that has no"),
        ("When was the quarterly report added?", "quarterly-report.pdf was added on "),
        ("Thanks!", "You are welcome."),
        ("OK, thank you very much.", "You are welcome."),
        ("What documents do I have?", "Your library holds 6 documents."),
        ("what have I uploaded?", "Your library holds 6 documents."),
        ("what docs do you have", "Your library holds 6 documents."),
        ("which files were uploaded?", "Your library holds 6 documents."),
        ("Give me a list of my files", "Your library holds 6 documents."),
        ("number of pages in the lease", "residential-lease.pdf has 4 pages."),
        ("How many pages is the lease?", "residential-lease.pdf has 4 pages."),
        ("Which is my longest document?", "residential-lease.pdf has 4 pages."),
        ("Which file is the largest?", " is the largest, with "),
        ("What is the largest file in my library?", " is the largest, with "),
        ("Which collections are there?", "You have made 0 collections."),
        ("ok", "Ask on whenever you like."),
        ("thank u", "You are welcome."),
        ("Thanks, that helped", "You are welcome."),
        ("Danke schön!", "Gern geschehen."),
        ("bye", "Goodbye."),
        ("help", "I answer questions from your documents"),
        ("Hello", "Ask me something"),
        ("What can you do?", "I answer questions from your documents"),
    ],
)
def test_what_is_asked_of_the_app_is_answered_by_the_app(sample_library: Workspace, question: str, part: str) -> None:
    assert part in (said(sample_library, question) or "")


@pytest.mark.parametrize(
    "question",
    [
        "What documents does the tenant have to show?",
        "Which documents are needed for a claim?",
        "How many documents must be handed in?",
        "How many pages may a claim have?",
        "How many pages does the annual report of the council have?",
        "When was the clause about pets added?",
        "Thank you letters: who writes them?",
        "How many pages does the document have?",  # which?
        "List the documents that the landlord has to show.",
        "Which documents have to be uploaded?",
        "What is the largest sum in my library?",
        "How many pages has the tenant got to sign?",
        "Ok, who is the landlord?",
        "What do I have to pay?",
        "Which documents?",
        "Which is the longest?",  # of what was spoken of
        "What is the newest?",
        "",
    ],
)
def test_what_is_asked_of_the_documents_is_left_to_them(sample_library: Workspace, question: str) -> None:
    assert said(sample_library, question) is None


def test_the_document_is_the_one_that_is_asked(sample_library: Workspace) -> None:
    lease = sample_library.catalog.find("residential-lease.pdf")
    assert (
        said(sample_library, "How many pages has this document?", (lease.id,)) == "residential-lease.pdf has 4 pages."
    )


def test_an_empty_library_says_so_and_no_model_is_opened(plain_workspace: Workspace) -> None:
    *_, answer = ask(plain_workspace, "What documents do you have?")
    assert isinstance(answer, Answer)
    assert answer.text == "Your library holds no document yet."
    assert (answer.engine, answer.citations, answer.read.chunks) == (BY_THE_APP, (), 0)
    assert plain_workspace.current_engine.if_open is None
