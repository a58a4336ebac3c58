"""Corrections: what a question takes for granted and the documents say otherwise is told, and nothing else is."""

from __future__ import annotations

import pytest
from llama_index.core.schema import TextNode

from docmind.answering.correction import correction
from docmind.answering.evidence import Evidence, Vector
from docmind.sentences import content_terms

TACKLES = "Kuechly led the team with 118 tackles and four interceptions."
OPENED = "The plant in Bergen was opened by Maria Olsen in 1962."
GAMES = "The Panthers won fifteen games."
MUSEUM = "The museum has 12 galleries."
MADE = "Kuechly made 118 tackles for the team in 2015."
TEAMS = "The documents say twelve teams, not twenty-one teams."
RENT = "The monthly rent of the flat is £1,450 and includes 20 hours of cleaning."


def said(text: str) -> Evidence:
    return Evidence(text, TextNode(text=text), frozenset(content_terms(text)), frozenset(), Vector, 0.5, 0.5)


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Who led the team with 118 interceptions?", TACKLES, "The documents say 118 tackles, not 118 interceptions."),
        ("Who led the team with 181 tackles?", TACKLES, "The documents say 118 tackles, not 181 tackles."),
        ("Who opened the plant in Bergen in 1972?", OPENED, "The documents say 1962, not 1972."),
        ("Which team won sixteen games?", GAMES, "The documents say fifteen games, not sixteen games."),
        ("Which team won 16 games?", GAMES, "The documents say fifteen games, not 16 games."),
        ("Did the museum have fifteen galleries?", MUSEUM, "The documents say 12 galleries, not fifteen galleries."),
        ("In which year did Kuechly make 119 tackles?", MADE, "The documents say 118 tackles, not 119 tackles."),
        (
            "Will a deposit of 48,500 pounds be paid by the landlord?",
            "The landlord pays a deposit of £46,500.",
            "The documents say £46,500, not 48,500 pounds.",
        ),
        ("Did twenty-one teams take part in the cup?", "Twelve teams took part in the cup.", TEAMS),
        ("Does the rent of the flat include 30 hours of cleaning?", RENT, "The documents say 20 hours, not 30 hours."),
    ],
)
def test_another_number_or_thing_in_the_same_sentence_is_told(question: str, text: str, expected: str) -> None:
    assert correction(question, said(text)) == expected


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who led the team with 118 tackles?", TACKLES),  # it is right
        ("Which team won fifteen games?", "The Panthers won 15 games."),  # it is right, in other letters
        ("Did the museum have twelve galleries?", MUSEUM),
        ("Which two teams won fifteen games?", GAMES),
        ("Who led the team?", TACKLES),  # it takes nothing for granted
        ("Who closed the factory in Trondheim in 1972?", OPENED),  # the sentence tells of something else
        ("What were the 1972 sales of the plant in Bergen?", OPENED),
        ("Is the monthly rent of the flat 1,450 dollars?", RENT),
        ("Who led the team with 99 yards?", TACKLES),  # neither the number nor the thing
    ],
)
def test_nothing_else_is(question: str, text: str) -> None:
    assert correction(question, said(text)) == ""
