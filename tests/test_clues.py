"""What a question says of where its answer stands lifts the passages there, and leaves out none."""

from __future__ import annotations

import pytest

from docmind.ingestion.captions import page_captions
from docmind.records import Block, Locator
from docmind.retrieval.clues import (
    asks_for_figures,
    gains_by_caption,
    gains_by_figures,
    gains_by_name,
    gains_in_turn,
)
from docmind.stores import bm25


def found(document: str, caption: str = "") -> dict[str, str]:
    return {"document": document, "caption": caption}


def gains(question: str, *passages: dict[str, str]) -> list[float]:
    """With every word of the question as rare as any other."""
    rarities = dict.fromkeys(bm25.of_query(question).indices, 1.0)
    by_name, by_caption = gains_by_name(question, passages), gains_by_caption(question, passages, rarities)
    return [sum(both) for both in zip(by_name, by_caption, strict=True)]


FILINGS = (found("BLUEHARBOUR_2022_report.pdf"), found("Orrin-and-Sons_2021_report.pdf"), found("VELA_2021_report.pdf"))


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("What did Blue Harbour sell?", 0),  # written apart
        ("What are Vela's costs?", 2),
        ("Who owns Orrin & Sons?", 1),  # the first word tells
        ("How high were costs in 2022?", 0),
        ("How high were costs in FY22?", 0),
        ("What did Vela sell in 2021?", 2),  # the name counts more than the year
    ],
)
def test_a_document_that_is_named_comes_first(question: str, best: int) -> None:
    gained = gains(question, *FILINGS)
    assert gained[best] == max(gained)
    assert gained.count(gained[best]) == 1


@pytest.mark.parametrize("question", ["What is in the report?", "How many people work there?", "", "???"])
def test_what_all_documents_are_called_names_none(question: str) -> None:
    assert gains(question, *FILINGS) == [0.0, 0.0, 0.0]


def test_a_page_whose_caption_says_what_is_asked_comes_first() -> None:
    passages = [found("a.pdf", "Balance sheet"), found("a.pdf", "Statement of cash flows"), found("a.pdf")]
    balance, flows, bare = gains("What was spent, by the statement of cash flows?", *passages)
    assert flows == max(balance, flows, bare) > 0
    assert balance == bare == 0


SCORES = (0.6, 0.58, 0.55)  # of VELA, VELA again, and another


@pytest.mark.parametrize(
    ("question", "others", "turn"),
    [
        ("What did Vela and Orrin sell?", "Orrin-and-Sons_2021_report.pdf", 0.05),
        ("What did Vela sell?", "Orrin-and-Sons_2021_report.pdf", 0),
        ("What did Vela sell in 2021 and in 2022?", "VELA_2022_report.pdf", 0.05),
        ("What did Vela sell in 2021?", "VELA_2022_report.pdf", 0),
        ("What was sold in 2021 and in 2022?", "notes_2022.md", 0.05),
        ("What was sold?", "notes_2022.md", 0),
    ],
)
def test_of_several_that_are_named_the_best_of_each_is_looked_at(question: str, others: str, turn: float) -> None:
    passages = [found("VELA_2021_report.pdf"), found("VELA_2021_report.pdf"), found(others)]
    assert gains_in_turn(question, passages, SCORES) == [0, 0, pytest.approx(turn)]


def test_what_is_far_from_the_question_is_lifted_a_little_only() -> None:
    gained = gains_in_turn("What did Vela and Orrin sell?", [found("vela.md"), found("orrin.md")], [0.9, 0.1])
    assert gained == [0, pytest.approx(0.1)]


def test_a_question_without_passages_gains_nothing() -> None:
    assert gains("What is there?") == []


def page(number: int, *lines: str) -> list[Block]:
    return [Block(line, "table" if " | " in line else "paragraph", locator=Locator(number)) for line in lines]


def test_a_caption_is_what_a_page_begins_with_and_no_furniture() -> None:
    """Furniture: the running title of every page, whatever number it carries; and rules of dashes."""
    prose = (
        "The tenant pays the rent in advance, on the first day of each month, by transfer to the landlord's account."
    )
    blocks = [
        *page(1, "Annual report, 1", "Consolidated balance sheet", "At 31 December", "Assets | 12", "Notes below"),
        *page(2, "Annual report, 2", "- - -", prose, "Rent"),
        *page(3, "Annual report, 3", "Sales | 3", "Sales by region"),
        *page(4, "Annual report, 4", "Risks", prose),
    ]
    assert page_captions(blocks) == {1: "Consolidated balance sheet At 31 December", 4: "Risks"}


def test_formats_without_pages_have_no_captions() -> None:
    assert page_captions([Block("Heading", "heading"), Block("Text.")]) == {}
    assert page_captions([]) == {}


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What is AmEx's tax rate?", "American Express 2022.pdf"),
        ("What is AMEX's tax rate?", "American_Express_2022.pdf"),
        ("Which segment of JnJ is to go?", "JOHNSON_JOHNSON_2023.pdf"),
        ("How large is IBM?", "International Business Machines.pdf"),
        ("How large is FedEx?", "Federal Express report.pdf"),
    ],
)
def test_an_abbreviation_names_its_document(question: str, named: str) -> None:
    others = ["Amcor_2022.pdf", "Jones 2023.pdf", "Internal memo.pdf", "Reserve bank.pdf"]
    gained = gains_by_name(question, [found(name) for name in [named, *others]])
    assert [bool(gain) for gain in gained] == [True, False, False, False, False]


