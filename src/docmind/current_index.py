"""The index in use: a store of vectors and the model that reads them; who has it; and the next one while it is filled.

Vectors of two models cannot be compared, so the two are exchanged together, and only while nobody has them: an answer
that began with one model is judged by it too. The next index lies in a folder of its own, and a fact of the catalogue
names the one that is searched (`storage/index_facts.py`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from docmind.errors import LIBRARY_CLOSED, DocMindError, EmbedderMismatchError, LibraryError, ModelNotFoundError
from docmind.lean_imports import import_llama_index
from docmind.models.embedders import embedder_to_open, engine_to_open
from docmind.settings import Settings
from docmind.storage.catalog import Catalog
from docmind.storage.index_facts import Filled, NextIndex

# Imported where they are first needed, see `workspace.py`.
if TYPE_CHECKING:
    from docmind.embeddings import Embedder
    from docmind.fingerprint import Fingerprint
    from docmind.stores import VectorStore

CANCELLED = "The change to another embedding model was cancelled; the library is searched as before."
Part = TypeVar("Part")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next index, opened."""

    noted: NextIndex
    embedder: Embedder
    store: VectorStore
    fingerprint: Fingerprint


class CurrentIndex:
    """Store and embedding model of a library, opened on first use; safe to share between threads.

    Attributes:
        writing: Held while chunks of a document are written into the next index, or removed from both, so that none
            comes back after its document is gone.
    """

    def __init__(self, settings: Settings, catalog: Catalog, opener: Callable[[Settings], Embedder]) -> None:
        self._settings, self._catalog, self._opener = settings, catalog, opener
        self._embedder = Once(self._open_embedder)
        self._store = Once(self._open_store)
        self._next_store: VectorStore | None = None
        self._next: Upcoming | None = None
        self.writing = threading.RLock()
        self._lent = 0
        self._free = threading.Condition()

    @property
    def embedder(self) -> Embedder:
        """The embedding model; raises what `Workspace.embedder` names."""
        return self._embedder.get()

    @property
    def store(self) -> VectorStore:
        """The vectors that are searched."""
        return self._store.get()

    @property
    def fingerprint(self) -> Fingerprint | None:
        """What they were made with; None where an earlier version made them, or nothing was written yet."""
        from docmind.fingerprint import Fingerprint  # noqa: PLC0415 - see the top of this file

        kept = self._catalog.index.fingerprint
        return Fingerprint.model_validate_json(kept) if kept else None

    @contextmanager
    def lend(self) -> Iterator[None]:
        """Inside, store and model stay what they are."""
        with self._free:
            self._lent += 1
        try:
            yield
        finally:
            with self._free:
                self._lent -= 1
                self._free.notify_all()

    def bind(self, embedder: Embedder, chunking: str) -> None:
        """Remember what fills the library, before the first vector is written; see `Workspace.bind_embedder`."""
        if self._catalog.fact("embedder") is None:
            self._catalog.remember("index", _fingerprint(embedder, chunking).model_dump_json())
            self._catalog.remember("dimensions", str(embedder.dimensions))
            self._catalog.remember("embedder", embedder.name)

    # The next index

    @property
    def next_store(self) -> VectorStore | None:
        """The store that is being filled; None where none is, or nothing was ever written into it."""
        noted = self._catalog.index.next
        if noted is None or not noted.fingerprint:
            return None
        with self.writing:
            if self._next_store is None:
                import_llama_index()
                from docmind.fingerprint import Fingerprint  # noqa: PLC0415 - see the top of this file
                from docmind.stores import open_store  # noqa: PLC0415 - as above

                made = Fingerprint.model_validate_json(noted.fingerprint)
                folder, learned = self._settings.data_dir / noted.folder, made.words == "learned"
                self._next_store = open_store(folder, made.dimensions, self._settings, learned=learned)
            return self._next_store

    def open_next(self, chunking: str) -> Upcoming:
        """The index that is being filled, opened; begun anew where it was begun with another model or other chunks.

        Args:
            chunking: Version of the rules by which documents are cut.

        Raises:
            ModelNotFoundError: its model is not on this machine.
            LibraryError: none is being filled, or its store cannot be used.
        """
        noted = self._catalog.index.next
        if noted is None:
            raise LibraryError("No other embedding model is being taken up.")
        if self._next is None:
            from docmind.fingerprint import Fingerprint  # noqa: PLC0415 - see the top of this file

            embedder = self._opener(self._settings.model_copy(update={"embedder": noted.wanted}))
            fingerprint = _fingerprint(embedder, chunking)
            text = fingerprint.model_dump_json()
            with self.writing:
                if self._catalog.index.next != noted:  # opening a model takes a while
                    raise LibraryError(CANCELLED)
                if noted.fingerprint and Fingerprint.model_validate_json(noted.fingerprint) != fingerprint:
                    self.give_up()
                    noted = self._catalog.index.begin(noted.wanted)
                if not noted.fingerprint:
                    self._remove(noted.folder)  # what lies there belongs to a catalogue that is gone
                noted = replace(noted, fingerprint=text)
                self._catalog.index.describe(noted)
                store = self.next_store
                assert store is not None  # noqa: S101 - it was described
                self._next = Upcoming(noted, embedder, store, fingerprint)
        return self._next

    def give_up(self, declined: str = "") -> None:
        """Drop the next index, where there is one, with all that is in it.

        Args:
            declined: The model that is not wanted though the settings name it.
        """
        with self.writing:
            self._catalog.index.drop(declined)
            store, self._next_store, self._next = self._next_store, None, None
            self._let_go(store)

    @contextmanager
    def alone(self, seconds: float) -> Iterator[bool]:
        """Whether nobody has the index; if so, nobody gets it meanwhile. Waits for that, so many seconds at most."""
        with self._free:
            yield self._free.wait_for(lambda: not self._lent, timeout=seconds)

    def exchange(self, documents: Mapping[str, Filled]) -> None:
        """Search the next index from now on; to be called inside `alone` and `writing`.

        Args:
            documents: What it holds of each searchable document, by id.

        Raises:
            LibraryError: it cannot be noted, so the one before is searched as ever.
        """
        upcoming = self._next
        assert upcoming is not None  # noqa: S101 - it was filled
        embedder, store = upcoming.embedder, upcoming.store
        self._catalog.index.exchange(upcoming.noted, embedder.name, embedder.dimensions, documents)
        self._next = self._next_store = None
        self._embedder.replace(embedder)
        self._let_go(self._store.replace(store))

    def remove_left_over(self) -> None:
        """Remove the vectors of an index that was exchanged or given up, where a crash left any.

        Raises:
            LibraryError: they cannot be removed.
        """
        if (left := self._catalog.index.left_over) is None:
            return
        self._remove(left)
        self._catalog.index.removed()

    def close(self) -> None:
        """Flush and release both."""
        with self.writing:
            upcoming, self._next_store, self._next = self._next_store, None, None
            for store in (self._store.take(), upcoming):
                if store:
                    store.close()

    # Inside

    def _let_go(self, store: VectorStore | None) -> None:
        """Close a store that nobody needs, and remove it; where that fails, the next start tries again."""
        try:
            if store:
                store.close()
            self.remove_left_over()
        except DocMindError as error:
            _log.warning("%s", error)

    def _open_embedder(self) -> Embedder:
        import_llama_index()
        filled_with = self._catalog.fact("embedder")
        kept = self.fingerprint
        chosen = {"embedder": embedder_to_open(self._settings, filled_with)}
        if filled_with is not None:
            chosen["embedder_engine"] = engine_to_open(self._settings, kept.words if kept else "bm25")
        try:
            embedder = self._opener(self._settings.model_copy(update=chosen))
        except ModelNotFoundError as error:
            if filled_with is None:
                raise
            raise ModelNotFoundError(
                f"{error} The library was filled with it; `docmind documents reembed` takes up another model that is "
                "here instead."
            ) from error
        if filled_with is None:
            return embedder
        if kept is None:  # an earlier version filled it; by which rules it was cut nobody knows
            self._catalog.remember("index", _fingerprint(embedder, "").model_dump_json())
        elif not _fingerprint(embedder, kept.chunking).reads(kept):
            raise EmbedderMismatchError(
                f"The embedding model {embedder.name} is not the one that filled the library, though it is called so. "
                "Put the earlier one back, or have the library embedded anew: `docmind documents reembed`, or the "
                "Models page."
            )
        return embedder

    def _remove(self, name: str) -> None:
        import_llama_index()
        from docmind.stores import remove_store  # noqa: PLC0415 - see the top of this file

        folder = self._settings.data_dir / name
        try:
            remove_store(folder, self._settings)
        except OSError as error:
            raise LibraryError(
                f"The earlier vectors in {folder} cannot be removed ({error.strerror}). Remove that folder by hand."
            ) from error

    def _open_store(self) -> VectorStore:
        import_llama_index()
        from docmind.stores import open_store, remove_store  # noqa: PLC0415 - see the top of this file

        folder = self._settings.data_dir / self._catalog.index.folder
        known, made = self._catalog.fact("dimensions"), self.fingerprint
        if known is not None:
            # Deleting documents must work without the model that once filled the library.
            return open_store(folder, int(known), self._settings, learned=made is not None and made.words == "learned")
        # No vector was ever written for this catalogue. What lies here was made for another model, or for a catalogue
        # that is gone: it would refuse this model, or be found without belonging to any document.
        remove_store(folder, self._settings)
        learned = self.embedder.learned is not None
        return open_store(folder, self.embedder.dimensions, self._settings, learned=learned)


