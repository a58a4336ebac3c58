"""Rules: what in a statement contradicts the source that it is laid beside, a rule a kind of falsehood."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from docmind.answering.proof.binding import moved, names, numbers, order, parallel, replaced
from docmind.answering.proof.case import Case, Conflict
from docmind.answering.proof.counting import counted, dated
from docmind.answering.proof.meaning import causes, denials, modals, opposites, quantities, times
from docmind.answering.proof.periods import periods
from docmind.answering.proof.siblings import siblings

RULES: tuple[Callable[[Case], Iterator[Conflict]], ...] = (
    opposites, denials, modals, quantities, times, causes, numbers, names, order, moved, parallel, replaced,
    counted, dated, periods, siblings,
)  # fmt: skip


def conflicts(case: Case) -> list[Conflict]:
    """Everything that contradicts, in the order of the rules."""
    return [conflict for rule in RULES for conflict in rule(case)]
