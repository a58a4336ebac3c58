"""What GPTCache calls to find, keep and drop entries: its `SSDataManager`, with scopes, and without its traps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from docmind.answering.cache.library import CacheData, Question, QuestionDep, SSDataManager, VectorData
from docmind.answering.cache.records import Scope
from docmind.answering.cache.storage import LeastRecentlyUsed, Storage, Vectors

_CANDIDATES = 8  # the nearest questions of a scope that are looked at


class Manager(SSDataManager):  # type: ignore[misc]  # it carries annotations, and inherits from what has none
    """Entries in tables and vectors, each found in its own scope only, dropped at once, the least used first.

    Args:
        storage: The tables.
        vectors: The vectors.
        most: Entries to keep.
        days: How long they are kept.
        similar: Cosine from which two questions are looked at at all.
    """

    def __init__(self, storage: Storage, vectors: Vectors, most: int, days: float, similar: float) -> None:
        self._lru = LeastRecentlyUsed(most)
        self._days, self._similar = days, similar
        self._trouble: Exception | None = None
        self._used: dict[int, datetime] = {}
        self._closed = False
        super().__init__(storage, vectors, None, self._lru, most, 1)
        self._in_order()
        self.drop_old()
        self._evict()

    def save(self, question: str, answer: str, embedding_data: npt.NDArray[np.float32], **kwargs: Any) -> None:
        """Keep an answer in the scope that `extra_param` names; what goes wrong is told by `take_trouble`."""
        try:
            self._save(question, answer, embedding_data, kwargs["extra_param"])
        except Exception as error:  # noqa: BLE001 - GPTCache would swallow it and log it
            self._trouble = error

    def take_trouble(self) -> Exception | None:
        """What went wrong when an answer was last kept."""
        trouble, self._trouble = self._trouble, None
        return trouble

    def _save(self, question: str, answer: str, embedding_data: npt.NDArray[np.float32], scope: Scope) -> None:
        self.save_all([(question, answer, embedding_data)], scope)

    def save_all(self, entries: Sequence[tuple[str, str, npt.NDArray[np.float32]]], scope: Scope) -> None:
        """Keep answers in a scope: each question, its answer and its vector."""
        notes = [("documents", scope.documents), ("state", scope.state), ("scope", scope.key)]
        vectors = [_unit(vector) for _, _, vector in entries]
        kept = [
            CacheData(
                question=Question(question, [QuestionDep(*note) for note in notes]),
                answers=answer,
                embedding_data=vector,
            )
            for (question, answer, _), vector in zip(entries, vectors, strict=True)
        ]
        numbers = self.s.batch_insert(kept)
        self.v.mul_add([VectorData(*pair) for pair in zip(numbers, vectors, strict=True)], scope.key)
        self._lru.put(numbers)
        self.drop_old()
        self._evict()

    def search(self, embedding_data: npt.NDArray[np.float32], **kwargs: Any) -> list[tuple[float, int]]:
        """The nearest questions in the scope that `extra_param` names: similarity and number."""
        scope: Scope = kwargs["extra_param"]
        found = self.v.search(_unit(embedding_data), _CANDIDATES, scope.key)
        return [(similarity, number) for similarity, number in found if similarity >= self._similar]

    def get_scalar_data(self, res_data: tuple[float, int], **_: Any) -> CacheData | None:
        """An entry that is not too old."""
        entry = self.s.get_data_by_id(res_data[1])
        if entry is None or entry.create_on < self._oldest():
            return None
        (answer,) = entry.answers
        answer.answer = f"{res_data[1]}\n{answer.answer}"  # all that GPTCache hands back is this text
        return entry

    def hit_cache_callback(self, res_data: tuple[float, int], **_: Any) -> None:
        """Nothing: every candidate that would do is told; the cache notes the one that was used."""

    def used(self, number: int) -> None:
        """Note that an entry was used just now; it is written down with the others, so that nobody waits for it."""
        if self._lru.get(number):
            self._used[number] = datetime.now()

    def write_used(self) -> None:
        """Write down when entries were used last."""
        used, self._used = self._used, {}
        if used:
            self.s.used(used)

    def drop(self, numbers: list[int]) -> None:
        """Delete entries everywhere, at once."""
        self.s.drop(numbers)
        self.v.delete(numbers)
        self._lru.drop(numbers)
        if numbers and not self.s.ids():
            self.v.rebuild()  # Edge removes vectors from its files only now and then

    def drop_where(self, stale: Callable[[str, str], bool]) -> int:
        """Delete the entries whose documents and state are stale; returns how many."""
        documents = {number: value for value, numbers in self.s.notes("documents").items() for number in numbers}
        gone = [
            number
            for state, numbers in self.s.notes("state").items()
            for named in {documents[number] for number in numbers}
            if stale(named, state)
            for number in numbers
            if documents[number] == named
        ]
        self.drop(gone)
        return len(gone)

    def drop_old(self) -> None:
        """Delete what was kept long enough."""
        self.drop(self.s.older_than(self._oldest()))

    def close(self) -> None:
        """Release the files, once."""
        if not self._closed:
            self._closed = True
            super().close()

    def _evict(self) -> None:
        self.drop(self._lru.excess)

    def _oldest(self) -> datetime:
        return datetime.now() - timedelta(days=self._days)

    def _in_order(self) -> None:
        """Put tables, vectors and order in step: a crash may have come between two of them."""
        kept = self.s.ids()
        if self.v.numbers() != set(kept):
            scopes = {number: scope for scope, numbers in self.s.notes("scope").items() for number in numbers}
            self.v.rebuild()
            for number, vector in self.s.vectors():
                self.v.mul_add([VectorData(id=number, data=vector)], scopes[number])
        self._lru.drop(kept)
        self._lru.put(kept)


def _unit(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return (vector / (float(np.linalg.norm(vector)) or 1.0)).astype(np.float32)
