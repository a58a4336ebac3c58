"""Two-turn questions are made from questions about one passage, by rule."""

from __future__ import annotations

from docmind.bench.answers.evaluation_set import EvaluationQuestion
from docmind.bench.answers.follow_ups import two_turns

PASSAGE = "The Tide Bridge was opened in 1931. The mayor of the Tide Bridge company was Ole Berg. It is 90 metres long."


def asked(question: str, answer: str) -> EvaluationQuestion:
    return EvaluationQuestion(question, question, "bridges.md", (answer,), PASSAGE)


def test_the_subject_of_the_second_question_gives_way_to_a_pronoun() -> None:
    [turns] = two_turns(
        [asked("Who built the Tide Bridge?", "Ole Berg"), asked("When was the Tide Bridge opened?", "1931")]
    )
    assert (turns.follow_up, turns.subject, turns.kind) == ("When was it opened?", "the Tide Bridge", "pronoun")


def test_or_it_is_left_out_where_it_stands_at_the_end() -> None:
    [turns] = two_turns(
        [
            asked("How old is the Tide Bridge?", "90 years"),
            asked("How many metres is the length of the Tide Bridge?", "90"),
        ]
    )
    assert (turns.follow_up, turns.kind) == ("And how many metres is the length?", "left out")


def test_questions_about_different_things_or_with_the_same_answer_are_no_conversation() -> None:
    assert two_turns([asked("Who built the Tide Bridge?", "Berg"), asked("When was the harbour dug?", "1931")]) == []
    assert two_turns([asked("Who built the Tide Bridge?", "Berg"), asked("Who owned the Tide Bridge?", "Berg")]) == []
