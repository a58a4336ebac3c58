"""Reading a whole document: its sentences in reading order, each with its meaning and its tenth of the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llama_index.core.schema import BaseNode

from docmind.answering.evidence import Evidence, gather
from docmind.embeddings import Embedder
from docmind.storage.catalog import Document

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was read.

    Attributes:
        document: Which one.
        evidence: Its sentences, in reading order.
        passages: The passages that they stand in, all of the document in order.
        tenths: For each of them the tenth of the document it stands in, from 0: by pages where there are pages,
            otherwise by the order of the passages.
    """

    document: Document
    evidence: tuple[Evidence, ...]
    passages: tuple[BaseNode, ...]
    tenths: tuple[int, ...]

    def there(self) -> list[int]:
        """The tenths that hold any sentence at all; the others are pictures, or empty."""
        return sorted(set(self.tenths))


def read(document: Document, passages: Sequence[BaseNode], embedder: Embedder, wanted: str = "") -> Source:
    """The sentences of a document.

    Args:
        document: Which one.
        passages: All of it, in reading order.
        embedder: Computes what each sentence means.
        wanted: What is asked for; the sentences are compared with it.
    """
    evidence = tuple(gather(wanted or document.title or document.name, passages, embedder))
    tenth = {node.node_id: tenth_of(node, number, document, len(passages)) for number, node in enumerate(passages)}
    return Source(document, evidence, tuple(passages), tuple(tenth[item.node.node_id] for item in evidence))


def tenth_of(passage: BaseNode, number: int, document: Document, passages: int) -> int:
    """The tenth of the document, from 0, in which its passage of that number stands."""
    page = passage.metadata.get("page")
    if page and document.pages:
        return min(TENTHS - 1, (int(page) - 1) * TENTHS // document.pages)
    return number * TENTHS // max(1, passages)
