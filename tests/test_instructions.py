"""How a question is to be answered is told to the model, and nobody looks for it in the documents."""

from __future__ import annotations

import pytest

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.instructions import without_instructions
from docmind.answering.question import Question
from docmind.answering.understanding import understand
from docmind.workspace import Workspace


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How much is the rent? Answer in pounds.", "How much is the rent?"),
        ("What is the margin for 2021? Please give your answer in USD millions.", "What is the margin for 2021?"),
        ("Round to two decimals. What is the ratio?", "What is the ratio?"),
        ("Who signed it? Be brief. Do not guess. Cite the page.", "Who signed it?"),
        (
            "What drove the margin? If margin is no useful figure here, then state that and explain why.",
            "What drove the margin?",
        ),
        ("List the suppliers. Use bullet points.", "List the suppliers."),
        ("What does the filter do? In one sentence.", "What does the filter do?"),
        ("Think step by step. How many valves are there?", "How many valves are there?"),
    ],
)
def test_what_says_how_to_answer_is_not_looked_for(question: str, asked: str) -> None:
    assert without_instructions(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "Answer in pounds.",
        "Give the number of employees. What changed?",
        "State the rent.",
        "Explain the difference between the two leases. Who pays for repairs?",
        "How should the operator respond? What does the manual say?",
        "The valve is stuck. How is it freed?",
        "Use of the garage is forbidden. Why?",
        "If the tenant leaves early, what does he owe?",
        "If the tenant leaves early, who must say so? And when?",
        "Answer key: which of them is right?",
        "",
    ],
)
def test_what_is_asked_stays_whole(question: str) -> None:
    assert without_instructions(question) == question


def test_a_hostile_question_is_read_at_once() -> None:
    assert without_instructions("If " + "a, " * 1_300 + "?")
    assert without_instructions("please " * 500 + "x. Who?")


def test_the_model_is_told_all_and_the_search_what_is_asked() -> None:
    understood = understand(Question("How much is the rent? Answer in pounds."), "never")
    assert (understood.text, understood.asks) == ("How much is the rent? Answer in pounds.", "How much is the rent?")
    assert understood.asked_as is None


def test_words_that_say_how_to_answer_are_not_missed_in_the_documents(sample_library: Workspace) -> None:
    instructed = "Who is the landlord? Please be concise, answer politely and do not speculate."
    *_, answer = ask(sample_library, instructed)
    assert isinstance(answer, Answer)
    assert answer.found
    assert answer.question == instructed
