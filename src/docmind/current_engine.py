"""The language model in use: chosen, opened on first use, lent to questions, exchanged for another.

There is one at a time, so that two models never fill the memory together. A question borrows it from the moment it is
routed until its last word; while anybody has borrowed it, no other question's wish closes it, and neither does a better
model that has just arrived.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from docmind.engines import open_engine
from docmind.errors import LIBRARY_CLOSED, DocMindError, LibraryError, SettingsError
from docmind.models import Hardware, choose, detect, models_with_mode, needs_weights
from docmind.models.model import Mode
from docmind.settings import Settings, settings_file
from docmind.storage.catalog import Catalog

if TYPE_CHECKING:
    from docmind.engines import Engine

_LOOK_AGAIN_SECONDS = 0.5  # programs that use an engine without borrowing it tell nobody when they are done


class CurrentEngine:
    """The one engine of a library. Safe to share between threads.

    Args:
        settings: What the user has set; what they leave open, the app may choose.
        catalog: Remembers what was chosen in the app.
    """

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings = settings
        self._catalog = catalog
        self._engine: Engine | None = None
        self._closed = False
        self._hardware: Hardware | None = None
        # Held while an engine is chosen, opened, closed or borrowed, which may take minutes. Giving one back and
        # looking at the machine do not wait for that, so they have locks of their own.
        self._changing = threading.RLock()
        self._counting = threading.Condition()
        self._detecting = threading.Lock()
        self._loans = 0

    @property
    def if_open(self) -> Engine | None:
        """The engine where one is open; None where none is, or one is just being opened."""
        return self._engine

    @property
    def settings(self) -> Settings:
        """The settings with the engine and model that the user has chosen in the app, where the settings leave them."""
        chosen = {
            name: value
            for name in ("engine", "model")
            if getattr(self._settings, name) == "auto" and (value := self._catalog.fact(f"chosen_{name}"))
        }
        return self._settings.model_copy(update=chosen)

    def change(self, settings: Settings) -> None:
        """Go by other settings from the next question on; the engine that is open stays."""
        self._settings = settings

    @property
    def hardware(self) -> Hardware:
        """The machine as it was before a model took its memory, which the next model will have to itself again."""
        with self._detecting:
            if self._hardware is None:
                self._hardware = detect(self._settings)
            return self._hardware

    def get(self) -> Engine:
        """The engine, opened where it is not, and again where it failed.

        Raises:
            DocMindError: what `docmind.engines.open_engine` raises.
        """
        with self._changing:
            if self._engine is None or self._engine.lost:
                self._open(self.settings)
            assert self._engine is not None  # noqa: S101 - it was just opened
            return self._engine

    @contextmanager
    def lend(self, *, thinking: bool) -> Iterator[Engine]:
        """The engine for a question that needs thinking, or does not; it stays open until it is given back.

        A model that can do both stays; otherwise it is closed and another one here is opened, unless somebody else
        has borrowed it: nobody's answer ends because somebody else's is hard. Where there is no other one, the open
        one answers as it can. Only `use` and `replace`, which people ask for, close an engine that is lent.

        Raises:
            DocMindError: what `docmind.engines.open_engine` raises.
        """
        with self._changing:
            if other := self.model_to_open(thinking=thinking):
                self._open(self.settings.model_copy(update={"model": other}))
            engine = self.get()
            with self._counting:
                self._loans += 1
        try:
            yield engine
        finally:
            with self._counting:
                self._loans -= 1
                self._counting.notify_all()

    def model_to_open(self, *, thinking: bool) -> str | None:
        """The model that `lend` would have to open first; None where the open one answers as it can."""
        mode: Mode = "thinking" if thinking else "plain"
        with self._changing:
            engine = self.get()
            if mode in engine.modes or not self._is_free():
                return None
            other = self.model_for(mode)
            return None if other == engine.model_name else other

    def model_for(self, mode: Mode) -> str | None:
        """A model on this machine that has the mode and can be opened; None where the settings name the model."""
        settings = self.settings
        if self._settings.model != "auto" or not needs_weights(settings):
            return None
        for name in models_with_mode(mode, settings):
            with suppress(DocMindError):  # no engine here reads it, or it does not fit
                return choose(settings.model_copy(update={"model": name}), self.hardware).model_name
        return None

    def open_best(self) -> Engine:
        """The best engine and model there is by now, opened as soon as nobody has borrowed the present one.

        For when a model has arrived: `get` stays with the one that is open. Whoever asks while it is opened waits.

        Raises:
            LibraryError: the library was closed.
            DocMindError: what opening it raises; the next question then opens what can be opened.
        """
        while True:
            with self._changing:
                if self._closed:
                    raise LibraryError(LIBRARY_CLOSED)
                if self._is_free():
                    settings, engine = self.settings, self._engine
                    best = choose(settings, self.hardware)
                    if needs_weights(settings) and (
                        engine is None or (engine.engine_name, engine.model_name) != (best.engine, best.model_name)
                    ):
                        self._open(settings)
                    return self.get()
            with self._counting:
                self._counting.wait(timeout=_LOOK_AGAIN_SECONDS)

    def use(self, model: str, engine: str = "auto") -> Engine:
        """Answer with another model from now on. The present one is closed first.

        Answers that are being written end with an error. Where the new model cannot be opened, the earlier choice
        stays, and the next question opens it again.

        Raises:
            SettingsError: the settings name a model or engine, and the app does not overrule them.
            DocMindError: what opening the model raises.
        """
        if (self._settings.model, self._settings.engine) != ("auto", "auto"):
            raise SettingsError(
                "The settings name the engine or the model. Remove DOCMIND_ENGINE and DOCMIND_MODEL from the "
                f"environment and from {settings_file()} to choose in the app."
            )
        with self._changing:
            opened = self._open(self._settings.model_copy(update={"model": model, "engine": engine}))
            self._catalog.remember("chosen_model", model)
            self._catalog.remember("chosen_engine", engine)
            return opened

    def replace(self, opener: Callable[[], Engine]) -> Engine:
        """Close the engine that is open, then open another, of the caller's own making if need be.

        Raises:
            LibraryError: the library was closed.
        """
        with self._changing:
            self._let_go()
            if self._closed:
                raise LibraryError(LIBRARY_CLOSED)
            self._engine = opener()
            return self._engine

    def close(self) -> None:
        """Close the engine, if one is open, for good: nobody who still waits for one opens it again."""
        with self._changing:
            self._closed = True
            self._let_go()

    def _is_free(self) -> bool:
        return not self._loans and (self._engine is None or self._engine.queue.empty)

    def _let_go(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def _open(self, settings: Settings) -> Engine:
        with self._changing:
            choice = choose(settings, self.hardware)  # first: a model that cannot be had closes nothing
            return self.replace(lambda: open_engine(settings, choice))
