"""Routing: is this question hard enough to let the model think before it answers?

Thinking costs seconds to minutes, so only questions that ask for more than finding a sentence are worth it. What
counts can be read in the question itself, and the decision says which sign it went by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# Words that ask to compare, reckon, weigh or explain, rather than to find. A question needs two signs, or one of the
# strong ones, because 'why' and 'how' alone often ask for a sentence that stands in the document.
_STRONG = {
    "compares": r"\b(compare[ds]?|comparison|contrast|differences? between|versus|vs\.?|trade-?offs?|pros and cons)\b",
    "reckons": r"\b(calculate|compute|how much (more|less|higher|lower)|growth rate|percentage change|in total|sum of|"
    r"difference in|ratio of|average)\b",
    "reasons": r"\b(step by step|what would happen|what happens if|implications?|consequences?|infer|prove|justify|"
    r"contradict\w*|inconsisten\w*|reconcile)\b",
    "surveys": r"\b(summari[sz]e|analy[sz]e|assess|evaluate|all (the )?\w+ (that|which|where)|across (all|the|both))\b",
}
_WEAK = {
    "asks why": r"\bwhy\b|\breasons? for\b",
    "asks how": r"\bhow (do|does|did|can|could|would|should)\b",
    "has conditions": r"\b(if|unless|provided that|assuming|given that)\b",
    "has several parts": r"\?.+\?|;|\band (also|what|why|how|who|when|which)\b",
}
_LONG_WORDS = 40  # a question of this many words states a situation before it asks


@dataclass(frozen=True, slots=True)
class Route:
    """Whether to think, and the signs in the question that say so."""

    thinking: bool
    signs: tuple[str, ...]


def route(question: str, wish: Literal["auto", "always", "never"]) -> Route:
    """Decide by the question's difficulty, unless the user wishes one or the other."""
    if wish != "auto":
        return Route(wish == "always", ())
    strong = [sign for sign, pattern in _STRONG.items() if re.search(pattern, question, re.IGNORECASE)]
    weak = [sign for sign, pattern in _WEAK.items() if re.search(pattern, question, re.IGNORECASE | re.DOTALL)]
    if len(question.split()) >= _LONG_WORDS:
        weak.append("is long")
    return Route(bool(strong) or len(weak) >= 2, (*strong, *weak))