def _fingerprint(embedder: Embedder, chunking: str) -> Fingerprint:
    from docmind.fingerprint import Fingerprint  # noqa: PLC0415 - see the top of this file
    from docmind.stores.base import FORM  # noqa: PLC0415 - as above

    return Fingerprint(
        embedder=embedder.name,
        weights=embedder.weights,
        dimensions=embedder.dimensions,
        form=FORM,
        chunking=chunking,
        chunk_tokens=embedder.chunk_tokens,
        words="learned" if embedder.learned else "bm25",
    )


class Once(Generic[Part]):
    """Something opened on first use, by one thread while the others wait."""

    def __init__(self, opener: Callable[[], Part]) -> None:
        self._opener = opener
        self._lock = threading.Lock()
        self._part: Part | None = None
        self._taken = False

    def get(self) -> Part:
        """It, opened where it is not yet; raises LibraryError once it was taken."""
        with self._lock:
            if self._taken:
                raise LibraryError(LIBRARY_CLOSED)
            if self._part is None:
                self._part = self._opener()
            return self._part

    def replace(self, part: Part) -> Part | None:
        """Have another in its place from now on; returns what was open."""
        with self._lock:
            before, self._part = self._part, part
            return before

    def take(self) -> Part | None:
        """What was opened, if anything; it is no longer kept, and not opened again."""
        with self._lock:
            part, self._part, self._taken = self._part, None, True
            return part
