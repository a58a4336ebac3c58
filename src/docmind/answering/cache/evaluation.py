"""Whether two questions ask the same: GPTCache's `SimilarityEvaluation`, by meaning and word by word."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from docmind.answering.cache.comparing import difference, mend
from docmind.answering.cache.library import SimilarityEvaluation
from docmind.answering.cache.reading import Reading, read_question
from docmind.answering.cache.records import Embedding


class SameQuestion(SimilarityEvaluation):  # type: ignore[misc]  # it carries annotations, and inherits from what has none
    """The similarity of two questions' meanings where nothing in their words says otherwise; 0 where something does.

    Args:
        embedding: Its tokenizer has one token for words that everybody knows, and several for the others.
    """

    def __init__(self, embedding: Embedding) -> None:
        self._is_known = lru_cache(maxsize=4096)(lambda word: embedding.count_tokens([word])[0] == 1)
        self._mended = mend(self._is_known)
        self._reading = lru_cache(maxsize=4096)(self._read)

    def evaluation(self, src_dict: dict[str, Any], cache_dict: dict[str, Any], **_: Any) -> float:
        """How near a kept question is to the one asked (0 to 1)."""
        asked, kept = self._reading(src_dict["question"]), self._reading(cache_dict["question"])
        similarity, _number = cache_dict["search_result"]
        return 0.0 if difference(asked, kept, self._is_known) else max(0.0, float(similarity))

    def range(self) -> tuple[float, float]:
        """The lowest and the highest value."""
        return 0.0, 1.0

    def _read(self, question: str) -> Reading:
        return read_question(question, self._mended)
