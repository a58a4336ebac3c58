"""What a document says that it is called for short is learnt when it is read, and names it in questions."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from docmind.ingestion.ingest import ingest
from docmind.ingestion.short_names import short_names
from docmind.records import Block, ParsedDocument
from docmind.workspace import Workspace


def learnt(title: str, *texts: str) -> list[str]:
    return short_names(ParsedDocument("txt", tuple(Block(text) for text in texts)), title)


@pytest.mark.parametrize(
    ("title", "text", "names"),
    [
        ("JOHNSON JOHNSON 2023", "Johnson & Johnson (J&J) sells plasters.", ["jj"]),
        ("JOHNSON JOHNSON 2023", 'Johnson & Johnson and its subsidiaries (together, "J&J") sell plasters.', ["jj"]),
        ("International Business 2022", "International Business Machines Corporation (IBM) counts.", ["ibm"]),
        ("American Express 2022", "American Express Company (NYSE: AXP) announced today", ["axp"]),
        ("Tesla report", "Tesla, Inc. (the “Company”, TSLA) makes cars.", ["tsla"]),
        ("Lease Blue Harbour Tea", 'Blue Harbour Tea Works Limited ("BHTW" or the "Tenant") rents', ["bhtw"]),
        ("Rules of the Vela Housing Association", "the Vela Housing Association (hereinafter VHA)", ["vha"]),
        ("Bidirectional encoder representations", "We present BERT (Bidirectional Encoder Representations from"
         " Transformers).", ["bert"]),
        ("tuberculosis handbook", "All of Tuberculosis (TB) is here.", ["tb"]),
        ("Portable Gas Analyser manual", "The Portable Gas Analyser 3000 (PGA-3000) is light.", ["pga3000"]),
        ("Food and Agriculture Organization", "Food and Agriculture Organization of the United Nations (FAO)", ["fao"]),
        ("American Express 2022", 'AXP ("the Company") lends money.', ["axp"]),
    ],
)  # fmt: skip
def test_what_a_document_calls_itself_for_short_is_learnt(title: str, text: str, names: list[str]) -> None:
    assert learnt(title, "Contents", text) == names


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("American Express 2022", "The American Express Credit Corporation (Credco, or ACC) lends."),
        ("American Express 2022", "The Federal Reserve Bank (FRB) and the Annual Percentage Rate (APR)"),
        ("Annual report 2022", "Annual leave (AL), the Annual Plan (AP)"),
        ("Blue Harbour", "Blue Harbour leased the house to Ben Hart (BH)."),
        ("Blue Harbour", "Blue Harbour (called so by all) and Blue Harbour (UK, DE)"),
        ("Blue Harbour", 'The Tenant ("the Company") and WHO (the organisation)'),
        ("Blue Harbour", 'BH () (BH) ( " ) ((BH))'),
        ("", "Blue Harbour (BH)"),
        ("IBM 2022", "IBM (IBM)"),  # it is called so in any case
    ],
)
def test_what_it_calls_others_is_not(title: str, text: str) -> None:
    assert learnt(title, text) == []


def test_a_long_name_may_run_over_a_line_and_only_the_beginning_counts() -> None:
    assert learnt("Blue Harbour Works", "Blue Harbour\nWorks (BHW)") == ["bhw"]
    assert learnt("Blue Harbour Works", "All is well. " * 20_000, "Blue Harbour Works (BHW)") == []


def test_a_hostile_document_takes_no_time_and_fills_no_library() -> None:
    """Many brackets, each with the same letters as the words before it, and a title of the same."""
    text = " ".join(f"aaaaaaaa aaaaaab{number} (AAAAAAAA{number})" for number in range(8_000))
    started = time.perf_counter()
    names = learnt(" ".join(f"aaaaaaaa aaaaaab{number}" for number in range(1_000)), text)
    assert time.perf_counter() - started < 5
    assert len(names) < 20


def test_a_question_finds_a_document_by_its_short_name(plain_workspace: Workspace, tmp_path: Path) -> None:
    """All the way: learnt when the document is read, kept beside its passages, and of use in a search."""
    firms = {"Kestrel Overseas Quarries": "KXQ", "Blue Harbour": "", "Orrin and Sons": "", "Vela": "", "Lark": ""}
    for name, short in firms.items():
        about = f"{name} and its subsidiaries ({short})" if short else name
        (tmp_path / f"{name}.txt").write_text(f"{about} had costs of 12 million in the year.")
    assert all(each.status == "ingested" for each in ingest(plain_workspace, [tmp_path]))
    question = "How high were the costs of KXQ?"
    embedding = plain_workspace.embedder.model.get_query_embedding(question)
    best, *_ = plain_workspace.retriever().find(question, embedding).passages
    assert best.node.metadata["document"] == "Kestrel Overseas Quarries.txt"
    assert "kxq" not in best.node.get_content().casefold().replace("(kxq)", "")
