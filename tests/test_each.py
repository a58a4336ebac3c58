"""A question that is put to each of several documents is answered from each, and what says nothing is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from docmind.answering import ask as ask_module
from docmind.answering.ask import ask
from docmind.answering.each import each_of
from docmind.answering.events import Answer, Token
from docmind.answering.question import Question
from docmind.answering.whole.analysis import Progress
from docmind.errors import EngineError
from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.storage.catalog import Document
from docmind.workspace import Workspace

CONTRACTS = {
    "warehouse.txt": "This agreement is made between Northgate Property Ltd (the landlord) and Brightleaf Supplies Ltd "
    "(the tenant).\n\nEither party may end this agreement by giving six months' notice in writing.\n\nThe rent is "
    "reviewed every three years.",
    "office.txt": "In this lease, the Landlord means Eleanor Whitcombe and whoever holds the freehold after her.\n\n"
    "The Tenant may end this lease by giving not less than ninety days' written notice to the Landlord.",
    "flat.txt": "Landlord: Housing Association of Lower Mill. Tenant: Jonas Petersen.\n\nOne cat is allowed.",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Workspace]:
    """Three contracts and a manual, read with the starter's embedding model and quoted."""
    folder = tmp_path_factory.mktemp("each")
    files = folder / "files"
    files.mkdir()
    for name, text in {**CONTRACTS, "machine.txt": "Descale the machine every two months."}.items():
        (files / name).write_text(text, encoding="utf-8")
    with Workspace(Settings(data_dir=folder / "data", models_dir=models_dir, engine="extractive")) as opened:
        assert {outcome.status for outcome in ingest(opened, [files])} == {"ingested"}
        yield opened


@pytest.fixture
def contracts(workspace: Workspace) -> tuple[str, ...]:
    return tuple(workspace.catalog.find(name).id for name in CONTRACTS)


def answered(workspace: Workspace, question: Question) -> Answer:
    *events, answer = ask(workspace, question)
    assert isinstance(answer, Answer)
    if answer.by_document:
        totals = [event.total for event in events if isinstance(event, Progress)]
        assert totals == [len(answer.asked_of)] * (3 - max(0, len(answer.not_asked) - 1))
        assert [event.text for event in events if isinstance(event, Token)] == ([answer.text] if answer.found else [])
    return answer


@pytest.mark.parametrize(
    "question", ["Who is the landlord in each contract?", "Who is the landlord in each of the three contracts?"]
)
def test_each_contract_names_its_landlord(workspace: Workspace, contracts: tuple[str, ...], question: str) -> None:
    answer = answered(workspace, Question(question, contracts))
    assert answer.by_document
    assert answer.found
    lines = answer.text.split("\n")
    assert sorted(line.split(":")[0] for line in lines) == ["• flat.txt", "• office.txt", "• warehouse.txt"]
    for name, landlord in (("warehouse", "Northgate"), ("office", "Eleanor Whitcombe"), ("flat", "Lower Mill")):
        (line,) = (line for line in lines if f"• {name}.txt:" in line)
        assert landlord in line
    assert set(answer.asked_of) == set(CONTRACTS)
    by_number = {citation.n: citation for citation in answer.citations}
    assert sorted(by_number) == list(range(1, len(answer.citations) + 1))
    name = ""
    for sentence in answer.sentences:
        name = sentence.text.split("•")[1].split(":")[0].strip() if "•" in sentence.text else name
        assert {by_number[number].document for number in sentence.citations} == {name}
        assert sentence.supported
    assert {citation.document for citation in answer.citations} == set(CONTRACTS)
    assert answer.nothing_in == ()


def test_a_contract_that_says_nothing_of_it_is_named(workspace: Workspace, contracts: tuple[str, ...]) -> None:
    answer = answered(workspace, Question("What is the notice period in each of the three contracts?", contracts))
    assert "six months" in answer.text
    assert set(answer.nothing_in) >= {"flat.txt"}
    assert [citation.document for citation in answer.closest] == list(answer.nothing_in)
    assert "ninety days" in f"{answer.text} {' '.join(citation.quote for citation in answer.closest)}"


