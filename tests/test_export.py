"""Exports: an answer goes out with hashes and offsets, and comes back to be held against documents that lived on."""

from __future__ import annotations

import html
import json
import random
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from commands import Call, Shell
from docmind import export_answers, verify_file
from docmind.answering.ask import ask
from docmind.answering.citations import AnswerSentence
from docmind.answering.events import Answer
from docmind.answering.export.checkable import sha256_of_text
from docmind.answering.export.files import FORMS, MAX_FILE_BYTES, read_export, write_export
from docmind.answering.export.page import to_page
from docmind.answering.export.quotations import locate, stands_at
from docmind.answering.export.record import checksum
from docmind.answering.question import Question
from docmind.answering.statements import statements_of
from docmind.answering.stored import to_stored
from docmind.errors import ExportError
from docmind.exporting import export_record, library_shelf
from docmind.ingestion.ingest import ingest
from docmind.ingestion.removal import delete
from docmind.records import Locator
from docmind.settings import Settings
from docmind.storage.chats import Message
from docmind.workspace import Workspace

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
# One of each kind of file, and a sentence of it.
QUESTIONS = {
    "residential-lease.pdf": "How much interest does the tenant pay if rent is more than 14 days late?",
    "travel-and-expenses-policy.docx": "Do we pay for meals by receipt?",
    "coffee-machine-manual.md": "How often should one descale when the lamp blinks orange?",
    "research-note.html": "Who paid for the work, and by what grant?",
    "meeting-minutes.txt": "What was decided about the budget?",
}
LEASE = "residential-lease.pdf"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A library of the samples that needs no model; nobody may change it."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("samples") / "data", engine="extractive", embedder="hash")
    with Workspace(settings) as workspace:
        assert all(outcome.status == "ingested" for outcome in ingest(workspace, [SAMPLES]))
        yield workspace


@pytest.fixture(scope="module")
def answers(samples: Workspace) -> dict[str, Answer]:
    """An answer from each document."""
    found = {}
    for name, question in QUESTIONS.items():
        *_, answer = ask(samples, Question(question, (samples.catalog.find(name).id,)))
        assert isinstance(answer, Answer)
        assert {citation.document for citation in answer.citations} == {name}
        found[name] = answer
    return found


@pytest.fixture
def exported(samples: Workspace, answers: dict[str, Answer], tmp_path: Path) -> Path:
    """The answer from the lease, as JSON."""
    export_answers(samples, [answers[LEASE]], tmp_path / "answer.json")
    return tmp_path / "answer.json"


@pytest.fixture
def library(plain_workspace: Workspace, tmp_path: Path) -> Workspace:
    """A library of one small text, and `note.json`, an export of what it says of the rent."""
    put(plain_workspace, tmp_path / "note.txt", "The rent is 900 pounds a month.\n\nPets are welcome here.")
    *_, answer = ask(plain_workspace, "How much is the rent a month?")
    assert isinstance(answer, Answer)
    assert answer.found
    export_answers(plain_workspace, [answer], tmp_path / "note.json")
    return plain_workspace


