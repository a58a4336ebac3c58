"""A request: which analysis, of which documents, how long, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from docmind.errors import LibraryError

Kind = Literal[
    "summary",
    "key points",
    "action items",
    "open questions",
    "timeline",
    "entities",
    "comparison",
    "contradictions",
    "list",
]
Length = Literal["short", "detailed"]
Reading = Literal["auto", "in full", "condensed"]

KINDS: tuple[Kind, ...] = get_args(Kind)
# What compares needs two documents; the others take any number, one after the other.
BETWEEN_DOCUMENTS: frozenset[Kind] = frozenset({"comparison", "contradictions"})


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of whole documents.

    Attributes:
        kind: What is wanted.
        documents: Ids of the documents, in the order in which they are shown.
        length: How much of a summary.
        reading: Whether all of a document is read by the model, or its key sentences; 'auto' leaves it to the plan.
        question: The user's own words, where there are any: what to list, say.
    """

    kind: Kind
    documents: tuple[str, ...]
    length: Length = "short"
    reading: Reading = "auto"
    question: str = ""


def kind_of(name: str) -> Kind:
    """The kind of a name, as a person types it.

    Raises:
        LibraryError: there is no such kind; the message names them.
    """
    wanted = name.strip().casefold().replace("-", " ").replace("_", " ")
    for kind in KINDS:
        if kind == wanted:
            return kind
    raise LibraryError(f"There is no analysis {name!r}. There are: {', '.join(KINDS)}.")
