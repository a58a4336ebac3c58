"""Which index a library is searched with, and how far the next one is filled, as facts of the catalogue.

One transaction exchanges them (`exchange`), so whatever is cut short, one of the two is whole and the facts name it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from docmind.storage.database import Database

_FIRST = "vectors"  # the folder of a library whose index was never exchanged
_FILLED = "next index: "  # and a document's id: the chunks that the next index holds of it


@dataclass(frozen=True, slots=True)
class Filled:
    """What the next index holds of a document: its chunks, and how many seconds cutting and embedding them took."""

    chunks: int
    seconds: float


@dataclass(frozen=True, slots=True)
class NextIndex:
    """An index that is being filled.

    Attributes:
        wanted: What names its embedding model: a name, or a path.
        folder: Where its vectors lie, in the library's folder.
        fingerprint: What they are made with, as JSON; '' until the model was opened for the first time.
    """

    wanted: str
    folder: str
    fingerprint: str = ""


class IndexFacts:
    """The facts about indexes in the catalogue; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._run = database.run

    @property
    def folder(self) -> str:
        """Where the vectors lie that are searched."""
        return self._fact("vectors") or _FIRST

    @property
    def fingerprint(self) -> str | None:
        """What they were made with, as JSON; None where an earlier version made them, or nothing was written yet."""
        return self._fact("index")

    @property
    def next(self) -> NextIndex | None:
        """The index that is being filled; None where none is."""
        kept = self._fact("next index")
        return NextIndex(**json.loads(kept)) if kept else None

    @property
    def left_over(self) -> str | None:
        """A folder of vectors that nobody needs any more."""
        return self._fact("left over vectors")

    @property
    def declined(self) -> str | None:
        """The model that the settings name and that the user does not want after all."""
        return self._fact("declined embedder")

    def begin(self, wanted: str) -> NextIndex:
        """Note that an index is to be filled, in a folder that holds none."""
        used = max(_number(self.folder), _number(self.left_over or _FIRST))
        begun = NextIndex(wanted, f"{_FIRST}-{used + 1}")
        with self._database.transaction():
            self._forget("declined embedder")
            self.describe(begun)
        return begun

    def describe(self, upcoming: NextIndex) -> None:
        """Note what the next index is made with."""
        self._remember("next index", json.dumps(asdict(upcoming)))

    def fill(self, document_id: str, filled: Filled) -> None:
        """Note that the next index holds all of a document."""
        self._remember(_FILLED + document_id, json.dumps(asdict(filled)))

    def undo(self, document_id: str) -> None:
        """Note that the next index does not hold all of a document."""
        self._forget(_FILLED + document_id)

    def filled(self) -> dict[str, Filled]:
        """What the next index holds all of, by id of the document."""
        rows = self._run("SELECT key, value FROM fact WHERE key >= ? AND key < ?", (_FILLED, _FILLED[:-1] + "!"))
        return {row["key"].removeprefix(_FILLED): Filled(**json.loads(row["value"])) for row in rows}

    def drop(self, declined: str = "") -> None:
        """Give the next index up, where there is one; its folder is left over.

        Args:
            declined: The model that is not wanted though the settings name it.
        """
        with self._database.transaction():
            dropped = self.next
            self._forget("next index")
            self._empty()
            if declined:
                self._remember("declined embedder", declined)
            if dropped:
                self._remember("left over vectors", dropped.folder)

    def exchange(self, upcoming: NextIndex, embedder: str, dimensions: int, documents: Mapping[str, Filled]) -> None:
        """Search the next index from now on, in one transaction; the folder of the one before is left over.

        Args:
            upcoming: The next index, filled.
            embedder: Name of its model.
            dimensions: Length of its vectors.
            documents: What it holds of each searchable document, by id.
        """
        with self._database.transaction():
            for key, value in (
                ("embedder", embedder),
                ("dimensions", str(dimensions)),
                ("index", upcoming.fingerprint),
                ("vectors", upcoming.folder),
                ("left over vectors", self.folder),
            ):
                self._remember(key, value)
            for document_id, filled in documents.items():
                # The seconds say how long documents take that are still to be read.
                self._run(
                    "UPDATE document SET chunks = ?, chunks_done = ?, seconds = ? WHERE id = ? AND state = 'ready'",
                    (filled.chunks, filled.chunks, filled.seconds, document_id),
                )
            self._forget("next index")
            self._empty()
            self._run("UPDATE fact SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'")

    def removed(self) -> None:
        """Note that what was left over is gone."""
        self._forget("left over vectors")

    def _fact(self, key: str) -> str | None:
        rows = self._run("SELECT value FROM fact WHERE key = ?", (key,))
        return str(rows[0]["value"]) if rows else None

    def _remember(self, key: str, value: str) -> None:
        self._run("INSERT OR REPLACE INTO fact VALUES (?, ?)", (key, value))

    def _forget(self, key: str) -> None:
        self._run("DELETE FROM fact WHERE key = ?", (key,))

    def _empty(self) -> None:
        self._run("DELETE FROM fact WHERE key >= ? AND key < ?", (_FILLED, _FILLED[:-1] + "!"))


def _number(folder: str) -> int:
    return int(folder.removeprefix(_FIRST).removeprefix("-") or 1)
