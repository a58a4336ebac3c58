"""Several documents: what they say about the same, side by side, where they disagree, and numbers that we compute."""

from __future__ import annotations

from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Workspace]:
    """Two versions of a contract of forty clauses: one changed, one removed, one new, one elsewhere."""
    folder = tmp_path_factory.mktemp("versions")
    clauses = [
        f"The {room} on floor {floor} is cleaned on {day} by the company named in schedule {floor}."
        for floor, day in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"), start=1)
        for room in ("kitchen", "library", "workshop", "laboratory", "canteen", "garage", "archive", "office")
    ]
    changed = [clause.replace("on Wednesday", "on Sunday") if "workshop" in clause else clause for clause in clauses]
    second = [
        *changed[10:],
        *changed[:10],
        "Smoking is forbidden in every building of the company.",
        "The rent is €950.",
    ]
    first = [*clauses, "The landlord pays for repairs of the roof.", "The rent is £950."]
    for name, lines in (("old.txt", first), ("new.txt", second)):
        (folder / name).write_text("\n\n".join(lines), encoding="utf-8")
    with Workspace(Settings(data_dir=folder / "data", models_dir=models_dir, engine="extractive")) as workspace:
        assert len(list(ingest(workspace, [folder / "old.txt", folder / "new.txt"]))) == 2
        yield workspace


@pytest.mark.parametrize(
    "question",
    [
        "What changed between old.txt and new.txt?",
        "How do old.txt and new.txt differ?",
        "What are the main differences between old.txt and new.txt?",
        "How do these documents differ?",
        "What are the differences?",
        "List the changes from old.txt to new.txt.",
        "Which clauses are different in the two versions?",
    ],
)
def test_what_changed_is_what_is_not_the_same(versions: Workspace, question: str) -> None:
    analysis = of(versions, "comparison", "old.txt", "new.txt", question=question)
    (row, rent, *alone) = analysis.parts
    assert [entry.sentence.text for entry in rent.entries[:2]] == ["The rent is £950.", "The rent is €950."]
    said = {entry.label: entry.sentence.text for entry in row.entries}
    assert "workshop on floor 3 is cleaned on Wednesday" in said["old.txt"]
    assert "workshop on floor 3 is cleaned on Sunday" in said["new.txt"]
    assert [(part.heading, [entry.sentence.text for entry in part.entries]) for part in alone] == [
        ("Only in old.txt", ["The landlord pays for repairs of the roof."]),
        ("Only in new.txt", ["Smoking is forbidden in every building of the company."]),
    ]
    assert analysis.notes == ("39 sentences and rows stand in both, word for word.",)


def test_of_documents_that_are_no_versions_what_is_different_is_told_topic_by_topic(leases: Workspace) -> None:
    question = "What is the difference between first.txt and second.txt?"
    analysis = of(leases, "comparison", "first.txt", "second.txt", question=question)
    assert any("950 pounds" in entry.sentence.text for part in analysis.parts for entry in part.entries)


def test_differences_beyond_those_that_are_shown_are_counted(plain_workspace: Workspace, tmp_path: Path) -> None:
    rooms = [f"The room number {number} of the house is painted white in spring." for number in range(60)]
    kept = [f"The garden number {number} of the house is kept by the tenant." for number in range(30)]
    (tmp_path / "old.txt").write_text("\n\n".join([*kept, *rooms]), encoding="utf-8")
    (tmp_path / "new.txt").write_text("\n\n".join(kept), encoding="utf-8")
    assert len(list(ingest(plain_workspace, [tmp_path / "old.txt", tmp_path / "new.txt"]))) == 2
    analysis = of(plain_workspace, "comparison", "old.txt", "new.txt", question="What changed?")
    assert analysis.notes[0].startswith("40 more differences were found")


def test_what_both_say_word_for_word_is_not_put_side_by_side(versions: Workspace) -> None:
    analysis = of(versions, "comparison", "old.txt", "new.txt")
    assert analysis.parts
    for part in analysis.parts:
        texts = [entry.sentence.text for entry in part.entries]
        assert len(set(texts)) == len(texts)


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
        ("By the 1901 census the town had 711,988 people.", [("711988", None)]),
        ("In the 2012 season he had 15 tackles; in 2000 people forgot.", [("15", None)]),
        ("Nearly 1800 books and 2,000 maps were sold.", [("1800", None), ("2000", None)]),
        ("It has a staff of 2000 employees; the 1600 people left.", [("2000", None), ("1600", None)]),
        ("It spoke X.25 with the F-16 and MP3 players in 12 cities.", [("12", None)]),
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
