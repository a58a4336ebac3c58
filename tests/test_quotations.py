"""Quotations found again in a document's text: spelt otherwise at line ends, over page breaks, and never in part."""

from __future__ import annotations

import pytest

from docmind.answering.export.quotations import Section, Span, locate, plain, search, sections_of, stands_at
from docmind.records import NOWHERE, Block, Locator, ParsedDocument

FIRST, SECOND = Locator(page=1), Locator(page=2)


def found(quote: str, text: str, passage: str = "") -> str | None:
    """The characters of a text that are taken for a quotation."""
    spans = locate(quote, [Section(NOWHERE, text)], NOWHERE, passage)
    return text[spans[0].start : spans[-1].end] if spans else None


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("The rent is due.", "  The rent\n is\tdue."),
        ("The termination period", "The termi-\nnation period"),
        ("a well-known tenant", "a well-\nknown tenant"),
        ("a well-known tenant", "a well\u2011known tenant"),
        ('the "Tenant" and it\'s', "the “Tenant” and it’s"),
        ("the years 2020-2024", "the years 2020–2024"),
        ("no soft hyphen", "no soft hy\u00adphen"),
    ],
)
def test_a_quotation_is_found_whatever_became_of_its_line_breaks_hyphens_and_marks(quote: str, text: str) -> None:
    before, after = "Some “words” be-\nfore it. ", " And  after."
    assert found(quote, before + text + after) == text.strip()


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("The rent is 90", "The rent is 900 pounds."),
        ("The rent is 90.", "The rent is 90.50 pounds."),
        ("900 pounds", "The rent is 1,900 pounds."),
        ("The tenant may", "The tenant must"),
        ("sections 1-2", "sections 12"),
        ("The Tenant", "The tenant"),
        ("", "Anything"),
    ],
)
def test_what_is_not_said_is_not_found(quote: str, text: str) -> None:
    assert found(quote, text) is None


def test_of_several_equal_sentences_the_one_in_its_passage_is_found() -> None:
    text = "First case. It is due. Second case. It is due."
    (span,) = locate("It is due.", [Section(NOWHERE, text)], NOWHERE, "Second case.  It is due.")
    assert span.start == text.rindex("It is due.")


def test_a_sentence_over_a_page_break_has_a_part_on_each_page() -> None:
    sections = [Section(FIRST, "Heading\n\nThe notice ends the ten-"), Section(SECOND, "ancy at once. More.")]
    spans = locate("The notice ends the tenancy at once.", sections, FIRST)
    assert spans == (Span(FIRST, 9, 33), Span(SECOND, 0, 13))
    assert locate("The notice ends the tenancy at once.", sections, SECOND) == spans
    assert search("The notice ends the tenancy at once.", sections) == spans
    assert stands_at("The notice ends the tenancy at once.", spans, sections)


@pytest.mark.parametrize(
    ("quote", "parts"),
    [
        ("Item | Amount\nKey | £45", ["Item | Amount", "Key | £45"]),
        ("Charges\nItem | Amount\nKey | £45", ["Charges", "Item | Amount", "Key | £45"]),
        ("Replaced\nItem | Amount\nKey | £45", ["Replaced", "Item | Amount", "Key | £45"]),
        ("It is due. It may change.", ["It is due.", "It may change."]),
    ],
)
def test_what_stands_between_the_parts_of_a_quotation_is_passed_over(quote: str, parts: list[str]) -> None:
    """A row is quoted with the headers of its columns, and two sentences without the heading between them."""
    text = "Charges\n\nItem | Amount\nDoor | £20\nReplaced\nKey | £45\n\nIt is due.\n\nChanges\n\nIt may change."
    page = Section(FIRST, text)
    spans = locate(quote, [page], FIRST)
    assert [text[span.start : span.end] for span in spans] == parts
    assert stands_at(quote, spans, [page])


def test_parts_in_another_order_are_no_quotation() -> None:
    assert found("It may change. It is due.", "It is due. All of it. It may change.") is None


@pytest.mark.parametrize("span", [Span(FIRST, 0, 3), Span(SECOND, 0, 12), Span(FIRST, -1, 12), Span(FIRST, 0, 99)])
def test_offsets_that_hold_something_else_are_told(span: Span) -> None:
    sections = [Section(FIRST, "It  is\ndue. ")]
    assert stands_at("It is due.", [Span(FIRST, 0, 11)], sections)
    assert not stands_at("It is due.", [span], sections)
    assert not stands_at("It is due.", [], sections)


def test_the_text_of_a_place_is_its_blocks_in_reading_order() -> None:
    blocks = (Block("Rent", "heading", 1, FIRST), Block("It is due.", locator=FIRST), Block("Pets", locator=SECOND))
    assert sections_of(ParsedDocument("pdf", blocks)) == (Section(FIRST, "Rent\n\nIt is due."), Section(SECOND, "Pets"))


def test_long_texts_and_long_quotations_take_no_time() -> None:
    """Documents and exports may be hostile; what took the square of their lengths would take hours."""
    text = "a- " * 20_000 + " " * 300_000 + "a" * 300_000
    assert found("a" * 20_000 + "b", text) is None
    assert found("a- " * 6_000 + "b", text) is None
    assert found("a. " * 19 + "b.", "a. " * 100_000) is None
    assert len(plain(text)) < len(text)
