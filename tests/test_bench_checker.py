"""The benchmark of the checker: what its statements are made of, and that they are true and false."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docmind.bench.answers.evaluation_set import EvaluationQuestion
from docmind.bench.answers.falsify import CHANGES, falsehoods
from docmind.bench.answers.measuring import bench_answers
from docmind.bench.answers.truths import sentence_of, statement_of, truths
from docmind.settings import Settings

SENTENCES = (
    "Before 1912 most of the mills in Norvale were not owned by the Brandt family, because Karl Holm built 24 mills "
    "in Ovre and must have sold at least 1,250 shares.",
    "The northern line grew by 12 km in 1921.",
    "The line carried 40 trains in 1921 and 52 trains in 1930, at 6 crowns a month.",
)


@pytest.mark.parametrize("kind", CHANGES)
def test_each_kind_of_falsehood_can_be_made_and_changes_the_sentence(kind: str) -> None:
    made = [text for sentence in SENTENCES for found, text in falsehoods(sentence, "seed") if found == kind]
    assert made
    assert not set(made) & set(SENTENCES)


def test_the_same_seed_makes_the_same_falsehoods() -> None:
    assert list(falsehoods(SENTENCES[0], "a")) == list(falsehoods(SENTENCES[0], "a"))


def test_true_statements_are_made_of_the_sentence_and_of_the_question() -> None:
    passage = "The mill (a large one) was founded by Holm in 1912. It made 1,250 shirts, which were sold abroad."
    each = EvaluationQuestion("1", "Who was the founder of the mill?", "mill.md", ("Holm",), passage)
    sentence = sentence_of(each)
    assert sentence == "The mill (a large one) was founded by Holm in 1912."
    made = dict(truths(each, sentence))
    assert made["verbatim"] == sentence
    assert made["bare answer"] == "Holm"
    assert made["the answer is"] == "The answer is Holm."
    assert made["trimmed"] == "The mill was founded by Holm in 1912."
    assert made["question and answer"] == "Holm was the founder of the mill."
    assert statement_of("How did it end?", "badly") is None


def test_the_checker_is_measured_by_kind(plain_settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "mill.md").write_text("# The mill\n\n" + "\n\n".join(SENTENCES) + "\n", encoding="utf-8")
    asked = {
        "question": "By how much did the northern line grow?",
        "document": "mill.md",
        "answer": "12 km",
        "passage": SENTENCES[1],
    }
    (folder / "questions.jsonl").write_text(json.dumps(asked) + "\n", encoding="utf-8")
    report = bench_answers(plain_settings, folder, parts=["checker"])
    figures = {figure.name: figure.value for figure in report.figures}
    assert figures["checker: true statements supported, verbatim"] == 100
    assert figures["checker: false statements supported"] == 0
