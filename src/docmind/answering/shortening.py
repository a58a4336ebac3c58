"""Shortening: passages that say the same once, and of those that are too long the sentences nearest to the question."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from llama_index.core.schema import BaseNode

from docmind.answering.events import LeftOut
from docmind.answering.statements import Statement, statements_of
from docmind.records import TABLE, Locator
from docmind.sentences import CELL, content_terms

Relevance = Callable[[BaseNode, str], float]

_SHARE = 2  # a shortened passage keeps half its tokens at most


def place_of(passage: BaseNode) -> str:
    """A passage in words: its document and where in it."""
    place = Locator.from_values(passage.metadata).words(
        str(passage.metadata.get("document") or passage.metadata["title"])
    )
    part = passage.metadata.get("ordinal")
    return place if part is None else f"{place}, passage {int(part) + 1}"


def shared_words(question: str) -> Relevance:
    """How near a sentence is to a question, by the share of the question's telling words that it holds."""
    wanted = set(content_terms(question))
    return lambda _, sentence: len(wanted & set(content_terms(sentence))) / max(1, len(wanted))


def without_duplicates(
    passages: Sequence[BaseNode], pinned: Collection[str] = ()
) -> tuple[list[BaseNode], list[LeftOut]]:
    """The passages without those whose text stands in another one that is kept, and what was left out.

    Pinned ones are kept; of several that say the same, the first.
    """
    texts = {id(node): " ".join(node.get_content().casefold().split()) for node in passages}
    kept: list[BaseNode] = [node for node in passages if node.node_id in pinned]
    left_out: list[LeftOut] = []
    for node in passages:
        if node.node_id in pinned:
            continue
        same = next((other for other in kept if texts[id(node)] in texts[id(other)]), None)
        if same is None:
            kept.append(node)
        else:
            left_out.append(LeftOut(place_of(node), "dropped", f"the same text stands in {place_of(same)}"))
    order = {id(node): number for number, node in enumerate(passages)}
    return sorted(kept, key=lambda node: order[id(node)]), left_out


def shortened_to_its_sentences(passage: BaseNode, relevance: Relevance, count: Callable[[str], int]) -> str | None:
    """The whole sentences of a passage that are nearest to the question, in its order; None where it is one already.

    A row of a table keeps its line, and brings the caption and the header that stand above it in the passage.

    Args:
        passage: The passage.
        relevance: How near a sentence is.
        count: Tokens of a text.
    """
    statements = statements_of(passage.get_content(), str(passage.metadata.get(TABLE) or ""))
    if len(statements) < 2:
        return None
    room = count(passage.get_content()) // _SHARE
    ranked = sorted(range(len(statements)), key=lambda number: (-relevance(passage, statements[number].text), number))
    chosen: set[int] = set()
    for number in ranked:
        more = {number, *_heads(statements, number)} - chosen
        room -= sum(count(statements[each].text) for each in more)
        if room < 0 and chosen:
            break
        chosen |= more
    text = ""
    for statement in (statements[number] for number in sorted(chosen)):
        line = statement.is_row or CELL in text.rpartition("\n")[2]
        text += ("\n" if line else " ") * bool(text) + statement.text
    return text


def _heads(statements: Sequence[Statement], row: int) -> list[int]:
    """Where caption and header of a row stand, as far as they stand in the passage."""
    lines = set(filter(None, statements[row].lead.split("\n")))
    return [number for number in range(row) if statements[number].text in lines]
