"""Kept answers, opened: GPTCache's `Cache` over our tables, vectors and evaluation. One thread at a time."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from docmind.answering.cache import library
from docmind.answering.cache.evaluation import SameQuestion
from docmind.answering.cache.manager import Manager
from docmind.answering.cache.records import Embedding, Scope
from docmind.answering.cache.storage import DamagedError, Storage, Vectors

TROUBLES = (SQLAlchemyError, OSError, DamagedError)
"""What opening and using it raises where its files cannot be used."""

# Another form of the files, or of what they hold, and the cache begins empty.
_FORM = "1"
_VECTORS = 64  # of questions asked lately
_UNWRITTEN = 16  # counts that a crash may cost
_NO_DAMAGE = (
    "locked", "busy", "full", "readonly", "unable to open", "disk I/O",  # SQLite's words
    "WouldBlock", "No space left", "Permission denied",  # Edge's
)  # fmt: skip
_SIMILAR = 0.5  # cosine below which questions have nothing in common; the words decide among the others


class KeptAnswers:
    """The files, opened.

    Args:
        folder: Where they lie; it belongs to the cache alone.
        embedding: Compares questions.
        most: Entries to keep.
        days: How long they are kept.
    """

    def __init__(self, folder: Path, embedding: Embedding, most: int, days: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        storage = Storage(folder / "answers.sqlite")
        try:
            made_for = f"{_FORM} {embedding.name} {embedding.dimensions}"
            if storage.fact("made for") not in (None, made_for):
                raise DamagedError("it was made for another embedding model, or by another DocMind")
            storage.remember("made for", made_for)
            vectors = Vectors(folder / "vectors", embedding.dimensions)
            try:
                self.manager = Manager(storage, vectors, most, days, _SIMILAR)
            except BaseException:
                vectors.close()
                raise
        except BaseException:
            storage.close()
            raise
        self.storage = storage
        self._counts: dict[str, float] = {}

        # A question is looked for, and kept where it was not found: its vector is made once.
        self._embed = lru_cache(_VECTORS)(lambda text: np.asarray(embedding.embed(text), dtype=np.float32))

        def vector_of(text: str, **_: Any) -> npt.NDArray[np.float32]:
            return self._embed(text)

        self._cache = library.Cache()
        self._cache.init(
            pre_embedding_func=_prompt,
            embedding_func=vector_of,
            data_manager=self.manager,
            similarity_evaluation=SameQuestion(embedding),
            post_process_messages_func=library.first,
            config=library.Config(disable_report=True, similarity_threshold=_SIMILAR),
        )

    def get(self, question: str, scope: Scope) -> str | None:
        """The text kept for a question that asks the same in the same scope."""
        number, text = self._find(question, scope)
        if number is not None:
            self.manager.used(number)
        return text

    def put(self, question: str, scope: Scope, text: str) -> None:
        """Keep a text for a question in a scope, in place of what was found for it so far."""
        if (number := self._find(question, scope)[0]) is not None:
            self.manager.drop([number])
        library.put(question, text, cache_obj=self._cache, cache_context=_everywhere(scope))
        if trouble := self.manager.take_trouble():
            raise trouble

    def put_all(self, texts: Mapping[str, str], scope: Scope) -> None:
        """Keep a text for each of many questions, none of which is kept yet."""
        vectors = ((question, text, self._embed(question)) for question, text in texts.items())
        self.manager.save_all(list(vectors), scope)

    def _find(self, question: str, scope: Scope) -> tuple[int | None, str | None]:
        found: str | None = library.get(question, cache_obj=self._cache, cache_context=_everywhere(scope))
        if found is None:
            return None, None
        number, _, text = found.partition("\n")
        return int(number), text

    def count(self, counts: Mapping[str, float]) -> None:
        """Add to the counts; they are written down now and then, so that no question waits for that."""
        for name, more in counts.items():
            self._counts[name] = self._counts.get(name, 0.0) + more
        if self._counts.get("hits", 0) + self._counts.get("misses", 0) >= _UNWRITTEN:
            self.write_down()

    def write_down(self) -> None:
        """Write down what was counted, and when answers were used last."""
        self.manager.write_used()
        counts, self._counts = self._counts, {}
        if counts:
            self.storage.add_to(**counts)

    def close(self) -> None:
        """Release the files; a second time does nothing, because GPTCache closes once more when Python ends."""
        with suppress(*TROUBLES):  # counts are not worth an error
            self.write_down()
        self.manager.close()


def is_damage(trouble: Exception) -> bool:
    """Whether the files are broken, so that beginning anew helps; a full disk or another process is no such thing."""
    reason = str(trouble.orig) if isinstance(trouble, DatabaseError) else str(trouble)
    return isinstance(trouble, DatabaseError | DamagedError) and not any(word in reason for word in _NO_DAMAGE)


def _prompt(data: dict[str, Any], **_: Any) -> str:
    return str(data["prompt"])


def _everywhere(scope: Scope) -> dict[str, Scope]:
    return {"search_func": scope, "save_func": scope}
