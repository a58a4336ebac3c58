"""Several documents: what they say about the same, side by side, where they disagree, and numbers that we compute."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.whole.between import DIFFERENCE, subtraction
from docmind.answering.whole.quantities import quantities, rounded, written
from docmind.answering.whole.topics import topics_of
from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.workspace import Workspace
from test_whole import of

_FIRST = """The rent of the flat is 950 pounds a month.

Pets are allowed in the flat with written consent.

The notice period is two months for both sides.

The deposit is 1,900 pounds.

The landlord pays for repairs of the roof.

The windows were replaced in 2019.
"""
_SECOND = """The rent of the flat is 1,020 pounds a month.

Pets are not allowed in the flat.

The notice period is three months for both sides.

The deposit is 1,900 pounds.

The tenant has a parking space behind the house.

The windows were replaced in 2021.
"""


@pytest.fixture(scope="module")
def leases(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Workspace:
    folder = tmp_path_factory.mktemp("leases")
    for name, text in (("first.txt", _FIRST), ("second.txt", _SECOND)):
        (folder / name).write_text(text, encoding="utf-8")
    with Workspace(Settings(data_dir=folder / "data", models_dir=models_dir, engine="extractive")) as workspace:
        assert len(list(ingest(workspace, [folder / "first.txt", folder / "second.txt"]))) == 2
        yield workspace


def test_a_comparison_puts_what_is_about_the_same_side_by_side(leases: Workspace) -> None:
    analysis = of(leases, "comparison", "first.txt", "second.txt")
    rows = [{entry.label: entry.sentence.text for entry in part.entries} for part in analysis.parts]
    rent = next(row for row in rows if "950 pounds" in row.get("first.txt", ""))
    assert "1,020 pounds" in rent["second.txt"]
    assert rent[DIFFERENCE] == "£1,020 - £950 = £70"
    pets = next(row for row in rows if "Pets" in row.get("first.txt", ""))
    assert pets["second.txt"] == "Pets are not allowed in the flat."
    assert DIFFERENCE not in pets


def test_a_computed_difference_cites_both_numbers(leases: Workspace) -> None:
    analysis = of(leases, "comparison", "first.txt", "second.txt")
    quotes = {citation.n: citation for citation in analysis.citations}
    computed = [entry for entry in analysis.entries if entry.label == DIFFERENCE]
    assert computed
    for entry in computed:
        assert len({quotes[number].document for number in entry.sentence.citations}) == 2


def test_topics_that_the_user_names_are_the_rows(leases: Workspace) -> None:
    analysis = of(leases, "comparison", "first.txt", "second.txt", question="Compare the deposit and the notice period")
    assert [part.heading for part in analysis.parts] == ["the deposit", "the notice period"]
    assert all(len({entry.label for entry in part.entries} - {DIFFERENCE}) == 2 for part in analysis.parts)


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("Compare the rent and the deposit in a.txt and b.txt", ["the rent", "the deposit"]),
        ("compare the rent in a.txt with the rent in b.txt", ["the rent"]),
        ("Compare the rent of a.txt with that of b.txt.", ["the rent"]),
        ("Compare a.txt with b.txt on rent, deposit and notice period", ["rent", "deposit", "notice period"]),
        ("In a.txt and b.txt, compare the rent", ["the rent"]),
        ("Compare 'a.txt' and “b.txt”", []),
        ("Compare the notice period between lease 2019 and the file lease_2024", ["the notice period"]),
        ("Compare lease_2019.pdf against lease-2024.pdf regarding pets", ["pets"]),
        ("Compare the fees in Lease of Flat 3 and Lease of Flat 9", ["the fees"]),
        ("What is the difference between the rent in a.txt and b.txt?", ["the rent"]),
        ("How do the deposits in a.txt and b.txt differ?", ["the deposits"]),
        ("What changed in the rent between a.txt and b.txt?", ["the rent"]),
        ("rent, notice period", ["rent", "notice period"]),
        ("Compare the deposit and the notice period in both leases", ["the deposit", "the notice period"]),
        ("Compare the b and the rent", ["the b", "the rent"]),  # may be a word of its own
        ("", []),
    ],
)
def test_topics_of_a_comparison_are_not_the_names_of_the_documents(question: str, topics: list[str]) -> None:
    documents = [
        ("a.txt", None),
        ("b.txt", "Notes"),
        ("old/lease_2019.pdf", "Lease of Flat 3"),
        ("lease-2024.pdf", "Lease of Flat 9"),
    ]
    assert topics_of(question, documents) == topics


def test_a_comparison_that_names_its_documents_is_about_the_topics_alone(leases: Workspace) -> None:
    question = "Compare the rent and the deposit in first.txt and second.txt"
    *_, answer = ask(leases, question)
    assert isinstance(answer, Answer)
    assert [line for line in answer.text.splitlines() if not line.startswith("•")] == ["the rent", "the deposit"]
    assert "£1,020 - £950 = £70" in answer.text
    named_alone = of(leases, "comparison", "first.txt", "second.txt", question="Compare first.txt and second.txt")
    assert len(named_alone.parts) > 2


def test_contradictions_are_other_numbers_and_denials_but_not_other_times_or_what_is_the_same(
    leases: Workspace,
) -> None:
    analysis = of(leases, "contradictions", "first.txt", "second.txt")
    texts = " ".join(entry.sentence.text for entry in analysis.entries)
    assert "950 pounds" in texts
    assert "three months" in texts
    assert "Pets are not allowed" in texts
    assert "deposit" not in texts
    assert "windows" not in texts
    assert all(len(part.entries) == 2 and part.heading for part in analysis.parts)


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Sales were $1.2 billion in 2021.", [("1200000000", "USD")]),
        ("He made 118 tackles and 4 interceptions.", [("118", None), ("4", None)]),
        ("2.1 The rent is £1,450 a month.", [("1450", "GBP")]),
        ("It rose by 13.3 per cent.", [("13.3", "%")]),
        ("Founded in 1887 on page 12.", []),
        ("It was signed on 28 January 2023.", []),
    ],
)
def test_quantities_are_what_counts_or_measures(sentence: str, found: list[tuple[str, str | None]]) -> None:
    assert [(f"{item.value:f}", item.unit) for item in quantities(sentence)] == found


def test_numbers_are_computed_exactly_and_written_as_their_sources_write_them() -> None:
    (more,), (less,) = quantities("Revenue was $118.3 million."), quantities("Revenue was $93.1 million.")
    assert subtraction(more, less) == "$118.3 million - $93.1 million = $25.2 million"
    assert written(Decimal("0.1") + Decimal("0.2"), None) == "0.3"
    assert written(Decimal(-1234), "USD") == "-$1,234"
    assert rounded(Decimal("12.345")) == Decimal("12.35")