@pytest.mark.parametrize("question", ["Is it an art?", "What does the CEO earn?", "Who is JR?", "IBMs " * 2_000])
def test_other_words_abbreviate_nothing(question: str) -> None:
    assert gains_by_name(
        question, [found("International Business Machines.pdf"), found("All Roads Travelled.pdf")]
    ) == [
        0.0,
        0.0,
    ]


def titled(document: str, title: str) -> dict[str, str]:
    return {"document": document, "title": title}


AMERICANS = (
    titled("AMERICANEXPRESS_2022.pdf", "American Express 2022: Annual report"),
    titled("AMERICANWATER_2022.pdf", "American Water 2022"),
    titled("MGMRESORTS_2022.pdf", "MGM Resorts 2022"),
    titled("renamed since.pdf", "Old name"),
    titled("lease.pdf", "lease"),
    titled("manual.pdf", "manual"),
)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What did American Express earn?", [0]),
        ("What did AmEx earn?", [0]),
        ("What did American Water earn?", [1]),
        ("What do Americans earn, or an American?", [0, 1]),
        ("What did MGM earn?", [2]),
        ("Where is what was renamed?", [3]),
        ("What has an old name?", []),
    ],
)
def test_a_name_written_together_is_known_by_the_words_of_the_title(question: str, named: list[int]) -> None:
    gained = gains_by_name(question, AMERICANS)
    assert [number for number, gain in enumerate(gained) if gain] == named


@pytest.mark.parametrize(
    "question", ["How much was spent?", "What is the tax rate?", "Did costs fall?", "Which region sold the most?"]
)
def test_where_figures_are_asked_for_passages_with_figures_gain(question: str) -> None:
    assert asks_for_figures(question)
    prose, table, empty = gains_by_figures(["Costs are shown below.", "Costs | 1,200 | 1,100", ""])
    assert prose == empty == 0 < table <= 0.1


@pytest.mark.parametrize("question", ["Who is the landlord?", "Why was the harbour built?", "What is shared?", ""])
def test_other_questions_ask_for_no_figures(question: str) -> None:
    assert not asks_for_figures(question)


BANKS = (
    {**titled("Orrin_Quays_2022.pdf", "Orrin Quays 2022"), "short_names": "oqx oo"},
    {**titled("Ports.pdf", "Ports of Vela"), "short_names": "it pv"},
    titled("Vela_2022.pdf", "Vela 2022"),
)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What did OQX earn?", [0]),
        ("What are O&O's costs?", [0]),
        ("What are o&o's costs?", [0]),
        ("Who owns PV, and who OQX?", [0, 1]),
        ("Is it allowed?", []),  # a word, no abbreviation
        ("What does IT cost?", [1]),
        ("What did OQ-X earn?", [0]),
        ("What did OQXY earn?", []),
    ],
)
def test_what_a_document_says_that_it_is_called_for_short_names_it(question: str, named: list[int]) -> None:
    gained = gains_by_name(question, BANKS)
    assert [number for number, gain in enumerate(gained) if gain] == named


def test_what_most_documents_are_called_for_short_names_none() -> None:
    alike = [{**titled(f"{name}.pdf", name), "short_names": "ar"} for name in ("Blue", "Vela", "Orrin")]
    assert gains_by_name("What does the AR say?", alike) == [0.0] * 3


DATED = (
    found("VELA_2022Q2_report.pdf"),
    found("VELA_2022Q4_report.pdf"),
    found("Vela H1 2022.pdf"),
    found("vela_dated-2022-08-30.pdf"),
    found("Vela, 12 August 2022.pdf"),
    found("Vela 2022.pdf"),
)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("What did Vela sell in Q2 2022?", [0]),
        ("What did Vela sell in the second quarter of fiscal 2022?", [0]),
        ("What did Vela sell in its second fiscal quarter of FY22?", [0]),
        ("What did Vela sell in 2Q22?", [0]),
        ("What did Vela sell in FY2022 Q4?", [1]),
        ("What did Vela sell in the 4th quarter of the financial year 2022?", [1]),
        ("What did Vela sell in H1 2022?", [2]),
        ("What did Vela sell in the first half-year of 2022?", [2]),
        ("What did Vela announce on August 30, 2022?", [3]),
        ("What did Vela announce on 2022-08-30?", [3]),
        ("What did Vela announce in August 2022?", [3, 4]),  # days lie in their month
        ("what did vela announce in august 2022?", [3, 4]),
        ("How did Q2 and Q4 2022 differ?", [0, 1]),
        ("How did Q2, Q3 and Q4 of 2022 differ?", [0, 1]),
        ("What may 2022 bring?", [0, 1, 2, 3, 4, 5]),
        ("What did Vela sell in Q3 2022?", [0, 1, 2, 3, 4, 5]),
        ("What did Vela sell in Q2?", [0, 1, 2, 3, 4, 5]),  # of which year?
        ("What did Vela sell in the second quarter of 2021?", [0, 1, 2, 3, 4, 5]),
        ("What did Vela sell in 2022?", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_a_document_of_the_period_that_is_asked_for_comes_first(question: str, best: list[int]) -> None:
    gained = gains_by_name(question, DATED)
    assert [number for number, gain in enumerate(gained) if gain == max(gained)] == best
    assert all(0 <= gain < 0.15 for gain in gained)  # none is pushed down


def test_a_page_whose_caption_has_the_period_that_is_asked_for_comes_first() -> None:
    passages = [
        found("a.pdf", "Sales in the second quarter of 2022"),
        found("a.pdf", "Sales in the third quarter of 2022"),
        found("a.pdf"),
    ]
    for question in ("What were sales in Q3 2022?", "How much was sold in 2022 Q3?", "Sales 3Q22"):
        gained = gains_by_caption(question, passages, {})
        assert gained[1] > gained[0] == gained[2] == 0