def put(workspace: Workspace, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    assert [outcome.error for outcome in ingest(workspace, [path])] == [None]


def verdicts(path: Path, workspace: Workspace, documents: Path | None = None) -> list[str]:
    verification = verify_file(path, documents, workspace.settings)
    found = [checked.verdict for checked in verification.checked]
    assert verification.holds == (not verification.alterations and set(found) <= {"holds"})
    return found


def edit(path: Path, change: Any, *, sealed: bool = True) -> dict[str, Any]:
    """Change a record as somebody would who knows how its checksum is made, or does not."""
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    change(record)
    if sealed:
        record["sha256"] = checksum(record)
    path.write_text(json.dumps(record), encoding="utf-8")
    return record


def test_what_goes_out_comes_back_and_holds_in_the_library_and_in_a_folder(
    samples: Workspace, answers: dict[str, Answer], tmp_path: Path
) -> None:
    export_answers(samples, list(answers.values()), tmp_path / "chat.json", kind="chat", title="Everything")
    verification = verify_file(tmp_path / "chat.json", None, samples.settings)
    assert verification.holds
    assert verification.claim.title == "Everything"
    assert [answer.question for answer in verification.claim.answers] == list(QUESTIONS.values())
    assert {checked.citation.document for checked in verification.checked} == set(QUESTIONS)
    assert all(checked.citation.spans for checked in verification.checked)
    assert verify_file(tmp_path / "chat.json", SAMPLES, samples.settings).holds


def test_every_form_says_the_same(samples: Workspace, answers: dict[str, Answer], tmp_path: Path) -> None:
    record = export_record(samples, list(answers.values()))
    claims = []
    for suffix in FORMS:
        write_export(record, tmp_path / f"answers{suffix}")
        claims.append(read_export(tmp_path / f"answers{suffix}"))
    assert claims[0].intact
    assert claims == [claims[0]] * 3
    shown = (tmp_path / "answers.md").read_text(encoding="utf-8")
    for name, answer in answers.items():
        assert f"## {answer.question}" in shown
        assert f"[1\\] {name}" in shown


def test_an_export_says_what_was_asked_answered_and_quoted_where(
    samples: Workspace, answers: dict[str, Answer]
) -> None:
    answer = answers[LEASE]
    record = export_record(samples, [answer])
    (entry,) = record["answers"]
    assert (entry["question"], entry["answer"], entry["found"]) == (answer.question, answer.text, True)
    assert (entry["engine"], entry["model"]) == (answer.engine, answer.model)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", entry["answered"])
    assert entry["sentences"][0]["supported"] is True
    quoted = entry["citations"][0]
    assert quoted["document_sha256"] == samples.catalog.find(LEASE).sha256
    assert quoted["quote_sha256"] == sha256_of_text(quoted["quote"])
    assert quoted["locator"] == quoted["spans"][0]["locator"] == {"page": 1}
    assert record["sha256"] == checksum(record)


def test_every_statement_of_every_passage_is_found_in_the_text_of_its_place(samples: Workspace) -> None:
    """So whatever an answer quotes has its offsets, in each format."""
    shelf = library_shelf(samples)
    for document in samples.catalog.documents("ready"):
        original = shelf.with_id(document.id)
        assert original
        sections = shelf.sections(original)
        for node in samples.store.chunks_of(document.id):
            passage, locator = node.get_content(), Locator.from_values(node.metadata)
            for statement in statements_of(passage):
                spans = locate(statement.read_alone, sections, locator, passage)
                assert stands_at(statement.read_alone, spans, sections), statement


def test_an_export_reads_well(samples: Workspace, answers: dict[str, Answer], tmp_path: Path) -> None:
    points = [("Two things are said:", False), ("\n• Pets are welcome.", True), ("\n• The rent is low.", True)]
    sentences = tuple(AnswerSentence(text, cited, 1.0, (1,) if cited else ()) for text, cited in points)
    answer = replace(answers[LEASE], question="What is said?", sentences=sentences, answered=1_795_943_576.0)
    export_answers(samples, [answer], tmp_path / "said.docx")
    written = Document(str(tmp_path / "said.docx")).paragraphs
    shown = [(str(paragraph.style and paragraph.style.name), paragraph.text.strip()) for paragraph in written]
    assert shown[:5] == [
        ("Title", "What is said?"),  # and not once more above the answer
        ("Normal", "Two things are said: (not supported by the documents)"),
        ("List Bullet", "Pets are welcome. [1]"),
        ("List Bullet", "The rent is low. [1]"),
        ("Heading 2", "Sources"),
    ]
    assert shown[-2][1].endswith(" on 29 November 2026, 09:12 UTC. Asked only of: residential-lease.pdf.")
    check = "docmind verify FILE checks whether these quotations still stand in the documents."
    assert shown[-1][1] == f"With DocMind, {check}"
    assert verify_file(tmp_path / "said.docx", None, samples.settings).claim.text_intact

    export_answers(samples, [answer], tmp_path / "said.md")
    lines = (tmp_path / "said.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# What is said?"
    assert "## What is said?" not in lines
    assert lines[4:6] == [r"- Pets are welcome. \[1\]", r"- The rent is low. \[1\]"]
    assert verify_file(tmp_path / "said.md", None, samples.settings).claim.text_intact

    # Several answers are told apart by their questions.
    export_answers(samples, [answer, answer], tmp_path / "twice.docx", kind="chat", title="What is said?")
    headings = [paragraph.text for paragraph in Document(str(tmp_path / "twice.docx")).paragraphs]
    assert headings.count("What is said?") == 3


def test_an_answer_of_before_hashes_were_noted_is_exported_with_them(
    samples: Workspace, answers: dict[str, Answer]
) -> None:
    old = replace(
        answers[LEASE],
        answered=None,
        citations=tuple(replace(citation, document_sha256="") for citation in answers[LEASE].citations),
    )
    (entry,) = export_record(samples, [old])["answers"]
    assert entry["citations"][0]["document_sha256"] == samples.catalog.find(LEASE).sha256
    assert entry["citations"][0]["spans"]


def test_a_quotation_with_other_letters_than_the_document_has_no_offsets(
    samples: Workspace, answers: dict[str, Answer], tmp_path: Path
) -> None:
    answer = answers[LEASE]
    invented = tuple(replace(citation, quote="Rent is 1 pound a year.") for citation in answer.citations)
    export_answers(samples, [replace(answer, citations=invented)], tmp_path / "invented.json")
    assert set(verdicts(tmp_path / "invented.json", samples)) == {"altered"}


def test_a_sentence_that_still_stands_in_a_changed_document_is_found_with_its_place(
    library: Workspace, tmp_path: Path
) -> None:
    assert verdicts(tmp_path / "note.json", library) == ["holds"]
    put(library, tmp_path / "note.txt", "A new beginning.\n\nThe rent is 900\npounds a month.")
    verification = verify_file(tmp_path / "note.json", None, library.settings)
    (checked,) = verification.checked
    assert checked.verdict == "changed"
    assert [(span.start, span.end) for span in checked.where] == [(18, 49)]
    assert not verification.holds


def test_a_changed_sentence_is_gone(library: Workspace, tmp_path: Path) -> None:
    put(library, tmp_path / "note.txt", "The rent is 900 pounds a year.\n\nPets are welcome here.")
    assert verdicts(tmp_path / "note.json", library) == ["gone"]


def test_a_deleted_document_is_missing_and_checked_in_a_folder_that_has_it(library: Workspace, tmp_path: Path) -> None:
    delete(library, library.catalog.find("note.txt"))
    assert verdicts(tmp_path / "note.json", library) == ["missing"]
    folder = tmp_path / "kept" / "elsewhere"
    folder.mkdir(parents=True)
    shutil.copy(tmp_path / "note.txt", folder / "renamed.txt")
    assert verdicts(tmp_path / "note.json", library, folder.parent) == ["holds"]
    (checked,) = verify_file(tmp_path / "note.json", folder, library.settings).checked
    assert checked.note == "the document is called renamed.txt now"
    assert verdicts(tmp_path / "note.json", library, folder / "renamed.txt") == ["holds"]


def test_an_answer_whose_document_was_deleted_before_it_was_exported_still_knows_its_hash(
    library: Workspace, tmp_path: Path
) -> None:
    *_, answer = ask(library, "Are pets welcome?")
    assert isinstance(answer, Answer)
    delete(library, library.catalog.find("note.txt"))
    export_answers(library, [answer], tmp_path / "late.json")
    assert verdicts(tmp_path / "late.json", library) == ["missing"]
    assert set(verdicts(tmp_path / "late.json", library, tmp_path / "note.txt")) == {"holds"}


def test_one_changed_byte_of_the_librarys_own_copy_is_told(library: Workspace, tmp_path: Path) -> None:
    original = library.originals / library.catalog.find("note.txt").sha256
    original.write_bytes(original.read_bytes().replace(b"Pets", b"Cats"))
    assert verdicts(tmp_path / "note.json", library) == ["changed"]
    original.write_bytes(original.read_bytes().replace(b"900", b"901"))
    assert verdicts(tmp_path / "note.json", library) == ["gone"]


def test_a_document_that_cannot_be_read_any_more_is_told(library: Workspace, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "note.txt").write_bytes(b"%PDF-1.7 and no more of it")
    (checked,) = verify_file(tmp_path / "note.json", other, library.settings).checked
    assert checked.verdict == "unreadable"
    assert checked.note


def _quotation(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = record["answers"][0]["citations"][0]
    return found


def test_a_changed_quotation_is_altered_even_where_the_checksum_was_made_anew(
    exported: Path, samples: Workspace
) -> None:
    edit(exported, lambda record: _quotation(record).update(quote="Rent is free."))
    assert verdicts(exported, samples)[0] == "altered"
    edit(exported, lambda record: _quotation(record).update(quote_sha256=sha256_of_text("Rent is free.")))
    assert verdicts(exported, samples)[0] == "altered"


def test_changed_offsets_are_altered(exported: Path, samples: Workspace) -> None:
    edit(exported, lambda record: _quotation(record)["spans"][0].update(start=0), sealed=False)
    assert verdicts(exported, samples)[0] == "altered"


def test_offsets_of_another_reading_do_not_make_a_quotation_false(exported: Path, samples: Workspace) -> None:
    """Another version may read the same bytes a little differently; the quotation stands there all the same."""
    record = edit(exported, lambda record: _quotation(record)["spans"][0].update(start=0))
    (checked,) = verify_file(exported, None, samples.settings).checked
    assert (checked.verdict, checked.note) == ("holds", "at other offsets than exported")
    (span,) = checked.where
    assert span.end == _quotation(record)["spans"][0]["end"]


def test_a_changed_answer_breaks_the_checksum(exported: Path, samples: Workspace) -> None:
    edit(exported, lambda record: record["answers"][0].update(answer="Rent is free."), sealed=False)
    verification = verify_file(exported, None, samples.settings)
    assert not verification.holds
    assert "checksum" in verification.alterations[0]
    assert {checked.verdict for checked in verification.checked} == {"holds"}


def test_a_supported_sentence_without_its_source_is_told(exported: Path, samples: Workspace) -> None:
    edit(exported, lambda record: record["answers"][0].update(citations=[]))
    verification = verify_file(exported, None, samples.settings)
    assert not verification.holds
    assert "source is not in the export" in verification.alterations[0]


def test_the_text_for_people_may_not_say_anything_else(
    samples: Workspace, answers: dict[str, Answer], tmp_path: Path
) -> None:
    path = tmp_path / "answer.md"
    export_answers(samples, [answers[LEASE]], path)
    written = path.read_text(encoding="utf-8")
    path.write_bytes(written.replace("\n", "\r\n").encode())  # an editor on Windows changes no more than that
    assert verify_file(path, None, samples.settings).holds
    path.write_text(written.replace("# ", "# Not: ", 1), encoding="utf-8")
    verification = verify_file(path, None, samples.settings)
    assert "text for people" in verification.alterations[0]
    assert not verification.holds


def test_nor_may_it_in_a_word_document(samples: Workspace, answers: dict[str, Answer], tmp_path: Path) -> None:
    path = tmp_path / "answer.docx"
    export_answers(samples, [answers[LEASE]], path)
    document = Document(str(path))
    document.save(str(path))  # another program may write it anew without a change
    assert verify_file(path, None, samples.settings).holds
    document.paragraphs[1].runs[0].text = "Rent is free."
    document.save(str(path))
    verification = verify_file(path, None, samples.settings)
    assert "text for people" in verification.alterations[0]
    assert {checked.verdict for checked in verification.checked} == {"holds"}


def test_nothing_in_an_answer_becomes_markup_or_a_second_record(
    samples: Workspace, answers: dict[str, Answer], tmp_path: Path
) -> None:
    nasty = "<b>![x](http://evil.example/x.png)</b> www.evil.example\n```\n\n# Heading\n```json docmind-export\x1b[31m"
    answer = replace(answers[LEASE], question=nasty, text=nasty, sentences=(AnswerSentence(nasty, True, 1.0, (1,)),))
    for suffix in (".md", ".docx", ".json"):
        export_answers(samples, [answer], tmp_path / f"nasty{suffix}")
        assert verify_file(tmp_path / f"nasty{suffix}", None, samples.settings).holds
    shown, _, _ = (tmp_path / "nasty.md").read_text(encoding="utf-8").rpartition("\n```json docmind-export")
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark", {"linkify": False}).render(shown)
    assert "<b>" not in html
    assert "<img" not in html
    assert "<a " not in html
    assert html.count("<h1>") == 1
    with zipfile.ZipFile(tmp_path / "nasty.docx") as archive:
        assert b"&lt;b&gt;" in archive.read("word/document.xml")


HOSTILE = {
    "empty": b"",
    "text": b"Just a note.",
    "other json": b'{"docmind": 1}',
    "a list": b"[1, 2]",
    "cut short": b'{"docmind_export": 1, "answers": [',
    "deep": b'{"docmind_export": ' + b"[" * 200_000,
    "no answers": b'{"docmind_export": 1}',
    "answers of another kind": b'{"docmind_export": 1, "docmind_version": "1", "kind": "answer", "title": "t", '
    b'"exported": "e", "answers": 7}',
    "a form of another kind": b'{"docmind_export": "one"}',
    "huge number": b'{"docmind_export": 1' + b"0" * 5_000 + b"}",
    "zip of nothing": b"PK\x05\x06" + bytes(18),
    "no zip": b"PK\x03\x04 and so on",
    "fence without end": b"# A\n\n```json docmind-export text-sha256=00\n{",
    "many fences": b"\n```json docmind-export text-sha256=" * 200_000,
    "binary": bytes(range(256)) * 100,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_export_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file.json").write_bytes(content)
    with pytest.raises(ExportError, match=r"cannot be checked\. .* again\."):
        read_export(tmp_path / "file.json")


def test_a_newer_form_a_huge_file_and_a_folder_are_refused_in_words(exported: Path, tmp_path: Path) -> None:
    edit(exported, lambda record: record.update(docmind_export=2, docmind_version="9.0"))
    with pytest.raises(ExportError, match=r"newer DocMind \(9\.0\)"):
        read_export(exported)
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(ExportError, match="larger than 32 MiB"):
        read_export(tmp_path / "huge.json")
    for path in (tmp_path, tmp_path / "missing.json"):
        with pytest.raises(ExportError, match=r"no file|cannot be read"):
            read_export(path)


def test_a_word_document_that_unpacks_to_much_more_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "customXml/item1.xml", b'<docmind-export text-sha256="' + b"0" * 64 + b'">' + b"A" * (MAX_FILE_BYTES + 1)
        )
    with pytest.raises(ExportError, match="no record"):
        read_export(tmp_path / "bomb.docx")


@pytest.mark.parametrize("suffix", FORMS)
def test_damage_anywhere_is_told_and_never_more_than_that(
    samples: Workspace, answers: dict[str, Answer], suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"answer{suffix}"
    export_answers(samples, [answers[LEASE]], path)
    whole = path.read_bytes()
    said = read_export(path).answers
    chance = random.Random(suffix)  # noqa: S311 - nobody has to be kept from guessing
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 1, 5, 40))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged if chance.random() < 0.8 else damaged[: chance.randrange(len(damaged))])
        with suppress(ExportError):
            claim = read_export(path)
            assert claim.answers == said or not claim.intact


def test_no_path_from_inside_an_export_is_opened(exported: Path, samples: Workspace, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Rent is free.", encoding="utf-8")

    def change(record: dict[str, Any]) -> None:
        for name in ("document", "document_sha256"):
            _quotation(record)[name] = str(secret)
        _quotation(record).update(quote="Rent is free.", quote_sha256=sha256_of_text("Rent is free."))

    edit(exported, change)
    assert verdicts(exported, samples)[0] == "missing"


def test_the_command_line_writes_an_answer_and_checks_it(
    library: Workspace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    process = Shell(
        tmp_path, DOCMIND_DATA_DIR=str(tmp_path / "data"), DOCMIND_ENGINE="extractive", DOCMIND_EMBEDDER="hash"
    )
    shell = Call(process, capfd)
    chat = library.catalog.chats.new("Rent")
    *_, answer = ask(library, "How much is the rent a month?")
    assert isinstance(answer, Answer)
    library.catalog.chats.add(chat.id, Message("user", {"text": answer.question}))
    library.catalog.chats.add(chat.id, Message("assistant", to_stored(answer)))
    library.catalog.chats.add(chat.id, Message("assistant", {"failure": "No model."}))

    # Chats are exported and exports checked while DocMind is open.
    assert shell("chats", "list", "--json").document["chats"][0]["id"] == chat.id
    shell("chats", "export", chat.id[:8], "chat.md")
    checked = shell("verify", "chat.md")
    assert "ok  1.[1] note.txt: “The rent is 900 pounds a month.”" in checked.out
    assert "1 of 1 quotations hold." in checked.out
    assert "no chat" in shell("chats", "export", "nonsense", "chat.md", status=1).err

    library.close()
    assert "must end in one of" in shell("ask", "How much is the rent?", "--out", "answer.pdf", status=1).err
    shell("ask", "How much is the rent a month?", "--out", "answer.json")
    (tmp_path / "note.txt").write_text("The rent is 990 pounds a month.\x1b[31m", encoding="utf-8")
    assert shell("verify", "answer.json", "--json").document["holds"] is True
    gone = shell("verify", "answer.json", "--documents", "note.txt", "--json", status=1).document
    assert gone["counts"] == {"gone": 1}
    assert gone["quotations"][0]["verdict"] == "gone"
    edit(tmp_path / "answer.json", lambda record: _quotation(record).update(quote="Red \x1b[31m"), sealed=False)
    told = shell("verify", "answer.json", status=1).out
    assert "NO  1.[1] note.txt: “Red \N{REPLACEMENT CHARACTER}[31m”\n      the export was altered" in told
    assert "cannot be checked" in shell("verify", "note.txt", status=1).err


@pytest.fixture
def rented(library: Workspace, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Shell:
    """The command line over a library of one note about the rent."""
    library.close()
    settings = {"DOCMIND_DATA_DIR": str(tmp_path / "data"), "DOCMIND_ENGINE": "extractive", "DOCMIND_EMBEDDER": "hash"}
    return Call(Shell(tmp_path, **settings), capfd)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("no such folder/it.json", "No such file or directory"),
        ("folder.json", "Is a directory"),
        ("note.txt/it.json", "Not a directory"),
        (f"{'long' * 80}.json", "File name too long"),
        ("it.pdf", "must end in one of"),
        ("", "names no file"),
    ],
)
@pytest.mark.parametrize("command", [("analyse", "note.txt"), ("ask", "How much is the rent a month?")])
def test_where_nothing_can_be_written_nobody_waits_for_a_result(
    rented: Shell, tmp_path: Path, command: tuple[str, str], place: str, said: str
) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "note.txt").write_text("The rent is 900 pounds a month.", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    done = rented(*command, "--out", place, status=1)
    assert said in done.err
    assert done.out == ""
    assert done.err.count("\n") == 1  # no preview, and no word of how it will be read
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device here that is always full")
@pytest.mark.parametrize("command", [("analyse", "note.txt"), ("ask", "How much is the rent a month?")])
def test_what_cannot_be_written_in_the_end_is_shown_all_the_same(
    rented: Shell, tmp_path: Path, command: tuple[str, str]
) -> None:
    (tmp_path / "full.json").symlink_to("/dev/full")
    for more in ((), ("--json",)):
        done = rented(*command, "--out", "full.json", *more, status=1)
        assert "The rent is 900 pounds a month." in done.out
        assert "full.json cannot be written (No space left on device)" in done.err
    assert "error" not in done.document


def test_the_page_to_print_holds_question_answer_and_sources_as_text_alone(
    samples: Workspace, answers: dict[str, Answer]
) -> None:
    answer = answers[LEASE]
    hostile = replace(answer, question='<img src=x onerror="alert(1)"> ما هو الإيجار؟')
    page = to_page(export_record(samples, [hostile]))
    assert "<img" not in page
    assert "&lt;img src=x" in page
    assert "ما هو الإيجار؟" in page
    assert html.escape(answer.citations[0].quote) in page
    assert f"[1] {answer.citations[0].place}" in page
    assert page.count("<h2") == 0  # one answer bears the question as its title
