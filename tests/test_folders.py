"""Folders kept in step: whatever happens in a folder, the library holds what the folder holds."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docmind.errors import LibraryError
from docmind.ingestion import folders as folders_module
from docmind.ingestion.folders import add_folder, keep_in_step
from docmind.ingestion.ingest import drain, ingest
from docmind.ingestion.recovery import recover
from docmind.ingestion.removal import cancel, delete
from docmind.ingestion.renaming import rename
from docmind.settings import Settings
from docmind.storage.folders import Folder
from docmind.workspace import Workspace

TEXTS = (
    "The rent is 900 pounds.",
    "Dogs are not allowed here.",
    "The lease ends in May.",
    "Bins are emptied on Monday.",
)
_clock = itertools.count(1_600_000_000)


@dataclass
class InStep:
    """A library, and a folder that it is kept in step with."""

    workspace: Workspace
    folder: Folder

    @property
    def path(self) -> Path:
        return self.folder.path

    def write(self, name: str, text: str) -> Path:
        """Write a file, later than all that were written before, and not just now."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        moment = next(_clock)
        os.utime(file, (moment, moment))
        return file

    def look(self) -> int:
        """Go through the folder until nothing in it is being written; nothing is read yet."""
        while True:
            (folder,) = (each for each in self.workspace.catalog.folders.all() if each.id == self.folder.id)
            looked = keep_in_step(self.workspace, folder)
            if not looked.again:
                return looked.done
            time.sleep(0.1)

    def read(self) -> list[str]:
        """Read what waits; what became of each."""
        return [outcome.status for outcome in drain(self.workspace)]

    def step(self) -> list[str]:
        self.look()
        return self.read()

    @property
    def names(self) -> set[str]:
        return {document.name for document in self.workspace.catalog.documents("ready")}

    @property
    def deeds(self) -> list[tuple[str, str]]:
        return [(deed.what, deed.name) for deed in reversed(self.workspace.catalog.folders.deeds(self.folder.id, 100))]

    @property
    def problem(self) -> str:
        return next(each.problem or "" for each in self.workspace.catalog.folders.all() if each.id == self.folder.id)


@pytest.fixture
def home(plain_workspace: Workspace, tmp_path: Path) -> InStep:
    path = tmp_path / "Flats"
    path.mkdir()
    return InStep(plain_workspace, add_folder(plain_workspace, path))


def test_what_is_added_changed_moved_and_removed_in_a_folder_is_so_in_the_library(home: InStep) -> None:
    home.write("lease.txt", TEXTS[0])
    home.write("rules/dogs.md", TEXTS[1])
    home.write("film.mp4", "no document")
    assert home.step() == ["ingested", "ingested"]
    assert home.names == {"Flats/lease.txt", "Flats/rules/dogs.md"}
    assert home.look() == 0

    home.write("lease.txt", TEXTS[2])
    dogs = home.workspace.catalog.find("Flats/rules/dogs.md")
    (home.path / "rules").rename(home.path / "house rules")
    assert home.step() == ["replaced"]
    assert home.names == {"Flats/lease.txt", "Flats/house rules/dogs.md"}
    assert home.workspace.catalog.document(dogs.id).name == "Flats/house rules/dogs.md"  # it was not read again

    (home.path / "lease.txt").unlink()
    home.step()
    assert home.names == {"Flats/house rules/dogs.md"}
    assert home.deeds == [
        ("added", "Flats/lease.txt"),
        ("added", "Flats/rules/dogs.md"),
        ("renamed", "Flats/house rules/dogs.md"),
        ("changed", "Flats/lease.txt"),
        ("removed", "Flats/lease.txt"),
    ]
    assert home.problem == ""
    (home.path / "house rules" / "dogs.md").unlink()  # the last one: the folder itself is still the one it was
    home.step()
    assert home.names == set()
    assert list(home.workspace.originals.iterdir()) == []