def test_where_no_document_answers_nothing_is_said_to_be_found(
    workspace: Workspace, contracts: tuple[str, ...]
) -> None:
    answer = answered(workspace, Question("What is the capital of France in each contract?", contracts))
    assert not answer.found
    assert answer.nothing_in == answer.asked_of


def test_it_is_done_at_a_wish_and_not_unasked(workspace: Workspace, contracts: tuple[str, ...]) -> None:
    together = answered(workspace, Question("Who is the landlord?", contracts))
    assert not together.by_document
    assert set(together.asked_of) == set(CONTRACTS)
    by_itself = answered(workspace, Question("Who is the landlord?", contracts, each=True))
    assert by_itself.by_document
    assert {citation.document for citation in by_itself.citations} == set(CONTRACTS)


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("Who is the landlord in each contract?", "Who is the landlord?"),
        ("How much is the rent in all three leases?", "How much is the rent?"),
        ("What does each contract say about pets?", "What does the document say about pets?"),
        ("For each of the reports, what was the profit?", "What was the profit?"),
        ("Who is named in both contracts?", "Who is named?"),
        ("How long is the notice period per contract?", "How long is the notice period?"),
        ("Which law applies across all leases?", "Which law applies?"),
        ("What is the deposit in each?", "What is the deposit?"),
        ("What does each of the contracts require of tenants?", "What does the document require of tenants?"),
        ("What happens in both cases?", None),
        ("What is the rent in both years?", None),
        ("How much does each lender offer for the house?", None),
        ("What happens if each party files a claim?", None),
        ("How often does each member report expenses?", None),
        ("What does each plan cost?", None),
        ("Must each invoice be paid within 30 days?", None),
        ("Who keeps copies of all documents?", None),
        ("What are the fees, and who pays all of them?", None),
        ("The contract has two guarantors: what does each of them guarantee?", None),
        ("What is the deposit in these two agreements?", "What is the deposit?"),
        ("Who is the insurer of each of them?", "Who is the insurer?"),
        ("How much does each tenant pay?", None),
        ("When are all invoices due each month?", None),
        ("What happens in each contract?", "What happens?"),
        ("Each contract?", None),
        ("Which of the three contracts has the highest rent?", None),
        ("How much is the rent of all three contracts in total?", None),
        ("What do both contracts have in common?", None),
        ("Do all three contracts name the same landlord?", None),
        ("Is the report due every three years?", None),
    ],
)
def test_the_words_that_put_it_to_each_are_told_from_others(question: str, alone: str | None) -> None:
    documents = [
        Document(str(number), f"{number}.txt", "", 1, "ready", 0.0, "text", None, None, 1, 1, None, None, (), 0)
        for number in range(3)
    ]
    found = each_of(question, False, None, lambda: documents)
    assert (found.question if found else None) == alone


def test_many_documents_are_asked_together() -> None:
    document = Document("0", "a.txt", "", 1, "ready", 0.0, "text", None, None, 1, 1, None, None, (), 0)
    asked = "Who is the landlord in each contract?"
    assert each_of(asked, False, None, lambda: [document] * 9) is None
    assert each_of(asked, False, ("0",), lambda: [document]) is None
    assert each_of(" ," * 20_000 + asked, False, None, lambda: [document] * 3) is None


def test_one_that_is_stopped_says_which_documents_were_not_asked(
    workspace: Workspace, contracts: tuple[str, ...]
) -> None:
    asked: list[str] = []
    events = []
    for event in ask(workspace, Question("Who is the landlord in each contract?", contracts), lambda: len(asked) > 1):
        if isinstance(event, Progress):
            asked.append(event.stage)
        events.append(event)
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.stopped
    assert answer.found
    assert len(answer.not_asked) >= 1
    assert not set(answer.not_asked) & {citation.document for citation in answer.citations}
    assert answer.nothing_in == ()


def test_what_others_said_is_not_lost_where_one_cannot_be_asked(
    workspace: Workspace, contracts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = ask_module._ask_passages, []

    def failing(*given: object) -> Iterator[object]:
        calls.append(given)
        if len(calls) == 2:
            raise EngineError("The model failed.")
        yield from real(*given)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(ask_module, "_ask_passages", failing)
    answer = answered(workspace, Question("Who is the landlord in each contract?", contracts))
    assert len({citation.document for citation in answer.citations}) == 1
    assert len(answer.not_asked) == 2
