"""A question that asks several things is taken apart, and each is answered, or said not to be, by itself."""

from __future__ import annotations

import pytest

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.grounding import ground
from docmind.answering.judging import Judgement, judge
from docmind.answering.parts import parts_of
from docmind.answering.question import Question
from docmind.answering.understanding import understand
from docmind.answering.writing import Draft
from docmind.embeddings import Embedder
from docmind.workspace import Workspace
from passages import passage


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Who is the landlord, and how much is the rent?",
            ("Who is the landlord?", "How much is the rent?"),
        ),
        ("What is the deposit? When is it due?", ("What is the deposit?", "When is the deposit due?")),
        ("Is smoking allowed? And are pets allowed?", ("Is smoking allowed?", "Are pets allowed?")),
        (
            "In which town was Ines born and at which school did Ines teach?",
            ("In which town was Ines born?", "At which school did Ines teach?"),
        ),
        ("When and where was the contract signed?", ()),
        ("Who pays for repairs and maintenance?", ()),
        ("How do the committee and what it decides differ?", ()),
        ("How much is the rent? Answer in pounds.", ()),
        ("Why? How? When? Where?", ()),
        ("", ()),
    ],
)
def test_a_question_is_taken_apart_where_each_part_stands_alone(question: str, parts: tuple[str, ...]) -> None:
    assert parts_of(question) == parts


def test_a_text_with_questions_in_it_is_asked_as_it_is() -> None:
    assert parts_of("Who wrote it? What does it say? Who read it? Who kept it?") == ()
    assert parts_of("What is this? " + "and why is that so " * 5_000) == ()


def test_a_part_is_understood_as_a_question_alone_is() -> None:
    understood = understand(Question("What is the notice period and who may give notice?"), "never")
    assert understood.parts == ("How long is the notice period?", "Who may give notice?")


LEASE = passage("The rent is 900 pounds a month. Ines Costa (the landlord) repairs the roof.", "lease")
TOUR = passage("The tour begins at ten. Cyclists bring a helmet.", "tour")


def judged(questions: tuple[str, ...], embedder: Embedder) -> Judgement:
    passages = (LEASE, TOUR)
    whole = " ".join(questions)
    parts = {question: ground(question, passages, embedder) for question in questions}
    draft = Draft(passages=passages, style="quote")
    return judge(whole, draft, ground(whole, passages, embedder), embedder, 0.6, None, parts)


def test_each_part_is_answered_with_its_own_source(minilm: Embedder) -> None:
    judgement = judged(("When does the tour begin?", "How much is the rent?"), minilm)
    first, second = judgement.sentences
    assert (first.text, second.text) == ("• The tour begins at ten.", "\n• The rent is 900 pounds a month.")
    assert [(each.n, each.document) for each in judgement.citations] == [(1, "tour.md"), (2, "lease.md")]
    assert (first.citations, second.citations) == ((1,), (2,))


def test_a_part_that_nothing_answers_is_said_to_be_missing(minilm: Embedder) -> None:
    judgement = judged(("How much is the rent?", "Who is the president of France?"), minilm)
    found, missing = judgement.sentences
    assert found.supported and not missing.supported
    assert missing.text.strip() == "• Not found in the documents: Who is the president of France?"
    assert len(judgement.citations) == 1


def test_where_nothing_answers_any_part_nothing_is_said(minilm: Embedder) -> None:
    assert judged(("Who is the president of France?", "When was Rome founded?"), minilm).sentences == ()


def test_a_statement_that_answers_two_parts_is_shown_once(minilm: Embedder) -> None:
    judgement = judged(("How much is the rent?", "How much is the rent a month?"), minilm)
    assert judgement.text == "The rent is 900 pounds a month."
    assert [sentence.citations for sentence in judgement.sentences] == [(1,)]
    assert len(judgement.citations) == 1


def test_the_library_is_searched_for_each_part(sample_library: Workspace) -> None:
    """Also where the whole question is near to nothing, and where one part asks who has a role."""
    *_, answer = ask(sample_library, "Who is the landlord, and how much is the monthly rent?")
    assert isinstance(answer, Answer)
    assert "Marlow & Finch Properties Limited" in answer.text
    assert "£1,450" in answer.text
    assert len(answer.citations) == 2
    *_, answer = ask(sample_library, "What is the deposit and who is the president of France?")
    assert isinstance(answer, Answer)
    assert "£1,670" in answer.text
    assert answer.text.endswith("Not found in the documents: Who is the president of France?")