def test_a_folder_that_is_not_there_or_another_one_takes_nothing_along(home: InStep, tmp_path: Path) -> None:
    home.write("lease.txt", TEXTS[0])
    home.step()
    away = home.path.rename(tmp_path / "away")
    home.look()
    assert "cannot be opened" in home.problem
    home.path.mkdir()  # where a disk was, an empty folder is left
    home.look()
    assert "Another folder is where" in home.problem
    assert home.names == {"Flats/lease.txt"}
    home.path.rmdir()
    away.rename(home.path)
    home.look()
    assert home.problem == ""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open everything")
def test_a_subfolder_that_cannot_be_opened_takes_nothing_along(home: InStep) -> None:
    home.write("closed/lease.txt", TEXTS[0])
    home.step()
    (home.path / "closed").chmod(0)
    home.look()
    (home.path / "closed").chmod(0o700)
    assert "closed cannot be opened" in home.problem
    assert home.names == {"Flats/closed/lease.txt"}


def test_what_the_user_deletes_stays_out_wherever_it_moves_until_it_is_wanted_again(home: InStep) -> None:
    home.write("lease.txt", TEXTS[0])
    home.write("dogs.txt", TEXTS[1])
    home.step()
    delete(home.workspace, home.workspace.catalog.find("Flats/lease.txt"))
    assert home.step() == []
    (home.path / "lease.txt").rename(home.path / "old lease.txt")
    home.step()
    home.write("old lease.txt", TEXTS[2])
    home.step()
    assert home.names == {"Flats/dogs.txt"}
    assert [name for _, name in home.deeds] == ["Flats/dogs.txt"]  # nothing tells of what was deleted
    home.workspace.catalog.folders.take_in_again(home.folder.id)
    home.step()
    assert home.names == {"Flats/dogs.txt", "Flats/old lease.txt"}


def test_files_that_hold_the_same_share_a_document_until_the_last_of_them_goes(home: InStep) -> None:
    home.write("a.txt", TEXTS[0])
    home.write("b.txt", TEXTS[0])
    assert sorted(home.step()) == ["ingested", "unchanged"]
    assert home.names == {"Flats/a.txt"}
    home.write("a.txt", TEXTS[1])
    home.step()
    assert home.names == {"Flats/a.txt", "Flats/b.txt"}
    home.write("b.txt", TEXTS[1])
    home.write("c.txt", TEXTS[1])
    home.step()
    (home.path / "a.txt").unlink()
    (home.path / "b.txt").unlink()
    home.step()
    assert home.names == {"Flats/c.txt"}


def test_documents_that_somebody_has_added_himself_stay(home: InStep, tmp_path: Path) -> None:
    home.write("lease.txt", TEXTS[0])
    mine = tmp_path / "mine.txt"
    mine.write_text(TEXTS[1], encoding="utf-8")
    list(ingest(home.workspace, [home.path, mine]))
    home.write("copy of mine.txt", TEXTS[1])
    assert home.step() == []
    assert home.names == {"lease.txt", "mine.txt"}
    home.write("lease.txt", TEXTS[2])
    home.step()
    assert home.names == {"lease.txt", "mine.txt", "Flats/lease.txt"}
    list(ingest(home.workspace, [home.path]))  # the same bytes again, by hand
    (home.path / "lease.txt").unlink()
    (home.path / "copy of mine.txt").unlink()
    home.step()
    assert home.names == {"lease.txt", "mine.txt"}  # the second of these two was not read from the folder


def test_what_somebody_adds_again_himself_stays_when_its_file_goes(home: InStep, tmp_path: Path) -> None:
    home.write("lease.txt", TEXTS[0])
    home.step()
    upload = tmp_path / "upload.txt"
    upload.write_text(TEXTS[0], encoding="utf-8")
    assert [outcome.status for outcome in ingest(home.workspace, [upload])] == ["unchanged"]
    (home.path / "lease.txt").unlink()
    home.step()
    assert home.names == {"Flats/lease.txt"}


def test_a_document_that_the_user_has_renamed_keeps_its_name(home: InStep) -> None:
    home.write("lease.txt", TEXTS[0])
    home.step()
    rename(home.workspace, home.workspace.catalog.find("Flats/lease.txt"), "The lease of Flat 3.txt")
    home.write("lease.txt", TEXTS[1])
    assert home.step() == ["replaced"]
    (home.path / "lease.txt").rename(home.path / "moved.txt")
    assert home.step() == []
    assert home.names == {"The lease of Flat 3.txt"}
    (home.path / "moved.txt").unlink()
    home.step()
    assert home.names == set()


