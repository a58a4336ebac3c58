"""Promises about what the reader shows of a document, whatever its format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from docmind.answering.citations import Citation
from docmind.errors import DocumentError
from docmind.ingestion.ingest import ingest
from docmind.records import Locator
from docmind.storage.catalog import Document
from docmind.ui.reader_content import MOST_MATCHES, PART_CHARACTERS, content_of
from docmind.workspace import Workspace

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
QUOTE = "The 🦓 valve is cleaned with vinegar."
Add = Callable[[Path], Document]


@pytest.fixture
def add(plain_workspace: Workspace) -> Add:
    def read(path: Path) -> Document:
        [outcome] = ingest(plain_workspace, [path])
        assert outcome.status == "ingested"
        return next(item for item in plain_workspace.catalog.documents("ready") if item.name == path.name)

    return read


def cited(document: Document, quote: str, page: int | None = None) -> Citation:
    return Citation(1, document.name, document.id, Locator(page=page), "", quote, quote)


def test_a_text_is_laid_out_with_its_quotation_marked_as_a_browser_counts(
    plain_workspace: Workspace, add: Add, tmp_path: Path
) -> None:
    (tmp_path / "manual.md").write_text(f"# Cleaning\n\nFirst this 🦓 here. {QUOTE} Last.\n", encoding="utf-8")
    document = add(tmp_path / "manual.md")
    content = content_of(plain_workspace, document)
    citation = cited(document, QUOTE)
    assert (content.kind, content.count, content.page_of(citation)) == ("text", 1, 1)
    drawn = content.draw((1, 0), [citation], 1200, "last  .")
    heading, paragraph = drawn["blocks"]
    assert heading[:3] == ["heading", 1, "Cleaning"]
    [(start, end)] = paragraph[3]
    assert paragraph[2].encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le") == QUOTE
    assert not drawn["lost"]
    assert content.draw((1, 0), [cited(document, "Nobody ever said this.")], 1200, "")["lost"]
    assert [(entry.level, entry.title, entry.page) for entry in content.outline()] == [(1, "Cleaning", 1)]


def test_a_long_text_comes_in_parts_and_opens_at_the_part_that_is_cited(
    plain_workspace: Workspace, add: Add, tmp_path: Path
) -> None:
    filler = "\n\n".join(f"Paragraph {number} speaks of the weather." for number in range(3_000))
    (tmp_path / "long.txt").write_text(f"{filler}\n\n{QUOTE}\n", encoding="utf-8")
    document = add(tmp_path / "long.txt")
    content = content_of(plain_workspace, document)
    assert content.count > 2
    assert content.page_of(cited(document, QUOTE)) == content.count
    parts = [content.draw((part, -1), [], 1200, "")["blocks"] for part in range(1, content.count + 1)]
    assert all(sum(len(block[2]) for block in blocks) < 1.5 * PART_CHARACTERS for blocks in parts)
    assert parts[-1][-1][2] == QUOTE

    found = content.find("VALVE  is")
    assert (found.counts, found.more) == (((content.count, 1),), False)
    [(start, end)] = content.draw((content.count, -1), [], 1200, "VALVE  is")["blocks"][-1][4]
    assert (start, end) == (7, 15)  # the zebra is two
    everything = content.find("weather")
    assert everything.more
    assert sum(times for _, times in everything.counts) >= MOST_MATCHES


def test_a_pdf_opens_at_the_page_that_is_cited_with_its_sentence_marked(plain_workspace: Workspace, add: Add) -> None:
    document = add(SAMPLES / "residential-lease.pdf")
    content = content_of(plain_workspace, document)
    rent = cited(document, "The rent is £1,450 a month", page=1)
    assert (content.kind, content.count, content.page_of(rent)) == ("pages", 4, 1)
    drawn = content.draw((1, 0), [rent], 1200, "landlord")
    assert drawn["src"].startswith("data:image/png;base64,")
    assert drawn["marks"]
    assert not drawn["lost"]
    counts = dict(content.find("landlord").counts)
    assert len(drawn["found"]) == counts[1]
    assert content.draw((2, 0), [rent], 1200, "")["marks"] == ()  # the sentence stands on another page
    assert content.draw((1, 0), [cited(document, "Nobody ever said this.", page=1)], 1200, "")["lost"]
    assert "Rent" in " ".join(entry.title for entry in content.outline())


def test_a_file_that_is_gone_says_so(plain_workspace: Workspace, add: Add, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("A note about otters.", encoding="utf-8")
    for document in (add(SAMPLES / "quarterly-report.pdf"), add(tmp_path / "note.txt")):
        (plain_workspace.originals / document.sha256).unlink()
        if document.format == "pdf":
            assert (
                "quarterly-report.pdf" in content_of(plain_workspace, document).draw((1, -1), [], 1200, "")["problem"]
            )
        else:
            with pytest.raises(DocumentError, match=r"note\.txt"):
                content_of(plain_workspace, document)
