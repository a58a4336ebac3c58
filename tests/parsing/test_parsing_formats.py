"""Promises about every format but PDF, and about files that are not what they say."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest
from making import lines, make_pdf
from PIL import Image

from docmind.errors import (
    DamagedDocumentError,
    DocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    UnsupportedFormatError,
)
from docmind.parsing import FORMATS, SUPPORTED_SUFFIXES, Reader, sniffing
from docmind.parsing.formats import Format
from docmind.records import Block, Locator


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def shape(reader: Reader, path: Path) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in reader.parse(path).blocks]


def word_file(path: Path) -> Path:
    document = docx.Document()
    document.core_properties.title = "The River"
    document.add_heading("Plan", 1)
    document.add_paragraph("We will widen the river.")
    document.add_heading("Steps", 2)
    document.add_paragraph("Dig", style="List Bullet")
    document.add_paragraph("Pave", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ("Year", "Cost", "2024", "1,200"), strict=True
    ):
        cell.text = text
    document.save(str(path))
    return path


def test_word_keeps_headings_lists_and_tables(reader: Reader, tmp_path: Path) -> None:
    path = word_file(tmp_path / "plan.docx")
    document = reader.parse(path)
    assert document.title == "The River"
    assert document.pages is None
    assert shape(reader, path) == [
        ("heading", 1, "Plan"),
        ("paragraph", 0, "We will widen the river."),
        ("heading", 2, "Steps"),
        ("list", 0, "- Dig\n- Pave"),
        ("table", 0, "Year | Cost\n2024 | 1,200"),
    ]


def test_markdown_keeps_its_structure(reader: Reader, tmp_path: Path) -> None:
    source = (
        "# One\n\nSome *soft*\nwords and [a link](http://x.y).\n\n## Two\n\n- a\n- b\n  1. c\n\n"
        "| k | v |\n|---|---|\n| x | 1 |\n\n```py\nx = 1\n```\n"
    )
    path = written(tmp_path / "a.md", source)
    assert shape(reader, path) == [
        ("heading", 1, "One"),
        ("paragraph", 0, "Some soft words and a link."),
        ("heading", 2, "Two"),
        ("list", 0, "- a\n- b\n  1. c"),
        ("table", 0, "k | v\nx | 1"),
        ("code", 0, "x = 1"),
    ]
    assert reader.parse(path).title == "One"


@pytest.mark.parametrize("source", ["7. a\n8. b\n", '<html><ol start="7"><li>a<li>b</ol>'])
def test_lists_keep_the_number_that_they_begin_with(reader: Reader, tmp_path: Path, source: str) -> None:
    path = written(tmp_path / ("a.html" if source.startswith("<") else "a.md"), source)
    assert shape(reader, path) == [("list", 0, "7. a\n8. b")]


def test_markdown_loses_nothing_to_what_looks_like_a_tag(reader: Reader, tmp_path: Path) -> None:
    path = written(tmp_path / "a.md", "A List<Object> or <script> here.\n\n<nav>\n\nKept.\n\n- x\n")
    assert shape(reader, path) == [
        ("paragraph", 0, "A List or here."),
        ("paragraph", 0, "Kept."),
        ("list", 0, "- x"),
    ]


def test_markdown_shows_pictures_by_their_description(reader: Reader, tmp_path: Path) -> None:
    path = written(tmp_path / "a.md", "See ![the R&D plan](plan.png).\n")
    assert shape(reader, path) == [("paragraph", 0, "See the R&D plan.")]


def test_web_pages_lose_scripts_and_navigation_and_keep_structure(reader: Reader, tmp_path: Path) -> None:
    source = (
        "<!doctype html><title>The  Title</title><style>p{}</style><nav>Home</nav><h1>Head</h1>"
        "<p>One <b>bold</b><br>two<script>alert(1)</script></p>loose words"
        "<ul><li>a<ul><li>b</ul><li>c</ul><table><tr><th>k<th>v<tr><td>x<td>1</table>"
        "<table><tr><td><h2>Placed</h2><p>by a table</table><pre>x\n  y</pre>"
    )
    path = written(tmp_path / "a.html", source)
    assert shape(reader, path) == [
        ("heading", 1, "Head"),
        ("paragraph", 0, "One bold two"),
        ("paragraph", 0, "loose words"),
        ("list", 0, "- a\n  - b\n- c"),
        ("table", 0, "k | v\nx | 1"),
        ("heading", 2, "Placed"),
        ("paragraph", 0, "by a table"),
        ("code", 0, "x\n  y"),
    ]
    assert reader.parse(path).title == "The Title"


def test_nesting_that_hangs_parsers_is_refused(reader: Reader, tmp_path: Path) -> None:
    path = written(tmp_path / "deep.html", "<div>" * 200_000 + "x")
    with pytest.raises(DocumentTooLargeError, match="nested"):
        reader.parse(path)


def test_many_elements_side_by_side_are_not_deep(reader: Reader, tmp_path: Path) -> None:
    source = "<p>word\n" * 5_000 + "<svg>" + "<path d='M0 0'/>" * 5_000 + "</svg><!--" + "<div>" * 5_000 + "-->"
    assert len(reader.parse(written(tmp_path / "flat.html", source)).blocks) == 5_000


GERMAN = "Größe und Maß: fünf Äpfel kosten 3 Euro, das hätte niemand geglaubt. Überall grünt es schön."


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"]
)
def test_text_is_read_in_every_common_encoding(reader: Reader, tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "a.txt", GERMAN.encode(encoding))
    assert [block.text for block in reader.parse(path).blocks] == [GERMAN]


def test_text_in_cyrillic_without_unicode_is_read(reader: Reader, tmp_path: Path) -> None:
    russian = "Комитет собрался весной и согласовал план работ на реке. Инженеры измерили поток воды." * 3
    assert reader.parse(written(tmp_path / "a.txt", russian.encode("cp1251"))).blocks[0].text == russian


def test_text_has_paragraphs_lists_and_tables(reader: Reader, tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", "One\r\nline\r\n\r\n- a\r\n- b\r\n\r\nk\tv\r\nx\t1\r\n")
    assert shape(reader, path) == [
        ("paragraph", 0, "One line"),
        ("list", 0, "- a\n- b"),
        ("table", 0, "k | v\nx | 1"),
    ]


def test_binary_data_is_no_text(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(DamagedDocumentError, match="binary"):
        reader.parse(written(tmp_path / "a.txt", bytes(range(256)) * 40))


@pytest.mark.parametrize("suffix", SUPPORTED_SUFFIXES)
def test_an_empty_file_is_called_empty(reader: Reader, tmp_path: Path, suffix: str) -> None:
    with pytest.raises(EmptyDocumentError, match=rf"'void\{suffix}' is empty"):
        reader.parse(written(tmp_path / f"void{suffix}", b""))


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_a_file_of_blanks_holds_no_text(reader: Reader, tmp_path: Path, suffix: str) -> None:
    with pytest.raises(EmptyDocumentError):
        reader.parse(written(tmp_path / f"blank{suffix}", b" \n\n \t\n"))


def test_content_decides_and_a_lying_name_is_told(reader: Reader, tmp_path: Path) -> None:
    pdf = make_pdf(tmp_path / "real.pdf", lines("A PDF by another name holds the same words."))
    word = word_file(tmp_path / "real.docx")
    page = written(tmp_path / "error.pdf", "<!DOCTYPE html><p>Not found: you have to log in first.")
    for path, name, expected in ((pdf, "a.txt", "pdf"), (word, "b.pdf", "docx"), (page, "error.pdf", "html")):
        document = reader.parse(path, name)
        assert document.format == expected
        assert any("not what its name says" in warning for warning in document.warnings)
    assert reader.parse(pdf).warnings == ()


def test_what_is_no_document_is_named(reader: Reader, tmp_path: Path) -> None:
    picture = tmp_path / "picture.pdf"
    Image.new("RGB", (9, 9)).save(picture, "PNG")
    with pytest.raises(DamagedDocumentError, match="PNG picture"):
        reader.parse(picture)
    with pytest.raises(DamagedDocumentError, match="Windows program"):
        reader.parse(written(tmp_path / "tool.md", b"MZ\x90\x00" + bytes(500)))
    archive = tmp_path / "archive.docx"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("readme.txt", "x")
    with pytest.raises(DamagedDocumentError, match="ZIP archive"):
        reader.parse(archive)
    with pytest.raises(DamagedDocumentError, match="before 2007"):
        reader.parse(written(tmp_path / "old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
    protected = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedDocumentError, match="without a password"):
        reader.parse(written(tmp_path / "locked.docx", protected))


def test_an_archive_that_begins_with_a_pdf_is_no_pdf(reader: Reader, tmp_path: Path) -> None:
    archive = tmp_path / "papers.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(make_pdf(tmp_path / "a.pdf", lines("Words on a page, enough of them to be read.")), "a.pdf")
    with pytest.raises(DamagedDocumentError, match="ZIP archive"):
        reader.parse(archive)


def test_a_format_is_a_module_and_a_line_in_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(
        tmp_path / "slides_for_test.py",
        "from docmind.records import Block, Locator, ParsedDocument\n"
        "def parse(source):\n"
        "    text = source.path.read_text().partition('\\n')[2]\n"
        "    return ParsedDocument('slides', (Block(text, locator=Locator(slide=2)),))\n",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    line = Format("slides", "slides", (".slides",), "slides_for_test", lambda sample: sample.head.startswith(b"!S"))
    path = written(tmp_path / "a.slides", "!S\nWords on a slide.")
    document = sniffing.read(path, path.name, 2**20, (*FORMATS, line))
    assert document.blocks == (Block("Words on a slide.", locator=Locator(slide=2)),)
    assert not document.warnings
    (warning,) = sniffing.read(path, "a.pdf", 2**20, (*FORMATS, line)).warnings
    assert "read as slides" in warning


def test_unknown_kinds_are_refused_with_what_would_do(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormatError, match=r"\.xyz.*\.pdf, \.docx"):
        reader.parse(written(tmp_path / "a.xyz", "words"))


def test_a_damaged_word_file_is_called_damaged(reader: Reader, tmp_path: Path) -> None:
    whole = word_file(tmp_path / "whole.docx").read_bytes()
    with pytest.raises(DamagedDocumentError, match=r"cut\.docx"):
        reader.parse(written(tmp_path / "cut.docx", whole[: len(whole) // 2]))


def test_a_zip_bomb_is_not_opened(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("word/document.xml", b" " * (60 * 2**20))
    with pytest.raises(DocumentTooLargeError, match="times its size"):
        reader.parse(path)


def test_xml_entities_are_not_expanded(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "laughs.docx"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("word/document.xml", '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">]><l>&a;</l>')
    with pytest.raises(DamagedDocumentError, match="entities"):
        reader.parse(path)


@pytest.mark.parametrize(
    "name", ["two words.txt", "émoji 🌊.txt", "../../etc/passwd.txt", "C:\\temp\\x.txt", "line\nbreak.txt"]
)
def test_any_name_is_a_label_and_never_a_path(reader: Reader, tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "0f3a", "Plain words.")
    assert reader.parse(path, name).blocks[0].text == "Plain words."
    with pytest.raises(DocumentError) as caught:
        reader.parse(written(tmp_path / "void", b""), name)
    assert "/" not in str(caught.value).split("'")[1]
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_told(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"'gone\.txt' cannot be opened"):
        reader.parse(tmp_path / "gone.txt")


def test_every_suffix_has_a_parser(reader: Reader, tmp_path: Path) -> None:
    pdf = make_pdf(tmp_path / "x", lines("Words on a page, enough of them to be read."))
    word = word_file(tmp_path / "y")
    text = written(tmp_path / "z", "Words")
    for form in FORMATS:
        path = {"pdf": pdf, "docx": word}.get(form.name, text)
        for suffix in form.suffixes:
            document = reader.parse(path, f"a{suffix.upper()}")
            assert (document.format, document.warnings) == (form.name, ())
