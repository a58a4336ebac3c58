"""Passages as the search finds them, made for a test."""

from __future__ import annotations

from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode


def passage(text: str, title: str = "report") -> TextNode:
    """A passage of a document without pages, which is named after its title."""
    return TextNode(
        text=text,
        metadata={"title": title, "heading": "", "document": f"{title}.md", "page": None, "ordinal": 0},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"id-of-{title}")},
    )
