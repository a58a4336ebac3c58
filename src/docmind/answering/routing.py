"""Routing: is this question hard enough to let the model think before it answers?

Thinking costs seconds to minutes, so only questions that ask for more than finding a sentence are worth it. What
counts can be read in the question itself.
"""

from __future__ import annotations

import re
from typing import Literal

# A question needs two weak signs or one strong one, because 'why' and 'how' alone often ask for a sentence that stands
# in the document.
_STRONG = (
    # compares
    r"\b(compare[ds]?|comparison|contrast|differences? between|versus|vs\.?|trade-?offs?|pros and cons)\b",
    # calculates
    r"\b(calculate|compute|how much (more|less|higher|lower)|growth rate|percentage change|in total|sum of|"
    r"difference in|ratio of|average)\b",
    # reasons
    r"\b(step by step|what would happen|what happens if|implications?|consequences?|infer|prove|justify|"
    r"contradict\w*|inconsisten\w*|reconcile)\b",
    # surveys
    r"\b(summari[sz]e|analy[sz]e|assess|evaluate|all (the )?\w+ (that|which|where)|across (all|the|both))\b",
)
_WEAK = (
    r"\bwhy\b|\breasons? for\b",
    r"\bhow (do|does|did|can|could|would|should)\b",
    r"\b(if|unless|provided that|assuming|given that)\b",  # conditions
    r"\?.+\?|;|\band (also|what|why|how|who|when|which)\b",  # several parts
)
_LONG_WORDS = 40  # a question of this many words states a situation before it asks


def needs_thinking(question: str, wish: Literal["auto", "always", "never"]) -> bool:
    """Decide by the question's difficulty, unless the user wishes one or the other."""
    if wish != "auto":
        return wish == "always"
    weak = sum(bool(re.search(pattern, question, re.IGNORECASE | re.DOTALL)) for pattern in _WEAK)
    return (
        any(re.search(pattern, question, re.IGNORECASE) for pattern in _STRONG)
        or weak + (len(question.split()) >= _LONG_WORDS) >= 2
    )
