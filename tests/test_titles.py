"""What a document is called: by its file, by itself, and in the words that it uses for its own name."""

from __future__ import annotations

import pytest

from docmind.ingestion.titles import document_title
from docmind.records import Block, ParsedDocument


@pytest.mark.parametrize(
    ("name", "own", "shown"),
    [
        ("annual_report-2025.pdf", None, "annual report-2025"),
        ("lease.pdf", "Residential lease", "Residential lease"),
        ("residential-lease v2.pdf", "residential-LEASE", "residential-lease v2"),
        ("scan0001.pdf", "Minutes of the meeting", "scan0001: Minutes of the meeting"),
        ("folder/inner/note.txt", "  ", "note"),
    ],
)
def test_a_title_says_what_the_file_and_the_document_call_it(name: str, own: str | None, shown: str) -> None:
    assert document_title(ParsedDocument("pdf", (), title=own), name) == shown


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("BLUEHARBOUR_2022.pdf", "The Blue Harbour Company sells boats.", "Blue Harbour 2022"),
        ("BLUEHARBOUR_2022.pdf", "BLUE HARBOUR\nsells boats.", "BLUE HARBOUR 2022"),
        ("ORRINSONS_Report.pdf", "Orrin & Sons and its subsidiaries", "Orrin & Sons Report"),
        ("OLDQUAY_2021.pdf", "The Old-\nQuay Company, called Old Quay below", "Old- Quay 2021"),
        ("BLUEHARBOUR_2022.pdf", "boats lie in the blue harbour of Vela", "BLUEHARBOUR 2022"),  # no name there
        ("BLUEHARBOUR_2022.pdf", "Blueharbour sells boats.", "BLUEHARBOUR 2022"),
        ("CAMERA_2022.pdf", "C A M E R A and Came Ra.", "Came Ra 2022"),
        ("CAMERA_2022.pdf", "C A M E R A", "CAMERA 2022"),  # letters that are spaced out
    ],
)
def test_a_name_that_is_written_together_is_apart_where_the_document_writes_it_so(
    name: str, text: str, shown: str
) -> None:
    assert document_title(ParsedDocument("pdf", (Block("Annual report", "heading"), Block(text))), name) == shown


def test_only_the_beginning_of_a_long_document_is_looked_at() -> None:
    late = (Block("All is well. " * 20_000), Block("Blue Harbour"))
    assert document_title(ParsedDocument("txt", late), "BLUEHARBOUR.txt") == "BLUEHARBOUR"
