"""Questions that are suggested: made by rule from what documents say, and only those that the app would answer."""

from __future__ import annotations

import pytest

from docmind.suggesting.questions import question_of, question_of_heading
from docmind.suggesting.suggest import kept_suggestions, suggest
from docmind.workspace import Workspace


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("2.1 The rent is £1,450 a month, payable in advance.", "How much is the rent?"),
        ("The tenant pays a deposit of £1,670 before moving in.", "How much is the deposit?"),
        ("The lease begins on 1 March 2026 and ends on 28 February 2027.", "When does the lease begin?"),
        ("The rent is payable in advance on the first day of each month.", "When is the rent payable?"),
        (
            "The new City 4 will be shown on 12 March 2026.",
            "When will the new City 4 be shown?",
        ),
        ("Revenue rose by 13.3 per cent to €35.7 million.", "How much did revenue rise?"),
        ("GAAP Net Income was $181 million.", "How much was GAAP Net Income?"),
        ("The tax rate was 24.6%.", "What was the tax rate?"),
        ("A meal with clients may cost up to 60 euros a head.", "How much may a meal with clients cost?"),
        ("The recall cost €0.4 million.", "How much did the recall cost?"),
        ("The warden is a member of the council.", "What is the warden?"),
    ],
)
def test_a_sentence_is_turned_into_the_question_that_it_answers(sentence: str, question: str) -> None:
    assert question_of(sentence) == question


@pytest.mark.parametrize(
    "sentence",
    [
        "It is £500.",  # what is?
        "The effect was gone by 20:00 in the yards that have it.",
        "This rent and that deposit are £500.",
        "Ada Whitcombe is a member of the council.",
        "Volumes were approximately 7% lower than last year.",
        "Is the rent £500?",
        "The rent is low.",
        "Die Miete ist 500 €.",
    ],
)
def test_where_a_sentence_leaves_open_what_it_speaks_of_there_is_no_question(sentence: str) -> None:
    assert question_of(sentence) is None


def test_a_heading_asks_what_its_document_says_about_it() -> None:
    asked = question_of_heading("The lease > 7. Visits by the Landlord", "Residential Lease Agreement")
    assert asked == "What does “Residential Lease Agreement” say about visits by the Landlord?"
    for heading in ("Contents", "What it cost", "Introduction", "Lease", "", "Notes to the tables"):
        assert question_of_heading(heading, "Residential Lease Agreement") is None


def test_what_is_suggested_is_answered_by_its_document_and_kept_until_that_is_deleted(
    sample_library: Workspace,
) -> None:
    lease = sample_library.catalog.find("residential-lease.pdf")
    made = suggest(sample_library, lease)
    assert [suggestion.question for suggestion in made] == ["When does the lease begin?", "How much is the rent?"]
    assert kept_suggestions(sample_library, lease) == made
    assert sample_library.catalog.analyses.step(lease.id, "questions 1") is not None  # goes with the document's row
    manual = sample_library.catalog.find("coffee-machine-manual.md")
    assert kept_suggestions(sample_library, manual) is None
    assert all("coffee" in suggestion.question.casefold() for suggestion in suggest(sample_library, manual))
