"""A checker: how a sentence of a source is related to one of an answer, in three shares that add up to 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """What follows from a source for a statement; each share is 0 to 1.

    Attributes:
        entailment: The source says it.
        neutral: The source says neither.
        contradiction: The source says otherwise.
    """

    entailment: float
    neutral: float
    contradiction: float


@dataclass(frozen=True, slots=True)
class Checker:
    """A model of natural language inference (NLI).

    Attributes:
        name: Its folder's name.
        relate: Pairs of source and statement in, a relation each out, in their order.
    """

    name: str
    relate: Callable[[Sequence[tuple[str, str]]], list[Relation]]
