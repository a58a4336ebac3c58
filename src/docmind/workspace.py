"""The workspace: opens what a library needs, wires it together once, and closes it.

Opening is cheap. The embedder, the store and the engine open on first use, because listing documents needs none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from filelock import FileLock, Timeout

from docmind.embeddings import Embedder, open_embedder
from docmind.engines import Engine, open_engine
from docmind.errors import DocMindError, EmbedderMismatchError, LibraryError, LibraryInUseError, SettingsError
from docmind.models import Hardware, choose, detect, models_with_mode, needs_weights
from docmind.models.model import Mode
from docmind.parsing import Reader
from docmind.retrieval.hybrid import HybridRetriever
from docmind.settings import Settings, settings_file
from docmind.storage.catalog import open_catalog
from docmind.stores import VectorStore, open_store, remove_store

Part = TypeVar("Part")


class Workspace:
    """One open library. Use it as a context manager, or close it; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        """Open the library in `settings.data_dir`, making it when there is none.

        Raises:
            LibraryInUseError: another process has it open.
            LibraryError: the folder or the catalogue cannot be used.
        """
        self.settings = settings
        self.catalog = open_catalog(settings)
        self._lock = FileLock(settings.data_dir / "library.lock", thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            self.catalog.close()
            raise LibraryInUseError(
                f"Another DocMind has the library in {settings.data_dir} open. Close it, or use its window."
            ) from error
        except OSError as error:
            self.catalog.close()
            raise LibraryError(
                f"The library in {settings.data_dir} cannot be locked ({error.strerror}). Check the permissions of "
                "library.lock in it, or remove that file."
            ) from error
        self.originals_lock = threading.RLock()  # held while bytes in `originals` gain or lose their owner
        self._embedder = _Once(self._open_embedder)
        self._store = _Once(self._open_store)
        self._engine = _Once(self._open_engine)
        self._hardware = _Once(lambda: detect(settings))
        self.reader = Reader(
            parse_seconds=settings.parse_seconds,
            memory_mib=settings.parse_memory_mib,
            max_file_bytes=settings.max_file_mib * 1024 * 1024,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what runs, flush what was written and release the library."""
        self.reader.close()
        if engine := self._engine.take():
            engine.close()
        if store := self._store.take():
            store.close()
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
            raise LibraryError(
                f"The folder {folder} cannot be made ({error.strerror}). Move what is in its place away and try again."
            ) from error
        return folder

    @property
    def embedder(self) -> Embedder:
        """The embedding model.

        Raises:
            ModelNotFoundError: it is not on this machine.
            EmbedderMismatchError: the library was filled with another one.
        """
        return self._embedder.get()

    @property
    def store(self) -> VectorStore:
        """The vectors; opening them needs the embedder only while the library is new."""
        return self._store.get()

    @property
    def engine(self) -> Engine:
        """The language model, opened again where it failed; see `docmind.engines.open_engine` for what that raises."""
        return self._engine.replace(self._open_engine, lambda engine: engine.close(), lambda engine: engine.lost)

    @property
    def engine_if_open(self) -> Engine | None:
        """The language model where it is open; None where it is not, or is just being opened."""
        return self._engine.peek()

    @property
    def engine_settings(self) -> Settings:
        """The settings with the engine and model that the user has chosen in the app, where the settings leave them."""
        chosen = {
            name: value
            for name in ("engine", "model")
            if getattr(self.settings, name) == "auto" and (value := self.catalog.fact(f"chosen_{name}"))
        }
        return self.settings.model_copy(update=chosen)

    def use_model(self, model: str, engine: str = "auto") -> Engine:
        """Answer with another model from now on. The present one is closed first, so that both never fill the memory.

        Answers that are being written end with an error. Where the new model cannot be opened, the earlier choice
        stays, and the next question opens it again.

        Raises:
            SettingsError: the settings name a model or engine, and the app does not overrule them.
            DocMindError: what opening the model raises.
        """
        if (self.settings.model, self.settings.engine) != ("auto", "auto"):
            raise SettingsError(
                "The settings name the engine or the model. Remove DOCMIND_ENGINE and DOCMIND_MODEL from the "
                f"environment and from {settings_file()} to choose in the app."
            )
        opened = self._switch(self.settings.model_copy(update={"model": model, "engine": engine}))
        self.catalog.remember("chosen_model", model)
        self.catalog.remember("chosen_engine", engine)
        return opened

    def replace_engine(self, opener: Callable[[], Engine]) -> Engine:
        """Close the engine that is open, then open another, of the caller's own making if need be."""
        return self._engine.replace(opener, lambda engine: engine.close())

    def model_to_open(self, *, thinking: bool) -> str | None:
        """The model that `engine_for` would have to open first; None where the open one answers as it can."""
        engine = self.engine
        mode = _mode(thinking=thinking)
        if mode in engine.modes or not engine.queue.empty:  # nobody's answer ends because somebody else's is hard
            return None
        other = self.model_for(mode)
        return None if other == engine.model_name else other

    def model_for(self, mode: Mode) -> str | None:
        """A model on this machine that has the mode and can be opened; None where the settings name the model."""
        settings = self.engine_settings
        if self.settings.model != "auto" or not needs_weights(settings):
            return None
        for name in models_with_mode(mode, settings):
            with suppress(DocMindError):  # no engine here reads it, or it does not fit
                return choose(settings.model_copy(update={"model": name}), self.hardware).model_name
        return None

    def engine_for(self, *, thinking: bool) -> Engine:
        """The engine for a question that needs thinking, or does not.

        Models that can do both stay; otherwise the model that is open is closed and the other one is opened, and
        where there is no other one, the open one answers as it can.
        """
        other = self.model_to_open(thinking=thinking)
        if other is None:
            return self.engine
        settings = self.engine_settings.model_copy(update={"model": other})
        mode = _mode(thinking=thinking)
        # Asked again under the lock: somebody else may have opened it meanwhile, or be reading an answer.
        return self._engine.replace(
            lambda: open_engine(settings, choose(settings, self.hardware)),
            lambda engine: engine.close(),
            lambda engine: mode not in engine.modes and engine.queue.empty,
        )

    def warm_up(self) -> None:
        """Open everything that answering needs, side by side, since each part waits on different things.

        Raises:
            DocMindError: what opening the embedder, the store or the engine raises.
        """
        with ThreadPoolExecutor(max_workers=2) as pool:
            openings: list[Future[Any]] = [
                pool.submit(self._engine.get),
                pool.submit(self._store.get),
                pool.submit(self._embedder.get),
            ]
            for opening in openings:
                opening.result()

    def bind_embedder(self) -> None:
        """Remember which model fills the library, before the first vector is written."""
        if self.catalog.fact("embedder") is None:
            self.catalog.remember("dimensions", str(self.embedder.dimensions))
            self.catalog.remember("embedder", self.embedder.name)

    def retriever(self, document_ids: Sequence[str] | None = None, limit: int | None = None) -> HybridRetriever:
        """A retriever over the searchable documents, or over some of them."""
        limit = limit or self.settings.retrieve_chunks
        return HybridRetriever(self.store, self.embedder, limit, document_ids, self.catalog.visibility)

    @property
    def hardware(self) -> Hardware:
        """The machine as it was before a model took its memory, which the next model will have to itself again."""
        return self._hardware.get()

    def _open_engine(self) -> Engine:
        settings = self.engine_settings
        return open_engine(settings, choose(settings, self.hardware))

    def _switch(self, settings: Settings) -> Engine:
        choice = choose(settings, self.hardware)  # before anything is closed: a model that cannot be had closes nothing
        return self.replace_engine(lambda: open_engine(settings, choice))

    def _open_embedder(self) -> Embedder:
        filled_with = self.catalog.fact("embedder")
        chosen = self.settings
        if filled_with is not None and chosen.embedder == "auto":
            # A better model that arrived later cannot read the vectors of the one that filled the library.
            chosen = chosen.model_copy(update={"embedder": filled_with})
        embedder = open_embedder(chosen)
        if filled_with not in (None, embedder.name):
            raise EmbedderMismatchError(
                f"The library was filled with the embedding model {filled_with}, not {embedder.name}. Set "
                f"DOCMIND_EMBEDDER={filled_with}, or start a new library with DOCMIND_DATA_DIR."
            )
        return embedder

    def _open_store(self) -> VectorStore:
        folder = self.settings.data_dir / "vectors"
        known = self.catalog.fact("dimensions")
        if known is not None:
            # Deleting documents must work without the model that once filled the library.
            return open_store(folder, int(known), self.settings)
        # No vector was ever written for this catalogue. What lies here was made for another model, or for a catalogue
        # that is gone: it would refuse this model, or be found without belonging to any document.
        remove_store(folder, self.settings)
        return open_store(folder, self.embedder.dimensions, self.settings)


class _Once(Generic[Part]):
    """Something opened on first use, by one thread while the others wait."""

    def __init__(self, opener: Callable[[], Part]) -> None:
        self._opener = opener
        self._lock = threading.Lock()
        self._part: Part | None = None

    def get(self) -> Part:
        with self._lock:
            if self._part is None:
                self._part = self._opener()
            return self._part

    def peek(self) -> Part | None:
        """What is open."""
        return self._part

    def replace(
        self, opener: Callable[[], Part], close: Callable[[Part], None], unfit: Callable[[Part], bool] = lambda _: True
    ) -> Part:
        """What is open, or another in its place where it is unfit: closed first; whoever asks meanwhile waits."""
        with self._lock:
            if self._part is not None:
                if not unfit(self._part):
                    return self._part
                part, self._part = self._part, None
                close(part)
            self._part = opener()
            return self._part

    def take(self) -> Part | None:
        """What was opened, if anything; it is no longer kept."""
        with self._lock:
            part, self._part = self._part, None
            return part


def _mode(*, thinking: bool) -> Mode:
    return "thinking" if thinking else "plain"
