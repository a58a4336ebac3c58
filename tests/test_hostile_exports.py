"""Exports of hostile words, and forged exports that want to exhaust or mislead whoever checks them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.export.checkable import checkable, sha256_of_text
from docmind.answering.export.files import FORMS, MAX_FILE_BYTES, read_export, write_export
from docmind.answering.export.for_people import source
from docmind.answering.export.page import to_page
from docmind.answering.export.quotations import Section, Span, locate, stands_at
from docmind.answering.export.record import Record, seal
from docmind.cli.exports import _verification_lines
from docmind.errors import ExportError
from docmind.exporting import library_shelf, verify_file
from docmind.ingestion.ingest import ingest
from docmind.plain_text import readable
from docmind.records import Locator
from docmind.ui.text import plain_html, plain_label
from docmind.workspace import Workspace

QUOTE = "The rent is 900 pounds."


def record(title: str = "Rent", **changed: Any) -> Record:
    """One answer with one quotation of a document that is not there; `changed` are fields of the citation."""
    citation = {
        "n": 1,
        "document": "note.txt",
        "document_sha256": "0" * 64,
        "locator": {},
        "heading": "",
        "quote": QUOTE,
        "quote_sha256": sha256_of_text(changed.get("quote", QUOTE)),
        "spans": [],
    } | changed
    sentence = {"text": title, "supported": True, "partly": False, "citations": [1], "doubts": []}
    answer = {
        "question": title,
        "answer": title,
        "found": True,
        "sentences": [sentence],
        "citations": [citation],
        "engine": "extractive",
        "model": "none",
        "left_machine": False,
        "answered": None,
    }
    return seal("chat", f"About {title}", [answer])


def test_a_number_of_many_digits_is_cut(tmp_path: Path, plain_workspace: Workspace) -> None:
    path = tmp_path / "answer.json"
    write_export(record(n=10**300), path)
    told = _verification_lines(verify_file(path, None, plain_workspace.settings))
    assert "1.[10000000000…] note.txt" in told
    assert "0" * 20 not in told


def test_true_is_no_form_of_an_export(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(record() | {"docmind_export": True}), encoding="utf-8")
    with pytest.raises(ExportError, match="its form is no number"):
        read_export(path)


# Reversed from here on, embedded without an end, steering a terminal in both ways, and no text at all.
HOSTILE = {
    "reversed": "invoice \u202e009 fdp.exe",
    "embedded": "\u2067\u202bname",
    "terminal": "red \x1b[31m \x9b31m \x00\x07\x7f",
    "surrogate": "name \udcff.txt",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("suffix", FORMS)
def test_hostile_words_are_sealed_whole_and_mislead_nobody(text: str, suffix: str, tmp_path: Path) -> None:
    made = record(text, document=text, quote=text, locator={"sheet": text})
    path = tmp_path / f"answer{suffix}"
    write_export(made, path)
    claim = read_export(path)
    assert claim.intact
    assert claim.text_intact
    if suffix == ".md":
        shown = path.read_text(encoding="utf-8").partition("\n```json")[0]
        assert not re.search("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202d\u202e]", shown)
        (source,) = [line for line in shown.splitlines() if line.startswith(r"- \[1\]")]
        # What a name opens ends before the words that are quoted.
        place = source.partition("“")[0]
        assert sum(map(place.count, "\u202a\u202b")) == place.count("\u202c")
        assert sum(map(place.count, "\u2066\u2067\u2068")) == place.count("\u2069")
        page = to_page(made)
        page.encode()
        assert not re.search("[\x00\x1b\x9b\u202d\u202e]", page)


def test_names_and_quotations_in_the_app_end_the_direction_that_they_begin() -> None:
    for shown in (plain_label, plain_html):
        assert shown("a\u202eb") == "a\N{REPLACEMENT CHARACTER}b"
        assert shown("a\u2067b") == "a\u2067b\u2069"
    # Marks of direction that end, and the joiner of Persian, are honest.
    honest = "الإيجار ٩٠٠ \u200f(Flat 3)\u200e, \u2068Anna\u2069, می\u200cخواهم"  # noqa: RUF001 - Arabic letters are meant
    assert readable(honest) == honest
    assert readable("one\ttwo\nthree\x85four") == "one\ttwo\nthree\x85four"


def test_a_name_in_arabic_leaves_the_quotation_beside_it_in_its_place() -> None:
    (citation,) = record(document="الإيجار.txt")["answers"][0]["citations"]
    assert source(citation) == f"[1] \u2068الإيجار.txt\u2069: “{QUOTE}”"  # noqa: RUF001 - Arabic letters are meant
    (citation,) = record()["answers"][0]["citations"]
    assert source(citation) == f"[1] note.txt: “{QUOTE}”"


def test_spans_that_are_forged_to_be_all_of_the_document_many_times_are_not_put_together() -> None:
    sections, began = (Section(Locator(), "The rent is 900 pounds. " * 40_000),), time.process_time()
    whole = Span(Locator(), 0, len(sections[0].text))
    assert not stands_at(QUOTE, [whole] * 100_000, sections)
    assert time.process_time() - began < 2
    spread = (Section(Locator(), "The rent\n" + " " * 300 + "is 900 pounds."),)
    assert stands_at(QUOTE, [Span(Locator(), 0, len(spread[0].text))], spread)


def test_of_a_word_document_no_more_is_unpacked_than_an_export_may_hold(tmp_path: Path) -> None:
    """A small file of a thousand parts, each of which unpacks to the most, would keep it busy for minutes."""
    write_export(record(), tmp_path / "answer.docx")
    with zipfile.ZipFile(tmp_path / "answer.docx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for filled, before in ((1, b"<a/>"), (5, b" " * (MAX_FILE_BYTES // 4))):
        with zipfile.ZipFile(tmp_path / "many.docx", "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(filled):
                archive.writestr(f"customXml/item{100 + number}.xml", before)
            for name, content in parts.items():
                archive.writestr(name, content)
        if filled == 1:
            assert read_export(tmp_path / "many.docx").text_intact
    with pytest.raises(ExportError, match="no record"):
        read_export(tmp_path / "many.docx")


def test_long_titles_and_names_of_a_forged_export_leave_the_terminal_readable(
    plain_workspace: Workspace, tmp_path: Path
) -> None:
    write_export(record("x" * 100_000, document="y" * 100_000, quote="z" * 10_000), tmp_path / "long.json")
    lines = _verification_lines(verify_file(tmp_path / "long.json", None, plain_workspace.settings))
    assert "xxx…" in lines
    assert max(map(len, lines.splitlines())) < 500


BROKEN_OFF = """
import resource, sys
from pathlib import Path
from docmind.whole_files import write_whole
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
write_whole(Path(sys.argv[1]), b"new" * 1000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits on the size of files")
def test_an_export_that_cannot_be_written_whole_leaves_the_one_before(tmp_path: Path) -> None:
    path, link = tmp_path / "kept" / "answer.json", tmp_path / "link.json"
    path.parent.mkdir()
    write_export(record(), path)
    path.chmod(0o640)
    before = path.read_bytes()
    done = subprocess.run([sys.executable, "-c", BROKEN_OFF, path], capture_output=True, check=False)
    assert b"File too large" in done.stderr
    assert path.read_bytes() == before
    link.symlink_to(path)
    write_export(record("Another"), link)
    assert link.is_symlink()
    assert read_export(path).title == "About Another"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(ExportError, match="cannot be written"):
        write_export(record(), tmp_path / "missing" / "answer.json")


def test_a_quotation_of_many_pages_is_checked_like_any_other(tmp_path: Path) -> None:
    write_export(record(quote="The rent is 900 pounds " * 5_000), tmp_path / "long.json")
    assert read_export(tmp_path / "long.json").intact


def test_a_quotation_that_stands_inside_words_again_and_again_is_given_up() -> None:
    sections, began = (Section(Locator(), "a" * 1_000_000),), time.process_time()
    assert locate("a" * 300_000, sections, Locator()) == ()
    assert time.process_time() - began < 3
    cells = (Section(Locator(), "13 31 33 " * 10_000 + "3"),)
    assert locate("3", cells, Locator()) == (Span(Locator(), 90_000, 90_001),)


def test_an_export_is_made_of_an_answer_whose_document_has_just_lost_its_file(
    plain_workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text(QUOTE, encoding="utf-8")
    assert [outcome.error for outcome in ingest(plain_workspace, [tmp_path / "note.txt"])] == [None]
    *_, answer = ask(plain_workspace, "How much is the rent?")
    assert isinstance(answer, Answer)
    shelf = library_shelf(plain_workspace)
    (plain_workspace.originals / plain_workspace.catalog.find("note.txt").sha256).unlink()
    (exported,) = checkable(answer.citations, shelf)
    assert exported.quote == QUOTE
    assert exported.spans == ()