def test_what_goes_before_it_is_read_takes_the_version_before_along(home: InStep) -> None:
    home.write("lease.txt", TEXTS[0])
    home.step()
    home.write("lease.txt", TEXTS[1])
    home.look()
    (home.path / "lease.txt").unlink()
    home.step()
    assert home.workspace.catalog.documents() == []


def test_what_cannot_be_read_is_said_once_and_tried_again_when_it_changes(home: InStep) -> None:
    (home.path / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    home.write("lease.txt", TEXTS[0])
    assert sorted(home.step()) == ["failed", "ingested"]
    assert home.step() == []
    (failed,) = home.workspace.catalog.documents("failed")
    delete(home.workspace, failed)  # as 'Dismiss' does
    assert home.step() == []
    shutil.copyfile(Path(__file__).parents[1] / "data" / "samples" / "residential-lease.pdf", home.path / "broken.pdf")
    assert home.step() == ["ingested"]


def test_an_ignore_file_leaves_out_and_one_that_is_wrong_stops_before_anything_comes_in(home: InStep) -> None:
    home.write("lease.txt", TEXTS[0])
    home.write("drafts/lease 2.txt", TEXTS[1])
    home.write("private.txt", TEXTS[2])
    home.write("~$lease.txt", TEXTS[3])
    ignore = home.path / ".docmindignore"
    ignore.write_bytes(b"drafts/\n\xff\xfe\n")
    home.step()
    assert home.names == set()
    assert ".docmindignore cannot be used" in home.problem
    ignore.write_text("# not these\ndrafts/\nprivate.*\n", encoding="utf-8")
    home.step()
    assert home.names == {"Flats/lease.txt"}
    assert home.problem == ""
    ignore.unlink()
    home.step()
    assert home.names == {"Flats/lease.txt", "Flats/drafts/lease 2.txt", "Flats/private.txt"}
    ignore.write_text("private.txt", encoding="utf-8")
    home.step()
    assert home.names == {"Flats/lease.txt", "Flats/drafts/lease 2.txt"}


def test_a_file_that_is_too_large_is_named_and_the_others_come_in(plain_settings: Settings, tmp_path: Path) -> None:
    with Workspace(plain_settings.model_copy(update={"max_file_mib": 1})) as workspace:
        (tmp_path / "Flats").mkdir()
        home = InStep(workspace, add_folder(workspace, tmp_path / "Flats"))
        home.write("large.txt", "word " * 300_000)
        home.write("lease.txt", TEXTS[0])
        home.step()
        assert home.names == {"Flats/lease.txt"}
        assert home.problem == (
            "Not in the library: large.txt is larger than 1 MiB. Raise DOCMIND_MAX_FILE_MIB or split it."
        )


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names there are always text")
def test_a_name_that_is_no_text_and_links_that_lead_out(home: InStep, tmp_path: Path) -> None:
    with open(os.path.join(os.fsencode(home.path), b"l\xe9ase.txt"), "wb") as file:  # noqa: PTH118, PTH123 - a Path is text
        file.write(TEXTS[0].encode())
    secret = tmp_path / "secret.txt"
    secret.write_text(TEXTS[1], encoding="utf-8")
    (home.path / "link.txt").symlink_to(secret)
    home.step()
    assert home.names == {"Flats/l?ase.txt"}
    assert home.look() == 0
    os.unlink(os.path.join(os.fsencode(home.path), b"l\xe9ase.txt"))  # noqa: PTH108, PTH118 - as above
    home.step()
    assert home.names == set()


def test_folders_that_cannot_be_kept_in_step_are_refused(home: InStep, tmp_path: Path) -> None:
    workspace = home.workspace
    (home.path / "inner").mkdir()
    for path, reason in (
        (tmp_path / "nowhere", "is no folder"),
        (Path("Flats"), "by its whole path"),
        (home.path, "kept in step already"),
        (home.path / "inner", "kept in step already"),
        (tmp_path, "kept in step already"),
        (workspace.settings.data_dir, "DocMind's own"),
        (workspace.originals, "DocMind's own"),
        (tmp_path / ("x" * 5000), "is no folder"),
    ):
        with pytest.raises(LibraryError, match=reason):
            add_folder(workspace, path)
    (tmp_path / "other" / "Flats").mkdir(parents=True)
    assert add_folder(workspace, tmp_path / "other" / "Flats").label == "other/Flats"


def test_a_folder_that_is_not_kept_in_step_any_more_leaves_its_documents(home: InStep) -> None:
    home.write("lease.txt", TEXTS[0])
    home.step()
    folders = home.workspace.catalog.folders
    folders.remove(home.folder.id)
    assert home.names == {"Flats/lease.txt"}
    again = add_folder(home.workspace, home.path)
    home.folder = again
    (home.path / "lease.txt").unlink()
    home.write("dogs.txt", TEXTS[1])
    home.step()
    assert home.names == {"Flats/lease.txt", "Flats/dogs.txt"}  # nobody knows any more where it came from


def test_a_file_that_changes_while_its_clock_stands_still_is_looked_into_again(home: InStep) -> None:
    file = home.path / "lease.txt"
    file.write_text("The rent is 900 pounds.", encoding="utf-8")
    home.step()
    moment = file.stat().st_mtime_ns
    file.write_text("The rent is 950 pounds.", encoding="utf-8")
    os.utime(file, ns=(moment, moment))
    assert home.step() == ["replaced"]


def test_a_version_that_goes_back_before_it_is_read_leaves_the_one_that_the_folder_holds(home: InStep) -> None:
    home.write("lease.txt", TEXTS[0])
    home.step()
    home.write("lease.txt", TEXTS[1])
    home.look()
    home.write("lease.txt", TEXTS[0])
    home.step()
    _is_in_step(home)
    home.write("dogs.txt", TEXTS[1])
    home.look()
    home.write("dogs.txt", TEXTS[2])
    home.look()
    home.write("dogs.txt", TEXTS[1])
    home.step()
    home.step()
    _is_in_step(home)


def test_a_file_that_takes_the_place_of_one_that_waits(home: InStep) -> None:
    home.write("a.txt", TEXTS[0])
    home.step()
    home.write("b.txt", TEXTS[1])
    home.look()
    (home.path / "a.txt").replace(home.path / "b.txt")
    home.step()
    home.step()
    _is_in_step(home)


@pytest.mark.parametrize("copied", [True, False])
def test_a_copy_that_is_put_aside_before_the_file_is_changed_keeps_its_text(home: InStep, copied: bool) -> None:
    lease = home.write("lease.txt", TEXTS[0])
    home.step()
    if copied:
        home.write("lease old.txt", TEXTS[0])
    else:
        lease.rename(home.path / "lease old.txt")
    home.write("lease.txt", TEXTS[1])
    home.step()
    home.step()
    assert home.names == {"Flats/lease.txt", "Flats/lease old.txt"}
    _is_in_step(home)


def test_a_drive_that_is_away_after_a_first_look_that_was_ended_takes_nothing_along(
    home: InStep, tmp_path: Path
) -> None:
    home.write("a.txt", TEXTS[0])
    home.write("b.txt", TEXTS[1])
    left = itertools.count()
    keep_in_step(home.workspace, home.folder, lambda: next(left) < 1)
    home.read()
    home.path.rename(tmp_path / "away")
    home.path.mkdir()
    home.step()
    assert home.names == {"Flats/a.txt"}
    assert "Another folder is where" in home.problem


def test_a_folder_of_the_same_name_takes_no_document_of_another_one(home: InStep, tmp_path: Path) -> None:
    home.write("lease.txt", TEXTS[0])
    home.step()
    home.workspace.catalog.folders.remove(home.folder.id)  # its documents stay
    other = tmp_path / "other" / "Flats"
    other.mkdir(parents=True)
    home.folder = add_folder(home.workspace, other)
    home.write("lease.txt", TEXTS[1])
    home.step()
    assert home.names == {"Flats/lease.txt", "Flats/lease (2).txt"}
    home.write("lease.txt", TEXTS[2])
    home.look()
    (home.path / "lease.txt").unlink()
    home.step()
    assert home.names == {"Flats/lease.txt"}


def test_a_newer_version_that_is_dismissed_leaves_the_earlier_one_until_the_file_goes(home: InStep) -> None:
    home.write("lease.txt", TEXTS[0])
    home.step()
    home.write("lease.txt", TEXTS[1])
    home.look()
    (waiting,) = home.workspace.catalog.documents("queued")
    cancel(home.workspace, waiting)
    assert home.step() == []
    assert home.names == {"Flats/lease.txt"}
    (home.path / "lease.txt").unlink()
    home.step()
    assert home.workspace.catalog.documents() == []


def test_a_document_deleted_while_a_newer_version_waits_stays_out(home: InStep) -> None:
    home.write("lease.txt", TEXTS[0])
    home.step()
    home.write("lease.txt", TEXTS[1])
    home.look()
    delete(home.workspace, home.workspace.catalog.find("Flats/lease.txt"))
    home.step()
    home.step()
    assert home.names == set()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names there are always text")
def test_names_that_look_alike_are_told_apart(home: InStep) -> None:
    for name, text in ((b"l\xe9ase.txt", TEXTS[0]), (b"l\xe8ase.txt", TEXTS[1])):
        path = os.path.join(os.fsencode(home.path), name)  # noqa: PTH118 - a Path is text
        with open(path, "wb") as file:  # noqa: PTH123 - as above
            file.write(text.encode())
        os.utime(path, (next(_clock),) * 2)
    home.step()
    assert home.names == {"Flats/l?ase.txt", "Flats/l?ase (2).txt"}


def test_an_ignore_file_that_is_none_is_said(home: InStep) -> None:
    home.write("lease.txt", TEXTS[0])
    (home.path / ".docmindignore").mkdir()
    home.step()
    assert ".docmindignore cannot be used" in home.problem
    assert home.names == set()


PATHS = st.sampled_from(["a.txt", "b.txt", "c.txt", "sub/a.txt", "sub/d.txt"])
CONTENTS = st.sampled_from(TEXTS[:3])
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), PATHS, CONTENTS),
        st.tuples(st.just("move"), PATHS, PATHS),
        st.tuples(st.just("copy"), PATHS, PATHS),
        st.tuples(st.just("remove"), PATHS, PATHS),
        st.tuples(st.just("move folder"), st.just("sub"), st.sampled_from(["sub 2", "sub"])),
        st.tuples(st.just("look"), st.integers(0, 4), PATHS),
        st.tuples(st.just("read"), st.integers(0, 3), PATHS),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=60)
