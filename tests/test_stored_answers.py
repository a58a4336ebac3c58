"""Stored answers: every form that was ever written opens, and what is written today comes back as it was."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.events import Answer, Failure, Read
from docmind.answering.stored import FORM, from_stored, to_stored
from docmind.records import Locator

CITATION = {
    "n": 1, "document": "lease.pdf", "document_id": "a", "page": 4, "heading": "Rent",
    "quote": "It is due.", "passage": "It is due. Pay it.",
}  # fmt: skip
# The fields of the dataclass as it then was, which is what was stored before stored answers had a form.
FORM_1: dict[str, Any] = {
    "question": "Rent?", "text": "It is due.", "found": True, "stopped": False, "draft": None,
    "sentences": [{"text": "It is due.", "supported": True, "score": 0.9, "citations": [1]}],
    "citations": [CITATION, {**CITATION, "n": 2, "page": None}],
    "read": {"documents": 1, "chunks": 1, "prompt_tokens": 9, "context_window": 99},
    "retrieve_seconds": 0.1, "first_token_seconds": None, "total_seconds": 0.2, "tokens_per_second": None,
    "engine": "extractive", "model": "none",
}  # fmt: skip

ANSWER = Answer(
    question="Rent?",
    text="It is due.",
    found=True,
    stopped=False,
    draft=None,
    sentences=(AnswerSentence("It is due.", True, 0.9, (1,)),),
    citations=(
        Citation(1, "plan.xlsx", "a", Locator(sheet="Rent", cells="A1:C7"), "Rent", "It is due.", "It is due."),
    ),
    read=Read(1, 1, 9, 99),
    retrieve_seconds=0.1,
    first_token_seconds=0.2,
    total_seconds=0.3,
    tokens_per_second=12.5,
    engine="extractive",
    model="none",
    thoughts="Let me see.",
    thinking_seconds=1.5,
    preview=Citation(1, "plan.xlsx", "a", Locator(sheet="Rent"), "Rent", "It is due.", "It is due."),
    preview_seconds=0.15,
)


def through_json(values: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps(values)))


def test_an_answer_of_the_first_form_opens_with_its_pages() -> None:
    answer = from_stored(FORM_1)
    assert isinstance(answer, Answer)
    assert [citation.place for citation in answer.citations] == ["lease.pdf, page 4", "lease.pdf"]
    assert answer.sentences == (AnswerSentence("It is due.", True, 0.9, (1,)),)
    assert (answer.preview, answer.preview_seconds) == (None, None)
    assert from_stored(through_json(to_stored(answer))) == answer


@pytest.mark.parametrize("outcome", [ANSWER, Failure("The model is not on this machine.")])
def test_what_is_stored_comes_back(outcome: Answer | Failure) -> None:
    stored = through_json(to_stored(outcome))
    assert stored["form"] == FORM
    assert from_stored(stored) == outcome


def test_fields_that_came_later_do_not_keep_an_answer_from_opening() -> None:
    """An older DocMind may open the chats of a newer one whose answers merely tell more."""
    stored = {**through_json(to_stored(ANSWER)), "mood": "calm"}
    stored["citations"][0]["colour"] = "yellow"
    assert from_stored(stored) == ANSWER


def test_a_failure_of_the_first_form_opens() -> None:
    assert from_stored({"failure": "No model."}) == Failure("No model.")


@pytest.mark.parametrize(
    "stored", [{}, {"form": FORM, "text": 3}, {"form": "?"}, {"form": math.inf}, {**FORM_1, "citations": [1]}]
)
def test_a_damaged_answer_is_said_to_be_unreadable_and_the_chat_opens(stored: dict[str, Any]) -> None:
    outcome = from_stored(stored)
    assert isinstance(outcome, Failure)
    assert "Ask the question again" in outcome.message
