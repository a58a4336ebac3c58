"""A library whose disk is full or closed: it is told as what it is, and nobody is sent to a backup."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from docmind.errors import LibraryError, LibraryInUseError
from docmind.storage.catalog import Catalog

UNWRITABLE = r"cannot be written \(.*\)\. Make it and its folder writable, or set DOCMIND_DATA_DIR"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


def test_a_full_disk_is_told_so_and_what_was_there_is_kept(catalog: Catalog) -> None:
    catalog.database.run("PRAGMA max_page_count = 1")  # SQLite takes the pages that there are, and no more
    kept: list[str] = []
    with pytest.raises(LibraryError, match=r"The disk is full \(\d+ MiB free\)\. Make room in .* and try again"):
        kept.extend(catalog.enqueue(f"{number}.txt", "aa", 1).id for number in range(10_000))
    assert [document.id for document in catalog.documents()] == kept[: len(catalog.documents())]
    catalog.database.run("PRAGMA max_page_count = 1000000")
    catalog.enqueue("after.txt", "bb", 1)


def test_a_catalogue_that_may_only_be_read_is_told_so(catalog: Catalog) -> None:
    catalog.database.run("PRAGMA query_only = 1")
    with pytest.raises(LibraryError, match=UNWRITABLE):
        catalog.enqueue("lease.pdf", "aa", 1)
    catalog.database.run("PRAGMA query_only = 0")


def test_what_cannot_be_opened_as_a_file_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").mkdir()
    with pytest.raises(LibraryError, match=UNWRITABLE):
        Catalog(tmp_path / "catalog.sqlite")


AS_NOBODY = """
import os, sys
from pathlib import Path
from docmind.errors import LibraryError
from docmind.settings import Settings
from docmind.storage.catalog import open_catalog
from docmind.workspace import Workspace
if os.geteuid() == 0:
    os.setuid(65534)  # nothing is closed to root
for opened in (Workspace, open_catalog):
    try:
        opened(Settings(data_dir=Path(sys.argv[1]), engine="extractive", embedder="hash")).close()
    except LibraryError as error:
        print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows closes folders by other means than modes")
def test_a_folder_that_is_closed_is_told_so_by_whatever_is_opened_first() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own let nobody else in
        Path(folder).chmod(0o755)
        data_dir = Path(folder) / "data"
        data_dir.mkdir(mode=0o555)
        command = [sys.executable, "-c", AS_NOBODY, str(data_dir)]
        told = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.splitlines()
        data_dir.chmod(0o700)
    assert len(told) == 2
    for words in told:
        assert "cannot be written" in words
        assert "DOCMIND_DATA_DIR" in words
        assert "backup" not in words


def test_a_catalogue_that_another_process_holds_is_told_so(catalog: Catalog, tmp_path: Path) -> None:
    catalog.database.run("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(tmp_path / "catalog.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LibraryInUseError, match="Another process holds the catalogue"):
        catalog.enqueue("lease.pdf", "aa", 1)
    other.execute("ROLLBACK")
    other.close()
    catalog.enqueue("lease.pdf", "aa", 1)
