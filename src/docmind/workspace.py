"""The workspace: opens what a library needs, wires it together once, and closes it.

Opening is cheap. The embedder, the store and the engine open on first use, because listing documents needs none.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from filelock import FileLock, Timeout

from docmind.current_engine import CurrentEngine
from docmind.current_index import CurrentIndex, Once
from docmind.errors import DocMindError, LibraryError, LibraryInUseError
from docmind.lean_imports import import_llama_index
from docmind.parsing import Reader
from docmind.settings import Settings
from docmind.storage.catalog import library_folder, open_catalog
from docmind.storage.troubles import folder_trouble

# Imported where they are first needed, because each brings LlamaIndex: a language model, whose weights another thread
# reads without it, need not wait for that second.
if TYPE_CHECKING:
    from docmind.checking import Checker
    from docmind.embeddings import Embedder
    from docmind.engines import Engine
    from docmind.reranking import Reranker
    from docmind.retrieval.hybrid import HybridRetriever
    from docmind.stores import VectorStore

_RERANKING_SHARE = 0.2  # of the seconds that people wait for the first word

Kept = TypeVar("Kept", bound="Closable")


class Closable(Protocol):
    """What ends with the library."""

    def close(self) -> None:
        """Release what it holds; called once."""


class Workspace:
    """One open library. Use it as a context manager, or close it; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        """Open the library in `settings.data_dir`, making it when there is none.

        Raises:
            LibraryInUseError: another process has it open.
            LibraryError: the folder or the catalogue cannot be used.
        """
        self.settings = settings
        # Locked before the catalogue is opened, which may migrate it under another process of an earlier version.
        self._lock = FileLock(library_folder(settings) / "library.lock", thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise LibraryInUseError(
                f"Another DocMind has the library in {settings.data_dir} open. Close it, or use its window."
            ) from error
        except OSError as error:
            raise folder_trouble(settings.data_dir, error) or LibraryError(
                f"The library in {settings.data_dir} cannot be locked ({error.strerror}). Check the permissions of "
                "library.lock in it, or remove that file."
            ) from error
        try:
            self.catalog = open_catalog(settings)
        except BaseException:
            self._lock.release()
            raise
        self.session = uuid.uuid4().hex  # tells what is going on here from what a crash left behind
        self.originals_lock = threading.RLock()  # held while bytes in `originals` gain or lose their owner
        self.index = CurrentIndex(settings, self.catalog, self.open_embedder)
        self._checker = Once(self._open_checker)
        self._reranker = Once(self._open_reranker)
        self._kept: dict[type[Any], Any] = {}
        self._keeping = threading.Lock()
        self.current_engine = CurrentEngine(settings, self.catalog)
        self.reader = open_reader(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what runs, flush what was written and release the library."""
        self.reader.close()
        self.current_engine.close()
        for part in self._kept.values():
            part.close()
        self.index.close()
        self.catalog.close()
        self._lock.release()

    @property
    def originals(self) -> Path:
        """The folder of the documents themselves, each named by the SHA-256 of its bytes.

        Raises:
            LibraryError: it cannot be made.
        """
        folder = self.settings.data_dir / "originals"
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise folder_trouble(self.settings.data_dir, error) or LibraryError(
                f"The folder {folder} cannot be made ({error.strerror}). Move what is in its place away and try again."
            ) from error
        return folder

    @property
    def embedder(self) -> Embedder:
        """The embedding model that filled the library, or that the settings name for a new one.

        Raises:
            ModelNotFoundError: it is not on this machine.
            EmbedderMismatchError: the library was filled with another one of that name.
        """
        return self.index.embedder

    @property
    def store(self) -> VectorStore:
        """The vectors; opening them needs the embedder only while the library is new."""
        return self.index.store

    @property
    def stores(self) -> list[VectorStore]:
        """Every store that may hold a document's chunks: the one that is searched, and the next one while it is filled.

        Whoever removes or changes chunks does so in all of them, inside `index.writing`.
        """
        upcoming = self.index.next_store
        return [self.store, upcoming] if upcoming else [self.store]

    @property
    def checker(self) -> Checker | None:
        """The model that answers are checked by a second time; None where there is none.

        Raises:
            ModelNotFoundError: one is named that is not on this machine.
            ModelError: its folder cannot be loaded.
        """
        return next(iter(self._checker.get()), None)

    @property
    def reranker(self) -> Reranker | None:
        """The model that puts passages in a better order; None where there is none, and one that cannot be opened fails
        when it is asked."""
        return next(iter(self._reranker.get()), None)

    @property
    def engine(self) -> Engine:
        """The language model in use, opened again where it failed; a question borrows it by `current_engine.lend`."""
        return self.current_engine.get()

    def change(self, **values: object) -> None:
        """Set settings that hold from the next question: how it is searched, read and answered, and whether it is kept.

        Args:
            values: By field of `Settings`. What is open already, the models and the store, keeps the settings it has.
        """
        self.settings = self.settings.model_copy(update=values)
        self.current_engine.change(self.settings)

    def keep(self, kind: type[Kept], opener: Callable[[], Kept]) -> Kept:
        """A part of a room upstairs: made on first use, the same for everybody, closed with the library."""
        with self._keeping:
            if kind not in self._kept:
                self._kept[kind] = opener()
            part: Kept = self._kept[kind]
            return part

    def warm_up(self) -> None:
        """Open everything that answering needs, side by side, since each part waits on different things.

        Raises:
            DocMindError: what opening the embedder, the store or the engine raises.
        """
        with ThreadPoolExecutor(max_workers=2) as pool:
            openings: list[Future[Any]] = [
                pool.submit(self.current_engine.get),
                pool.submit(lambda: self.store),
                pool.submit(lambda: self.embedder),
                pool.submit(self._checker.get),
                pool.submit(self._reranker.get),
            ]
            for opening in openings:
                opening.result()

    def bind_embedder(self, chunking: str) -> None:
        """Remember what fills the library, before the first vector is written.

        Args:
            chunking: Version of the rules by which its documents are cut (`ingestion/chunking.py`).
        """
        self.index.bind(self.embedder, chunking)

    def open_embedder(self, settings: Settings) -> Embedder:
        """Open the embedding model that settings name; what is in use is `embedder`."""
        import_llama_index()
        from docmind.embeddings import open_embedder  # noqa: PLC0415 - see the top of this file

        return open_embedder(settings)

    def retriever(self, document_ids: Sequence[str] | None = None, limit: int | None = None) -> HybridRetriever:
        """A retriever over the searchable documents, or over some of them."""
        import_llama_index()
        from docmind.retrieval.hybrid import USUAL_LIMIT, HybridRetriever  # noqa: PLC0415 - see the top of this file

        limit = limit or self.settings.retrieve_chunks or USUAL_LIMIT
        reranker, seconds = self.reranker, self.settings.first_word_seconds * _RERANKING_SHARE
        return HybridRetriever(self.store, self.embedder, limit, document_ids, self.catalog, reranker, seconds)

    def _open_checker(self) -> tuple[Checker, ...]:
        from docmind.checking import open_checker  # noqa: PLC0415 - see the top of this file

        checker = open_checker(self.settings)
        return (checker,) if checker else ()

    def _open_reranker(self) -> tuple[Reranker, ...]:
        from docmind.reranking import open_reranker, unusable  # noqa: PLC0415 - see the top of this file

        try:
            reranker = open_reranker(self.settings)
        except DocMindError as error:
            # Questions are answered without it, and each says why.
            return (unusable(self.settings.reranker, error),)
        return (reranker,) if reranker else ()


def open_reader(settings: Settings) -> Reader:
    """What reads documents, within the limits of the settings; it starts its processes late."""
    return Reader(
        parse_seconds=settings.parse_seconds,
        memory_mib=settings.parse_memory_mib,
        max_file_bytes=settings.max_file_mib * 1024 * 1024,
    )
