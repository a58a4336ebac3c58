"""Statements: what of a passage can be quoted alone."""

from __future__ import annotations

import pytest

from docmind.answering.statements import statements_of
from docmind.ingestion.chunking import _rejoined
from docmind.records import Block, Locator

TABLE = (
    "Table 3: fees\n\nCharge | When it is due | Amount\nLate fee | after 5 days | $50\nDeposit | at signing | $2,000"
)


def test_a_row_is_read_with_its_columns_and_its_caption() -> None:
    _, header, late, deposit = statements_of(TABLE)
    assert header.heading
    assert late.read_alone == "Table 3: fees\nCharge | When it is due | Amount\nLate fee | after 5 days | $50"
    assert (deposit.lead, deposit.is_row) == ("Table 3: fees\nCharge | When it is due | Amount", True)


def test_a_row_of_a_table_that_began_in_another_passage_is_read_with_its_columns_too() -> None:
    head = "Table 3: fees\nCharge | When it is due | Amount"
    late, total, note = statements_of("Late fee | after 5 days | $50\nSum | | $90\n\nAll fees include tax.", head)
    assert late.read_alone == f"{head}\nLate fee | after 5 days | $50"
    assert total.lead == head
    assert not late.heading and not note.lead


@pytest.mark.parametrize(
    ("above", "states"),
    [
        ("Lost keys, fees in 2026, pounds", False),
        ("Fees that may be asked for in addition to rent and deposit, in pounds:", False),
        ("Table 3. Fees and when they are due.", False),
        ("These are the only sums that may be asked for.", True),
        ("- the fees of 2026", True),
    ],
)
def test_a_line_right_above_a_table_is_its_caption_unless_it_is_a_sentence(above: str, states: bool) -> None:
    for gap in ("\n\n", "\n"):
        told = statements_of(f"{above}{gap}Charge | When it is due | Amount\nLate fee | after 5 days | $50")
        assert [item.text for item in told if item.heading and not item.is_row] == ([] if states else [above])
        assert told[-1].is_row
        assert not told[-1].heading


def test_a_numbered_caption_states_nothing_wherever_it_stands() -> None:
    for caption in ("Table 4: lost keys cost £45", "Figure 2.1 – Income in 2025", "Table 3-1. Fees"):
        *_, last = statements_of(f"The fee is due.\n\n{caption}")
        assert last.heading
    for sentence in ("Table 4 shows the fees.", "Table 4.2 tells the fees.", "The table: four fees."):
        assert not statements_of(sentence)[0].heading


def test_years_name_columns_too() -> None:
    header, row = statements_of("$ in millions | 2022 | 2021\nNet sales | 14,544 | 12,861")
    assert header.heading
    assert row.lead == "$ in millions | 2022 | 2021"


def test_a_row_of_numbers_is_no_header() -> None:
    first, second = statements_of("Net sales | 14,544 | 12,861\nCost of sales | 11,969 | 10,129")
    assert not first.heading
    assert (first.lead, second.lead) == ("", "")


@pytest.mark.parametrize(
    ("passage", "expected"),
    [
        (
            "The tenant pays when the\n\nlandlord asks. It is due.",
            ["The tenant pays when the landlord asks.", "It is due."],
        ),
        ("The tenant pays:\n\nrent and fees", ["The tenant pays:", "rent and fees"]),
        ("The rent is due.\n\nit says so", ["The rent is due.", "it says so"]),
        ("- rent\n- fees\n\n- water and\n\n- light", ["- rent", "- fees", "- water and", "- light"]),
        ("Bring the\n\n(a) key", ["Bring the", "(a) key"]),
        ("Costs | 5\n\nand more", ["Costs | 5", "and more"]),
    ],
)
def test_a_sentence_that_a_layout_broke_is_put_together_and_nothing_else(passage: str, expected: list[str]) -> None:
    assert [item.text for item in statements_of(passage)] == expected


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("Governing Law", True),
        ("Rent and deposit of the flat", True),
        ("Notice period: two months", False),
        ("- two months' notice", False),
        ("It applies.", False),
        ("The seller keeps the goods until the buyer has paid all of the price", False),
    ],
)
def test_a_heading_states_nothing(text: str, heading: bool) -> None:
    (statement,) = statements_of(text)
    assert statement.heading is heading


