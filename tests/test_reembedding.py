"""Another embedding model: the library answers with its index until the next one is whole, whatever comes between."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commands import Call, Shell
from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.remembering import kept_answers
from docmind.embeddings import Embedder
from docmind.errors import EmbedderMismatchError, LibraryError, ModelNotFoundError
from docmind.ingestion.ingest import ingest
from docmind.ingestion.jobs import Ingestion
from docmind.ingestion.recovery import recover
from docmind.ingestion.reembedding import Filling, begin, begin_if_chosen, cancel_reembedding, reembed, wish
from docmind.ingestion.removal import delete
from docmind.ingestion.renaming import rename
from docmind.models.weights import weights_of
from docmind.settings import Settings
from docmind.workspace import Workspace
from some_models import CountingEmbedding, SomeModels

REPOSITORY = Path(__file__).resolve().parent.parent


def library(folder: Path, embedder: str = "small") -> Settings:
    return Settings(data_dir=folder, engine="extractive", embedder=embedder, cache=False, embed_batch_size=4)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that was filled with one model: two documents of several batches, and a short one."""
    folder = tmp_path_factory.mktemp("filled")
    inbox = folder / "inbox"
    inbox.mkdir()
    for name in ("lease", "manual"):
        lines = (f"Clause {number} of the {name} says zyx{name} {number} pounds." for number in range(120))
        (inbox / f"{name}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    (inbox / "note.txt").write_text("The zebra fee is 3 pounds.", encoding="utf-8")
    with SomeModels(library(folder / "data")) as workspace:
        assert [outcome.status for outcome in ingest(workspace, [inbox])] == ["ingested"] * 3
    return folder / "data"


@pytest.fixture
def small(filled: Path, tmp_path: Path) -> Settings:
    """A copy of that library."""
    shutil.copytree(filled, tmp_path / "data")
    CountingEmbedding.seen.clear()
    return library(tmp_path / "data")


def found(workspace: Workspace, words: str) -> set[str]:
    return {item.node.metadata["document"] for item in workspace.retriever(limit=10).retrieve(words)}


def check_books(workspace: Workspace) -> None:
    """Every searchable document has all of its chunks in the store, and nothing else is there."""
    documents = workspace.catalog.documents("ready")
    assert all(workspace.store.count(document.id) == document.chunks > 0 for document in documents)
    assert workspace.store.count() == workspace.catalog.ready_chunks()


def stores_on_disk(settings: Settings) -> list[str]:
    return sorted(folder.name for folder in settings.data_dir.glob("vectors*"))


def to_the_end(workspace: Workspace, wanted: str = "wide") -> list[Filling]:
    begin(workspace, wanted)
    return list(reembed(workspace))


def test_the_library_answers_with_its_index_until_the_next_one_is_whole(small: Settings) -> None:
    with SomeModels(small) as workspace:
        before = workspace.catalog.ready_chunks()
        begin(workspace, "wide")
        steps = []
        for step in reembed(workspace):
            steps.append(step)
            assert workspace.embedder.name == "small"
            assert workspace.store.dimensions == 64
            assert found(workspace, "zebra fee") >= {"note.txt"}
        assert [step.share for step in steps] == sorted(step.share for step in steps)
        assert steps[-1].share == 1
        assert (workspace.embedder.name, workspace.store.dimensions) == ("wide", 96)
        assert workspace.catalog.ready_chunks() < before  # cut to the measure of the new model
        assert found(workspace, "zebra fee") >= {"note.txt"}
        assert found(workspace, "zyxlease 77") >= {"lease.txt"}
        check_books(workspace)
        assert stores_on_disk(small) == ["vectors-2"]
    with SomeModels(small.model_copy(update={"embedder": "auto"})) as workspace:  # as it is from now on
        recover(workspace)
        assert workspace.embedder.name == "wide"
        check_books(workspace)
        to_the_end(workspace, "small")
        assert (workspace.embedder.name, stores_on_disk(small)) == ("small", ["vectors-3"])
        check_books(workspace)


def test_chunks_of_the_same_measure_are_taken_as_they_are_stored(small: Settings) -> None:
    with SomeModels(small) as workspace:
        texts = sorted(node.get_content() for node in workspace.store.get_nodes())
        for original in workspace.originals.iterdir():
            original.unlink()  # nobody needs them for that
        to_the_end(workspace, "twin")
        assert sorted(node.get_content() for node in workspace.store.get_nodes()) == texts
        check_books(workspace)


def test_a_document_that_cannot_be_read_again_keeps_its_passages_where_they_fit(small: Settings) -> None:
    with SomeModels(small) as workspace:
        lease = workspace.catalog.find("lease.txt")
        (workspace.originals / lease.sha256).write_bytes(b"")
        to_the_end(workspace)
        assert workspace.catalog.find("lease.txt").chunks == lease.chunks
        check_books(workspace)
    with SomeModels(small) as workspace:  # filled with the wide one now
        manual = workspace.catalog.find("manual.txt")
        (workspace.originals / manual.sha256).write_bytes(b"")
        with pytest.raises(LibraryError, match=r"manual\.txt cannot be read again .* too long for small"):
            to_the_end(workspace, "small")
        assert workspace.embedder.name == "wide"
        assert found(workspace, "zebra fee") >= {"note.txt"}


def test_what_comes_and_goes_meanwhile_is_there_or_gone_at_the_end(small: Settings, tmp_path: Path) -> None:
    with SomeModels(small) as workspace:
        begin(workspace, "wide")
        steps = reembed(workspace)
        while next(steps).name != "manual.txt":  # the lease is through, the manual begun
            pass
        (tmp_path / "late.txt").write_text("The okapi fee is 4 pounds.", encoding="utf-8")
        (tmp_path / "note.txt").write_text("The zebra fee is 5 pounds now.", encoding="utf-8")
        outcomes = list(ingest(workspace, [tmp_path / "late.txt", tmp_path / "note.txt"]))
        assert [outcome.status for outcome in outcomes] == ["ingested", "replaced"]
        assert found(workspace, "okapi fee") >= {"late.txt"}  # at once
        gone = [workspace.catalog.find(name) for name in ("lease.txt", "manual.txt")]
        assert all(delete(workspace, document) for document in gone)
        assert all(store.count(document.id) == 0 for store in workspace.stores for document in gone)
        rename(workspace, workspace.catalog.find("late.txt"), "okapi")
        list(steps)
        assert workspace.embedder.name == "wide"
        assert found(workspace, "zyxlease zyxmanual okapi zebra") == {"okapi.txt", "note.txt"}
        texts = " ".join(node.get_content() for node in workspace.store.get_nodes())
        assert "zyx" not in texts
        assert "5 pounds now" in texts
        assert "3 pounds" not in texts
        check_books(workspace)


def test_a_renamed_document_has_its_name_in_the_next_index_too(small: Settings) -> None:
    with SomeModels(small) as workspace:
        begin(workspace, "wide")
        steps = reembed(workspace)
        while next(steps).name != "manual.txt":
            pass
        for name in ("lease.txt", "manual.txt", "note.txt"):  # through, begun, and still to come
            rename(workspace, workspace.catalog.find(name), f"new {name}")
        list(steps)
        names = {node.metadata["document"] for node in workspace.store.get_nodes()}
        assert names == {"new lease.txt", "new manual.txt", "new note.txt"}
        check_books(workspace)


def test_it_goes_on_where_it_was_and_embeds_nothing_twice(small: Settings) -> None:
    for ended_after in (1, 3, None):
        with SomeModels(small) as workspace:
            recover(workspace)
            begin(workspace, "wide")
            for number, _ in enumerate(reembed(workspace), 1):
                if number == ended_after:
                    break
    with SomeModels(small) as workspace:
        assert workspace.embedder.name == "wide"
        assert len(CountingEmbedding.seen) == len(set(CountingEmbedding.seen)) == workspace.catalog.ready_chunks()


def test_it_is_cancelled_and_leaves_nothing(small: Settings) -> None:
    with SomeModels(small.model_copy(update={"embedder": "wide"})) as workspace:
        wanted = wish(workspace)
        assert wanted
        assert (wanted.name, wanted.reason) == ("wide", "chosen")
        begin(workspace, "wide")
        steps = reembed(workspace)
        next(steps)
        cancel_reembedding(workspace)
        with pytest.raises(LibraryError):
            list(steps)
        begin_if_chosen(workspace)
        assert workspace.catalog.index.next is None  # the app does not begin again by itself
        assert workspace.embedder.name == "small"
        assert found(workspace, "zebra fee") >= {"note.txt"}
        assert stores_on_disk(small) == ["vectors"]
        to_the_end(workspace)  # asked for again
        assert workspace.embedder.name == "wide"


def test_another_wish_in_the_middle_takes_the_place_of_the_first(small: Settings) -> None:
    with SomeModels(small) as workspace:
        begin(workspace, "wide")
        steps = reembed(workspace)
        next(steps)
        begin(workspace, "twin")
        with pytest.raises(LibraryError):
            next(steps)
        assert workspace.catalog.index.filled() == {}  # nothing of the first counts for the second
        list(reembed(workspace))
        assert workspace.embedder.name == "twin"
        check_books(workspace)


def test_a_model_that_is_not_here_changes_nothing_and_says_so(small: Settings) -> None:
    with SomeModels(small) as workspace:
        with pytest.raises(ModelNotFoundError, match="elsewhere is not here"):
            to_the_end(workspace, "elsewhere")
        assert found(workspace, "zebra fee") >= {"note.txt"}
        to_the_end(workspace, "wide")  # another wish takes its place
        assert workspace.embedder.name == "wide"
    with SomeModels(small.model_copy(update={"embedder": "gone"})) as workspace:
        assert found(workspace, "zebra fee") >= {"note.txt"}  # the settings do not decide what can be read


def test_a_library_whose_model_is_gone_is_taken_to_another(small: Settings) -> None:
    class OnlyWide(SomeModels):
        def open_embedder(self, settings: Settings) -> Embedder:
            if settings.embedder == "small":
                raise ModelNotFoundError("The embedding model small is not here.")
            return super().open_embedder(settings)

    with OnlyWide(small) as workspace:
        with pytest.raises(ModelNotFoundError, match="documents reembed"):
            found(workspace, "zebra fee")
        to_the_end(workspace)
        assert found(workspace, "zebra fee") >= {"note.txt"}


def test_other_weights_of_the_same_name_are_never_searched_with(small: Settings, tmp_path: Path) -> None:
    class Exchanged(SomeModels):
        weights = "second"

    with Exchanged(small) as workspace:
        with pytest.raises(EmbedderMismatchError, match="documents reembed"):
            found(workspace, "zebra fee")
        to_the_end(workspace, "small")
        assert found(workspace, "zebra fee") >= {"note.txt"}
        check_books(workspace)
    (tmp_path / "models" / "small").mkdir(parents=True)
    (tmp_path / "models" / "small" / "config.json").write_text("{}", encoding="utf-8")
    with Exchanged(small.model_copy(update={"models_dir": tmp_path / "models"})) as workspace:
        wanted = wish(workspace)
        assert wanted
        assert (wanted.name, wanted.reason) == ("small", "weights")


def test_a_library_whose_documents_were_cut_otherwise_is_searched_and_offered_anew(small: Settings) -> None:
    with SomeModels(small) as workspace:
        made = workspace.index.fingerprint
        assert made
        assert wish(workspace) is None
        workspace.catalog.remember("index", made.model_copy(update={"chunking": "0"}).model_dump_json())
        wanted = wish(workspace)
        assert wanted
        assert (wanted.name, wanted.reason) == ("small", "chunks")
        assert found(workspace, "zebra fee") >= {"note.txt"}
        to_the_end(workspace, wanted.name)
        assert wish(workspace) is None


def test_a_library_of_an_earlier_version_opens_as_it_is_and_is_taken_on(tmp_path: Path) -> None:
    with tarfile.open(REPOSITORY / "tests" / "fixtures" / "library-1.tar.xz") as tar:
        tar.extractall(tmp_path / "data", filter="data")
    with SomeModels(library(tmp_path / "data", "hash")) as workspace:
        assert workspace.index.fingerprint is None
        assert found(workspace, "rent pounds") >= {"lease.txt"}
        assert wish(workspace) is None  # by which rules it was cut nobody knows
        recover(workspace)
        to_the_end(workspace)
        assert found(workspace, "rent pounds") >= {"lease.txt"}
        assert found(workspace, "citric acid") >= {"manual.md"}
        check_books(workspace)


def test_a_disk_that_cannot_hold_both_indexes_leaves_the_first_and_says_so(
    filled: Path, small_disk: Callable[[int], Path]
) -> None:
    folder = small_disk(200 << 20) / "data"
    shutil.copytree(filled, folder)
    with SomeModels(library(folder)) as workspace:
        with pytest.raises(LibraryError, match="Make room there and try again"):
            to_the_end(workspace)
        assert workspace.embedder.name == "small"
        assert found(workspace, "zebra fee") >= {"note.txt"}


def test_weights_are_told_apart_by_what_they_hold_not_by_where_or_when(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "1_Pooling" / "config.json").write_text('{"mean": true}', encoding="utf-8")
    (folder / "model.safetensors").write_bytes(bytes(range(256)) * 4096)
    (folder / "README.md").write_text("About it.", encoding="utf-8")
    shutil.copytree(folder, tmp_path / "two", copy_function=shutil.copyfile)
    (tmp_path / "two" / "README.md").unlink()
    assert weights_of(folder) == weights_of(tmp_path / "two")
    (folder / "model.safetensors").write_bytes(bytes(range(255, -1, -1)) * 4096)
    (tmp_path / "two" / "1_Pooling" / "config.json").write_text('{"mean": null}', encoding="utf-8")
    assert len({weights_of(folder), weights_of(tmp_path / "two")}) == 2


def test_the_command_line_takes_a_model_up_and_forgets_one_that_is_misspelt(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = {"DOCMIND_DATA_DIR": str(tmp_path / "data"), "DOCMIND_EMBEDDER": "hash", "DOCMIND_ENGINE": "extractive"}
    docmind = Call(Shell(tmp_path, **settings), capfd)
    assert "The library is empty" in docmind("documents", "reembed", status=1).err
    (tmp_path / "note.txt").write_text("The zebra fee is 3 pounds.", encoding="utf-8")
    docmind("ingest", "note.txt")
    failed = docmind("documents", "reembed", "misspelt", "--json", status=1)
    assert failed.document["error"]["kind"] == "ModelNotFoundError"
    assert docmind("documents", "reembed", "--json").document == {"embedder": "hash", "before": "hash", "passages": 1}
    (result,) = docmind("search", "zebra fee", "--json").document["results"]
    assert "3 pounds" in result["text"]


def test_an_answer_that_is_being_written_keeps_its_index(small: Settings) -> None:
    with SomeModels(small) as workspace:
        answering = ask(workspace, "How much is the zebra fee?")
        next(answering)
        begin(workspace, "wide")
        for step in reembed(workspace):
            if not step.name:  # all is there, and waits
                break
        assert workspace.embedder.name == "small"
        *_, answer = answering
        assert isinstance(answer, Answer)
        assert "3 pounds" in answer.text
        list(reembed(workspace))
        assert workspace.embedder.name == "wide"
        *_, answer = ask(workspace, "How much is the zebra fee?")
        assert isinstance(answer, Answer)
        assert "3 pounds" in answer.text


def test_kept_answers_of_the_model_before_are_dropped(small: Settings) -> None:
    with SomeModels(small.model_copy(update={"cache": True})) as workspace:
        for _ in range(2):
            *_, answer = ask(workspace, "How much is the zebra fee?")
        assert isinstance(answer, Answer)
        assert answer.from_cache
        to_the_end(workspace)
        assert kept_answers(workspace).statistics().entries == 0
        for kept in (False, True):
            *_, answer = ask(workspace, "How much is the zebra fee?")
            assert isinstance(answer, Answer)
            assert bool(answer.from_cache) is kept


def test_an_emptied_library_takes_any_model_by_itself(small: Settings) -> None:
    with SomeModels(small) as workspace:
        begin(workspace, "wide")
        next(iter(reembed(workspace)))
        for document in workspace.catalog.documents("ready"):
            delete(workspace, document)
        assert workspace.catalog.index.next is None
        with pytest.raises(LibraryError, match="empty"):
            begin(workspace, "wide")
    assert stores_on_disk(small) == ["vectors"]
    with SomeModels(small.model_copy(update={"embedder": "wide"})) as workspace:
        assert workspace.store.dimensions == 96


@pytest.fixture
def running(small: Settings) -> Iterator[SomeModels]:
    """The same library as the app has it open, with the settings naming another model."""
    with SomeModels(small.model_copy(update={"embedder": "wide"})) as workspace:
        yield workspace


def test_the_app_takes_up_what_the_settings_name(running: SomeModels) -> None:
    changed = threading.Event()
    jobs = Ingestion(running)
    for _ in range(600):
        if running.catalog.fact("embedder") == "wide":
            break
        changed.wait(0.05)
    assert running.embedder.name == "wide"
    assert (jobs.wanted, jobs.filling_problem) == (None, None)
    assert found(running, "zebra fee") >= {"note.txt"}


# A child that ends in the middle; 'store' in place of a step ends it inside the exchange.
LIFE = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from some_models import SomeModels
from test_reembedding import library
from docmind.ingestion.recovery import recover
from docmind.ingestion.reembedding import begin, reembed

folder, moment = Path(sys.argv[2]), sys.argv[3]
workspace = SomeModels(library(folder))
recover(workspace)
begin(workspace, "wide")
if moment == "before the exchange":
    workspace.index.exchange = lambda chunks: os._exit(9)
if moment == "after the exchange":
    workspace.index.remove_left_over = lambda: os._exit(9)
for number, _ in enumerate(reembed(workspace)):
    if moment.isdigit() and number == int(moment):
        os._exit(9)
"""


def die_at(moment: str, settings: Settings) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOCMIND_")}
    arguments = [sys.executable, "-c", textwrap.dedent(LIFE), str(REPOSITORY / "tests"), str(settings.data_dir), moment]
    assert subprocess.run(arguments, env=environment, check=False).returncode == 9


def check_after_death(settings: Settings, moment: str) -> None:
    changed = moment == "after the exchange"
    with SomeModels(settings) as workspace:
        recover(workspace)
        assert workspace.embedder.name == ("wide" if changed else "small")
        check_books(workspace)
        assert {document.state for document in workspace.catalog.documents()} == {"ready"}
        assert found(workspace, "zebra fee") >= {"note.txt"}
        if not changed:
            assert workspace.catalog.index.next
            list(reembed(workspace))
        assert workspace.embedder.name == "wide"
        check_books(workspace)
        assert found(workspace, "zebra fee") >= {"note.txt"}
    assert stores_on_disk(settings) == ["vectors-2"]


# Each takes a process of some seconds.
@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("0", marks=pytest.mark.faults),
        pytest.param("4", marks=pytest.mark.faults),
        pytest.param("before the exchange", marks=pytest.mark.faults),
        "after the exchange",
    ],
)
def test_a_kill_leaves_one_whole_index_and_is_mended(small: Settings, moment: str) -> None:
    die_at(moment, small)
    check_after_death(small, moment)