@given(OPERATIONS)
def test_after_whatever_happened_the_library_holds_what_the_folder_holds(
    operations: list[tuple[str, str, str]],
) -> None:
    with tempfile.TemporaryDirectory() as place:
        mine = Settings(data_dir=Path(place) / "data", engine="extractive", embedder="hash", cache=False)
        (Path(place) / "Flats").mkdir()
        with Workspace(mine) as workspace:
            home = InStep(workspace, add_folder(workspace, Path(place) / "Flats"))
            for operation in operations:
                _do(home, *operation)
            home.step()
            home.step()
            _is_in_step(home)


def _do(home: InStep, what: str, first: str | int, second: str) -> None:
    match what, first:
        case "write", str(path):
            home.write(path, second)
        case "move", str(path) if (home.path / path).is_file():
            target = home.path / second
            target.parent.mkdir(exist_ok=True)
            (home.path / path).replace(target)
        case "copy", str(path) if (home.path / path).is_file():
            home.write(second, (home.path / path).read_text(encoding="utf-8"))
        case "remove", str(path):
            (home.path / path).unlink(missing_ok=True)
        case "move folder", str(path) if (home.path / path).is_dir() and not (home.path / second).exists():
            (home.path / path).rename(home.path / second)
        case "look", int(files):  # ended after some files, as by the end of the app
            left = itertools.count()
            (folder,) = home.workspace.catalog.folders.all()
            keep_in_step(home.workspace, folder, lambda: next(left) < files)
        case "read", int(documents):
            list(itertools.islice(drain(home.workspace), documents))