@pytest.mark.parametrize(
    ("text", "back"),
    [("It was proved in 1962.", True), ("Itself it proves nothing.", False), ("The fee is due.", False)],
)
def test_a_sentence_that_stands_for_nothing_alone_is_known(text: str, back: bool) -> None:
    (statement,) = statements_of(text)
    assert statement.refers_back is back


def test_a_sentence_that_runs_over_a_page_is_whole_on_the_page_where_it_begins() -> None:
    first, second = Locator(page=1), Locator(page=2)
    blocks = [
        Block("The term is two years. Either party may", locator=first),
        Block("end it. The fee stays.", locator=second),
    ]
    assert [(block.text, block.locator.page) for block in _rejoined(blocks)] == [
        ("The term is two years. Either party may end it.", 1),
        ("The fee stays.", 2),
    ]


@pytest.mark.parametrize(
    "blocks",
    [
        [Block("It ends.", locator=Locator(page=1)), Block("it begins.", locator=Locator(page=2))],
        [Block("The term", kind="heading", level=1, locator=Locator(page=1)), Block("ends.", locator=Locator(page=2))],
        [Block("The term is", locator=Locator(page=1)), Block("Two years.", locator=Locator(page=2))],
        [Block("The term is", locator=Locator(page=1)), Block("two | years", kind="table", locator=Locator(page=2))],
    ],
)
def test_other_blocks_stay_where_they_are(blocks: list[Block]) -> None:
    assert list(_rejoined(blocks)) == blocks


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("30 Sept 2025", "30 Sept 2024"),
        ("Q3 2025", "Q3 2024"),
        ("December 31, 2023", "December 31, 2022"),
        ("Three months ended March 31, 2024", "Three months ended March 31, 2023"),
        ("31.12.2023", "31.12.2022"),
        ("2023-12-31", "2022-12-31"),
    ],
)
def test_two_dates_name_columns_and_one_is_what_a_row_tells(earlier: str, later: str) -> None:
    header, row = statements_of(f"€ million | {earlier} | {later}\nCash | 17.8 | 13.0")
    assert header.heading
    assert row.read_alone == f"€ million | {earlier} | {later}\nCash | 17.8 | 13.0"
    begins, ends = statements_of(f"Begins | {earlier}\nEnds | {later}")
    assert not (begins.heading or ends.lead)


@pytest.mark.parametrize(
    "rows",
    [
        ("Spring term | 8 January 2025 | 28 March 2025", "Summer term | 22 April 2025 | 18 July 2025"),
        ("Lease A | 2024-01-01 | 2024-12-31 | £950", "Lease B | 2024-03-01 | 2025-02-28 | £990"),
        ("Rent | CHF 1800 | CHF 1950", "Parking | CHF 120 | CHF 130"),
        ("Account | 12-34-56 | 65-43-21", "Number | 00112233 | 44556677"),
        ("Alice | 1 May 2024 | 3 May 2024 | 120",),
    ],
)
def test_rows_that_tell_dates_or_money_name_no_columns(rows: tuple[str, ...]) -> None:
    for statement in statements_of("\n".join(rows)):
        assert not statement.heading
        assert not statement.lead


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_units_in_brackets_stand_beneath_the_title_of_their_table(gap: str) -> None:
    title, units = "Consolidated balance sheets", "(in millions, except par value)"
    *_, header, row = statements_of(f"{title}{gap}{units}{gap}| 2022 | 2021\nCash | 14,544 | 12,861")
    assert header.heading
    assert row.lead == f"{title}\n{units}\n| 2022 | 2021"


def test_a_sentence_above_units_is_no_title() -> None:
    *_, row = statements_of("We lost the licence in March.\n\n(in millions)\n\n| 2022 | 2021\nCash | 14,544 | 12,861")
    assert row.lead == "(in millions)\n| 2022 | 2021"


def test_days_name_columns_above_their_years() -> None:
    head = "$ in millions | December 31, | December 31,"
    first, years, row = statements_of(f"{head}\n | 2022 | 2021\nCash | 14,544 | 12,861")
    assert first.heading
    assert years.heading
    assert row.lead == f"{head}\n | 2022 | 2021"
    first, *_ = statements_of("Begins | May 1 | June 2\nEnds | May 9 | June 30")
    assert not first.heading
