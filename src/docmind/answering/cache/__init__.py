"""The semantic cache: answers that are found again by what was asked, within the same documents and circumstances.

The only door to GPTCache. It keeps texts, and knows neither what an answer is nor what a library is. Where its files
cannot be used, whoever asks gets no answer from here and one from the documents.
"""

from __future__ import annotations

import importlib
import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from docmind.answering.cache.records import CacheStatistics, Embedding, Scope
from docmind.errors import LibraryError

if TYPE_CHECKING:
    # Opening it brings GPTCache and SQLAlchemy, half a second, so it is imported on first use.
    from docmind.answering.cache.kept import KeptAnswers

__all__ = ["AnswerCache", "CacheStatistics", "Embedding", "Scope"]

IsStale = Callable[[str, str], bool]
Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class AnswerCache:
    """Kept answers in a folder. Safe to share between threads; opened on first use.

    Args:
        folder: It belongs to the cache alone.
        embedding: What compares questions; asked for when the files are opened.
        most: Answers to keep.
        days: How long they are kept.
        stale: Told `documents` and `state` of a scope, says whether they have changed since: what an app that was ended
            in the middle left behind goes when the files are opened.
    """

    def __init__(
        self, folder: Path, embedding: Callable[[], Embedding], most: int, days: float, stale: IsStale | None = None
    ) -> None:
        self._folder, self._embedding, self._most, self._days = folder, embedding, most, days
        self._stale = stale
        self._lock = threading.RLock()
        self._kept: KeptAnswers | None = None
        self._closed = False
        self.problem = ""

    def get(self, question: str, scope: Scope) -> str | None:
        """The text that was kept for the same question in the same scope; None where there is none."""
        return self._try(lambda kept: kept.get(question, scope), None)

    def put(self, question: str, scope: Scope, text: str, still_holds: Callable[[], bool]) -> bool:
        """Keep a text, unless what it rests on has changed meanwhile.

        Args:
            question: What was asked.
            scope: Within what the text holds.
            text: The text.
            still_holds: Asked while nobody can drop what is stale, so that nothing stale is kept after that.

        Returns:
            Whether it is kept now.
        """

        def keep(kept: KeptAnswers) -> bool:
            if not still_holds():
                return False
            kept.put(question, scope, text)
            return True

        return self._try(keep, False)

    def put_all(self, texts: Mapping[str, str], scope: Scope) -> None:
        """Keep a text for each of many questions at once, as whoever fills a cache does; none may be kept yet."""
        self._try(lambda kept: kept.put_all(texts, scope), None)

    def count(self, *, hit: bool, seconds_saved: float = 0.0) -> None:
        """Count a question that was looked for."""
        self._try(lambda kept: kept.count({"hits" if hit else "misses": 1, "seconds": seconds_saved}), None)

    def drop_where(self, stale: IsStale) -> int:
        """Delete at once what rests on documents that have changed, from every file of the cache.

        Args:
            stale: Told `documents` and `state` of a scope.

        Returns:
            How many answers went. Where single ones could not be deleted, all went.

        Raises:
            LibraryError: nothing could be deleted.
        """
        with self._lock:
            if self._kept is None and not self._folder.exists():
                return 0
            dropped = self._try(lambda kept: kept.manager.drop_where(stale), None)
            if dropped is None and not self._closed:
                self.clear()
            return dropped or 0

    def warm_up(self) -> None:
        """Load what opening it brings, and open it where there is something in it, before a question waits for that."""
        importlib.import_module("docmind.answering.cache.kept")
        self.statistics()

    def statistics(self) -> CacheStatistics:
        """What it holds and has been good for."""

        def look(kept: KeptAnswers) -> CacheStatistics:
            kept.write_down()
            counted = kept.storage.counted
            return CacheStatistics(
                entries=len(kept.storage.ids()),
                hits=int(counted("hits")),
                misses=int(counted("misses")),
                seconds_saved=round(counted("seconds"), 1),
                size_bytes=sum(map(_room, self._folder.rglob("*"))),
            )

        with self._lock:
            if self._kept is None and not self._folder.exists():
                return CacheStatistics()
            return self._try(look, None) or CacheStatistics(problem=self.problem)

    def clear(self) -> None:
        """Delete everything that is kept, and the counts.

        Raises:
            LibraryError: the folder cannot be removed.
        """
        with self._lock:
            self._let_go()
            if self._folder.exists():
                try:
                    shutil.rmtree(self._folder)
                except OSError as error:
                    raise LibraryError(
                        f"The kept answers in {self._folder} cannot be removed ({error.strerror}). Close what has them "
                        "open, or remove that folder by hand."
                    ) from error
            self.problem = ""

    def close(self) -> None:
        """Release the files for good."""
        with self._lock:
            self._closed = True
            self._let_go()

    def _try(self, work: Callable[[KeptAnswers], Result], otherwise: Result) -> Result:
        """Do it with the files; where they are damaged, begin anew, and where they cannot be used, do without."""
        from docmind.answering.cache.kept import TROUBLES, is_damage  # noqa: PLC0415 - see the top of this file

        with self._lock:
            if self._closed:
                return otherwise
            try:
                result = work(self._open())
            except TROUBLES as trouble:
                _log.warning("Kept answers cannot be used: %s", trouble)
                self.problem = f"Kept answers cannot be used ({trouble})."
                if is_damage(trouble):
                    with suppress(LibraryError):
                        self.clear()
                        self.problem = f"Kept answers were damaged ({trouble}) and are collected anew."
                return otherwise
            else:
                self.problem = ""
                return result

    def _open(self) -> KeptAnswers:
        from docmind.answering.cache.kept import KeptAnswers  # noqa: PLC0415 - as above

        if self._kept is None:
            self._kept = KeptAnswers(self._folder, self._embedding(), self._most, self._days)
            if self._stale:
                self._kept.manager.drop_where(self._stale)
        return self._kept

    def _let_go(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()


def _room(file: Path) -> int:
    """What a file takes on disk; Edge makes some of its files larger than they are filled."""
    try:
        found = file.stat()
    except OSError:  # gone meanwhile
        return 0
    return min(found.st_size, getattr(found, "st_blocks", found.st_size) * 512) if file.is_file() else 0