def _is_in_step(home: InStep) -> None:
    files = {
        f"Flats/{path.relative_to(home.path).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.path.rglob("[!.]*")
        if path.is_file()
    }
    catalog = home.workspace.catalog
    documents = {document.name: document.sha256 for document in catalog.documents("ready")}
    assert documents.items() <= files.items()
    assert set(documents.values()) == set(files.values())
    assert len(catalog.documents()) == len(documents)
    assert {path.name for path in home.workspace.originals.iterdir()} == set(files.values())
    if documents:
        assert home.workspace.store.count() == catalog.ready_chunks()
    assert home.problem == ""


@pytest.mark.parametrize("at", range(5))
def test_what_ends_in_the_midst_is_gone_on_with(home: InStep, at: int) -> None:
    """As by a kill between any two steps of taking in and letting go."""
    home.write("gone.txt", TEXTS[0])
    home.write("moved.txt", TEXTS[1])
    home.write("changed.txt", TEXTS[2])
    home.step()
    (home.path / "gone.txt").unlink()
    (home.path / "moved.txt").rename(home.path / "elsewhere.txt")
    home.write("changed.txt", TEXTS[3])
    home.write("new.txt", "New things are said.")
    calls = itertools.count()

    def ending(real: Callable[..., object]) -> Callable[..., object]:
        def called(*arguments: object, **named: object) -> object:
            done = real(*arguments, **named)
            if next(calls) == at:
                raise KeyboardInterrupt
            return done

        return called

    with pytest.MonkeyPatch.context() as patch:
        for name in ("stage", "rename", "delete"):
            patch.setattr(folders_module, name, ending(getattr(folders_module, name)))
        with pytest.raises(KeyboardInterrupt):
            home.step()
    recover(home.workspace)
    home.step()
    home.step()
    _is_in_step(home)


