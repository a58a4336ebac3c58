"""Whether two questions ask the same: GPTCache's `SimilarityEvaluation`, by meaning and word by word."""

from __future__ import annotations

import re
from typing import Any

from docmind.answering.cache.library import SimilarityEvaluation


class SameQuestion(SimilarityEvaluation):  # type: ignore[misc]  # it carries annotations, and inherits from what has none
    """The similarity of two questions' meanings where nothing in their words says otherwise; 0 where something does."""

    def evaluation(self, src_dict: dict[str, Any], cache_dict: dict[str, Any], **_: Any) -> float:
        """How near a kept question is to the one asked (0 to 1)."""
        similarity, _number = cache_dict["search_result"]
        return float(similarity) if _words(src_dict["question"]) == _words(cache_dict["question"]) else 0.0

    def range(self) -> tuple[float, float]:
        """The lowest and the highest value."""
        return 0.0, 1.0


def _words(question: str) -> list[str]:
    return re.findall(r"\w+", question.casefold())
