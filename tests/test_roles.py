"""What people ask of contracts first: who the parties are, and how long a period is."""

from __future__ import annotations

import pytest
from llama_index.core.schema import TextNode

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.expected import defines_role, has_what_is_asked_for, role_asked_for
from docmind.answering.grounding import ground
from docmind.answering.judging import Judgement, judge
from docmind.answering.question import Question
from docmind.answering.understanding import understand
from docmind.answering.writing import Draft
from docmind.embeddings import Embedder
from docmind.workspace import Workspace
from passages import passage

SUPPLY = (
    "This contract is made between Northfield Tools Ltd (hereinafter the “Supplier”) and Priya Nair (the buyer) on 4 "
    "March 2025. The Supplier delivers within ten days. The Supplier keeps spare parts in stock. "
    "The Supplier answers in writing."
)
REPAIR = (
    "This contract is made between Ines Costa (the supplier) and Paul Brandt (the buyer) on 6 May 2025. The supplier "
    "repairs the gates. The supplier sends a bill each month."
)


BOTH = (passage(SUPPLY, "tools contract"), passage(REPAIR, "gates contract"))


def quoted(question: str, passages: tuple[TextNode, ...], embedder: Embedder) -> Judgement:
    grounding = ground(question, passages, embedder)
    return judge(question, Draft(passages=passages, style="quote"), grounding, embedder, 0.6)


def test_who_a_party_is_stands_where_the_contract_names_it(minilm: Embedder) -> None:
    judgement = quoted("Who is the supplier?", BOTH[:1], minilm)
    assert "Northfield Tools Ltd" in judgement.text
    assert judgement.citations[0].quote in SUPPLY


def test_of_several_contracts_each_is_told_with_its_own_source(minilm: Embedder) -> None:
    judgement = quoted("Who is the supplier?", BOTH, minilm)
    assert [sentence.citations for sentence in judgement.sentences] == [(1,), (2,)]
    assert {citation.document for citation in judgement.citations} == {"tools contract.md", "gates contract.md"}
    assert all(name in judgement.text for name in ("Northfield Tools Ltd", "Ines Costa"))


def test_a_question_that_names_one_of_them_is_answered_from_that_one(minilm: Embedder) -> None:
    judgement = quoted("Who is the supplier of the Gates contract?", BOTH, minilm)
    assert "Ines Costa" in judgement.text
    assert "Northfield" not in judgement.text


@pytest.mark.parametrize(
    ("question", "role"),
    [
        ("Who is the landlord?", "landlord"),
        ("who was the managing director of the company?", "managing director"),
        ("Who is the tenant of Mill Lane 3?", "tenant"),
        ("Who pays the landlord?", ""),
        ("Who is responsible for repairs?", ""),
    ],
)
def test_a_question_for_somebody_in_a_role_is_known_from_others(question: str, role: str) -> None:
    assert role_asked_for(question) == role


@pytest.mark.parametrize(
    ("statement", "defines"),
    [
        ("between Elena Marsh (the landlord) and Tom Okafor (the tenant)", True),
        ("between Marsh Homes Ltd, of 8 Quay Street (hereinafter referred to as the “Landlord”), and others", True),
        ("The Landlord shall keep the roof in repair.", False),
        ("The notice (to the landlord) is given in writing.", False),
        ("Elena Marsh keeps the roof in repair.", False),
    ],
)
def test_a_role_is_defined_where_it_is_given_to_a_name(statement: str, defines: bool) -> None:
    assert defines_role("Who is the landlord?", statement, ()) == defines


@pytest.mark.parametrize(
    ("question", "statement", "has"),
    [
        ("Who is the chairman?", "The chairman opens the meeting.", False),
        ("Who is the chairman?", "Maria Olsen is the chairman.", True),
        ("Who is the chairman?", "The chairman since 4 March is Maria Olsen.", True),
        ("Who is the chairman?", "The chairman was elected on 4 March.", False),
        ("How long is the notice period?", "Notice is given by letter.", False),
        ("How long is the notice period?", "Either party may end it by giving three months' notice.", True),
    ],
)
def test_a_name_or_a_length_of_time_is_wanted(question: str, statement: str, has: bool) -> None:
    assert has_what_is_asked_for(question, statement) == has


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("What is the notice period?", "How long is the notice period?"),
        ("What's the data retention period for logs?", "How long is the data retention period for logs?"),
        ("What is the Permian period?", "What is the Permian period?"),
    ],
)
def test_what_a_period_is_asks_how_long_it_is(asked: str, text: str) -> None:
    understood = understand(Question(asked), "never")
    assert understood.text == text
    assert understood.asked_as == (text if text != asked else None)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is the notice period?", "two months’ written notice"),
        ("Who is the landlord?", "Marlow & Finch Properties Limited"),
        ("Who is the tenant?", "Ada Whitcombe and Tomas Reyes"),
    ],
)
def test_the_lease_among_the_samples_answers_them(sample_library: Workspace, question: str, said: str) -> None:
    lease = sample_library.catalog.find("residential-lease.pdf")
    *_, answer = ask(sample_library, Question(question, (lease.id,)))
    assert isinstance(answer, Answer)
    assert answer.found
    assert said in answer.text
