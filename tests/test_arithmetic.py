"""Arithmetic: numbers are found and cited, and we compute; where they are not certain, nothing is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from docmind.answering.arithmetic import NOT_COMPUTED, calculation_of, compute
from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.evidence import gather
from docmind.ingestion.ingest import ingest
from docmind.workspace import Workspace

_TEXT = """Davis made 118 tackles and 4 interceptions for the Reds last season.

Revenue of the mill was $93.1 million in 2021 and $118.3 million in 2022.

The rent of the shop is 1,450 pounds a month.

The deposit for the shop is 1,670 pounds.

Ann earned 300 dollars at the fair.

Bob earned 240 dollars at the fair.

The tower in Bergen is 80 metres high.

The bridge has a span of 210 metres. A later survey says that the bridge has a span of 214 metres.

The weir is 30 metres wide.
"""


@pytest.mark.parametrize(
    ("question", "result"),
    [
        ("How many more tackles than interceptions did Davis make?", "118 - 4 = 114"),
        ("What is the difference between the rent and the deposit of the shop?", "£1,670 - £1,450 = £220"),
        ("How much did the revenue of the mill rise from 2021 to 2022?",
         "$118.3 million - $93.1 million = $25.2 million"),
        ("What was the percentage increase in revenue of the mill from 2021 to 2022?",
         "($118.3 million - $93.1 million) / $93.1 million = 27.07%"),
        ("How much higher was the revenue of the mill in 2022 than in 2021?",
         "$118.3 million - $93.1 million = $25.2 million"),
        ("What is the sum of the rent and the deposit of the shop?", "£1,450 + £1,670 = £3,120"),
        ("How many dollars did Ann and Bob earn in total?", "$300 + $240 = $540"),
        ("What is the ratio of tackles to interceptions?", "118 / 4 = 29.5"),
        ("What is the average of the rent and the deposit?", "(£1,450 + £1,670) / 2 = £1,560"),
        # Two spans are told, and the width of a weir is no height of a tower: nothing is certain.
        ("What is the difference between the span of the bridge and the width of the weir?", None),
        ("How much higher is the tower in Bergen than the tower in Oslo?", None),
    ],
)  # fmt: skip
def test_what_is_certain_is_computed_and_nothing_else(
    plain_workspace: Workspace, tmp_path: Path, question: str, result: str | None
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(_TEXT, encoding="utf-8")
    list(ingest(plain_workspace, [path]))
    document = plain_workspace.catalog.find("notes.txt")
    evidence = gather(question, list(plain_workspace.store.chunks_of(document.id)), plain_workspace.embedder)
    calculation = calculation_of(question)
    assert calculation
    computed = compute(calculation, evidence)
    assert (computed.sentence.text if computed else None) == result
    if computed:
        assert computed.sentence.citations == tuple(citation.n for citation in computed.citations)


@pytest.mark.parametrize(
    "question",
    ["How many tackles did Davis make?", "Who played for the Reds?", "When did revenue rise?", "What is the rent?"],
)
def test_other_questions_want_nothing_computed(question: str) -> None:
    assert calculation_of(question) is None


def test_an_answer_shows_the_calculation_with_both_places(plain_workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(_TEXT, encoding="utf-8")
    list(ingest(plain_workspace, [path]))
    *_, answer = ask(plain_workspace, "What is the sum of the rent and the deposit of the shop?")
    assert isinstance(answer, Answer)
    assert answer.text == "£1,450 + £1,670 = £3,120"
    assert answer.found
    assert [citation.quote for citation in answer.citations] == [
        "The rent of the shop is 1,450 pounds a month.",
        "The deposit for the shop is 1,670 pounds.",
    ]
    *_, unsure = ask(plain_workspace, "How much higher is the tower in Bergen than the tower in Oslo?")
    assert isinstance(unsure, Answer)
    assert not unsure.found or unsure.text == NOT_COMPUTED or "=" not in unsure.text
