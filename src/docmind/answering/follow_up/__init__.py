"""Follow-ups: questions that lean on the ones before them, said so that they stand alone.

rules.py    says them anew by rules, and whether it is sure of it
phrases.py  what a question is about: names, subjects, periods
model.py    has a language model say them anew where the rules are not sure, and holds it to its material
"""

from __future__ import annotations

from docmind.answering.follow_up.rules import LONGEST_FOLLOW_UP, Rewrite, leans_on_history, rewrite

__all__ = ["LONGEST_FOLLOW_UP", "Rewrite", "leans_on_history", "rewrite"]