LIFE = """
import random, sys
from pathlib import Path
from docmind.ingestion.folders import add_folder, keep_in_step
from docmind.ingestion.ingest import drain
from docmind.ingestion.recovery import recover
from docmind.settings import Settings
from docmind.workspace import Workspace

place, chance = Path(sys.argv[1]), random.Random(int(sys.argv[2]))
settings = Settings(data_dir=place / "data", engine="extractive", embedder="hash", cache=False)
flats = place / "Flats"
names = ["a.txt", "b.txt", "c.txt", "sub/a.txt", "sub/b.txt"]
(flats / "sub").mkdir(parents=True, exist_ok=True)
with Workspace(settings) as workspace:
    recover(workspace)
    folders = workspace.catalog.folders
    folder = (folders.all() or [add_folder(workspace, flats)])[0]
    while True:
        for _ in range(chance.randint(1, 4)):
            file, other = flats / chance.choice(names), flats / chance.choice(names)
            what = chance.choice(["write", "write", "move", "remove"])
            if what == "write":
                (flats / ".new").write_text(f"Flat {chance.randint(1, 6)} is let. " * 3, encoding="utf-8")
                (flats / ".new").replace(file)
            elif what == "move" and file.exists():
                file.replace(other)
            else:
                file.unlink(missing_ok=True)
        keep_in_step(workspace, folders.all()[0])
        list(drain(workspace))
        print("once", flush=True)
"""


@pytest.mark.faults
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_kill_in_the_middle_leaves_nothing_behind_that_the_next_look_does_not_put_right(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - repeatable, not secret
    mine = Settings(data_dir=tmp_path / "data", engine="extractive", embedder="hash", cache=False)
    for number in range(8):
        arguments = [sys.executable, "-c", LIFE, str(tmp_path), str(number)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as life:
            assert life.stdout
            assert life.stdout.readline() == "once\n"
            time.sleep(chance.random() * 0.25)
            life.send_signal(signal.SIGKILL)
        with Workspace(mine) as workspace:
            recover(workspace)
            home = InStep(workspace, workspace.catalog.folders.all()[0])
            home.step()
            home.step()
            _is_in_step(home)
            assert [row["integrity_check"] for row in workspace.catalog.database.run("PRAGMA integrity_check")] == [
                "ok"
            ]
