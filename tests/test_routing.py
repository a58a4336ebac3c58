"""Hard questions are told from easy ones by what stands in them, and the user's wish goes first."""

from __future__ import annotations

import pytest

from docmind.answering.routing import needs_thinking, whole_request
from docmind.storage.catalog import Document

EASY = (
    "What is the monthly rent?",
    "Who signed the agreement?",
    "Why was the product recalled?",
    "How do I descale the machine?",
    "When does the lease end?",
    "Is it waterproof?",
    "Which warranty does the pump have?",
)
HARD = (
    "Compare the termination clauses of the two contracts.",
    "What is the difference between the 2021 and the 2022 revenue?",
    "How much more did the company spend on research than on marketing?",
    "Summarise the risks.",
    "What happens if the tenant pays late and the deposit is used up?",
    "Why did margins fall? And how would they have developed without the acquisition?",
    "Do the two statements contradict each other?",
    "List all the clauses that mention a penalty.",
)


@pytest.mark.parametrize("question", EASY)
def test_a_question_for_a_sentence_is_answered_at_once(question: str) -> None:
    assert not needs_thinking(question, "auto")


@pytest.mark.parametrize("question", HARD)
def test_a_question_that_weighs_or_calculates_is_thought_about(question: str) -> None:
    assert needs_thinking(question, "auto")


def test_a_long_question_with_a_condition_is_hard() -> None:
    situation = (
        "The tenant moved out in March without notice, left the furniture behind, and the new tenant came in May. "
    )
    assert needs_thinking(situation * 3 + "Who pays if nobody paid in April?", "auto")


@pytest.mark.parametrize("question", [EASY[0], HARD[0], "", "?" * 5000, "why " * 5000])
def test_the_users_wish_goes_first(question: str) -> None:
    assert needs_thinking(question, "always")
    assert not needs_thinking(question, "never")
    needs_thinking(question, "auto")


def document(name: str) -> Document:
    return Document(
        name, name, name, 1, "ready", 0.0, "txt", name, None, 1, 1, 1.0, None, (), 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Summarise this document.", "summary"),
        ("Please give me a detailed summary of the lease", "summary"),
        ("What is this report about?", "summary"),
        ("What are the key points?", "key points"),
        ("List all fees of the tenant", "list"),
        ("Show me a timeline of events", "timeline"),
        ("What are the action items?", "action items"),
        ("Which people are mentioned in it?", "entities"),
        ("What is the rent?", None),
        ("Summarise the clause on deposits", None),  # stands in a passage
        ("How many points did the Broncos score?", None),
        ("What are the main findings about hedges?", None),
        ("When was the list of members printed?", None),
    ],
)
def test_what_is_asked_of_a_whole_document_is_told_from_what_stands_in_a_passage(
    question: str, kind: str | None
) -> None:
    request = whole_request(question, ("lease.txt",), lambda: [document("lease.txt"), document("manual.txt")])
    assert (request.kind if request else None) == kind
    assert request is None or request.documents == ("lease.txt",)


def test_without_a_scope_the_documents_are_named_or_few() -> None:
    many = [document(f"paper {number}.txt") for number in ("one", "two", "three", "four")]
    assert whole_request("Summarise everything", None, lambda: many) is None
    named = whole_request("Summarise paper two", None, lambda: many)
    assert named
    assert named.documents == ("paper two.txt",)
    few = whole_request("Summarise everything", None, lambda: many[:2])
    assert few
    assert len(few.documents) == 2


def test_a_comparison_is_of_documents_not_of_what_they_speak_of() -> None:
    two = [document("lease 2020.txt"), document("lease 2024.txt")]
    for question in ("Compare lease 2020 and lease 2024", "What changed between both?", "Compare the documents"):
        asked = whole_request(question, None, lambda: two)
        assert asked
        assert asked.kind == "comparison"
    assert whole_request("What is the difference between rent and deposit?", None, lambda: two) is None
    assert whole_request("Compare the documents", None, lambda: two[:1]) is None
