"""Hard questions are told from easy ones by what stands in them, and the user's wish goes first."""

from __future__ import annotations

import pytest

from docmind.answering.routing import needs_thinking

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
